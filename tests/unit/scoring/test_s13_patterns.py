"""What is unusual among online evaluations (S13): devices nobody can name, strings that chance does not make."""

import random

import pytest

from services.scoring.domain.evaluation import Form
from services.scoring.domain.evaluation_patterns import Kind, Seen, device_key, device_text, told, unlikely

SALT = b"s" * 32
FORM = Form(("a", "b", "c"), ("good", "fair", "bad"), "unknown")


def test_s13_a_device_is_its_network_and_its_browser() -> None:
    phone = device_text("203.0.113.7", "Phone")
    assert phone == device_text("203.0.113.7", "Phone")
    assert len({phone, device_text("203.0.113.8", "Phone"), device_text("203.0.113.7", "Tablet")}) == 3
    assert device_text("2001:db8:1:2::5", "P") == device_text("2001:db8:1:2:aaaa::9", "P"), "an address of the day"
    assert device_text("2001:db8:1:2::5", "P") != device_text("2001:db8:1:3::5", "P")
    assert device_text("::ffff:203.0.113.7", "P") != device_text("::ffff:203.0.113.8", "P")
    assert device_text("fe80::1%eth0", "P") == device_text("fe80::2", "P")
    assert device_text("", "P") == device_text("", "P")
    assert len(device_text("203.0.113.7", "x" * 10_000)) < 400


def test_s13_a_devices_key_tells_nothing_without_the_salt_and_differs_from_unit_to_unit() -> None:
    device = device_text("203.0.113.7", "Phone")
    key = device_key(SALT, "u01", device)
    assert key == device_key(SALT, "u01", device) and len(key) == 16
    assert len({key, device_key(SALT, "u02", device), device_key(b"t" * 32, "u01", device)}) == 3
    assert device_key(SALT, "u01", "\udcff")  # half a character in a header


@pytest.mark.parametrize(
    ("run", "others", "alike", "flagged"),
    [
        (30, 200, 20, True),  # thirty times the same, which else one in ten says
        (30, 1_000, 950, False),  # everybody is satisfied: 0.95³⁰ × 1,000 is 215 such strings
        (400, 1_000, 950, True),
        (30, 0, 0, False),  # nothing is known of the unit so far
        (100, 0, 0, False),
        (500, 0, 0, True),
        (500, 100_000, 100_000, False),  # always the same: never unusual
    ],
)
def test_s13_a_string_is_unusual_only_where_chance_hardly_makes_it(
    run: int, others: int, alike: int, flagged: bool
) -> None:
    assert unlikely(run, others, alike) is flagged


@pytest.mark.parametrize(("low", "high"), [(0.3, 0.98), (0.9, 0.995)])
def test_s13_honest_units_are_hardly_ever_flagged_for_strings(low: float, high: float) -> None:
    chance, flagged, units = random.Random(13), 0, 300
    for _ in range(units):
        share, run, alike = chance.uniform(low, high), 0, 0
        seen = False
        for n in range(500):
            same = chance.random() < share
            run = run + 1 if same else 0
            alike += same
            seen = seen or (run >= 30 and unlikely(run, n + 1 - run, alike - run))
        flagged += seen
    assert flagged <= 0.01 * units


def test_s13_how_many_give_the_same_answers_is_bounded_by_the_rarest_of_them() -> None:
    given = [{"a": "good", "b": "bad"}] * 7 + [{"a": "good", "b": "good"}] * 5 + [{"c": "fair"}]
    counts = sum(FORM.weight(FORM.packed(one)) for one in given)
    packed = FORM.packed({"a": "good", "b": "bad"})
    assert FORM.alike(packed, counts) == 7
    assert FORM.unpacked(packed) == {"a": "good", "b": "bad", "c": "unknown"}


def test_s13_a_flag_has_one_number_whenever_it_is_seen_and_says_why_in_both_languages() -> None:
    seen = Seen(("2026-H1", "u01", "户籍", 1), Kind.BURST, "2026-03-05")
    assert seen.number == Seen(("2026-H1", "u01", "户籍", 1), Kind.BURST, "2026-03-05").number < 2**53
    others = [
        Seen(("2026-H2", "u01", "户籍", 1), Kind.BURST, "2026-03-05"),
        Seen(("2026-H1", "u01", "", 1), Kind.BURST, "2026-03-05"),
        Seen(("2026-H1", "u01", "户籍", 1), Kind.STRING, "2026-03-05"),
        Seen(("2026-H1", "u01", "户籍", 1), Kind.BURST, "2026-03-06"),
    ]
    assert len({seen.number, *(one.number for one in others)}) == 5
    for kind in Kind:
        zh, en = told(kind, 12, 42, 30)
        assert all(figure in zh and figure in en for figure in ("12", "42", "30"))
