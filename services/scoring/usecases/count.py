"""The count and the seal (S6).

The tellers bring their shares, the ballots are opened in memory, counted, sealed; the key is gone when this returns.
What is kept until people have signed is the seal itself: it holds no whole ballot that could be linked to a card, and
no endpoint shows it before. So a restart between count and signature loses nothing and shows nothing.
"""

import hashlib
from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.ballot import Ballot, ballot_form, open_all, public_from_text
from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.cards import card_list
from services.scoring.domain.doubt import Doubts
from services.scoring.domain.meeting import State, Step
from services.scoring.domain.note import KeyRing, assemble, key_ring_from_bytes, open_note
from services.scoring.domain.reconcile import Counts
from services.scoring.domain.rules import Rules, UnitEntry, rules_from_bytes, units_from_bytes
from services.scoring.domain.seal import CHECKPOINT, Sealed, missing_signatures, seal
from services.scoring.domain.shamir import combine_key
from services.scoring.domain.tally import marks_matrix, shuffled
from services.scoring.store import meetings as store
from services.scoring.store import paper
from services.scoring.store.tables import MeetingRow, ReceiptRow, SignatureRow
from services.scoring.usecases import boxes, custody, patterns, rerun
from services.scoring.usecases.custody import DRAFT
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.destruction import sealed_with
from services.scoring.usecases.paper import settled
from services.scoring.usecases.shares import check_shares
from services.scoring.usecases.steps import begin, drawn_of, finish, from_people, on_record
from shared.contracts.scoring import MeetingSealed
from shared.errors import Refusal
from shared.store import Tx


class Count(BaseModel):
    """What the tellers bring: at least three shares, and what they counted by hand."""

    shares: tuple[str, ...] = Field(min_length=1, max_length=20)
    left_in_box: int = Field(ge=0, description="cards that nobody took")
    unused: int = Field(ge=0, description="cards that were taken and not used")


class CountView(BaseModel):
    """The checkpoint to be signed. No result: that is sealed and public with the publication."""

    meeting: str
    state: str
    checkpoint: str
    issued: int
    returned: int
    valid: int
    void: int
    signed: list[str]
    missing: list[str]


def count(desk: Desk, tx: Tx, name: str, given: Count) -> CountView:
    """Open, count and seal the ballots (S6). Once counted, the same checkpoint again. Raises Refusal.

    Figures that do not agree are refused and may be counted again by hand; without quorum the meeting is annulled.
    """
    row = store.meeting(tx.session, name)
    if row.state == State.COUNTED:
        return count_view(tx.session, row)
    begin(tx, name, Step.COUNT)
    rules = rules_from_bytes(store.file(tx.session, name, "rules.json"))
    units = units_from_bytes(store.file(tx.session, name, "units.json"))
    sealed = _sealed(desk, tx, row, rules, units, given)
    custody.keep(tx, name, sealed)
    if sealed.openings is not None:
        store.keep_file(tx.session, name, "openings.bin", sealed.openings)
    store.keep_file(tx.session, name, "checkpoint", sealed.checkpoint.encode())
    store.keep_receipts(tx.session, name, {h: r.to_bytes() for h, r in sealed.receipts.items()})
    paper.forget_sketches(tx.session, name)
    tx.session.add(SignatureRow(meeting=name, name=desk.signer.name, line=desk.signer.sign(sealed.checkpoint)))
    finish(tx, row, Step.COUNT)
    return count_view(tx.session, row)


def _sealed(desk: Desk, tx: Tx, row: MeetingRow, rules: Rules, units: tuple[UnitEntry, ...], given: Count) -> Sealed:
    name, session = row.name, tx.session
    assert row.public_key is not None  # check-in opens only with a key
    with from_people("shares"):
        check_shares(session, name, given.shares)
        key = combine_key(
            given.shares, public_from_text(row.public_key), needed=desk.programme.meeting.ballot_key.needed
        )
    opened = open_all(key, ballot_form(name, rules, units), store.ballots(session, name))
    del key
    on_paper = settled(session, name)
    ballots: tuple[Ballot, ...] = shuffled(opened.valid, desk.entropy)
    patterns.keep(tx, name, ballots)
    cards = store.cards(session, name)
    boxes.check_returned(desk, session, name)
    roll, returned = len(store.roll(session, name)), store.returned(session, name)
    counts = Counts(
        drawn=len(drawn_of(session, name).seated), present=row.present or 0, ordinary_present=row.ordinary or 0,
        printed=len(cards), left_in_box=given.left_in_box, roll=roll, issued=len(cards) - given.left_in_box,
        returned=returned, unused=given.unused, valid=len(opened.valid), void=len(opened.void),
        void_reasons=opened.void_reasons, paper=on_paper,
    )  # fmt: skip
    with from_people("count"):
        return seal(
            meeting=name, rules=rules, units=units, ballots=ballots, counts=counts,
            draw_proof=store.file(session, name, "draw_proof.json"),
            keys=_ring(session, name), sealed_at=tx.now, entropy=desk.entropy,
            dispute_key=public_from_text(row.dispute_key) if row.dispute_key else None,
            cards=card_list(name, cards.items()), cards_note=store.file(session, name, "cards_note.txt"),
            rehearsal=row.rehearsal,
            extras={
                "interval.json": _doubts(desk, tx, name, rules, units, ballots).to_json(),
                **rerun.sealed_with(session, row),
                "ceremony.json": sealed_with(desk, session, name, returned),
            },
        )  # fmt: skip


