"""Suspected misconduct with the discipline organ (I15): referred, received, concluded; each once, in this order."""

from shared.errors import Refusal

REFERRED, RECEIVED, CONCLUDED = "referred", "received", "concluded"
NEUTRAL = "已转有权部门按规定办理 (with the body in charge)"
NEUTRAL_DONE = "有权部门已按规定办结 (the body in charge has dealt with it)"
"""All that a complainant or a source is told: neither the suspicion nor against whom."""


def received(state: str) -> str:
    """The organ has it in hand. Raises Refusal (409)."""
    if state != REFERRED:
        raise Refusal("referral", state, f"it is {state}", "a receipt is entered once", 409)
    return RECEIVED


def concluded(state: str) -> str:
    """The organ has dealt with it. Raises Refusal (409): no receipt yet, or concluded before."""
    if state == REFERRED:
        raise Refusal("referral", state, "no receipt is entered", "enter the receipt first", 409)
    if state == CONCLUDED:
        raise Refusal("referral", state, "it is concluded", "its outcome is entered once", 409)
    return CONCLUDED
