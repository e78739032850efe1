"""Scoring as a process that kills itself at an edge of a ballot's way: `python -m tests.support.failing_scoring FILE`.

FILE holds the edge's name and at which arrival it is: `after commit 3`. It is taken away when it has come to pass.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg
from sqlalchemy import event
from sqlmodel import Session

from services.scoring import main
from services.scoring.usecases import ballots, count
from shared import service
from shared.bus.relay import Relay
from shared.web_limits import Limits

BALLOT_EDGES = (
    "before commit",
    "after commit",
    "before publish",
    "after publish",
    "before mark",
    "before ack",
    "after ack",
    "before answer",
    "after answer",
)
COUNT_EDGES = ("before count", "after count")


class Edge:
    """The edge that the file names, if there is one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._arrived = 0

    def __call__(self, name: str) -> None:
        """Arrive at an edge; the process may end here."""
        try:
            wanted, _, number = self._file.read_text().rpartition(" ")
        except FileNotFoundError:
            return
        if wanted != name:
            return
        self._arrived += 1
        if self._arrived >= int(number):
            self._file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def arm(edge: Edge) -> None:
    """Put the edges into the service: where a transaction with a ballot or a count ends, a receipt goes out …"""

    def marked(kind: str, use_case: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            result = use_case(*arguments)
            tx = next(one for one in arguments if hasattr(one, "session"))
            tx.session.info[kind] = True
            return result

        return run

    ballots._cast = marked("ballot", ballots._cast)
    count.count = marked("count", count.count)
    for moment in ("before", "after"):

        def ends(session: Session, moment: str = moment) -> None:
            for kind, name in (("ballot", f"{moment} commit"), ("count", f"{moment} count")):
                if session.info.get(kind):
                    edge(name)

        event.listen(Session, f"{moment}_commit", ends)

    publish, mark, ack, call = Relay._publish, service.mark_sent, Msg.ack, Limits.__call__

    async def publishing(relay: Relay, batch: Any) -> None:
        receipts = any(row.subject.startswith("minping.receipt.") for row in batch)
        if receipts:
            edge("before publish")
        await publish(relay, batch)
        if receipts:
            edge("after publish")

    def marking(*arguments: Any) -> None:
        mark(*arguments)
        edge("before mark")

    async def acking(message: Msg) -> None:
        ballot = message.subject.startswith("minping.inbox.ballot.")
        if ballot:
            edge("before ack")
        await ack(message)
        if ballot:
            edge("after ack")

    async def answering(limits: Limits, scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if str(scope.get("path")).endswith("/ballots"):
                edge("before answer")
                await send(message)
                edge("after answer")
            else:
                await send(message)

        await call(limits, scope, receive, sending)

    Relay._publish = publishing  # type: ignore[method-assign]  # in a process of its own
    service.mark_sent = marking
    Msg.ack = acking  # type: ignore[method-assign]
    Limits.__call__ = answering  # type: ignore[method-assign]


if __name__ == "__main__":
    arm(Edge(Path(sys.argv[1])))
    main.main()
