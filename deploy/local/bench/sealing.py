"""P6: a meeting of 80 ballots on 60 units in 6 dimensions is counted and sealed, and verified; cost grows linearly.

The ballots are opened already: decryption is the terminals' work turned round and grows with their number alone. Beside
each size stands the bare SHA-256 of the same public records, once each: what no seal of them can do without.
"""

from __future__ import annotations

import hashlib
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median

from deploy.local.bench.figure import Figure, Tell
from services.scoring.domain import note, shamir
from services.scoring.domain.ballot import Ballot
from services.scoring.domain.bundle import write_bundle
from services.scoring.domain.draw import ThrownFor, draw
from services.scoring.domain.freezing import Commitment, PublicEntropy, freeze
from services.scoring.domain.pool import Candidate, allot_seats
from services.scoring.domain.proof import sign_proof, unsigned_proof
from services.scoring.domain.reconcile import Counts
from services.scoring.domain.rules import Dimension, Grade, Rules, UnitEntry
from services.scoring.domain.seal import CHECKPOINT, Sealed, assemble_checkpoint, seal
from services.scoring.verify import verify_bytes

BALLOTS, UNITS, DIMENSIONS = 80, 60, 6
SIZES = (80, 1_000, 10_000)
SEAL_S, VERIFY_S = 1.0, 0.5
GROWTH = 1.5
_AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
_MEETING = "bench"
_STRATA = {"enterprise": 30, "resident": 30, "villager": 50, "deputy": 30}


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds for one size: ours, and the bare SHA-256 of the same records."""

    seal: float
    verify: float
    bare: float


def measure(tell: Tell, *, runs: int, sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    """Seconds to seal: at most one for 80 × 60 × 6, and no more a ballot with 10,000 than with 80."""
    return figures("seal", SEAL_S, measured(tell, runs, sizes), sizes)


def measured(tell: Tell, runs: int, sizes: tuple[int, ...]) -> dict[int, list[Spent]]:
    """What each size took, every run; the first run of the smallest warms up. Larger ones run less often."""
    hall = Hall()
    found: dict[int, list[Spent]] = {}
    hall.play(BALLOTS)
    for size in sizes:
        times = runs if size <= BALLOTS else min(runs, 3 if size <= 1_000 else 1)
        found[size] = []
        for turn in range(times):
            tell(f"{size:,} ballots × {UNITS} units × {DIMENSIONS} dimensions, {turn + 1} of {times}")
            found[size].append(hall.play(size))
    return found


def figures(name: str, goal: float, found: dict[int, list[Spent]], sizes: tuple[int, ...]) -> list[Figure]:
    """The figures of `seal` or `verify`: against the goal, and a ballot of the largest size against the smallest."""

    def a_ballot(size: int, field: str) -> tuple[float, ...]:
        return tuple(1e3 * float(getattr(spent, field)) / size for spent in found[size])

    small, large = sizes[0], sizes[-1]
    each = {
        f"{size:,} ballots": {
            "ms a ballot": round(median(a_ballot(size, name)), 4),
            "bare SHA-256, ms a ballot": round(median(a_ballot(size, "bare")), 4),
            "ratio": round(median(a_ballot(size, name)) / median(a_ballot(size, "bare")), 2),
        }
        for size in sizes
    }
    done = {"seal": "counted and sealed", "verify": "verified"}[name]
    return [
        Figure(
            name=name, ours_is=f"{small} ballots × {UNITS} units × {DIMENSIONS} dimensions {done}",
            limit_is="the goal", unit="s", ours=tuple(float(getattr(s, name)) for s in found[small]), limit=(goal,),
            sense="at most", bound=1.0, notes=each,
        ),
        Figure(
            name=f"{name}-growth", ours_is=f"a ballot of {large:,}", limit_is=f"a ballot of {small:,}", unit="ms",
            ours=a_ballot(large, name), limit=a_ballot(small, name), sense="at most", bound=GROWTH,
        ),
    ]  # fmt: skip


class Hall:
    """Rules, units, draw and keys of a meeting; plays the count with any number of ballots."""

    def __init__(self) -> None:
        self._random = random.Random(6)
        bytes_of = self._random.randbytes
        weights = ("20", "20", "20", "15", "15", "10")
        self._rules = Rules(
            programme="bench", cycle="2026", version="1",
            dimensions=tuple(Dimension(f"d{i}", Decimal(w), f"内容{i}") for i, w in enumerate(weights, 1)),
            grades=(
                Grade("satisfied", Decimal(100), "满意"), Grade("basically_satisfied", Decimal(80), "基本满意"),
                Grade("dissatisfied", Decimal(40), "不满意"),
            ),
        )  # fmt: skip
        self._units = tuple(UnitEntry(f"U{i:03}", f"第{i}窗口", "", ("centre",)) for i in range(1, UNITS + 1))
        roles = {"system": "system", "scrutineer": "scrutineer", **{f"teller-{i}": "teller" for i in range(1, 4)}}
        self._signers = {name: note.signer(name, bytes_of(32)) for name in roles}
        self._keys = note.KeyRing(tuple(note.Key(roles[name], one.vkey) for name, one in self._signers.items()))
        self._dispute = shamir.new_key(bytes_of).public_key()
        self._proof = self._draw()
        self._rows = [self._row() for _ in range(BALLOTS)]

    def _draw(self) -> bytes:
        candidates = [Candidate(f"{s}-{i}", s) for s, number in _STRATA.items() for i in range(number)]
        ordinary = self._rules.ordinary_strata
        frozen = freeze(
            meeting=_MEETING, rules_version="1", candidates=candidates, excluded=(),
            seats=allot_seats(_STRATA, BALLOTS, ordinary), ordinary=ordinary, least_ordinary=Decimal("0.75"),
            public_entropy=PublicEntropy("a lottery", datetime(2026, 6, 29, 13, tzinfo=UTC)),
            witnesses=[Commitment("w", "0" * 64)], frozen_at=datetime(2026, 6, 29, 9, tzinfo=UTC),
        )  # fmt: skip
        system = self._signers["system"]
        freeze_note = note.assemble(frozen.note_text, [system.sign(frozen.note_text)])
        thrown = ThrownFor("w", tuple([7] * 20), "not there")
        drawn = draw(frozen, public_value="3 1 7", dice=[3] * 20, witnesses=[thrown])
        unsigned = unsigned_proof(frozen, freeze_note, drawn, self._keys)
        return sign_proof(unsigned, note.assemble(unsigned.note_text, [system.sign(unsigned.note_text)]), self._keys)

    def _row(self) -> tuple[tuple[str, ...], ...]:
        choices, chance = self._rules.choices, self._random
        return tuple(tuple(chance.choice(choices) for _ in range(DIMENSIONS)) for _ in range(UNITS))

    def play(self, size: int) -> Spent:
        """Count, seal and verify `size` ballots; raises AssertionError where the bundle does not hold."""
        ballots = [Ballot("all", self._rows[i % BALLOTS], f"{i:064x}") for i in range(size)]
        began = time.perf_counter()
        sealed = self._seal(ballots)
        seal_s = time.perf_counter() - began
        lines = [one.sign(sealed.checkpoint) for one in self._signers.values()]
        signed = assemble_checkpoint(sealed, lines, self._keys, self._rules)
        data = write_bundle({**sealed.files, CHECKPOINT: signed.encode()})
        began = time.perf_counter()
        report = verify_bytes(data)
        verify_s = time.perf_counter() - began
        if report.exit_code != 0:
            raise AssertionError(report.conclusion)
        records = sealed.files["slices.jsonl"].splitlines()
        began = time.perf_counter()
        for record in records:
            hashlib.sha256(record).digest()
        return Spent(seal_s, verify_s, time.perf_counter() - began)

    def _seal(self, ballots: list[Ballot]) -> Sealed:
        size = len(ballots)
        counts = Counts(
            drawn=BALLOTS, present=size, ordinary_present=size, printed=size + 10, left_in_box=10, roll=size,
            issued=size, returned=size, unused=0, valid=size, void=0,
        )  # fmt: skip
        return seal(
            meeting=_MEETING, rules=self._rules, units=self._units, ballots=ballots, counts=counts,
            draw_proof=self._proof, keys=self._keys, sealed_at=_AT, entropy=self._random.randbytes,
            dispute_key=self._dispute,
        )  # fmt: skip
