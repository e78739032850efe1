"""A vote held again (S6): linked to the annulled one, on record and in the seal, with cards and a key of its own.

That its draw has fresh entropy the draw itself sees to (`domain/fresh.py`).
"""

from collections.abc import Collection

from sqlmodel import Session

from services.scoring.domain.canon import Json
from services.scoring.domain.meeting import State
from services.scoring.store import meetings as store
from services.scoring.store.tables import MeetingRow
from shared.errors import Refusal

RERUN_KIND = "minping.rerun.v1"


def check_link(session: Session, rerun_of: str | None, cycle: str, units: Collection[str], *, rehearsal: bool) -> None:
    """A meeting on units whose vote was annulled after its draw names that meeting. Raises Refusal."""
    if rerun_of is None:
        earlier = [] if rehearsal else store.annulled_after_draw(session, cycle, units)
        if earlier:
            names = [row.name for row in earlier]
            reason = "was annulled after its draw and voted on the same units"
            raise Refusal("rerun_of", names, reason, "name the meeting that is held again", 409)
        return
    row = store.meeting(session, rerun_of)
    if row.state != State.VOID:
        raise Refusal("rerun_of", rerun_of, f"is {row.state}, not annulled", "annul it first, with its reason", 409)
    if row.cycle != cycle or set(row.units) != set(units) or row.rehearsal != rehearsal:
        raise Refusal("rerun_of", rerun_of, "was on other units, or of another cycle", "hold the same vote again", 409)


def check_cards(session: Session, name: str, hashes: Collection[str]) -> None:
    """No card of another meeting, and so none of the annulled one, is used again. Raises Refusal (409)."""
    if others := store.meetings_with_cards(session, name, hashes):
        raise Refusal("cards", others, "have some of these cards", "print new cards for each meeting", 409)


def check_key(session: Session, row: MeetingRow, public_key: str) -> None:
    """The key is none that may have been opened for the annulled meeting. Raises Refusal (409)."""
    if row.rerun_of is not None and store.meeting(session, row.rerun_of).public_key == public_key:
        raise Refusal("public_key", row.rerun_of, "is the annulled meeting's key", "make a new key", 409)


def sealed_with(session: Session, row: MeetingRow) -> dict[str, Json]:
    """What the seal says of it: rerun.json, where the meeting is held again."""
    if row.rerun_of is None:
        return {}
    annulled = store.meeting(session, row.rerun_of)
    content = {"kind": RERUN_KIND, "meeting": row.name, "rerun_of": annulled.name, "reason": annulled.annulled}
    return {"rerun.json": content}
