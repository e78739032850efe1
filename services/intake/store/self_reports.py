"""Who complained of a matter before the unit reported it (R10). Never commits."""

from sqlmodel import Session, col, select

from services.intake.store.tables import Complaint


def others_before(session: Session, line: Complaint) -> bool:
    """Whether a complaint linked to this one was reported earlier, and not by the same unit."""
    mine = (col(Complaint.channel) == line.channel) & (col(Complaint.named_unit) == line.named_unit)
    query = select(Complaint.number).where(
        col(Complaint.lead) == line.number, col(Complaint.reported_at) < line.reported_at, ~mine
    )
    return session.exec(query.limit(1)).first() is not None
