"""How every step of a meeting begins and ends, and how a meeting is shown."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.canon import Json, Malformed, parse_canonical
from services.scoring.domain.draw import Drawn, Stratum
from services.scoring.domain.freezing import FrozenPool
from services.scoring.domain.meeting import State, Step, take
from services.scoring.store import meetings as store
from services.scoring.store.proceedings import RecordRow
from services.scoring.store.tables import MeetingRow
from shared.errors import Refusal
from shared.store import Tx


class MeetingView(BaseModel):
    """A meeting and where it stands. Never a result before it is published."""

    meeting: str
    cycle: str
    state: str
    halted: str | None
    annulled: str | None
    rerun_of: str | None
    date: dt.date
    units: list[str]
    seats: int
    group: str | None
    rehearsal: bool
    public_key: str | None


def meeting_view(session: Session, row: MeetingRow) -> MeetingView:
    """A meeting for people."""
    return MeetingView(
        meeting=row.name, cycle=row.cycle, state=row.state, halted=row.halted, annulled=row.annulled,
        rerun_of=row.rerun_of, date=row.date,
        units=row.units, seats=row.seats, group=row.group, rehearsal=row.rehearsal, public_key=row.public_key,
    )  # fmt: skip


def begin(tx: Tx, name: str, step: Step) -> MeetingRow:
    """The meeting, if the step may be taken now. Raises Refusal (404, 409)."""
    row = store.meeting(tx.session, name)
    take(State(row.state), step, halted=row.halted is not None)
    return row


def finish(tx: Tx, row: MeetingRow, step: Step, *, reason: str | None = None, **what: Any) -> None:
    """Put the meeting into the state to which the step leads, on record. Raises Refusal (409)."""
    row.state = take(State(row.state), step, halted=row.halted is not None)
    on_record(tx, row.name, step.value, reason=reason, **what)
    show_states(tx)


def on_record(tx: Tx, name: str, step: str, *, reason: str | None = None, **what: Any) -> None:
    """Put on record that a step was taken: what, who, when, why (S4). Never a check-in, never a ballot."""
    who = tx.actor
    tx.session.add(
        RecordRow(
            meeting=name, step=str(step), at=tx.now, role=who.role if who else "", by=who.sub if who else "",
            reason=reason, what=what,
        )
    )  # fmt: skip


def show_states(tx: Tx) -> None:
    """Set the gauge of meetings when this is committed."""
    tx.session.flush()
    states = store.by_state(tx.session)
    metrics.after_commit(tx, lambda: metrics.show_meetings(states))


def cut_off_of(frozen: FrozenPool) -> dt.datetime:
    """The time before which nobody knows the public value of a draw."""
    return dt.datetime.fromisoformat(str(cast(Mapping[str, Json], frozen.content["public_entropy"])["cut_off"]))


@contextmanager
def from_people(field: str) -> Iterator[None]:
    """What people gave and the domain finds malformed is a Refusal that names the field."""
    try:
        yield
    except Malformed as error:
        raise Refusal(field, "…", str(error), "correct it and send it again") from error


def drawn_of(session: Session, name: str) -> Drawn:
    """The draw of a meeting, from its proof."""
    proof = cast(Mapping[str, Json], parse_canonical(store.file(session, name, "draw_proof.json")))
    strata = []
    for entry in cast(list[Mapping[str, Json]], proof["strata"]):
        seated, alternates = cast(list[str], entry["seated"]), cast(list[str], entry["alternates"])
        strata.append(Stratum(str(entry["stratum"]), len(seated), (*seated, *alternates)))
    entropy = cast(Mapping[str, Json], proof["entropy"])
    return Drawn(name, str(proof["pool_hash"]), entropy, str(proof["seed"]), tuple(strata))
