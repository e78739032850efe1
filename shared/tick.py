"""What the clock moves, and what it cannot move: set aside, so that everything else goes on.

Normally a tick takes a whole batch in a transaction. If that fails, the same is done again carefully, each matter
under its name, and the one that fails is left out under it: it is visible (readiness, metric, log, `minping doctor`),
nothing of it is lost, and it is tried again after a while and after every start.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.store import Tx
from shared.unit import Unit

STORE_PAUSE_S = 1.0
AGAIN_AFTER_S = 60.0
log = structlog.get_logger()


class Stuck(Exception):
    """A matter that the clock cannot move; its cause says why."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key}")
        self.kind = kind
        self.key = key


class Aside:
    """The matters of a service that are left out. A matter has a kind and a key: `("matter", "2026-000001")`."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], str] = {}
        self._shown: dict[str, str] = {}
        self._careful = False
        self._tried = time.monotonic()

    @property
    def shown(self) -> dict[str, str]:
        """What is set aside, each with the kind of its error, as it was at the end of the last round."""
        return dict(self._shown)

    def left(self, kind: str) -> frozenset[str]:
        """Keys of a kind that are left out of this round."""
        return frozenset(key for of_kind, key in self._left if of_kind == kind)

    @property
    def careful(self) -> bool:
        """Whether something has failed in this round, so that it must be known which matter it is."""
        return self._careful

    @contextmanager
    def trying(self, tx: Tx, kind: str, key: str) -> Iterator[None]:
        """Whatever fails within, where one goes carefully, is this matter's fault. Raises Stuck."""
        try:
            yield
            if self._careful:
                tx.session.flush()
        except (Stuck, OperationalError, InterfaceError):
            raise
        except Exception as error:
            if not self._careful:
                raise
            raise Stuck(kind, key) from error

    def take(self, error: Exception) -> None:
        """A transaction failed and was rolled back: go carefully, and then without the matter at fault. Raises the
        error if that was done already."""
        if not self._careful:
            self._careful = True
            return
        if not isinstance(error, Stuck) or (error.kind, error.key) in self._left:
            raise error
        cause = error.__cause__
        said = self._left[error.kind, error.key] = type(cause).__name__
        if str(error) not in self._shown:
            log.error("set_aside", kind=error.kind, key=error.key, error=said, exc_info=cause)

    def again(self) -> None:
        """Try everything again in the next round: its cause may be mended."""
        self._left.clear()
        self._tried = time.monotonic()

    @contextmanager
    def round(self) -> Iterator[None]:
        """One round of the clock; at its end it is known what is left out."""
        if self._left and time.monotonic() - self._tried >= AGAIN_AFTER_S:
            self.again()
        yield
        now = {f"{kind} {key}": said for (kind, key), said in self._left.items()}
        for name in self._shown.keys() - now.keys():
            log.info("taken_up_again", matter=name)
        self._shown, self._careful = now, False


Tick = Callable[[Tx, Aside], bool]
"""Runs in a transaction when the clock moved: fires a bounded number of things that are due, True if more is."""


def run_jobs(jobs: Mapping[str, Tick], tx: Tx, aside: Aside) -> bool:
    """Each of a service's jobs in turn, but one that is set aside as a whole; True if there may be more."""
    more = False
    for name, job in jobs.items():
        if name not in aside.left("job"):
            with aside.trying(tx, "job", name):
                more = job(tx, aside) or more
    return more


async def run_due(unit: Unit, tick: Tick, aside: Aside, now: Callable[[], datetime]) -> None:
    """Tick until nothing is due that can be moved. Waits for a store that is away. Raises what is nobody's fault."""
    more = True
    with aside.round():
        while more:
            try:
                more = await unit.run(lambda tx: tick(tx, aside), at=now())
            except (OperationalError, InterfaceError) as error:
                log.warning("tick_waits_for_store", error=type(error.orig).__name__)
                await asyncio.sleep(STORE_PAUSE_S)
            except Exception as error:  # noqa: BLE001 - whatever one matter does, the others go on
                aside.take(error)
