"""What was added to a complaint and what it is answered, as others are to read it. Reading only."""

from sqlmodel import Session

from services.intake import store
from services.intake.domain.complaint import State
from services.intake.models import AddedOut


def may_add(line: store.Complaint) -> bool:
    """Whether the complainant may add to it now."""
    return not line.lead and line.state in (State.REGISTERED.value, State.RETURNED.value)


def shown(session: Session, number: str) -> list[AddedOut]:
    """What was added, for a clerk."""
    return [AddedOut(at=one.at, text=one.text) for one in store.information.added(session, number)]


def whole_text(session: Session, line: store.Complaint) -> str:
    """The complaint with what was added to it, as the unit is to read it."""
    return "\n".join((line.text, *(f"补充：{one.text}" for one in store.information.added(session, line.number))))


def answer_of(line: store.Complaint) -> str:
    """What the complainant is answered: the reason, and where to go instead if it is not for us."""
    if line.referred_to:
        return f"{line.reason}（请向{line.referred_to}反映：{line.referral_contact}）"
    return line.reason