def _ring(session: Session, name: str) -> KeyRing:
    return key_ring_from_bytes(store.file(session, name, "keys.json"))


def _doubts(
    desk: Desk, tx: Tx, name: str, rules: Rules, units: tuple[UnitEntry, ...], ballots: tuple[Ballot, ...]
) -> Doubts:
    """The figures of the ranks' intervals, while ballots are whole. The seed follows from the draw's: repeatable."""
    from services.scoring.domain.interval import LEVEL, RESAMPLES, doubts  # numpy: with the first count

    seed = hashlib.sha256(f"rank-interval\x1f{name}\x1f{drawn_of(tx.session, name).seed}".encode()).hexdigest()
    scopes: dict[str, list[str]] = {}
    for unit in units if len(rules.classes) == 1 else ():  # weighted by class a mean has no interval of this kind
        for scope in unit.scopes:
            scopes.setdefault(scope, []).append(unit.id)
    found = doubts(
        marks_matrix(ballots, rules, desk.entropy), [u.id for u in units], [d.weight for d in rules.dimensions],
        scopes, least_ratings=rules.least_ratings, seed=seed,
    )  # fmt: skip
    return Doubts(name, seed, RESAMPLES, str(LEVEL), found)


def count_view(session: Session, row: MeetingRow) -> CountView:
    """Where the signatures stand."""
    signed = store.signatures(session, row.name)
    manifest = cast(Mapping[str, Json], parse_canonical(store.file(session, row.name, DRAFT + "manifest.json")))
    counts = cast(Mapping[str, int], manifest["counts"])
    rules = rules_from_bytes(store.file(session, row.name, "rules.json"))
    return CountView(
        meeting=row.name, state=row.state, checkpoint=store.file(session, row.name, "checkpoint").decode(),
        issued=counts["issued"], returned=counts["returned"], valid=counts["valid"], void=counts["void"],
        signed=list(signed), missing=list(missing_signatures(signed, _ring(session, row.name), rules)),
    )  # fmt: skip


def sign(tx: Tx, name: str, lines: tuple[str, ...]) -> CountView:
    """Take signatures over the checkpoint; with the last one needed the meeting is sealed (S6). Raises Refusal."""
    row = begin(tx, name, Step.SIGNATURE)
    session = tx.session
    checkpoint = store.file(session, name, "checkpoint").decode()
    ring = _ring(session, name)
    signed = store.signatures(session, name)
    for line in lines:
        with from_people("signatures"):
            _, names = open_note(assemble(checkpoint, [line]), ring.verifiers())
        for who in names:
            if who not in signed:
                signed[who] = line
                session.add(SignatureRow(meeting=name, name=who, line=line))
    on_record(tx, name, Step.SIGNATURE, signed=list(signed))
    session.flush()
    rules = rules_from_bytes(store.file(session, name, "rules.json"))
    if not missing_signatures(signed, ring, rules):
        note = assemble(checkpoint, signed.values())
        store.keep_file(session, name, CHECKPOINT, note.encode())
        finish(tx, row, Step.SEAL)
        view = count_view(tx.session, row)
        tx.publish(
            MeetingSealed(
                meeting=name, cycle_name=row.cycle, units=len(row.units), rehearsal=row.rehearsal, checkpoint=note,
                valid=view.valid, void=view.void,
            ),
            subject=name,
            cycle=row.cycle,
        )  # fmt: skip
    return count_view(tx.session, row)


def seal_members(session: Session, name: str) -> dict[str, bytes]:
    """The members of a sealed meeting's bundle. Raises Refusal (409) before the seal: no interim result (S6)."""
    row = store.meeting(session, name)
    _check_sealed(row)
    if custody.is_locked(session, name):
        raise Refusal("result", name, "is under lock", "tellers open it: POST …/result-opening", 409)
    return {**store.files(session, name, DRAFT), CHECKPOINT: store.file(session, name, CHECKPOINT)}


def checkpoint(session: Session, name: str) -> bytes:
    """The signed checkpoint. Raises Refusal (409) before the seal."""
    _check_sealed(store.meeting(session, name))
    return store.file(session, name, CHECKPOINT)


def _check_sealed(row: MeetingRow) -> None:
    if row.state not in (State.SEALED, State.PUBLISHED):
        raise Refusal("meeting", row.name, f"is {row.state}, not sealed", "wait for the seal", 409)


def receipt(session: Session, name: str, token_hash: str) -> bytes:
    """What shows that a card's ballot is in the seal. Raises Refusal before the seal, and for other cards (404)."""
    row = store.meeting(session, name)
    found = session.get(ReceiptRow, (name, token_hash))
    if found is None or row.state not in (State.SEALED, State.PUBLISHED):
        raise Refusal("token_hash", token_hash, "no valid ballot of this card is sealed", "come after the seal", 404)
    return found.data
