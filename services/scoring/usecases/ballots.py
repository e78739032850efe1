"""Casting ballots, turnout, closing (S5, S6)."""

import base64
import hashlib
from typing import Literal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.ballot import ballot_form
from services.scoring.domain.canon import Json
from services.scoring.domain.cards import card_hash, parse_card, receipt_ticket
from services.scoring.domain.meeting import State, Step, take
from services.scoring.domain.rules import rules_from_bytes, units_from_bytes
from services.scoring.store import meetings as store
from services.scoring.store.tables import BallotRow, CardRow
from services.scoring.usecases.steps import begin, finish
from services.scoring.usecases.terminals import NO_CARD
from shared.contracts.inbox import BallotCast, BallotReceipt
from shared.contracts.scoring import MeetingClosed
from shared.errors import Refusal
from shared.store import Tx


class FormView(BaseModel):
    """What a terminal needs to show the ballot and to encrypt it."""

    meeting: str
    state: str
    public_key: str | None
    form: dict[str, object]
    units: list[dict[str, str]]
    dimensions: list[dict[str, str]]
    grades: list[dict[str, str]]
    abstain: str


def form_view(session: Session, name: str) -> FormView:
    """The ballot's form, its labels, and the key to encrypt it to."""
    row = store.meeting(session, name)
    rules = rules_from_bytes(store.file(session, name, "rules.json"))
    units = units_from_bytes(store.file(session, name, "units.json"))
    form: Json = ballot_form(name, rules, units).to_json()
    assert isinstance(form, dict)  # to_json writes an object
    return FormView(
        meeting=name, state=row.state, public_key=row.public_key, form=form,
        units=[{"key": u.id, "name": u.name, "category": u.category} for u in units],
        dimensions=[{"key": d.key, "label": d.label} for d in rules.dimensions],
        grades=[{"key": g.key, "label": g.label} for g in rules.grades], abstain=rules.abstain,
    )  # fmt: skip


class BallotView(BaseModel):
    """The answer to a ballot: accepted, or the very same again."""

    token_hash: str
    state: Literal["accepted", "repeated"]


def cast(tx: Tx, name: str, token: str, ciphertext: str) -> BallotView:
    """Take an encrypted ballot: one card, one ballot; the very same again is harmless (S5). Raises Refusal.

    What is kept is {card's hash, ciphertext}: no time, no source.
    """
    found = _cast(tx, name, token, ciphertext)
    metrics.after_commit(tx, lambda: metrics.BALLOTS.labels(found.state).inc())
    return found


def _cast(tx: Tx, name: str, token: str, ciphertext: str) -> BallotView:
    row = store.meeting(tx.session, name)
    token_hash = card_hash(parse_card(token))
    if tx.session.get(CardRow, (name, token_hash)) is None:
        raise Refusal("token", "…", "is no card of this meeting", NO_CARD)
    try:
        data = base64.b64decode(ciphertext, validate=True)
    except ValueError as error:  # binascii.Error, or a character that is not ASCII
        raise Refusal("ciphertext", "…", f"is no base64: {error}", "send the ballot again") from error
    earlier = tx.session.get(BallotRow, (name, token_hash))
    if earlier is not None and earlier.ciphertext == data:
        return BallotView(token_hash=token_hash, state="repeated")
    take(State(row.state), Step.BALLOT, halted=row.halted is not None)
    if earlier is not None:
        raise Refusal("token", "…", "this card has been used", "one card is one ballot", 409)
    if len(data) != row.ballot_size:
        reason = f"has {len(data)} bytes, every ballot of this meeting has {row.ballot_size}"
        raise Refusal("ciphertext", "…", reason, "encrypt the padded ballot to the meeting's key")
    tx.session.add(BallotRow(meeting=name, token_hash=token_hash, ciphertext=data))
    tx.session.flush()
    return BallotView(token_hash=token_hash, state="accepted")


def cast_from_bus(tx: Tx, ballot: BallotCast, subject: str) -> None:
    """A ballot from the bus; the answer goes to the meeting's terminals. The subject says whose terminal it is."""
    meeting = subject.rpartition(".")[2]
    try:
        if ballot.meeting != meeting:
            raise Refusal("meeting", ballot.meeting, f"came from the terminals of {meeting}", "use your own subject")
        found = cast(tx, meeting, ballot.token, ballot.ciphertext)
        answer = BallotReceipt(ticket=_ticket(ballot.token), state=found.state)
    except Refusal as error:
        metrics.after_commit(tx, lambda: metrics.BALLOTS.labels("refused").inc())
        answer = BallotReceipt(ticket=_ticket(ballot.token), state="refused", reason=f"{error.field}: {error.reason}")
    tx.answer(answer, to=f"minping.receipt.{meeting}")


def refuse_malformed(tx: Tx, *, subject: str, body: bytes, wrong: str) -> None:
    """A message on a ballot's subject that is none: the terminal is told which field is wrong."""
    metrics.after_commit(tx, lambda: metrics.BALLOTS.labels("refused").inc())
    answer = BallotReceipt(ticket=hashlib.sha256(body).hexdigest(), state="refused", reason=wrong)
    tx.answer(answer, to=f"minping.receipt.{subject.rpartition('.')[2]}")


def _ticket(token: str) -> str:
    """The card's ticket; nothing for what is no card."""
    try:
        return receipt_ticket(parse_card(token))
    except Refusal:
        return ""


class Turnout(BaseModel):
    """Live figures that may be shown: never an interim result (S6)."""

    meeting: str
    state: str
    issued: int
    returned: int


def turnout(session: Session, name: str) -> Turnout:
    """How many cards are issued and how many ballots returned."""
    row = store.meeting(session, name)
    issued = sum(store.present_by_stratum(session, name).values())
    return Turnout(meeting=name, state=row.state, issued=issued, returned=store.returned(session, name))


def close(tx: Tx, name: str) -> Turnout:
    """No more ballots; unused cards are closed (S6)."""
    row = begin(tx, name, Step.CLOSING)
    finish(tx, row, Step.CLOSING)
    found = turnout(tx.session, name)
    tx.publish(
        MeetingClosed(
            meeting=name,
            cycle_name=row.cycle,
            units=len(row.units),
            rehearsal=row.rehearsal,
            issued=found.issued,
            returned=found.returned,
        ),
        subject=name,
        cycle=row.cycle,
    )
    return found
