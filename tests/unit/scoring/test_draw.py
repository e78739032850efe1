"""Protocol A: who is drawn, and that anybody can draw again."""

import json
import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain import alternates, draw, freezing, note, pool, proof
from services.scoring.domain.canon import canonical, digest, parse
from services.scoring.verify import draw_proof
from shared.errors import Refusal

ORDINARY = ("enterprise", "resident", "villager")
PROGRAM = Path(draw_proof.__file__)


# -- pool and seats ---------------------------------------------------------------------------------------------------


def test_sixty_seats_give_ordinary_people_forty_five_shared_by_pool_share():
    counts = {"enterprise": 24, "resident": 24, "villager": 36, "deputy": 20, "retired": 16}
    seats = pool.allot_seats(counts, 60, ORDINARY)
    assert sum(seats.values()) == 60
    assert sum(seats[s] for s in ORDINARY) == 45
    assert seats["villager"] == 19 and seats["enterprise"] == seats["resident"] == 13
    assert seats["deputy"] + seats["retired"] == 15


@given(
    st.dictionaries(st.sampled_from([*ORDINARY, "deputy", "cppcc", "retired"]), st.integers(1, 60), min_size=1),
    st.integers(1, 80),
)
def test_seats_always_sum_up_and_never_exceed_people_or_fall_below_the_ordinary_share(counts, total):
    try:
        seats = pool.allot_seats(counts, total, ORDINARY)
    except Refusal:
        ordinary = sum(n for s, n in counts.items() if s in ORDINARY)
        others = sum(counts.values()) - ordinary
        assert ordinary + others < total or ordinary < max(math.ceil(Fraction(3, 4) * total), total - others)
        return
    assert sum(seats.values()) == total
    assert all(0 <= seats[s] <= n for s, n in counts.items())
    assert 4 * sum(n for s, n in seats.items() if s in ORDINARY) >= 3 * total


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 50), min_size=1), st.data())
def test_largest_remainder_stays_within_one_of_the_exact_share(counts, data):
    total = sum(counts.values())
    seats = data.draw(st.integers(0, total))
    given_out = pool.largest_remainder(counts, seats)
    assert sum(given_out.values()) == seats
    assert all(abs(given_out[s] - Fraction(n * seats, total)) < 1 for s, n in counts.items())


def test_a_conflict_of_interest_is_left_out_before_the_draw():
    people = (pool.Candidate("A", "villager", conflicts=frozenset({"U1"})), pool.Candidate("B", "villager"))
    kept, gone = pool.eligible(people, ["U1", "U2"])
    assert [c.id for c in kept] == ["B"]
    assert gone == (pool.Excluded("A", "villager", "conflict"),)
    assert pool.eligible(people, ["U3"])[1] == ()


def test_the_pool_check_names_size_double_entries_unknown_strata_and_short_shares(people_of):
    shares = {
        "enterprise": Decimal("0.20"),
        "resident": Decimal("0.20"),
        "villager": Decimal("0.30"),
        "deputy": Decimal("0.3"),
    }

    def problems(counts, extra=()):
        found = pool.check_pool((*people_of(counts), *extra), least=100, most=120, shares=shares, ordinary=ORDINARY)
        return {p.field for p in found}

    assert problems({"enterprise": 20, "resident": 20, "villager": 30, "deputy": 30}) == set()
    assert problems({"enterprise": 20, "resident": 20, "villager": 30, "deputy": 29}) == {"pool.size"}
    assert problems({"enterprise": 19, "resident": 20, "villager": 31, "deputy": 30}) == {"pool.share.enterprise"}
    double = [pool.Candidate("EN001", "deputy"), pool.Candidate("Q1", "guest")]
    assert problems({"enterprise": 24, "resident": 24, "villager": 40, "deputy": 20}, double) == {
        "pool.id",
        "pool.stratum",
    }
    assert "pool.share.ordinary" in problems({"enterprise": 22, "resident": 22, "villager": 20, "deputy": 46})


def test_a_pool_that_cannot_fill_the_seats_is_refused_with_the_number():
    with pytest.raises(Refusal, match="45 of 60 seats are for ordinary people"):
        pool.allot_seats({"villager": 44, "deputy": 40}, 60, ORDINARY)
    with pytest.raises(Refusal, match="50 people"):
        pool.allot_seats({"villager": 44, "deputy": 6}, 60, ORDINARY)


