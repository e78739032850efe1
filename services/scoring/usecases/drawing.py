"""The draw: commitments, the freeze, the lots, refusals and who comes instead (S3, protocol A)."""

import datetime as dt

from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.alternates import invited
from services.scoring.domain.canon import digest
from services.scoring.domain.draw import Reveal, ThrownFor, draw
from services.scoring.domain.freezing import Commitment, FrozenPool, PublicEntropy, freeze
from services.scoring.domain.fresh import check_fresh_draw, check_fresh_freeze, used
from services.scoring.domain.meeting import Step
from services.scoring.domain.note import assemble, key_ring_from_bytes
from services.scoring.domain.panels import MOST_PANELS, Lottery, Quota
from services.scoring.domain.pool import Candidate, Excluded, allot_seats, eligible
from services.scoring.domain.proof import sign_proof, unsigned_proof
from services.scoring.domain.rules import rules_from_bytes
from services.scoring.domain.seal import check_ring
from services.scoring.store import meetings as store
from services.scoring.store import pools
from services.scoring.store.tables import CommitmentRow, DropoutRow, MeetingRow
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.steps import (
    begin,
    cut_off_of,
    drawn_of,
    finish,
    from_people,
    on_record,
)
from shared.contracts.scoring import DrawPublished, PoolFrozen, RepresentativeReplaced
from shared.errors import Refusal
from shared.store import Tx


class Recorded(BaseModel):
    """Something was put on record."""

    meeting: str
    recorded: str


def commit(tx: Tx, name: str, witness: str, commitment: str) -> Recorded:
    """A witness commits to a value before the freeze: SHA-256(32 bytes ‖ value), in hex. Not to be changed."""
    begin(tx, name, Step.COMMITMENT)
    earlier = tx.session.get(CommitmentRow, (name, witness))
    if earlier is not None and earlier.commitment != commitment:
        raise Refusal("witness", witness, "has committed already", "a commitment stays", 409)
    if len(commitment) != 64 or not set(commitment) <= set("0123456789abcdef"):
        raise Refusal("commitment", commitment, "is no SHA-256 in hex", "64 digits of 0-9 and a-f")
    if spent := [one.meeting for one in map(used, store.proofs(tx.session)) if commitment in one.commitments]:
        reason = f"the draw of {spent[0]} revealed what is behind it"
        raise Refusal("commitment", commitment, reason, "make a new one: `minping draw commit`", 409)
    if earlier is None:
        tx.session.add(CommitmentRow(meeting=name, witness=witness, commitment=commitment))
        on_record(tx, name, Step.COMMITMENT, witness=witness)
    return Recorded(meeting=name, recorded=witness)


class QuotaIn(BaseModel):
    """Of the people with this value of an attribute, `least` to `most` sit."""

    attribute: str = Field(min_length=1, max_length=64)
    value: str = Field(min_length=1, max_length=64)
    least: int = Field(ge=0)
    most: int = Field(ge=0)


class Freezing(BaseModel):
    """What the draw will wait for: a public value that nobody knows before the cut-off.

    quotas, panels: only for crossing quotas. Panels (ids of people) that all keep them; the seed picks one.
    """

    public_source: str = Field(min_length=1, max_length=300)
    cut_off: AwareDatetime
    quotas: tuple[QuotaIn, ...] = Field(default=(), max_length=200)
    panels: tuple[tuple[str, ...], ...] = Field(default=(), max_length=MOST_PANELS)


class LotsView(BaseModel):
    """Who may be drawn, the seats of each stratum, and attributes: what crossing quotas are proposed from."""

    meeting: str
    people: list[dict[str, str]]
    seats: dict[str, int]


