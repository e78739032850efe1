"""A consequence from its confirmation to its close (S12): executed with evidence, closed with proof, by others."""

from collections.abc import Collection
from datetime import datetime

from services.scoring.domain.consequence import ConsequenceState
from shared.errors import Refusal

S = ConsequenceState


def execute(state: ConsequenceState, evidence: str) -> ConsequenceState:
    """It was carried out, with evidence. Raises Refusal: not confirmed, nothing that shows it."""
    _must_be(state, S.CONFIRMED, "a consequence is carried out once it is confirmed, and once")
    _said("evidence", evidence, "say what shows that it was carried out")
    return S.EXECUTED


def close(
    state: ConsequenceState, proof: str, *, closer: str, others: Collection[str | None], appealed: bool
) -> ConsequenceState:
    """The office closes it, with proof. others: who confirmed and who executed it; nobody closes his own work.

    Raises Refusal, also while an appeal waits for its ruling.
    """
    _must_be(state, S.EXECUTED, "it is closed after it was executed")
    if closer in others:
        raise Refusal("closed_by", closer, "confirmed or executed it", "let somebody else of the office close it", 403)
    if appealed:
        raise Refusal("consequence", state.value, "is under appeal", "rule on the appeal first", 409)
    _said("proof", proof, "say what proves that it has had its effect")
    return S.CLOSED


def send_back(state: ConsequenceState, reason: str) -> ConsequenceState:
    """What was reported does not show it: it is to be executed again, by a new date. Raises Refusal."""
    _must_be(state, S.EXECUTED, "only what was reported as executed is sent back")
    _said("reason", reason, "say what is missing")
    return S.CONFIRMED


def appeal(state: ConsequenceState, grounds: str, *, is_first: bool, now: datetime, until: datetime) -> None:
    """The unit's leader contests it, once, within the period. Raises Refusal."""
    if state not in (S.CONFIRMED, S.EXECUTED):
        raise Refusal("consequence", state.value, "is not in force", "what is confirmed can be appealed", 409)
    if not is_first:
        raise Refusal("consequence", state.value, "was appealed already", "there is one appeal", 409)
    if now >= until:
        raise Refusal("consequence", state.value, f"could be appealed until {until.isoformat()}", "it stands", 409)
    _said("grounds", grounds, "say why it is wrong")


def rule(state: ConsequenceState, reason: str, *, upheld: bool, ruler: str, others: Collection[str | None],
         pending: bool) -> ConsequenceState:  # fmt: skip
    """Somebody other than who confirmed, executed or appealed rules; upheld: it is overturned. Raises Refusal."""
    if not pending:
        raise Refusal("consequence", state.value, "is not under appeal", "nothing to rule on", 409)
    if ruler in others:
        raise Refusal("ruled_by", ruler, "confirmed, executed or appealed it", "let somebody else rule", 403)
    _said("reason", reason, "give the ruling's reason")
    return S.OVERTURNED if upheld else state


def _must_be(state: ConsequenceState, wanted: ConsequenceState, remedy: str) -> None:
    if state is not wanted:
        raise Refusal("consequence", state.value, f"is {state.value}, not {wanted.value}", remedy, 409)


def _said(field: str, text: str, remedy: str) -> None:
    if not text.strip():
        raise Refusal(field, "", "empty", remedy)