# -- freeze and entropy -----------------------------------------------------------------------------------------------


def frozen_with(world, **changes):
    content = json.loads(world.frozen.data)
    values = {
        "meeting": "M-1",
        "rules_version": "1",
        "candidates": [pool.Candidate(e["id"], e["stratum"]) for e in content["pool"]],
        "excluded": (),
        "seats": content["seats"],
        "ordinary": ORDINARY,
        "least_ordinary": Decimal("0.75"),
        "public_entropy": freezing.PublicEntropy("彩票", FROZEN + timedelta(hours=4)),
        "witnesses": (freezing.Commitment("甲", freezing.commit(b"n" * 32, "v")),),
        "frozen_at": FROZEN,
    }
    return freezing.freeze(**(values | changes))


@pytest.fixture(autouse=True)
def _frozen_time(world):
    global FROZEN
    FROZEN = datetime.fromisoformat(json.loads(world.frozen.data)["frozen_at"])


def test_the_freeze_refuses_what_could_be_steered_later(world):
    twice = [pool.Candidate("A", "villager"), pool.Candidate("A", "villager")]
    for changes, field in (
        ({"candidates": twice, "seats": {"villager": 1}}, "pool.id"),
        ({"seats": {"villager": 5, "deputy": 5}}, "seats"),
        ({"seats": {"villager": 500}}, "seats.villager"),
        ({"public_entropy": freezing.PublicEntropy("彩票", FROZEN)}, "public_entropy.cut_off"),
        ({"witnesses": ()}, "witnesses"),
        ({"witnesses": (freezing.Commitment("甲", "a" * 64), freezing.Commitment("甲", "b" * 64))}, "witnesses"),
        ({"witnesses": (freezing.Commitment("甲", "xyz"),)}, "witnesses.甲"),
        ({"least_dice": 5}, "dice"),
    ):
        with pytest.raises(Refusal) as refused:
            frozen_with(world, **changes)
        assert refused.value.field == field
    assert frozen_with(world).hash != world.frozen.hash


def test_the_pool_file_does_not_depend_on_the_order_of_registration(world):
    people = [pool.Candidate(e["id"], e["stratum"]) for e in json.loads(world.frozen.data)["pool"]]
    assert frozen_with(world).data == frozen_with(world, candidates=people[::-1]).data


def test_a_commitment_holds_its_witness_to_nonce_and_value():
    nonce = bytes(range(32))
    committed = freezing.commit(nonce, "八")
    assert committed != freezing.commit(nonce, "九") != freezing.commit(nonce[::-1], "九")
    with pytest.raises(Refusal, match="32 bytes"):
        freezing.commit(nonce + "八".encode()[:1], "")  # the border between nonce and value cannot move


def test_a_witness_who_does_not_reveal_is_replaced_by_dice_on_record_never_dropped(world):
    record = json.loads(world.proof)["entropy"]["witnesses"][1]
    assert record == {"witness": "乙", "dice": [7] * 20, "reason": "未到场"}
    frozen = frozen_with(world)
    with pytest.raises(Refusal, match="does not fit the commitment"):
        draw.draw(frozen, public_value="1", dice=[1] * 20, witnesses=[draw.Reveal("甲", b"n" * 32, "w")])
    with pytest.raises(Refusal, match="each committed witness answers once"):
        draw.draw(frozen, public_value="1", dice=[1] * 20, witnesses=[])
    with pytest.raises(Refusal, match="no reason"):
        draw.draw(frozen, public_value="1", dice=[1] * 20, witnesses=[draw.ThrownFor("甲", (1,) * 20, "")])


@pytest.mark.parametrize("dice", [[1] * 19, [10] * 20, [-1] * 20, [True] * 20, []])
def test_fewer_than_twenty_dice_or_no_digits_are_refused(world, dice):
    with pytest.raises(Refusal, match="at least 20"):
        draw.draw(frozen_with(world), public_value="1", dice=dice, witnesses=[draw.Reveal("甲", b"n" * 32, "v")])


