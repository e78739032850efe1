"""Queries on meetings, their files, hall, cards and ballots."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, func, select

from services.scoring.domain.meeting import State
from services.scoring.domain.note import Key, KeyRing
from services.scoring.store.tables import (
    BallotRow,
    BundleRow,
    CardRow,
    CommitmentRow,
    DropoutRow,
    FileRow,
    KeyRow,
    MeetingRow,
    Outbox,
    ReceiptRow,
    RollRow,
    SignatureRow,
)
from shared.errors import Refusal


def meeting(session: Session, name: str) -> MeetingRow:
    """A meeting by name. Raises Refusal (404)."""
    found = session.get(MeetingRow, name)
    if found is None:
        raise Refusal("meeting", name, "no such meeting", "check the name", 404)
    return found


def listed(session: Session, state: str | None, after: str, limit: int) -> list[MeetingRow]:
    """Meetings by name, after a name, in a state or in any."""
    query = select(MeetingRow).where(MeetingRow.name > after).order_by(MeetingRow.name).limit(limit)
    return list(session.exec(query if state is None else query.where(MeetingRow.state == state)))


def of_cycle(session: Session, cycle: str) -> list[MeetingRow]:
    """The meetings of a cycle that count: neither annulled nor rehearsals."""
    query = select(MeetingRow).where(
        MeetingRow.cycle == cycle, MeetingRow.state != State.VOID, col(MeetingRow.rehearsal).is_(False)
    )
    return list(session.exec(query.order_by(col(MeetingRow.name))))


def by_state(session: Session) -> dict[str, int]:
    """How many meetings stand where."""
    rows = session.exec(select(MeetingRow.state, func.count()).group_by(MeetingRow.state))
    return {str(state): 0 for state in State} | dict(rows.all())


def to_purge(session: Session) -> list[str]:
    """Sealed meetings whose ballots still lie in the stream."""
    over = (State.SEALED, State.PUBLISHED, State.VOID)
    query = select(MeetingRow.name).where(col(MeetingRow.state).in_(over), col(MeetingRow.purged).is_(False))
    return list(session.exec(query))


def forget_receipts(session: Session, meeting_name: str) -> None:
    """Remove the receipts that went to a meeting's terminals: the outbox knows when each was written."""
    outbox = Outbox.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
    subject = f"minping.receipt.{meeting_name}"
    session.connection().execute(outbox.delete().where(outbox.c.subject == subject, outbox.c.sent.is_(True)))


def key_ring(session: Session, name: str, system: Key) -> KeyRing:
    """Everybody who signs for a meeting, the system first."""
    rows = session.exec(select(KeyRow).where(KeyRow.meeting == name).order_by(col(KeyRow.role), col(KeyRow.name)))
    return KeyRing((system, *(Key(row.role, row.vkey) for row in rows)))


def commitments(session: Session, name: str) -> list[CommitmentRow]:
    """The witnesses' commitments, by name."""
    query = select(CommitmentRow).where(CommitmentRow.meeting == name).order_by(col(CommitmentRow.witness))
    return list(session.exec(query))


def keep_file(session: Session, meeting_name: str, name: str, data: bytes) -> None:
    """Keep a file of a meeting; never in place of another."""
    session.add(FileRow(meeting=meeting_name, name=name, data=data))


def file(session: Session, meeting_name: str, name: str) -> bytes:
    """A file of a meeting. Raises Refusal (404)."""
    found = session.get(FileRow, (meeting_name, name))
    if found is None:
        raise Refusal("meeting", meeting_name, f"{name} does not stand yet", "see where the meeting stands", 404)
    return found.data


def proofs(session: Session) -> list[bytes]:
    """The proofs of every draw that was made, rehearsals and annulled meetings too."""
    return list(session.exec(select(FileRow.data).where(FileRow.name == "draw_proof.json")))


def has_file(session: Session, meeting_name: str, name: str) -> bool:
    """Whether a file of a meeting stands, without reading it."""
    query = select(FileRow.name).where(FileRow.meeting == meeting_name, FileRow.name == name)
    return session.exec(query).first() is not None


def files(session: Session, meeting_name: str, prefix: str) -> dict[str, bytes]:
    """The files whose names begin with `prefix`, without it."""
    query = select(FileRow).where(FileRow.meeting == meeting_name, col(FileRow.name).startswith(prefix))
    return {row.name.removeprefix(prefix): row.data for row in session.exec(query)}


