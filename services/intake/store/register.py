"""Questions to the register: by number, ticket or code, same matter, who follows whom."""

from collections import Counter as Count
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, or_
from sqlmodel import select as choose

from services.intake.domain import complaint, matter
from services.intake.domain.complaint import State
from services.intake.store.later import later
from services.intake.store.tables import Band, Base, Complaint, Unit
from shared.errors import Refusal

MOST_ALIKE = 200
_COUNTER: Table = Base.metadata.tables["counter"]
_COMPLAINT: Table = Base.metadata.tables["complaint"]
_UNIT: Table = Base.metadata.tables["unit"]

# The way of every report in: statements made once, plain rows, no objects. It is walked thousands of times a minute.
_line = _COMPLAINT.c
_INSERT = insert(_COMPLAINT).returning(_line.seq)
_KNOWN = select(_line.number, _line.lead, _line.channel).where(
    _line.source == bindparam("source"), _line.ticket == bindparam("ticket")
)
_REPEATED = update(_COMPLAINT).where(_line.number == bindparam("which")).values(repeats=_line.repeats + 1)
_SAME = select(_line.number, _line.lead).where(_line.matter_key == bindparam("key"))
_LEADS = (
    select(_line.number, _line.unit, _line.named_unit, _line.state, _line.closed_at)
    .where(_line.number.in_(bindparam("numbers", expanding=True)))
    .order_by(_line.seq)
)
_UNITS = select(_UNIT.c.key).where(_UNIT.c.key.in_(bindparam("keys", expanding=True)))


def _upsert(make: Any) -> Any:
    first = make(_COUNTER).values(year=bindparam("year"), last=1)
    added = {"last": _COUNTER.c.last + 1}
    return first.on_conflict_do_update(index_elements=[_COUNTER.c.year], set_=added).returning(_COUNTER.c.last)


_NEXT = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}


class Known(NamedTuple):
    """A complaint that is registered already, as far as its receipt needs it."""

    number: str
    lead: str | None
    channel: str


def next_count(session: Session, year: int) -> int:
    """The next number of a year's register. Given back if the transaction is."""
    counted = later(session).counted
    if year in counted:  # the row is ours until the commit: nobody else can count on it
        counted[year] += 1
    else:
        rows = session.connection()
        counted[year] = int(rows.execute(_NEXT[rows.dialect.name], {"year": year}).scalar_one())
    return counted[year]


def add(session: Session, line: dict[str, Any], bands: Iterable[int], sealed: dict[str, Any] | None) -> None:
    """Write a complaint, the bands by which near repeats of it are found, and what the vault keeps of it."""
    seq = session.connection().execute(_INSERT, line).scalar_one()
    gathered = later(session)
    gathered.bands += [{"hash": band, "complaint": seq} for band in dict.fromkeys(bands)]
    if sealed:
        gathered.sealed.append(sealed)


def by_ticket(session: Session, source: str, ticket: str) -> Known | None:
    """A source's complaint by its own ticket."""
    session.flush()  # the statements here go past the session: let them see what was done in it
    found = session.connection().execute(_KNOWN, {"source": source, "ticket": ticket}).one_or_none()
    return Known(*found) if found else None


def count_repeat(session: Session, number: str) -> None:
    """The complaint's ticket came once more."""
    session.connection().execute(_REPEATED, {"which": number})


def matters(session: Session, key: str) -> list[matter.Matter]:
    """The matters whose text has this key, oldest first; a linked complaint stands for its lead."""
    rows = session.connection()
    leads = {lead or number for number, lead in rows.execute(_SAME, {"key": key})}
    if not leads:
        return []
    return [
        matter.Matter(number, unit or named, State(state) in complaint.NOT_JOINED, closed_at)
        for number, unit, named, state, closed_at in rows.execute(_LEADS, {"numbers": sorted(leads)})
    ]


def by_number(session: Session, number: str) -> Complaint:
    """A complaint. Raises Refusal (404)."""
    found = session.exec(choose(Complaint).where(col(Complaint.number) == number)).one_or_none()
    if found is None:
        raise Refusal("number", number, "no complaint has this number", "see GET /api/v1/complaints", 404)
    return found


def lead_of(session: Session, line: Complaint) -> Complaint:
    """The complaint whose standing it shares: the one that it is linked to, or itself."""
    return by_number(session, line.lead) if line.lead else line


def by_numbers(session: Session, numbers: Iterable[str]) -> list[Complaint]:
    """Those of these complaints that are registered."""
    return list(session.exec(choose(Complaint).where(col(Complaint.number).in_(sorted(set(numbers))))))