def test_every_single_input_changes_the_order(world):
    def order(frozen=None, public="3 1 7", dice=(1,) * 20, value="v"):
        frozen = frozen or frozen_with(world, witnesses=(freezing.Commitment("甲", freezing.commit(b"n" * 32, value)),))
        found = draw.draw(frozen, public_value=public, dice=dice, witnesses=[draw.Reveal("甲", b"n" * 32, value)])
        return found.strata

    base = order()
    assert order() == base
    others = [
        order(public="3 1 8"),
        order(dice=(1,) * 19 + (2,)),
        order(value="w"),
        order(frozen_with(world, meeting="M-2")),
    ]
    assert all(other != base for other in others)


# -- alternates ----------------------------------------------------------------------------------------------------


def test_refusals_are_filled_by_the_next_alternate_of_the_same_stratum_on_record(world):
    stratum = next(s for s in world.drawn.strata if len(s.alternates) >= 3)
    first, second = stratum.seated[:2]
    called, then, after = stratum.alternates[:3]
    invited = alternates.invited(world.drawn, {first: "出差", called: "生病", second: "拒绝"})
    assert [r.called for r in invited.replacements] == [called, then, after]
    assert [r.reason for r in invited.replacements] == ["出差", "生病", "拒绝"]
    assert set(invited.seated[stratum.stratum]) == {*stratum.seated[2:], then, after}
    with pytest.raises(Refusal):
        alternates.invited(world.drawn, {"nobody": "?"})


def test_a_seat_that_no_alternate_can_fill_is_counted_as_vacant(world):
    stratum = world.drawn.strata[0]
    invited = alternates.invited(world.drawn, dict.fromkeys(stratum.order[::-1], "x"))
    assert invited.seated[stratum.stratum] == () and invited.vacant > 0


def test_alternates_are_called_until_ordinary_people_are_seventy_percent(world):
    present = {i for s in world.drawn.strata for i in s.seated if s.stratum == "deputy"}
    ordinary = [i for s in world.drawn.strata for i in s.seated if s.stratum in ORDINARY]
    present |= set(ordinary[: len(present)])  # half of those present
    called = alternates.alternates_to_call(world.drawn, present, (), ORDINARY, Decimal("0.70"))
    assert called and all(world.drawn.stratum_of(i) in ORDINARY for i in called)

    def share(there):
        return pool.ordinary_share(Counter(world.drawn.stratum_of(i) for i in there), ORDINARY)

    assert share(present | set(called)) >= Fraction(7, 10) > share(present | set(called[:-1]))
    assert alternates.alternates_to_call(world.drawn, set(ordinary), (), ORDINARY, Decimal("0.70")) == ()


# -- the proof -----------------------------------------------------------------------------------------------------


def test_the_verifier_is_one_file_of_standard_library_and_runs_alone(world, tmp_path):
    written, program = tmp_path / "proof.json", tmp_path / "check.py"
    written.write_bytes(world.proof)
    program.write_bytes(PROGRAM.read_bytes())
    command = [sys.executable, "-I", "-S", str(program), str(written)]  # no site-packages, no project on the path
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env={"PYTHONUTF8": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written.write_bytes(world.proof.replace(b'"public_value":"3 1 7"', b'"public_value":"3 1 8"'))
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env={"PYTHONUTF8": "1"}
    )
    assert done.returncode == 1 and "seed" in done.stdout
    written.write_text("{}")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def resigned(world, change):
    """The proof with a change, signed again by the system: what an operator alone could do."""
    content = parse(world.proof)
    del content["note"]
    change(content)
    unsigned = proof.UnsignedProof(content)
    signed = note.assemble(unsigned.note_text, [world.signers["system"].sign(unsigned.note_text)])
    return canonical({**content, "note": signed})


def failures(data):
    return {f.name: f for f in draw_proof.check(data)[0] if not f.holds}


def swap_first_two(c):
    seated = c["strata"][0]["seated"]
    seated[0], seated[1] = seated[1], seated[0]


