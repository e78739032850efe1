"""S3, crossing quotas: panels frozen beforehand, one picked by the seed, everything checked from the file alone.

The panels were recorded from `sortition-algorithms`; its real process runs in `test_s3_crossing.py`.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain import draw, freezing, note, proof
from services.scoring.domain.canon import canonical, parse
from services.scoring.domain.panels import Lottery, Quota, chances, pick
from services.scoring.domain.pool import Candidate
from services.scoring.verify import draw_proof, verify_bytes
from shared.errors import Refusal

RECORDED = json.loads((Path(__file__).parent / "recorded" / "panels.json").read_text(encoding="utf-8"))
QUOTAS = tuple(Quota(**q) for q in RECORDED["quotas"])
PANELS = tuple(map(tuple, RECORDED["panels"]))
PEOPLE = [
    Candidate(p["id"], p["stratum"], attributes={"gender": p["gender"], "age": p["age"]}) for p in RECORDED["people"]
]
SIGNER = note.signer("office", b"o" * 32)
KEYS = note.KeyRing((note.Key("system", SIGNER.vkey),))
NONCE = bytes(range(32))


def frozen(panels: Any = PANELS, quotas: Any = QUOTAS, people: Any = None, **changes: Any) -> freezing.FrozenPool:
    values: dict[str, Any] = {
        "meeting": "M-1",
        "rules_version": "1",
        "candidates": PEOPLE if people is None else people,
        "excluded": (),
        "seats": RECORDED["seats"],
        "ordinary": ("enterprise", "resident", "villager"),
        "least_ordinary": Decimal("0.75"),
        "public_entropy": freezing.PublicEntropy("福彩3D 第2026171期", datetime(2026, 6, 29, 13, 15, tzinfo=UTC)),
        "witnesses": (freezing.Commitment("甲", freezing.commit(NONCE, "八")),),
        "frozen_at": datetime(2026, 6, 29, 9, 0, tzinfo=UTC),
        "lottery": Lottery(quotas, panels),
    }
    return freezing.freeze(**(values | changes))


def drawn_from(pool: freezing.FrozenPool, public: str = "3 1 7") -> draw.Drawn:
    return draw.draw(pool, public_value=public, dice=[4] * 20, witnesses=[draw.Reveal("甲", NONCE, "八")])


def proof_of(change: Callable[[dict[str, Any]], None] = lambda _: None, *, refreeze: bool = False) -> bytes:
    """The proof, with a change that the office signs as if nothing were; refreeze: also the note of the freeze."""
    pool = frozen()
    signed = note.assemble(pool.note_text, [SIGNER.sign(pool.note_text)])
    content: Any = parse(canonical(proof.unsigned_proof(pool, signed, drawn_from(pool), KEYS).content))
    change(content)
    if refreeze:
        again = freezing.FrozenPool(canonical(content["pool"]))
        content["pool_hash"] = again.hash
        content["freeze_note"] = note.assemble(again.note_text, [SIGNER.sign(again.note_text)])
        content["seed"] = drawn_from(again).seed
        content["panel"] = pick(bytes.fromhex(content["seed"]), len(content["pool"]["panels"]))
    unsigned = proof.UnsignedProof(content)
    return canonical({**content, "note": note.assemble(unsigned.note_text, [SIGNER.sign(unsigned.note_text)])})


PROVED = proof_of()


def failures(data: bytes) -> dict[str, str]:
    return {f.name: f"{f.record} {f.says}" for f in draw_proof.check(data)[0] if not f.holds}


def test_s3_the_public_seed_picks_one_of_the_frozen_panels_and_its_members_sit() -> None:
    pool = frozen()
    drawn = drawn_from(pool)
    assert drawn.panel is not None and drawn.panel == pick(bytes.fromhex(drawn.seed), 100)
    assert set(drawn.seated) == set(PANELS[drawn.panel])
    assert {s.stratum: s.seats for s in drawn.strata} == RECORDED["seats"]
    assert sorted(i for s in drawn.strata for i in s.order) == sorted(p.id for p in PEOPLE)
    others = {drawn_from(pool, public=str(n)).panel for n in range(40)}
    assert len(others) > 10


def test_s3_panels_quotas_chances_and_pick_are_checked_with_the_standard_library_alone(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_bytes(proof_of())
    (tmp_path / "draw_proof.py").write_bytes(Path(draw_proof.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", "draw_proof.py", "proof.json"], cwd=tmp_path, capture_output=True, text=True,
        encoding="utf-8", check=False, env={"PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    counts = Counter(i for panel in PANELS for i in panel)
    assert "100 panels (24 different), 5 quotas kept by each" in done.stdout
    assert f"chances from {min(counts.values())}/100" in done.stdout
    assert f"to {max(counts.values())}/100" in done.stdout
    assert verify_bytes(proof_of()).exit_code == 0


def test_s3_each_persons_chance_is_counted_from_the_panels() -> None:
    content: Any = frozen().content
    found = chances(content["panels"], len(content["pool"]))
    counts = Counter(i for panel in PANELS for i in panel)
    assert found == [counts[entry["id"]] for entry in content["pool"]]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda c: c.update(panel=(c["panel"] + 1) % 100), "draw.pick"),
        (lambda c: c["strata"][0]["seated"].reverse(), "draw.order"),
        (lambda c: c.pop("panel"), "draw.form"),
        (lambda c: c["pool"].pop("panels"), "draw.form"),
        (lambda c: c["pool"].pop("quotas"), "draw.form"),
        (lambda c: c["pool"].update(algorithm="hmac-sha256-order.v1"), "draw.form"),
        (lambda c: c["pool"]["panels"].pop(), "draw.pool"),
        (lambda c: c["pool"]["quotas"][0].update(least=0), "draw.pool"),
        (lambda c: c["pool"]["pool"][0]["attributes"].update(gender="女"), "draw.pool"),
        (lambda c: c["pool"]["pool"][0].pop("attributes"), "draw.form"),
    ],
)
def test_s3_a_changed_panel_quota_or_pick_is_named(change: Callable[[dict[str, Any]], None], name: str) -> None:
    assert failures(proof_of()) == {}
    assert name in failures(proof_of(change))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 255))
def test_s3_any_changed_byte_of_a_proof_with_panels_is_found(at: int, flip: int) -> None:
    data = bytearray(PROVED)
    data[at % len(data)] ^= flip
    assert any(not f.holds for f in draw_proof.check(bytes(data), fast)[0])


def fast(public: bytes, message: bytes, signature: bytes) -> bool:
    return note.Verifier("k", public).verify(message, signature)


def give_everybody(panel: list[int]) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content["pool"]["panels"] = [panel for _ in content["pool"]["panels"]]

    return change


@pytest.mark.parametrize(
    ("change", "name", "says"),
    [
        (give_everybody(list(range(12))), "draw.panels", "the seats are"),
        (lambda c: give_everybody(c["pool"]["panels"][0])(c), "draw.chances", "stand in no panel"),
        (lambda c: c["pool"]["quotas"][0].update(least=9), "draw.panels", "not 9 to"),
        (lambda c: c["pool"]["quotas"].append(c["pool"]["quotas"][0]), "draw.panels", "stands twice"),
        (lambda c: c["pool"]["panels"][3].reverse(), "draw.panels", "is no ascending list"),
        (lambda c: c["pool"]["panels"][3].append(99), "draw.panels", "is no ascending list"),
        (lambda c: c["pool"].update(panels=[]), "draw.panels", "none was proposed"),
        (lambda c: c["pool"]["pool"][0]["attributes"].update(gender="无"), "draw.panels", "has no quota"),
    ],
)
def test_s3_an_office_that_freezes_bad_panels_is_found_by_the_verifier(
    change: Callable[[dict[str, Any]], None], name: str, says: str
) -> None:
    """Frozen, signed and drawn as if it were right: the file alone shows that it is not."""

    found = failures(proof_of(change, refreeze="none was proposed" not in says))
    assert says in found[name], found


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"panels": ()}, "panels"),
        ({"panels": (PANELS[0],)}, "panels"),  # somebody stands in none
        ({"panels": (*PANELS, PANELS[0][:-1])}, "panels[100]"),
        ({"panels": (*PANELS, (*PANELS[0][:-1], "ZZ99"))}, "panels[100]"),
        ({"panels": (*PANELS, (*PANELS[0][:-1], PANELS[0][0]))}, "panels[100]"),
        ({"quotas": ()}, "quotas"),
        ({"quotas": (*QUOTAS, QUOTAS[0])}, "quotas"),
        ({"quotas": (Quota("gender", "男", 5, 6), Quota("gender", "女", 6, 7), *QUOTAS[2:])}, "panels["),
        ({"quotas": (Quota("gender", "男", 5, 7),)}, "quotas.gender"),  # a value without a quota
        ({"quotas": (Quota("gender", "男", 16, 16), *QUOTAS[1:])}, "quotas.gender.男"),
        ({"quotas": (Quota("gender", "男", 7, 5), *QUOTAS[1:])}, "quotas.gender.男"),
        ({"quotas": (Quota("gender", "男", 1, 2), Quota("gender", "女", 1, 2), *QUOTAS[2:])}, "quotas.gender"),
        ({"people": [Candidate(p.id, p.stratum) for p in PEOPLE]}, "quotas.gender.男"),
    ],
)
def test_s3_the_freeze_refuses_panels_and_quotas_that_do_not_hold(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        frozen(**changes)
    assert refused.value.field.startswith(field), refused.value
    assert refused.value.remedy


def test_s3_without_crossing_quotas_no_attribute_of_anybody_is_published() -> None:
    content = parse(frozen(lottery=None).data)
    assert isinstance(content, dict)
    assert "panels" not in content and b"attributes" not in frozen(lottery=None).data
    assert all(set(entry) == {"id", "stratum"} for entry in content["pool"])  # type: ignore[union-attr,call-overload]
