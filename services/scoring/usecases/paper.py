"""Paper when tablets or power fail (S16): decided by office and guidance group, keyed in twice, counted with the rest.

A paper becomes an encrypted ballot like any other, under the card that lies with it: a card that was used at a terminal
cannot vote on paper too, and the same seal holds both.
"""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.ballot import (
    BallotForm,
    ballot_form,
    check_marks,
    public_from_text,
    seal_ballot,
    seal_spoiled,
)
from services.scoring.domain.cards import card_hash, parse_card
from services.scoring.domain.meeting import Step
from services.scoring.domain.paper import Rows, check_third_look, differences, sketch
from services.scoring.domain.rules import rules_from_bytes, units_from_bytes
from services.scoring.store import meetings as store
from services.scoring.store import paper
from services.scoring.store.paper import PaperDecisionRow, PaperRow
from services.scoring.store.tables import BallotRow, CardRow, MeetingRow
from services.scoring.usecases.desk import acting
from services.scoring.usecases.steps import begin, on_record
from shared.errors import Refusal
from shared.store import Tx


class PaperCell(BaseModel):
    """A paper whose two keyings differ, and the cells (`unit.dimension`) to look at."""

    token_hash: str
    cells: list[str]


class FallbackView(BaseModel):
    """The decision to vote on paper, and how far the keying is. Never what was marked."""

    meeting: str
    reason: str
    proposed_at: dt.datetime
    confirmed_at: dt.datetime | None
    keyed_once: list[str]
    differing: list[PaperCell]
    accepted: int


def propose(tx: Tx, name: str, reason: str) -> FallbackView:
    """The office proposes paper, with its reason. Raises Refusal."""
    begin(tx, name, Step.PAPER_DECISION)
    if paper.decision(tx.session, name) is not None:
        raise Refusal("paper", name, "is proposed already", "the guidance group confirms", 409)
    row = PaperDecisionRow(meeting=name, reason=reason, proposed_by=acting(tx).sub, proposed_at=tx.now)
    tx.session.add(row)
    on_record(tx, name, "paper_proposed", reason=reason)
    tx.session.flush()
    return fallback_view(tx.session, name)


def confirm(tx: Tx, name: str) -> FallbackView:
    """The guidance group confirms: from now on papers may be keyed in. Raises Refusal."""
    begin(tx, name, Step.PAPER_DECISION)
    row = _decision(tx.session, name)
    if row.confirmed_at is None:
        row.confirmed_by, row.confirmed_at = acting(tx).sub, tx.now
        on_record(tx, name, "paper_confirmed", reason=row.reason)
    return fallback_view(tx.session, name)


def _decision(session: Session, name: str) -> PaperDecisionRow:
    found = paper.decision(session, name)
    if found is None:
        raise Refusal("paper", name, "nobody has decided on paper", "the office proposes it, guidance confirms", 409)
    return found


def fallback_view(session: Session, name: str) -> FallbackView:
    """Decision and progress. Raises Refusal (404, 409)."""
    store.meeting(session, name)
    row, found = _decision(session, name), paper.papers(session, name)
    return FallbackView(
        meeting=name, reason=row.reason, proposed_at=row.proposed_at, confirmed_at=row.confirmed_at,
        keyed_once=[p.token_hash for p in found if p.state == "once"],
        differing=[PaperCell(token_hash=p.token_hash, cells=p.cells) for p in found if p.state == "differs"],
        accepted=sum(p.state == "accepted" for p in found),
    )  # fmt: skip


class NewPaper(BaseModel):
    """A paper as one person reads it: the card that lies with it, and its marks, or that it is spoiled."""

    card: str = Field(min_length=1, max_length=64)
    marks: dict[str, dict[str, str]] = Field(default_factory=dict, max_length=2000)
    spoiled: bool = False