def dropouts(session: Session, name: str) -> dict[str, str]:
    """Who does not come, and why, in the order in which it was told."""
    rows = session.exec(select(DropoutRow).where(DropoutRow.meeting == name).order_by(col(DropoutRow.id)))
    return {row.representative: row.reason for row in rows}


def roll(session: Session, name: str) -> dict[str, str]:
    """Who is present: representative → stratum."""
    rows = session.exec(select(RollRow.representative, RollRow.stratum).where(RollRow.meeting == name))
    return dict(rows.all())


def present_by_stratum(session: Session, name: str) -> dict[str, int]:
    """How many are present of each stratum."""
    rows = session.exec(select(RollRow.stratum, func.count()).where(RollRow.meeting == name).group_by(RollRow.stratum))
    return dict(rows.all())


def add_cards(session: Session, name: str, classes: Mapping[str, str]) -> None:
    """Keep the hashes of a meeting's cards."""
    table = CardRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
    rows = [{"meeting": name, "token_hash": h, "card_class": c} for h, c in sorted(classes.items())]
    session.connection().execute(table.insert(), rows)


def cards(session: Session, name: str) -> dict[str, str]:
    """Hash → class of every printed card."""
    rows = session.exec(select(CardRow.token_hash, CardRow.card_class).where(CardRow.meeting == name))
    return dict(rows.all())


def returned(session: Session, name: str) -> int:
    """How many ballots were cast."""
    return session.exec(select(func.count()).select_from(BallotRow).where(BallotRow.meeting == name)).one()


def ballots(session: Session, name: str) -> list[tuple[str, str, bytes]]:
    """(card's hash, class, ciphertext) of every ballot."""
    query = (
        select(BallotRow.token_hash, CardRow.card_class, BallotRow.ciphertext)
        .join(CardRow, (col(CardRow.meeting) == BallotRow.meeting) & (col(CardRow.token_hash) == BallotRow.token_hash))
        .where(BallotRow.meeting == name)
    )
    return [(token_hash, card_class, data) for token_hash, card_class, data in session.exec(query)]


def keep_receipts(session: Session, name: str, receipts: Mapping[str, bytes]) -> None:
    """Keep what shows that each card's ballot is in the seal."""
    table = ReceiptRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
    rows = [{"meeting": name, "token_hash": h, "data": data} for h, data in sorted(receipts.items())]
    if rows:
        session.connection().execute(table.insert(), rows)


def signatures(session: Session, name: str) -> dict[str, str]:
    """Signature lines over the checkpoint, by who signed."""
    rows = session.exec(select(SignatureRow).where(SignatureRow.meeting == name).order_by(col(SignatureRow.name)))
    return {row.name: row.line for row in rows}


def latest_bundle(session: Session, name: str) -> BundleRow | None:
    """The bundle as published last, None before publication."""
    query = select(BundleRow).where(BundleRow.meeting == name).order_by(col(BundleRow.version).desc())
    return session.exec(query).first()


def bundles(session: Session, name: str) -> list[BundleRow]:
    """Every published version of a meeting's bundle, oldest first."""
    return list(session.exec(select(BundleRow).where(BundleRow.meeting == name).order_by(col(BundleRow.version))))


def annulled_after_draw(session: Session, cycle: str, units: Iterable[str]) -> list[MeetingRow]:
    """Annulled votes of a cycle on any of these units, no rehearsals, that nobody holds again so far."""
    wanted = set(units)
    void = select(MeetingRow).where(
        MeetingRow.cycle == cycle, MeetingRow.state == State.VOID, col(MeetingRow.rehearsal).is_(False)
    )
    drawn = select(FileRow.meeting).where(FileRow.name == "draw_proof.json")
    again = select(MeetingRow.rerun_of).where(MeetingRow.cycle == cycle, col(MeetingRow.rerun_of).is_not(None))
    query = void.where(col(MeetingRow.name).in_(drawn), col(MeetingRow.name).not_in(again))
    return [row for row in session.exec(query.order_by(col(MeetingRow.name))) if wanted & set(row.units)]


def meetings_with_cards(session: Session, name: str, hashes: Iterable[str]) -> list[str]:
    """Other meetings that have any of these cards."""
    query = select(CardRow.meeting).where(CardRow.meeting != name, col(CardRow.token_hash).in_(list(hashes)))
    return sorted(set(session.exec(query)))


def units_taken(session: Session, cycle: str, units: Iterable[str]) -> list[tuple[str, str]]:
    """(unit, meeting) of units that another meeting of the cycle votes on already."""
    wanted = set(units)
    return [(u, m.name) for m in of_cycle(session, cycle) for u in m.units if u in wanted]
