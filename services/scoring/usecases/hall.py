"""In the hall: the meeting's key, cards, check-in, the opening of ballots (S4, S5, S7)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.alternates import alternates_to_call, invited
from services.scoring.domain.ballot import public_from_text
from services.scoring.domain.cards import card_list
from services.scoring.domain.draw import Drawn
from services.scoring.domain.figures import published
from services.scoring.domain.meeting import HALL, Hall, Step, check_hall
from services.scoring.domain.note import assemble, key_ring_from_bytes, open_note
from services.scoring.store import meetings as store
from services.scoring.store import proceedings
from services.scoring.store.proceedings import DepartureRow
from services.scoring.store.tables import DropoutRow, RollRow
from services.scoring.usecases import boxes
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.rerun import check_cards, check_key
from services.scoring.usecases.steps import MeetingView, begin, drawn_of, finish, from_people, meeting_view, on_record
from shared.contracts.scoring import BallotsOpened, MeetingOpened
from shared.errors import Refusal
from shared.store import Tx

CARD_TELLERS = 2
"""Tellers who print the cards and sign their list (voting.md B)."""


def set_key(tx: Tx, name: str, public_key: str, dispute_key: str | None) -> MeetingView:
    """Keep the meeting's public key. It is made and split by the tellers: the private one never comes here."""
    row = begin(tx, name, Step.KEY)
    if row.public_key is not None and (row.public_key, row.dispute_key) != (public_key, dispute_key):
        raise Refusal("public_key", public_key, "the meeting has its key", "a key stays", 409)
    with from_people("public_key"):
        public_from_text(public_key)
    if row.public_key is None:
        on_record(tx, name, Step.KEY, public_key=public_key)
    if dispute_key is not None:
        with from_people("dispute_key"):
            public_from_text(dispute_key)
    check_key(tx.session, row, public_key)
    row.public_key, row.dispute_key = public_key, dispute_key
    return meeting_view(tx.session, row)


class NewCards(BaseModel):
    """SHA-256 of every printed card's token, and signature lines of two tellers over the list's note."""

    cards: tuple[str, ...] = Field(default=(), max_length=2000)
    signatures: tuple[str, ...]
    classes: dict[str, str] = Field(
        default_factory=dict, max_length=2000, description="hash → class, instead of `cards`, where cards have classes"
    )


class CardsView(BaseModel):
    """The list of cards as kept."""

    meeting: str
    cards: int
    root: str


def keep_cards(desk: Desk, tx: Tx, name: str, wanted: NewCards) -> CardsView:
    """Keep the hashes of the printed cards, their list signed by two tellers before the meeting. Raises Refusal."""
    begin(tx, name, Step.CARDS)
    if store.cards(tx.session, name):
        raise Refusal("cards", name, "the list of cards stands", "a list stays", 409)
    listed = boxes.listed(desk, tx.session, name, wanted.cards, wanted.classes)
    ring = key_ring_from_bytes(store.file(tx.session, name, "keys.json"))
    with from_people("cards"):
        found = card_list(name, listed)
    check_cards(tx.session, name, wanted.cards)
    with from_people("signatures"):
        note = assemble(found.note_text, wanted.signatures)
        _, signed = open_note(note, ring.verifiers("teller"))
    if len(signed) < CARD_TELLERS:
        raise Refusal("signatures", list(signed), f"{CARD_TELLERS} tellers sign the list", "let them sign")
    store.add_cards(tx.session, name, found.classes)
    store.keep_file(tx.session, name, "cards_note.txt", (note + desk.signer.sign(found.note_text)).encode())
    on_record(tx, name, Step.CARDS, cards=len(found.classes), root=found.root, signed=list(signed))
    return CardsView(meeting=name, cards=len(found.classes), root=found.root)


def open_check_in(tx: Tx, name: str) -> MeetingView:
    """Open the check-in. Key and cards must stand. Raises Refusal."""
    row = begin(tx, name, Step.CHECK_IN_OPENING)
    if row.public_key is None:
        raise Refusal("public_key", None, "the meeting has no key", "the tellers make it first", 409)
    if not store.cards(tx.session, name):
        raise Refusal("cards", None, "the meeting has no cards", "the tellers print them first", 409)
    finish(tx, row, Step.CHECK_IN_OPENING)
    tx.publish(
        MeetingOpened(meeting=name, cycle_name=row.cycle, units=len(row.units), rehearsal=row.rehearsal),
        subject=name,
        cycle=row.cycle,
    )
    return meeting_view(tx.session, row)


class HallView(BaseModel):
    """Who is present, in figures; which alternates are to be called so that ordinary people decide."""

    meeting: str
    state: str
    seats: int
    present: int
    ordinary: int
    ordinary_share: Decimal
    strata: dict[str, int]
    may_open: bool
    to_call: list[str]


