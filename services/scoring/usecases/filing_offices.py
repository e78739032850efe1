"""Offices below this one that file their results with it: whose key is believed is said by two persons."""

import datetime as dt

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.canon import Malformed
from services.scoring.domain.note import verifier
from services.scoring.store import filings as store
from services.scoring.store import units
from services.scoring.store.filings import FilingOfficeRow
from services.scoring.store.tables import UnitRow
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.versions import second_person
from shared.errors import Refusal
from shared.programme.rollup import Takes
from shared.store import Tx


class NewFilingOffice(BaseModel):
    """A lower office: the unit that it is here, the public key of its seal (vkey), its account on the bus.

    account: empty is the unit's key. reason: needed where an earlier key is replaced.
    """

    unit: str = Field(min_length=1, max_length=64)
    vkey: str = Field(min_length=1, max_length=300)
    account: str = Field(default="", max_length=48)
    reason: str = Field(default="", max_length=2000)


class KeyDecision(BaseModel):
    """A second person has compared the key with what the lower office says by another way, or refuses it."""

    version: int = Field(ge=1)
    confirmed: bool
    reason: str = Field(default="", max_length=2000)


class FilingOfficeView(BaseModel):
    """A version of an office's key. state: waiting, confirmed, refused."""

    unit: str
    version: int
    account: str
    vkey: str
    reason: str
    state: str
    registered_by: str
    registered_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


class FilingOfficePage(BaseModel):
    """The newest version of each office's key, by unit; `next` is the cursor of the following page."""

    items: list[FilingOfficeView]
    next: str | None = None


def register(desk: Desk, tx: Tx, given: NewFilingOffice) -> FilingOfficeView:
    """Enter an office's key; it is believed once somebody else has confirmed it. Raises Refusal."""
    files(desk, units.unit(tx.session, given.unit))
    try:
        verifier(given.vkey)
    except Malformed as error:
        remedy = "copy the whole line `name+id+key` that the lower office gives"
        raise Refusal("vkey", given.vkey, str(error), remedy) from error
    account, before = given.account or given.unit, store.office_versions(tx.session, given.unit)
    if before and before[-1].state == "waiting":
        raise Refusal("unit", given.unit, "has a key that waits", "confirm or refuse it first", 409)
    if any(row.state == "confirmed" for row in before) and not given.reason.strip():
        raise Refusal("reason", given.reason, "a key is confirmed already", "say why it is replaced", 409)
    if other := store.others_with(tx.session, given.unit, vkey=given.vkey, account=account):
        same = "vkey" if other.vkey == given.vkey else "account"
        raise Refusal(same, getattr(other, same), f"is that of {other.unit}", "each office has its own", 409)
    row = FilingOfficeRow(
        unit=given.unit, version=len(before) + 1, account=account, vkey=given.vkey, reason=given.reason,
        registered_by=acting(tx).sub, registered_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return _view(row)


def decide(tx: Tx, unit: str, given: KeyDecision) -> FilingOfficeView:
    """Somebody else than who entered a key confirms or refuses it. Raises Refusal."""
    units.unit(tx.session, unit)
    row = next((row for row in store.office_versions(tx.session, unit) if row.version == given.version), None)
    if row is None:
        raise Refusal("version", given.version, "no such key was entered", "see GET /api/v1/filing-offices", 404)
    if row.state != "waiting":
        raise Refusal("version", given.version, f"is {row.state}", "nothing to decide", 409)
    if not given.confirmed and not given.reason.strip():
        raise Refusal("reason", given.reason, "empty", "say what is wrong with it")
    second_person(tx, row.registered_by)
    row.state = "confirmed" if given.confirmed else "refused"
    row.decided_by, row.decided_at, row.decision = acting(tx).sub, tx.now, given.reason
    tx.session.add(row)
    return _view(row)


def listed(session: Session, after: str, limit: int) -> FilingOfficePage:
    """The offices with their newest key."""
    rows = store.offices(session, after, limit)
    return FilingOfficePage(items=[_view(row) for row in rows], next=rows[-1].unit if len(rows) == limit else None)


def versions(session: Session, unit: str) -> list[FilingOfficeView]:
    """Every key of an office, oldest first. Raises Refusal (404)."""
    units.unit(session, unit)
    return [_view(row) for row in store.office_versions(session, unit)]


def files(desk: Desk, unit: UnitRow) -> Takes:
    """The programme's rule for a unit that files. Raises Refusal (409) where units of its category file nothing."""
    rule = desk.programme.rollup.of(unit.category)
    if rule is None:
        reason = f"方案没有规定该类单位报送 · units of category {unit.category} file nothing here"
        raise Refusal("unit", unit.key, reason, "see `rollup` in the programme", 409)
    return rule


def _view(row: FilingOfficeRow) -> FilingOfficeView:
    return FilingOfficeView.model_validate(row, from_attributes=True)
