"""A whole meeting in memory, from the frozen pool to the signed bundle, out of one seed."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain import (
    alternates,
    ballot,
    bundle,
    cards,
    draw,
    freezing,
    note,
    pool,
    proof,
    reconcile,
    rules,
    seal,
    shamir,
)
from services.scoring.domain.canon import Entropy

WEIGHTS = {1: ("100",), 2: ("60", "40"), 3: ("50", "30", "20"), 6: ("20", "20", "20", "15", "15", "10")}
AT = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)


def stream(seed: str) -> Entropy:
    """Repeatable bytes for tests: SHAKE-256 of seed and counter."""
    counter: Iterator[int] = iter(range(10**9))
    return lambda n: hashlib.shake_256(f"{seed}/{next(counter)}".encode()).digest(n)


@dataclass(repr=False)
class World:
    """Everything of one sealed meeting; tests take it apart. (repr would be a page long.)"""

    rules: rules.Rules
    units: tuple[rules.UnitEntry, ...]
    form: ballot.BallotForm
    frozen: freezing.FrozenPool
    drawn: draw.Drawn
    proof: bytes
    signers: dict[str, note.Signer]
    keys: note.KeyRing
    key: ec.EllipticCurvePrivateKey
    dispute_key: ec.EllipticCurvePrivateKey
    cards: tuple[cards.Card, ...]
    opened: ballot.Opened
    counts: reconcile.Counts
    sealed: seal.Sealed
    files: dict[str, bytes]
    extra: dict[str, Any] = field(default_factory=dict)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text("World(…)")  # hypothesis would print a page

    @property
    def data(self) -> bytes:
        """bundle.zip."""
        return bundle.write_bundle(self.files)

    def sign(self, text: str, *names: str) -> str:
        """A note signed by these."""
        return note.assemble(text, [self.signers[name].sign(text) for name in names])


def make_rules(dimensions: int, **changes: Any) -> rules.Rules:
    """Rules of a small vote."""
    values: dict[str, Any] = {
        "programme": "window-units",
        "cycle": "2026-H1",
        "version": "1",
        "dimensions": tuple(
            rules.Dimension(f"d{i}", Decimal(w), f"内容{i}") for i, w in enumerate(WEIGHTS[dimensions], 1)
        ),
        "grades": (
            rules.Grade("satisfied", Decimal(100), "满意"),
            rules.Grade("basically_satisfied", Decimal(80), "基本满意"),
            rules.Grade("dissatisfied", Decimal(40), "不满意"),
        ),
    }
    return rules.Rules(**(values | changes))


def make_pool(people: dict[str, int]) -> tuple[pool.Candidate, ...]:
    """A pool with so many people of each stratum."""
    return tuple(pool.Candidate(f"{s[:2].upper()}{i:03}", s) for s, n in people.items() for i in range(1, n + 1))


def make_world(
    ballots: int = 30, units: int = 3, dimensions: int = 2, seed: str = "a meeting", **changes: Any
) -> World:
    """Play a meeting in which every card comes back valid."""
    entropy = stream(seed)
    vote = make_rules(dimensions, **changes)
    entries = tuple(
        rules.UnitEntry(f"U{i:03}", f"第{i}窗口", "service_window", ("centre",)) for i in range(1, units + 1)
    )
    form = ballot.ballot_form("M-1", vote, entries)
    roles = {"system": "system", "scrutineer": "scrutineer", "guidance": "guidance", "witness-1": "witness"}
    roles |= {f"teller-{i}": "teller" for i in range(1, 6)}
    signers = {name: note.signer(name, entropy(32)) for name in roles}
    keys = note.KeyRing(tuple(note.Key(roles[n], s.vkey) for n, s in signers.items()))

    share = max(ballots // 4, 8)
    candidates = make_pool({"enterprise": share + 4, "resident": share + 4, "villager": 2 * share, "deputy": share})
    seats = pool.allot_seats(
        {"enterprise": share + 4, "resident": share + 4, "villager": 2 * share, "deputy": share},
        ballots,
        vote.ordinary_strata,
    )
    nonces = {name: entropy(32) for name in ("甲", "乙")}
    frozen = freezing.freeze(
        meeting="M-1",
        rules_version="1",
        candidates=candidates,
        excluded=(pool.Excluded("X001", "resident", "conflict"),),
        seats=seats,
        ordinary=vote.ordinary_strata,
        least_ordinary=Decimal("0.75"),
        public_entropy=freezing.PublicEntropy("福彩3D 第2026171期", datetime(2026, 6, 29, 13, 15, tzinfo=UTC)),
        witnesses=tuple(freezing.Commitment(n, freezing.commit(x, f"{n}的数")) for n, x in nonces.items()),
        frozen_at=datetime(2026, 6, 29, 9, 0, tzinfo=UTC),
    )
    freeze_note = note.assemble(frozen.note_text, [signers["system"].sign(frozen.note_text)])
    drawn = draw.draw(
        frozen,
        public_value="3 1 7",
        dice=[b % 10 for b in entropy(20)],
        witnesses=[draw.Reveal("甲", nonces["甲"], "甲的数"), draw.ThrownFor("乙", tuple([7] * 20), "未到场")],
    )
    unsigned = proof.unsigned_proof(frozen, freeze_note, drawn, keys)
    draw_proof = proof.sign_proof(
        unsigned,
        note.assemble(unsigned.note_text, [signers[n].sign(unsigned.note_text) for n in ("system", "witness-1")]),
        keys,
    )
    key, dispute_key = shamir.new_key(entropy), shamir.new_key(entropy)
    printed = cards.make_cards(ballots + 10, entropy)
    cast = []
    for card in printed[:ballots]:
        marks = {u: {d: form.choices[entropy(1)[0] % 4] for d in form.dimensions} for u in form.units}
        cast.append((card.hash, "all", ballot.seal_ballot(key.public_key(), form, card.hash, marks)))
    opened = ballot.open_all(key, form, cast)
    invited = alternates.invited(drawn, {})
    assert invited.vacant == 0
    counts = reconcile.Counts(
        drawn=ballots,
        present=ballots,
        ordinary_present=ballots * 3 // 4 + 1,
        printed=ballots + 10,
        left_in_box=10,
        roll=ballots,
        issued=ballots,
        returned=ballots,
        unused=0,
        valid=len(opened.valid),
        void=len(opened.void),
        void_reasons=opened.void_reasons,
    )
    sealed = seal.seal(
        meeting="M-1",
        rules=vote,
        units=entries,
        ballots=opened.valid,
        counts=counts,
        draw_proof=draw_proof,
        keys=keys,
        sealed_at=AT,
        entropy=entropy,
        dispute_key=dispute_key.public_key(),
        cards=cards.card_list("M-1", printed),
    )
    signing = ("system", "teller-1", "teller-3", "teller-5", "scrutineer")
    checkpoint = seal.assemble_checkpoint(sealed, [signers[n].sign(sealed.checkpoint) for n in signing], keys, vote)
    return World(
        vote,
        entries,
        form,
        frozen,
        drawn,
        draw_proof,
        signers,
        keys,
        key,
        dispute_key,
        printed,
        opened,
        counts,
        sealed,
        {**sealed.files, seal.CHECKPOINT: checkpoint.encode()},
    )


@pytest.fixture(scope="session")
def world() -> World:
    """A small sealed meeting."""
    return make_world()


@pytest.fixture(scope="session")
def play() -> Callable[..., World]:
    """Makes other meetings."""
    return make_world


@pytest.fixture(scope="session")
def entropy_of() -> Callable[[str], Entropy]:
    """Repeatable entropy by a seed."""
    return stream


@pytest.fixture(scope="session")
def people_of() -> Callable[[dict[str, int]], tuple[pool.Candidate, ...]]:
    """Pools by stratum."""
    return make_pool
