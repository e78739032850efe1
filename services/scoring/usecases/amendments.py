"""The rules of a running cycle: pinned at its opening, changed only by an amendment on record."""

import datetime as dt
import json
from typing import Any

import rfc8785
from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.amendment import Difference, objections
from services.scoring.domain.meeting import State
from services.scoring.store import meetings, programmes, units
from services.scoring.store.programmes import AmendmentRow, ProgrammeRow
from services.scoring.store.tables import CycleRow
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.embargo import is_public
from shared.contracts.scoring_programme import ProgrammeAmended
from shared.errors import Refusal
from shared.programme import Programme, fingerprint
from shared.programme.check import parse
from shared.programme.difference import Change, differences
from shared.store import Tx

LONGEST = 1_000_000
VOTED = frozenset({State.VOTING, State.CLOSED, State.COUNTED, State.SEALED, State.PUBLISHED})


class NewAmendment(BaseModel):
    """A programme to go on with, why, and the decision that orders it."""

    programme: str = Field(max_length=LONGEST, description="the whole file, YAML")
    reason: str = Field(min_length=3, max_length=1000)
    document: str = Field(min_length=3, max_length=500, description="the decision, with its number")


class AmendmentView(BaseModel):
    """An amendment on record."""

    cycle: str
    before: str
    after: str
    reason: str
    document: str
    changes: list[dict[str, Any]] = Field(description="path, kind, before, after; wording: only words that people read")
    amended_by: str
    amended_at: dt.datetime


def keep(desk: Desk, tx: Tx) -> bool:
    """Keep the programme that a cycle is opened with; whether it is new."""
    return programmes.keep(tx.session, _row(desk.programme, tx.now))


def amend(desk: Desk, tx: Tx, cycle: str, given: NewAmendment) -> AmendmentView:
    """Put an amendment of a running cycle on record; the services start with the new file from then on.

    Raises Refusal: the file has errors, nothing differs, the result is published, or a change that a running cycle
    does not bear, by field.
    """
    who = acting(tx)
    row = units.cycle(tx.session, cycle)
    if is_public(tx.session, cycle):
        raise Refusal("cycle", cycle, "its result is published", "amend the cycle that runs now", 409)
    after = _read(given.programme)
    before = _before(desk, tx.session, row)
    changes, sha256 = differences(before, after), fingerprint(after)
    if not changes:
        raise Refusal("programme", after.key, "is the one that the cycle runs by", "nothing is to be amended", 409)
    _bear(tx.session, row, changes)
    record = AmendmentRow(
        cycle=cycle, before=row.programme_sha256, after=sha256, reason=given.reason.strip(),
        document=given.document.strip(), changes=[one.as_json() for one in changes], amended_by=who.sub,
        amended_at=tx.now,
    )  # fmt: skip
    tx.session.add(record)
    programmes.keep(tx.session, _row(after, tx.now))
    row.programme_sha256 = sha256
    told = ProgrammeAmended(
        key=after.key, cycle_name=cycle, before=record.before, after=sha256, reason=record.reason,
        document=record.document, paths=tuple(one.path for one in changes),
    )  # fmt: skip
    tx.publish(told, subject=after.key, cycle=cycle)
    return _view(record)


def amendments(session: Session, cycle: str) -> list[AmendmentView]:
    """A cycle's amendments, oldest first. Raises Refusal (404)."""
    units.cycle(session, cycle)
    return [_view(row) for row in programmes.amendments(session, cycle)]


def require_pinned(desk: Desk, session: Session) -> None:
    """Scoring starts by no other rules than those of the cycles that run. Raises Refusal naming what differs.

    The hash alone does not tell: a new release may know more fields, and the same file then has another hash.
    """
    for row in units.cycles(session):
        kept = programmes.kept(session, row.programme_sha256)
        if kept is None or row.programme_sha256 == desk.sha256 or is_public(session, row.name):
            continue
        if found := differences(_programme(kept), desk.programme):
            rest = f" and {len(found) - 5} more" if len(found) > 5 else ""
            named = ", ".join(one.path for one in found[:5]) + rest
            raise Refusal(
                "programme", desk.programme.key, f"cycle {row.name} runs by other rules; what differs: {named}",
                "start with its file, record the change with `minping programme amend`, then start with this one",
            )  # fmt: skip


def _bear(session: Session, row: CycleRow, changes: list[Change]) -> None:
    voted = any(meeting.state in VOTED for meeting in meetings.of_cycle(session, row.name))
    found = objections([Difference(one.path, one.kind, one.wording) for one in changes], voted=voted)
    if found:
        listed = "; ".join(f"{one.path}: {one.reason}" for one in found[:10])
        raise Refusal("programme", found[0].path, listed, "leave these as they are until the next cycle", 409)


def _read(text: str) -> Programme:
    programme, problems = parse(text)
    if programme is None:
        first = problems[0]
        raise Refusal(
            f"programme:{first.line} {first.field}", first.value,
            f"{first.reason.en} ({len(problems)} errors in all)", "mend it; `minping programme check` lists all",
        )  # fmt: skip
    return programme


def _before(desk: Desk, session: Session, row: CycleRow) -> Programme:
    kept = programmes.kept(session, row.programme_sha256)
    if kept is not None:
        return _programme(kept)
    if row.programme_sha256 == desk.sha256:
        return desk.programme
    raise Refusal(
        "cycle", row.name, "its rules were not kept: it was opened by an older release",
        "start with the file it was opened with, then amend", 409,
    )  # fmt: skip


def _row(programme: Programme, now: dt.datetime) -> ProgrammeRow:
    canonical = rfc8785.dumps(programme.model_dump(mode="json"))
    return ProgrammeRow(sha256=fingerprint(programme), key=programme.key, canonical=canonical, kept_at=now)


def _programme(row: ProgrammeRow) -> Programme:
    return Programme.model_validate(json.loads(row.canonical))


def _view(row: AmendmentRow) -> AmendmentView:
    return AmendmentView.model_validate(row, from_attributes=True)