class PaperView(BaseModel):
    """Where a paper stands: `once` keyed in, `differs` in these cells, or `accepted` as a ballot."""

    token_hash: str
    state: Literal["once", "differs", "accepted"]
    cells: list[str] = []


def key_in(tx: Tx, name: str, given: NewPaper) -> PaperView:
    """Key in a paper: the second person settles it where both agree, else a third does. Raises Refusal.

    Repeating the own keying is harmless.
    """
    row = begin(tx, name, Step.PAPER)
    if _decision(tx.session, name).confirmed_at is None:
        raise Refusal("paper", name, "is not confirmed", "the guidance group confirms first", 409)
    token = parse_card(given.card)
    token_hash, who = card_hash(token), acting(tx).sub
    if tx.session.get(CardRow, (name, token_hash)) is None:
        raise Refusal("card", "…", "is no card of this meeting", "a paper counts only with a card of this meeting")
    if given.spoiled and given.marks:
        raise Refusal("marks", "…", "a spoiled paper has none", "leave them out")
    form = _form(tx.session, row)
    rows = None if given.spoiled else check_marks(form, given.marks)
    mine = sketch(form, token, rows)
    found = tx.session.get(PaperRow, (name, token_hash))
    if (found is None or found.state != "accepted") and tx.session.get(BallotRow, (name, token_hash)) is not None:
        reason = "this card was used at a terminal: that ballot counts"
        raise Refusal("card", "…", reason, "lay the paper aside and tell the scrutineer", 409)
    if found is None:
        found = PaperRow(meeting=name, token_hash=token_hash, state="once", first_by=who, first=mine)
        tx.session.add(found)
    else:
        _again(found, form, who, mine)
        if found.state == "accepted" and tx.session.get(BallotRow, (name, token_hash)) is None:
            tx.session.add(_ballot(row, form, token_hash, rows))
    tx.session.flush()
    return PaperView.model_validate({"token_hash": token_hash, "state": found.state, "cells": found.cells})


def _again(row: PaperRow, form: BallotForm, who: str, mine: bytes) -> None:
    """The second and the third look at a paper."""
    own = {row.first_by: row.first, row.second_by: row.second}.get(who)
    if own is not None or who == row.third_by:
        if own not in (None, mine):
            raise Refusal("card", "…", "you keyed this paper in otherwise", "somebody else looks at it now", 409)
        return
    if row.state == "accepted":
        raise Refusal("card", "…", "this paper is settled", "a card is one ballot", 409)
    if row.second is None:
        row.second_by, row.second = who, mine
        row.cells = list(differences(form, row.first, mine))
        row.state = "differs" if row.cells else "accepted"
        return
    check_third_look(form, row.first, row.second, mine)
    row.third_by, row.state = who, "accepted"


def _ballot(row: MeetingRow, form: BallotForm, token_hash: str, rows: Rows | None) -> BallotRow:
    assert row.public_key is not None  # check-in opens only with a key
    public = public_from_text(row.public_key)
    if rows is None:
        data = seal_spoiled(public, form, token_hash)
    else:
        marks = {u: dict(zip(form.dimensions, r, strict=True)) for u, r in zip(form.units, rows, strict=True)}
        data = seal_ballot(public, form, token_hash, marks)
    return BallotRow(meeting=row.name, token_hash=token_hash, ciphertext=data)


def _form(session: Session, row: MeetingRow) -> BallotForm:
    rules = rules_from_bytes(store.file(session, row.name, "rules.json"))
    return ballot_form(row.name, rules, units_from_bytes(store.file(session, row.name, "units.json")))


def settled(session: Session, name: str) -> int:
    """How many ballots came on paper. Raises Refusal (409) while a paper waits for a second or third look."""
    waiting = [p.token_hash[:8] for p in paper.papers(session, name) if p.state != "accepted"]
    if waiting:
        raise Refusal("paper", waiting, "wait for a second or third look", "key them in before the count", 409)
    return paper.accepted(session, name)