@pytest.mark.parametrize(
    ("change", "name", "record"),
    [
        (lambda c: c["entropy"].update(public_value="3 1 8"), "draw.seed", "seed"),
        (lambda c: c["entropy"]["dice"].__setitem__(0, (c["entropy"]["dice"][0] + 1) % 10), "draw.seed", "seed"),
        (lambda c: c["entropy"]["dice"].pop(), "draw.dice", "entropy.dice"),
        (lambda c: c["entropy"]["witnesses"][0].update(value="甲的别的数"), "draw.witnesses", "entropy.witnesses[0]"),
        (lambda c: c["entropy"]["witnesses"][0].update(nonce="0" * 64), "draw.witnesses", "entropy.witnesses[0]"),
        (lambda c: c["entropy"]["witnesses"].pop(), "draw.witnesses", "entropy.witnesses"),
        (lambda c: c["entropy"]["witnesses"][1]["dice"].__setitem__(3, 1), "draw.seed", "seed"),
        (lambda c: c["entropy"]["witnesses"][1].update(reason=""), "draw.witnesses", "entropy.witnesses[1]"),
        (lambda c: c.update(seed="0" * 64), "draw.seed", "seed"),
        (swap_first_two, "draw.order", "strata.deputy, place 1"),
        (lambda c: c["pool"]["pool"][0].update(id="ZZ999"), "draw.pool", "pool_hash"),
        (lambda c: c["pool"]["pool"].pop(), "draw.pool", "pool_hash"),
        (lambda c: c["pool"]["excluded"].pop(), "draw.pool", "pool_hash"),
        (lambda c: c["pool"]["seats"].update(deputy=0), "draw.pool", "pool_hash"),
        (lambda c: c["pool"].update(frozen_at="2026-06-30T09:00:00+00:00"), "draw.freeze", "pool.frozen_at"),
        (lambda c: c["pool"]["ordinary"].update(least="0.10"), "draw.seats", "pool.ordinary.least"),
        (lambda c: c["pool"].update(least_dice=0), "draw.pool", "pool_hash"),
        (lambda c: c["keys"].pop(0), "draw.freeze", "freeze_note, signature 1"),
    ],
)
def test_a_changed_input_is_named_even_when_the_operator_signs_again(world, change, name, record):
    assert failures(resigned(world, lambda _: None)) == {}
    found = failures(resigned(world, change))
    assert name in found and found[name].record == record


def test_a_proof_that_only_a_witness_signed_does_not_hold(world):
    content = parse(world.proof)
    del content["note"]
    text = proof.UnsignedProof(content).note_text
    found = failures(canonical({**content, "note": world.sign(text, "witness-1")}))
    assert set(found) == {"draw.signatures"} and "system's signature is missing" in found["draw.signatures"].says


def test_the_operator_cannot_redraw_with_another_pool_because_the_freeze_was_signed_before(world):
    def another_pool(content):
        content["pool"]["pool"].pop()
        content["pool_hash"] = digest(canonical(content["pool"]))

    assert "draw.freeze" in failures(resigned(world, another_pool))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 255))
def test_any_changed_byte_of_a_proof_is_found(world, at, flip):
    data = bytearray(world.proof)
    data[at % len(data)] ^= flip
    assert draw_proof.is_ours(bytes(data))
    assert any(not f.holds for f in draw_proof.check(bytes(data), draw_proof_fast)[0])


def draw_proof_fast(public, message, signature):
    return note.Verifier("k", public).verify(message, signature)


def test_the_proof_carries_no_signature_it_cannot_check(world):
    unsigned = proof.unsigned_proof(world.frozen, parse(world.proof)["freeze_note"], world.drawn, world.keys)
    with pytest.raises(Refusal, match="system's signature is missing"):
        proof.sign_proof(unsigned, world.sign(unsigned.note_text, "witness-1"), world.keys)
    with pytest.raises(Refusal, match="another proof"):
        proof.sign_proof(unsigned, world.sign("minping/draw/proof\nM-1\n00\n", "system"), world.keys)
    with pytest.raises(Refusal, match="another pool file"):
        proof.unsigned_proof(frozen_with(world), parse(world.proof)["freeze_note"], world.drawn, world.keys)
    with pytest.raises(Refusal):
        proof.unsigned_proof(
            world.frozen, parse(world.proof)["freeze_note"], replace(world.drawn, pool_hash="0"), world.keys
        )