def _lots(
    desk: Desk, session: Session, row: MeetingRow
) -> tuple[tuple[Candidate, ...], tuple[Excluded, ...], dict[str, int]]:
    """Who may be drawn, who not, and the seats of each stratum. Raises Refusal."""
    within, without = eligible(pools.candidates(session, row.pool), row.units)
    counts: dict[str, int] = {}
    for candidate in within:
        counts[candidate.stratum] = counts.get(candidate.stratum, 0) + 1
    rule = desk.programme.meeting.seats
    with from_people("pool"):
        return within, without, allot_seats(counts, row.seats, desk.programme.pool.ordinary, rule.ordinary_seats_min)


def lots(desk: Desk, session: Session, name: str) -> LotsView:
    """What the draw of a meeting would be made from now, before the freeze. Raises Refusal."""
    within, _, seats = _lots(desk, session, store.meeting(session, name))
    people = [{**c.attributes, "id": c.id, "stratum": c.stratum} for c in within]
    return LotsView(meeting=name, people=people, seats=seats)


class FrozenView(BaseModel):
    """The frozen pool, published before the entropy exists. `note`: signed by the system."""

    meeting: str
    pool_hash: str
    note: str
    eligible: int
    excluded: int
    seats: dict[str, int]
    cut_off: dt.datetime


def freeze_pool(desk: Desk, tx: Tx, name: str, wanted: Freezing) -> FrozenView:
    """Freeze the pool, with seats, witnesses' commitments and the named public entropy (S3). Raises Refusal."""
    row = begin(tx, name, Step.FREEZING)
    ring = store.key_ring(tx.session, name, desk.system_key)
    rules = rules_from_bytes(store.file(tx.session, name, "rules.json"))
    check_ring(ring, rules)
    within, without, seats = _lots(desk, tx.session, row)
    least = desk.programme.meeting.seats.ordinary_seats_min
    lottery = None
    if wanted.quotas or wanted.panels:
        quotas = tuple(Quota(q.attribute, q.value, q.least, q.most) for q in wanted.quotas)
        lottery = Lottery(quotas, wanted.panels)
    with from_people("pool"):
        frozen = freeze(
            meeting=name, rules_version=desk.sha256, candidates=within, excluded=without, seats=seats,
            ordinary=desk.programme.pool.ordinary, least_ordinary=least,
            public_entropy=PublicEntropy(wanted.public_source, wanted.cut_off),
            witnesses=[Commitment(c.witness, c.commitment) for c in store.commitments(tx.session, name)],
            frozen_at=tx.now, least_dice=desk.programme.meeting.dice_least, lottery=lottery,
        )  # fmt: skip
    check_fresh_freeze(frozen, map(used, store.proofs(tx.session)))
    note = assemble(frozen.note_text, [desk.signer.sign(frozen.note_text)])
    for file, data in (("pool.json", frozen.data), ("freeze_note.txt", note.encode()), ("keys.json", ring.to_bytes())):
        store.keep_file(tx.session, name, file, data)
    finish(tx, row, Step.FREEZING)
    tx.publish(
        PoolFrozen(meeting=name, pool_hash=frozen.hash, members=len(within), cutoff=wanted.cut_off),
        subject=name,
        cycle=row.cycle,
    )
    return FrozenView(
        meeting=name, pool_hash=frozen.hash, note=note, eligible=len(within), excluded=len(without), seats=seats,
        cut_off=wanted.cut_off,
    )  # fmt: skip


class RevealIn(BaseModel):
    """A witness's nonce (32 bytes, hex) and value."""

    witness: str
    nonce: str = Field(pattern=r"^[0-9a-f]{64}$")
    value: str = Field(max_length=500)


class ThrownIn(BaseModel):
    """Dice thrown in place of a witness who did not reveal, and why."""

    witness: str
    dice: tuple[int, ...]
    reason: str


class Entropy(BaseModel):
    """All entropy of the draw."""

    public_value: str = Field(min_length=1, max_length=500)
    dice: tuple[int, ...]
    reveals: tuple[RevealIn, ...] = ()
    thrown: tuple[ThrownIn, ...] = ()


