"""Leaving a serial or unreasonable petitioner out of the rates (I5): proposed, decided by another, taken back."""

from enum import StrEnum

from shared.errors import Refusal


class Exclusion(StrEnum):
    """Where a determination stands."""

    PROPOSED = "proposed"
    EXCLUDED = "excluded"
    REJECTED = "rejected"
    RESTORED = "restored"


def decided(state: Exclusion, *, proposed_by: str, decided_by: str, confirm: bool) -> Exclusion:
    """After the office's word. Raises Refusal: decided before (409), or one's own proposal (403)."""
    if state != Exclusion.PROPOSED:
        raise Refusal("exclusion", state.value, f"it is {state.value}", "a proposal is decided once", 409)
    if proposed_by == decided_by:
        raise Refusal("office", decided_by, "you proposed it yourself", "another person has to decide", 403)
    return Exclusion.EXCLUDED if confirm else Exclusion.REJECTED


def restored(state: Exclusion) -> Exclusion:
    """After it was taken back. Raises Refusal (409) where nothing stands."""
    if state != Exclusion.EXCLUDED:
        raise Refusal("exclusion", state.value, f"it is {state.value}", "only what stands is taken back", 409)
    return Exclusion.RESTORED