def hall(desk: Desk, session: Session, name: str) -> HallView:
    """The hall as it is now: shown on the screen until the ballots open (S7)."""
    row = store.meeting(session, name)
    strata = store.present_by_stratum(session, name)
    found = _hall_of(desk, strata)
    least = Fraction(desk.programme.meeting.ordinary_present_least)
    to_call: tuple[str, ...] = ()
    if row.state in HALL:
        to_call = _to_call(desk, drawn_of(session, name), store.roll(session, name), store.dropouts(session, name))
    return HallView(
        meeting=name, state=row.state, seats=row.seats, present=found.present, ordinary=found.ordinary,
        ordinary_share=published(found.share * 100) / 100, strata=strata,
        may_open=found.present > 0 and found.share >= least, to_call=list(to_call),
    )  # fmt: skip


def _hall_of(desk: Desk, strata: Mapping[str, int]) -> Hall:
    ordinary = desk.programme.pool.ordinary
    return Hall(sum(strata.values()), sum(n for s, n in strata.items() if s in ordinary))


def _to_call(desk: Desk, drawn: Drawn, roll: Mapping[str, str], gone: Mapping[str, str]) -> tuple[str, ...]:
    """Alternates to call: only when those drawn have come in number, or the first to come would be an alternate."""
    if Fraction(len(roll), max(len(drawn.seated), 1)) < desk.programme.meeting.quorum.of_drawn:
        return ()
    least = desk.programme.meeting.ordinary_present_least
    return alternates_to_call(drawn, set(roll), set(gone), desk.programme.pool.ordinary, least)


class CheckedIn(BaseModel):
    """A representative is present and takes a card from the shuffled box. Which one, nobody notes."""

    representative: str
    stratum: str
    repeated: bool
    present: int
    ordinary_share: Decimal
    box: str | None = None


def check_in(desk: Desk, tx: Tx, name: str, representative: str) -> CheckedIn:
    """Mark the roll: those invited, and alternates that are being called. Raises Refusal."""
    begin(tx, name, Step.CHECK_IN)
    drawn, gone, roll = drawn_of(tx.session, name), store.dropouts(tx.session, name), store.roll(tx.session, name)
    stratum = drawn.stratum_of(representative)
    if representative not in roll:
        if representative in gone:
            raise Refusal("representative", representative, "has refused", "see the replacements", 409)
        guests = invited(drawn, gone).seated[stratum]
        if representative not in guests and representative not in _to_call(desk, drawn, roll, gone):
            raise Refusal(
                "representative", representative, "is not drawn, nor called as alternate", "see the hall", 409
            )
        tx.session.add(RollRow(meeting=name, representative=representative, stratum=stratum))
        tx.session.flush()
    found = _hall_of(desk, store.present_by_stratum(tx.session, name))
    return CheckedIn(
        representative=representative, stratum=stratum, repeated=representative in roll, present=found.present,
        ordinary_share=published(found.share * 100) / 100, box=boxes.label_of(desk, stratum),
    )  # fmt: skip


class Departed(BaseModel):
    """Who left; the card went back into the box."""

    representative: str
    present: int
    ordinary_share: Decimal


def depart(desk: Desk, tx: Tx, name: str, representative: str, reason: str) -> Departed:
    """Strike who leaves before the ballots open from the roll; the card goes back unused. Raises Refusal.

    Who left does not come back: an alternate is called instead (S3, S7).
    """
    begin(tx, name, Step.DEPARTURE)
    entry = tx.session.get(RollRow, (name, representative))
    if entry is None:
        raise Refusal("representative", representative, "is not present", "see the roll", 409)
    tx.session.delete(entry)
    tx.session.add(DepartureRow(meeting=name, representative=representative, reason=reason))
    tx.session.add(DropoutRow(meeting=name, representative=representative, reason=reason))
    tx.session.flush()
    found = _hall_of(desk, store.present_by_stratum(tx.session, name))
    share = published(found.share * 100) / 100
    return Departed(representative=representative, present=found.present, ordinary_share=share)


def open_ballots(desk: Desk, tx: Tx, name: str) -> MeetingView:
    """Open the ballots: every question is dealt with (S4), 70% of those present are ordinary (S7). Raises Refusal."""
    row = begin(tx, name, Step.BALLOTS_OPENING)
    if left := proceedings.open_questions(tx.session, name):
        raise Refusal("questions", left, "are neither answered nor deferred", "answer them, or promise a date", 409)
    found = _hall_of(desk, store.present_by_stratum(tx.session, name))
    check_hall(found, Fraction(desk.programme.meeting.ordinary_present_least))
    row.present, row.ordinary = found.present, found.ordinary
    finish(tx, row, Step.BALLOTS_OPENING, present=found.present, ordinary=found.ordinary)
    tx.publish(
        BallotsOpened(
            meeting=name, cycle_name=row.cycle, units=len(row.units), rehearsal=row.rehearsal, present=found.present,
            ordinary_share=published(found.share * 100) / 100,
        ),
        subject=name,
        cycle=row.cycle,
    )  # fmt: skip
    return meeting_view(tx.session, row)
