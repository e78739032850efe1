"""The daily score (S8)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.points import (
    Evidence,
    Fact,
    Line,
    daily_score,
    facts_of_closing,
    upheld,
    with_fact,
)

POINTS = {"misconduct_verified": Decimal(-1), "late": Decimal(-1), "no_result": Decimal(-3)}
START = datetime(2026, 1, 1, tzinfo=UTC)
CYCLES = ("2026-H1", "2026-H2")


def book(facts: list[Fact]) -> dict[str, Line]:
    lines: dict[str, Line] = {}
    for fact in facts:
        lines[fact.line] = with_fact(lines.get(fact.line), fact, POINTS[fact.rule])
    return lines


def score(lines: dict[str, Line], unit: str = "u1", cycle: str = "2026-H1") -> Decimal:
    earlier = CYCLES[: CYCLES.index(cycle)]
    found = daily_score(
        unit, cycle, lines.values(), start=Decimal(100), floor=Decimal(0),
        most_per_case=Decimal(5), earlier=earlier,
    )  # fmt: skip
    return found.score


def fact(rule: str, case: str = "2026-000001", cycle: str = "2026-H1", event: str = "e1", unit: str = "u1") -> Fact:
    return Fact(unit, cycle, case, rule, Evidence(START, event))  # type: ignore[arg-type]  # rules come as text


def test_a_mere_complaint_costs_nothing() -> None:
    evidence = Evidence(START, "e1")
    assert not facts_of_closing(unit="u1", cycle="2026-H1", case="c", late=False, misconduct=False, evidence=evidence)
    assert score({}) == 100


def test_late_and_misconduct_cost_one_each_and_no_result_three() -> None:
    both = facts_of_closing(
        unit="u1", cycle="2026-H1", case="c", late=True, misconduct=True, evidence=Evidence(START, "e1")
    )
    assert score(book(list(both))) == 98
    assert score(book([fact("no_result")])) == 97


def test_closed_late_reopened_and_closed_late_again_pays_once_in_a_cycle() -> None:
    lines = book([fact("late", event="first"), fact("late", event="second")])
    assert len(lines) == 1
    assert score(lines) == 99
    assert [e.event for e in next(iter(lines.values())).evidence] == ["first", "second"]


def test_a_case_costs_at_most_five_in_all_its_life_and_the_cut_is_shown() -> None:
    h1 = [fact("late"), fact("misconduct_verified"), fact("no_result")]
    h2 = [fact("no_result", cycle="2026-H2", event="e2")]
    lines = book(h1 + h2)
    assert score(lines) == 95
    assert score(lines, cycle="2026-H2") == 100
    other = daily_score(
        "u1", "2026-H2", lines.values(), start=Decimal(100), floor=Decimal(0),
        most_per_case=Decimal(4), earlier=["2026-H1"],
    )  # fmt: skip
    assert [(c.points, c.cut) for c in other.charges] == [(Decimal(0), Decimal(3))]


def test_the_score_never_falls_below_the_floor() -> None:
    assert score(book([fact("no_result", case=f"c{i}") for i in range(40)])) == 0


def test_the_unit_that_pays_is_the_one_the_fact_names() -> None:
    lines = book([fact("late", unit="u2")])
    assert score(lines, "u1") == 100
    assert score(lines, "u2") == 99


def test_an_upheld_appeal_restores_and_keeps_the_trace() -> None:
    line = with_fact(None, fact("late"), Decimal(-1))
    after = upheld(line, ["e1"])
    assert score({after.id: after}) == 100
    assert after.evidence == line.evidence


def test_evidence_that_comes_after_an_upheld_appeal_stands_by_itself() -> None:
    line = upheld(with_fact(None, fact("late"), Decimal(-1)), ["e1"])
    again = with_fact(line, fact("late", event="e2"), Decimal(-1))
    assert score({again.id: again}) == 99


facts = st.builds(
    lambda unit, cycle, case, rule, event: Fact(
        unit, cycle, case, rule, Evidence(START + timedelta(days=int(event[1:])), event)
    ),
    st.sampled_from(["u1", "u2"]),
    st.sampled_from(CYCLES),
    st.sampled_from(["c1", "c2", "c3"]),
    st.sampled_from(sorted(POINTS)),
    st.integers(0, 9).map(lambda n: f"e{n}"),
)


@given(st.lists(facts), st.randoms(use_true_random=False), st.data())
def test_the_figure_depends_on_nothing_but_the_set_of_facts(
    found: list[Fact], random: object, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(found))
    doubled = shuffled + data.draw(st.lists(st.sampled_from(found))) if found else []
    one, other = book(list(dict.fromkeys(found))), book(doubled)
    assert one == other
    for unit in ("u1", "u2"):
        for cycle in CYCLES:
            assert score(one, unit, cycle) == score(other, unit, cycle)
            assert 0 <= score(one, unit, cycle) <= 100


@given(st.lists(facts))
def test_a_case_never_costs_a_unit_more_than_five(found: list[Fact]) -> None:
    lines = book(found)
    lost = sum(100 - score(lines, "u1", cycle) for cycle in CYCLES)
    assert lost <= 5 * len({f.case for f in found if f.unit == "u1"})