def by_code(session: Session, code_hash: str) -> Complaint | None:
    """The complaint of a tracking code."""
    return session.exec(choose(Complaint).where(col(Complaint.code_hash) == code_hash)).one_or_none()


def as_matter(line: Complaint) -> matter.Matter:
    """What there is to know of a lead complaint when another would join it."""
    return matter.Matter(
        lead=line.number,
        unit=line.unit or line.named_unit,
        has_ended=State(line.state) in complaint.NOT_JOINED,
        closed_at=line.closed_at,
    )


def followers(session: Session, lead: str) -> list[Complaint]:
    """The complaints linked to a lead, oldest first."""
    return list(session.exec(choose(Complaint).where(col(Complaint.lead) == lead).order_by(col(Complaint.seq))))


def petitioners(session: Session, lead: str) -> tuple[str, ...]:
    """The numbers of the complaints linked to a lead."""
    linked = choose(col(Complaint.number)).where(col(Complaint.lead) == lead).order_by(col(Complaint.seq))
    return tuple(session.exec(linked))


def people_behind(session: Session, lead: str) -> int:
    """How many people stand behind a matter."""
    marks = choose(col(Complaint.petitioner)).where(or_(col(Complaint.number) == lead, col(Complaint.lead) == lead))
    return matter.petitioners(list(session.exec(marks)))


def alike(session: Session, line: Complaint, most: int) -> list[tuple[Complaint, matter.Likeness]]:
    """Near repeats of a complaint, likeliest first: those that share a band, and those about the same unit at the
    same place, compared text with text and place with place."""
    mine = matter.bands(line.title, line.text)  # not read from the table: that has no index by complaint
    sharing = choose(col(Band.complaint)).where(col(Band.hash).in_(mine), col(Band.complaint) != line.seq)
    shared = Count(session.exec(sharing))
    likely = sorted(shared, key=lambda seq: (-shared[seq], seq))[:MOST_ALIKE]
    unit = line.unit or line.named_unit
    candidates = list(session.exec(choose(Complaint).where(col(Complaint.seq).in_(likely)))) if likely else []
    if unit and line.place:
        here = choose(Complaint).where(col(Complaint.named_unit) == unit, col(Complaint.place).is_not(None))
        newest = here.where(col(Complaint.seq) != line.seq).order_by(col(Complaint.seq).desc()).limit(MOST_ALIKE)
        candidates += [other for other in session.exec(newest) if other.seq not in shared]
    text = matter.normalised(line.title) + matter.normalised(line.text)
    found = []
    for other in candidates:
        likeness = matter.Likeness(
            text=matter.likeness(text, matter.normalised(other.title) + matter.normalised(other.text)),
            place=matter.same_place(line.place, other.place),
            same_unit=bool(unit) and unit in (other.unit, other.named_unit),
        )
        if likeness.is_likely:
            found.append((other, likeness))
    return sorted(found, key=lambda pair: (-pair[1].rank, pair[0].seq or 0))[:most]


def by_priority(session: Session, *, state: str | None, after: tuple[int, int] | None, limit: int) -> list[Complaint]:
    """Lines of the register, most petitioners first, after a cursor (petitioners, seq); linked ones stand with their
    lead."""
    page = choose(Complaint).where(col(Complaint.lead).is_(None))
    if after:
        fewer = col(Complaint.petitioners) < after[0]
        page = page.where(or_(fewer, (col(Complaint.petitioners) == after[0]) & (col(Complaint.seq) > after[1])))
    if state:
        page = page.where(col(Complaint.state) == state)
    ordered = page.order_by(col(Complaint.petitioners).desc(), col(Complaint.seq))
    return list(session.exec(ordered.limit(limit)))


def complaints(session: Session, *, state: str | None, after: int, limit: int) -> list[Complaint]:
    """Lines of the register after a cursor."""
    page = choose(Complaint).where(col(Complaint.seq) > after).order_by(col(Complaint.seq)).limit(limit)
    return list(session.exec(page.where(col(Complaint.state) == state) if state else page))


def unit_keys(session: Session, keys: Iterable[str]) -> frozenset[str]:
    """Which of these keys are registered units."""
    return frozenset(session.connection().execute(_UNITS, {"keys": sorted(keys)}).scalars())


def units_named(session: Session, keys: Iterable[str]) -> dict[str, Unit]:
    """The registered ones of these units by key, with their names."""
    return {unit.key: unit for unit in session.exec(choose(Unit).where(col(Unit.key).in_(sorted(set(keys)))))}
