"""What must not outlast a meeting: the order in which its ballots came, and when the bus's receipts went out."""

from sqlmodel import Session, col, func, select

from services.scoring.domain.meeting import State
from services.scoring.store.tables import BallotRow, MeetingRow, Outbox

OVER = (State.CLOSED, State.COUNTED, State.SEALED, State.PUBLISHED, State.VOID)
TELLING = ("ballot", "paper_ballot", "outbox")
"""Tables whose rows lie in the files in the order in which they were written."""


def closed(session: Session) -> set[str]:
    """Meetings that take no more ballots, and whose ballots still lie in the streams."""
    query = select(MeetingRow.name).where(col(MeetingRow.state).in_(OVER), col(MeetingRow.purged).is_(False))
    return set(session.exec(query))


def unsent_receipts(session: Session, meeting: str) -> int:
    """Receipts of a meeting's terminals that are still on their way to the bus."""
    outbox = Outbox.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
    waiting = (outbox.c.subject == f"minping.receipt.{meeting}") & outbox.c.sent.is_(False)
    return session.connection().execute(select(func.count()).select_from(outbox).where(waiting)).scalar_one()


def rearrange(session: Session) -> None:
    """Write the ballots anew in the order of their cards' hashes, all in this one transaction.

    PostgreSQL numbers the transaction that wrote a row, places rows as they come and counts its large values up: each
    would tell the order of the voting. SQLite's pages are put in order by the VACUUM that follows.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return
    table = BallotRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
    rows = [dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()]
    connection.execute(table.delete())
    if rows:
        connection.execute(table.insert(), rows)
