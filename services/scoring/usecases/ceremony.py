"""Around the count: the reconciliation by hand, ballots opened again, what is put before those who sign (S6)."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.meeting import State, Step
from services.scoring.domain.recount import Hand, before_the_count
from services.scoring.domain.rehearsal import unmarked
from services.scoring.domain.signing import Signing, signing
from services.scoring.store import meetings as store
from services.scoring.usecases.custody import DRAFT
from services.scoring.usecases.steps import MeetingView, begin, finish, meeting_view
from shared.errors import Refusal
from shared.store import Tx

_COUNTED = (State.COUNTED, State.SEALED, State.PUBLISHED)


class ByHand(BaseModel):
    """What the tellers counted by hand."""

    left_in_box: int = Field(ge=0, description="cards that nobody took")
    unused: int = Field(ge=0, description="cards that were taken and not used")


class LineView(BaseModel):
    """An equation, whether it holds, and what to count again where it does not."""

    says: str
    holds: bool
    again: dict[str, str]


class HandView(BaseModel):
    """The reconciliation before the ballots are opened."""

    meeting: str
    printed: int
    roll: int
    issued: int
    returned: int
    unused: int
    agrees: bool
    lines: list[LineView]


def by_hand(session: Session, name: str, given: ByHand) -> HandView:
    """Whether the figures agree so far; nothing is kept and nothing decided. Raises Refusal before the closing."""
    row = store.meeting(session, name)
    if row.state not in (State.CLOSED, *_COUNTED):
        raise Refusal("meeting", name, f"is {row.state}", "close the ballots first", 409)
    printed, roll = len(store.cards(session, name)), len(store.roll(session, name))
    hand = Hand(printed, roll, store.returned(session, name), given.left_in_box, given.unused)
    lines = [LineView(says=line.says, holds=line.holds, again=dict(line.again)) for line in before_the_count(hand)]
    return HandView(
        meeting=name, printed=printed, roll=roll, issued=hand.issued, returned=hand.returned, unused=hand.unused,
        agrees=all(line.holds for line in lines), lines=lines,
    )  # fmt: skip


def reopen(tx: Tx, name: str, reason: str) -> MeetingView:
    """The ballots were closed by mistake: the guidance group opens them again, with its reason, before the count."""
    row = begin(tx, name, Step.REOPENING)
    finish(tx, row, Step.REOPENING, reason=reason)
    return meeting_view(tx.session, row)


def paper_to_sign(session: Session, name: str) -> Signing:
    """What is put before those who sign: the checkpoint with the manifest that its root holds; no result."""
    row = store.meeting(session, name)
    if row.state not in _COUNTED:
        raise Refusal("meeting", name, f"is {row.state}, there is nothing to sign yet", "count first", 409)
    manifest = store.file(session, name, f"{DRAFT}manifest.json")
    listed = store.file(session, name, f"{DRAFT}ballots.txt")
    leaves = (unmarked("ballots.txt", listed) if row.rehearsal else listed).decode().split()
    return signing(store.file(session, name, "checkpoint").decode(), manifest, [bytes.fromhex(leaf) for leaf in leaves])
