"""What enters the daily score besides deductions (S8): bonus rules, service volume, a questionnaire's share."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.canon import Malformed, canonical, parse_canonical
from services.scoring.domain.figures import rounded
from services.scoring.domain.ledger import BonusRule, Ledger, Services, Settled, SurveyRule, VolumeRule, settle
from services.scoring.domain.ledger_print import ledger_from, ledger_problems, rules_json, settled_json
from services.scoring.domain.parts import PartValue
from services.scoring.domain.points import BONUS, Evidence, Fact, Line, Rule, daily_score, upheld, with_fact

D = Decimal
POINTS: dict[Rule, Decimal] = {
    "late": D("-1"), "no_result": D("-3"), "obligation_missed": D("-1"), "good_practice": D("1"),
    "self_correction": D("0.5"), "commendation": D("2"),
}  # fmt: skip
CYCLES = ("2025-H2", "2026-H1")
START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = (BonusRule("good_practice", D(1), D(2)), BonusRule("self_correction", D("0.5")))
LEDGER = Ledger(RULES, D(100), VolumeRule(1000, 200, 2, "half_up", ("obligation_missed",)))

facts = st.builds(
    lambda cycle, case, rule, event: Fact(
        "u", cycle, f"duty:{case}" if rule == "obligation_missed" else case, rule,
        Evidence(START + timedelta(days=event), f"e{event}"),
    ),
    st.sampled_from(CYCLES), st.sampled_from(["c1", "c2", "c3", "c4"]), st.sampled_from(sorted(POINTS)),
    st.integers(0, 5),
)  # fmt: skip


def book(found: list[Fact]) -> list[Line]:
    lines: dict[str, Line] = {}
    for fact in found:
        lines[fact.line] = with_fact(lines.get(fact.line), fact, POINTS[fact.rule])
    return [lines[key] for key in sorted(lines)]


def settled(lines: list[Line], ledger: Ledger = LEDGER, services: int | None = 1000, **more: PartValue) -> Settled:
    deductions = daily_score("u", "2026-H1", lines, start=D(100), floor=D(0), most_per_case=D(5), earlier=["2025-H2"])
    given_services = None if services is None else Services(services, {"document": "统计表"})
    return settle(deductions, lines, ledger, floor=D(0), services=given_services, earlier=["2025-H2"], **more)


def fact(rule: Rule, case: str = "c1", cycle: str = "2026-H1") -> Fact:
    return Fact("u", cycle, case, rule, Evidence(START, f"{rule}-{case}"))


def test_s8_a_bonus_never_lessens_what_a_case_costs_nor_the_other_way_round() -> None:
    found = settled(book([fact("late"), fact("self_correction")]))
    assert found.deductions.score == 99 and found.score == D("99.5")
    assert [(g.rule, g.case, g.points) for g in found.grants] == [("self_correction", "c1", D("0.5"))]


def test_s8_a_case_brings_its_bonus_once_in_all_its_life() -> None:
    found = settled(book([fact("self_correction", cycle="2025-H2"), fact("self_correction")]))
    assert [(g.points, g.cut) for g in found.grants] == [(0, D("0.5"))]
    assert found.score == 100


def test_s8_a_rule_that_the_programme_does_not_have_brings_nothing() -> None:
    assert settled(book([fact("commendation")])).grants == ()


@pytest.mark.parametrize(("how", "right"), [("half_up", "0.13"), ("half_even", "0.12"), ("down", "0.12")])
def test_s8_the_rounding_of_a_normalised_deduction_is_the_one_named(how: str, right: str) -> None:
    assert rounded(Fraction(1, 8), 2, how) == D(right)
    assert rounded(Fraction(27, 200), 2, how) == D("0.13" if how == "down" else "0.14")


def test_s8_a_volume_below_the_least_counts_as_the_least_and_without_one_there_is_no_score() -> None:
    lines = book([fact("late"), fact("no_result", "c2")])
    assert settled(lines, services=50).score == settled(lines, services=200).score == 80
    assert settled(lines, services=8000).score == D("99.5")
    nothing = settled(lines, services=None)
    assert (nothing.score, nothing.missing) == (96, "no service volume was entered and confirmed")


def test_s8_a_questionnaire_makes_up_its_share_of_the_daily_score_where_it_was_held() -> None:
    ledger = Ledger(survey=SurveyRule("service", D(20), 30))
    lines = book([fact("late")])
    assert settled(lines, ledger).score == 99
    held = settled(lines, ledger, survey=PartValue(Fraction(250, 3), None, "sum"))
    assert held.score == D("95.866") and held.reckoned is not None
    assert held.reckoned.entries[-1].sum == "80% × 99 + 20% × 83.33 = 95.866"
    few = settled(lines, ledger, survey=PartValue(None, "a sample of 3, at least 30 are needed"))
    assert few.missing == "service: a sample of 3, at least 30 are needed"


@given(st.lists(facts, max_size=14), st.data())
def test_s8_bonus_and_volume_do_not_depend_on_the_order_and_repetition_of_events(
    found: list[Fact], data: st.DataObject
) -> None:
    again = data.draw(
        st.permutations(found + data.draw(st.lists(st.sampled_from(found), max_size=5) if found else st.just([])))
    )
    assert settled_json(settled(book(again))) == settled_json(settled(book(found)))


@given(st.lists(facts, max_size=14), facts, st.integers(0, 5000))
def test_s8_one_more_bonus_never_lowers_and_one_more_deduction_never_raises_a_score(
    found: list[Fact], more: Fact, services: int
) -> None:
    before, after = settled(book(found), services=services), settled(book([*found, more]), services=services)
    assert 0 <= after.score <= 100
    if more.cycle == "2026-H1":
        assert after.score >= before.score if more.rule in BONUS else after.score <= before.score
        line = with_fact(None, more, POINTS[more.rule])
        gone = settled([upheld(line, [more.evidence.event])], services=services)
        assert gone.score == 100, "what was withdrawn or restored counts nothing"


@given(st.lists(facts, max_size=14), st.none() | st.integers(0, 5000))
def test_s8_every_score_follows_again_from_what_is_printed(found: list[Fact], services: int | None) -> None:
    made = settled(book(found), services=services)
    numbers = {"start": "100", "floor": "0", **rules_json(LEDGER)}
    row = {"daily": None if made.missing else str(made.score), "ledger": settled_json(made)}
    printed = parse_canonical(canonical(row))
    assert isinstance(printed, dict) and ledger_from(numbers) == LEDGER
    lines = {line.id: line.rule for line in book(found)}
    costs = [(c.points, frozenset(lines[key] for key in c.lines)) for c in made.deductions.charges]
    assert list(ledger_problems(printed, "u", numbers, costs)) == []
    assert list(ledger_problems({**printed, "daily": "12.5"}, "u", numbers, costs))


@pytest.mark.parametrize(
    "change", [{"rounding": "up"}, {"per": 0}, {"least": 0}, {"decimals": 9}, {"keeps": "late"}, {"per": "1000"}]
)
def test_s8_rules_of_a_ledger_that_no_programme_can_have_are_found(change: dict[str, object]) -> None:
    volume = {"per": 1000, "least": 200, "decimals": 2, "rounding": "half_up", "keeps": [], **change}
    with pytest.raises(Malformed):
        ledger_from({"volume": volume})  # type: ignore[dict-item]  # what a forger writes
