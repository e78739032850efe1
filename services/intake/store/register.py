"""Questions to the register: by number, ticket or code, same matter, who follows whom."""

from collections import Counter as Count
from collections.abc import Iterable

from sqlalchemy import Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, or_, select

from services.intake.domain import complaint, matter
from services.intake.domain.complaint import State
from services.intake.store.tables import Band, Base, Complaint, Unit
from shared.errors import Refusal

MOST_ALIKE = 200
_COUNTER: Table = Base.metadata.tables["counter"]
_BAND: Table = Base.metadata.tables["band"]


def next_count(session: Session, year: int) -> int:
    """The next number of a year's register. Given back if the transaction is."""
    dialect = session.connection().dialect.name
    upsert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_COUNTER).values(year=year, last=1)
    taken = upsert.on_conflict_do_update(
        index_elements=[_COUNTER.c.year], set_={"last": _COUNTER.c.last + 1}
    ).returning(_COUNTER.c.last)
    return int(session.connection().execute(taken).scalar_one())


def add(session: Session, line: Complaint, bands: Iterable[int]) -> None:
    """Write a complaint and the bands by which near repeats of it are found."""
    session.add(line)
    session.flush()
    rows = [{"hash": band, "complaint": line.seq} for band in dict.fromkeys(bands)]
    if rows:
        session.connection().execute(insert(_BAND), rows)


def by_number(session: Session, number: str) -> Complaint:
    """A complaint. Raises Refusal (404)."""
    found = session.exec(select(Complaint).where(col(Complaint.number) == number)).one_or_none()
    if found is None:
        raise Refusal("number", number, "no complaint has this number", "see GET /api/v1/complaints", 404)
    return found


def by_ticket(session: Session, source: str, ticket: str) -> Complaint | None:
    """A source's complaint by its own ticket."""
    mine = select(Complaint).where(col(Complaint.source) == source, col(Complaint.ticket) == ticket)
    return session.exec(mine).one_or_none()


def by_code(session: Session, code_hash: str) -> Complaint | None:
    """The complaint of a tracking code."""
    return session.exec(select(Complaint).where(col(Complaint.code_hash) == code_hash)).one_or_none()


def matters(session: Session, key: str) -> list[matter.Matter]:
    """The matters whose text has this key, oldest first; a linked complaint stands for its lead."""
    same = select(col(Complaint.number), col(Complaint.lead)).where(col(Complaint.matter_key) == key)
    leads = {lead or number for number, lead in session.exec(same)}
    if not leads:
        return []
    rows = session.exec(select(Complaint).where(col(Complaint.number).in_(leads)).order_by(col(Complaint.seq)))
    return [as_matter(row) for row in rows]


def as_matter(line: Complaint) -> matter.Matter:
    """What there is to know of a lead complaint when another would join it."""
    return matter.Matter(
        lead=line.number,
        unit=line.unit or line.named_unit,
        has_ended=State(line.state) in complaint.ENDED,
        closed_at=line.closed_at,
    )


def followers(session: Session, lead: str) -> list[Complaint]:
    """The complaints linked to a lead, oldest first."""
    return list(session.exec(select(Complaint).where(col(Complaint.lead) == lead).order_by(col(Complaint.seq))))


def petitioners(session: Session, lead: str) -> tuple[str, ...]:
    """The numbers of the complaints linked to a lead."""
    linked = select(col(Complaint.number)).where(col(Complaint.lead) == lead).order_by(col(Complaint.seq))
    return tuple(session.exec(linked))


def people_behind(session: Session, lead: str) -> int:
    """How many people stand behind a matter."""
    marks = select(col(Complaint.petitioner)).where(or_(col(Complaint.number) == lead, col(Complaint.lead) == lead))
    return matter.petitioners(list(session.exec(marks)))


def alike(session: Session, line: Complaint, most: int) -> list[tuple[Complaint, float]]:
    """Near repeats of a complaint, most alike first: those that share a band, compared text with text."""
    mine = matter.bands(line.title, line.text)  # not read from the table: that has no index by complaint
    sharing = select(col(Band.complaint)).where(col(Band.hash).in_(mine), col(Band.complaint) != line.seq)
    shared = Count(session.exec(sharing))
    if not shared:
        return []
    likely = sorted(shared, key=lambda seq: (-shared[seq], seq))[:MOST_ALIKE]
    text = matter.normalised(line.title) + matter.normalised(line.text)
    found = []
    for other in session.exec(select(Complaint).where(col(Complaint.seq).in_(likely))):
        share = matter.likeness(text, matter.normalised(other.title) + matter.normalised(other.text))
        if share >= matter.ALIKE:
            found.append((other, share))
    return sorted(found, key=lambda pair: (-pair[1], pair[0].seq or 0))[:most]


def complaints(session: Session, *, state: str | None, after: int, limit: int) -> list[Complaint]:
    """Lines of the register after a cursor."""
    page = select(Complaint).where(col(Complaint.seq) > after).order_by(col(Complaint.seq)).limit(limit)
    return list(session.exec(page.where(col(Complaint.state) == state) if state else page))


def unit_keys(session: Session, keys: Iterable[str]) -> frozenset[str]:
    """Which of these keys are registered units."""
    return frozenset(session.exec(select(col(Unit.key)).where(col(Unit.key).in_(set(keys)))))


def count_of(session: Session, state: str) -> int:
    """How many complaints stand in a state."""
    return session.exec(select(func.count()).select_from(Complaint).where(col(Complaint.state) == state)).one()