class DrawView(BaseModel):
    """Who is drawn, by stratum; alternates in their order."""

    meeting: str
    seed: str
    proof_hash: str
    seated: dict[str, list[str]]
    alternates: dict[str, list[str]]
    ordinary: int


def draw_lots(desk: Desk, tx: Tx, name: str, given: Entropy) -> DrawView:
    """Draw the representatives, not before the cut-off; the proof is public at once (S3). Raises Refusal."""
    row = begin(tx, name, Step.DRAW)
    frozen = FrozenPool(store.file(tx.session, name, "pool.json"))
    note = store.file(tx.session, name, "freeze_note.txt").decode()
    ring = key_ring_from_bytes(store.file(tx.session, name, "keys.json"))
    cut_off = cut_off_of(frozen)
    if tx.now < cut_off:
        raise Refusal("draw", name, f"the public value is not known before {cut_off.isoformat()}", "draw then", 409)
    with from_people("draw"):
        answers: list[Reveal | ThrownFor] = [
            *(Reveal(r.witness, bytes.fromhex(r.nonce), r.value) for r in given.reveals),
            *(ThrownFor(t.witness, t.dice, t.reason) for t in given.thrown),
        ]
        thrown = [given.dice, *(t.dice for t in given.thrown)]
        check_fresh_draw(frozen, thrown, map(used, store.proofs(tx.session)))
        drawn = draw(frozen, public_value=given.public_value, dice=given.dice, witnesses=answers)
        proof = unsigned_proof(frozen, note, drawn, ring)
        signed = assemble(proof.note_text, [desk.signer.sign(proof.note_text)])
        data = sign_proof(proof, signed, ring)
    store.keep_file(tx.session, name, "draw_proof.json", data)
    finish(tx, row, Step.DRAW)
    ordinary = sum(len(s.seated) for s in drawn.strata if s.stratum in desk.programme.pool.ordinary)
    alternates = sum(len(s.alternates) for s in drawn.strata)
    tx.publish(
        DrawPublished(
            meeting=name, proof_hash=digest(data), drawn=len(drawn.seated), alternates=alternates, ordinary=ordinary
        ),
        subject=name,
        cycle=row.cycle,
    )
    return DrawView(
        meeting=name, seed=drawn.seed, proof_hash=digest(data),
        seated={s.stratum: list(s.seated) for s in drawn.strata},
        alternates={s.stratum: list(s.alternates) for s in drawn.strata}, ordinary=ordinary,
    )  # fmt: skip


class PanelView(BaseModel):
    """Who is invited now, by stratum, and every replacement."""

    meeting: str
    seated: dict[str, list[str]]
    replacements: list[dict[str, str | None]]
    vacant: int


def replace(tx: Tx, name: str, representative: str, reason: str) -> PanelView:
    """Somebody drawn does not come: the next alternate of the stratum is called, on record (S3)."""
    row = begin(tx, name, Step.REPLACEMENT)
    drawn = drawn_of(tx.session, name)
    stratum = drawn.stratum_of(representative)
    gone = store.dropouts(tx.session, name)
    if representative in gone:
        raise Refusal("representative", representative, "has refused already", "nothing to do", 409)
    if representative in store.roll(tx.session, name):
        raise Refusal("representative", representative, "is present", "who is present has a card", 409)
    tx.session.add(DropoutRow(meeting=name, representative=representative, reason=reason))
    on_record(tx, name, Step.REPLACEMENT, reason=reason, representative=representative)
    found = invited(drawn, {**gone, representative: reason})
    tx.publish(RepresentativeReplaced(meeting=name, stratum=stratum, reason=reason), subject=name, cycle=row.cycle)
    return PanelView(
        meeting=name,
        seated={s: list(people) for s, people in found.seated.items()},
        replacements=[{"gone": r.gone, "reason": r.reason, "called": r.called} for r in found.replacements],
        vacant=found.vacant,
    )
