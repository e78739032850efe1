"""Laws of the score: what may never depend on order, repetition or on who computes it again (S8, S9, S10)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.composite import PartScore, composite
from services.scoring.domain.doubt import Doubt, Doubts
from services.scoring.domain.figures import published
from services.scoring.domain.points import DailyScore, Evidence, Fact, Line, daily_score, upheld, with_fact
from services.scoring.domain.ranking import Candidate, rank
from services.scoring.domain.result import Numbers, Row, UnitInput, ranking_bytes, rows

POINTS = {"misconduct_verified": "-1", "late": "-0.5", "no_result": "-3", "commitment_broken": "-3"}
START = datetime(2026, 1, 1, tzinfo=UTC)
CYCLES = ("2025-H2", "2026-H1")
NUMBERS = Numbers((("daily", Decimal(20)), ("concentrated", Decimal(80))), 30, 3, Decimal(100), Decimal(0), Decimal(5))

Book = dict[str, Line]
Deed = Callable[[Book], None]

facts = st.builds(
    lambda unit, cycle, case, rule, event: Fact(
        unit, cycle, case, rule, Evidence(START + timedelta(days=int(event[1:])), event)
    ),
    st.sampled_from(["u1", "u2"]),
    st.sampled_from(CYCLES),
    st.sampled_from(["", "c1", "c2"]),
    st.sampled_from(sorted(POINTS)),
    st.integers(0, 5).map(lambda n: f"e{n}"),
)
shares = st.fractions(0, 100, max_denominator=10**6)
scores = st.none() | st.integers(0, 10000).map(lambda n: Decimal(n).scaleb(-2))
candidates = st.lists(
    st.builds(
        Candidate,
        unit=st.integers(0, 99).map("u{:02}".format),
        scope=st.sampled_from("ab"),
        category=st.sampled_from(["window", "enforcement"]),
        composite=scores,
        ratings=st.integers(28, 32),
        canvassing=st.booleans(),
    ),
    max_size=14,
    unique_by=lambda c: c.unit,
)


def book(found: list[Fact]) -> Book:
    lines: Book = {}
    for fact in found:
        lines[fact.line] = with_fact(lines.get(fact.line), fact, Decimal(POINTS[fact.rule]))
    return lines


def figures(lines: Book) -> list[tuple[str, str, str]]:
    """Every daily score, as text: to the last digit."""
    return [
        (unit, cycle, str(_daily(unit, lines, cycle).score)) for unit in ("u1", "u2") for cycle in CYCLES
    ]  # fmt: skip


def _daily(unit: str, lines: Book, cycle: str = CYCLES[1], turned: int = 1) -> DailyScore:
    return daily_score(
        unit, cycle, list(lines.values())[::turned], start=NUMBERS.start, floor=NUMBERS.floor,
        most_per_case=NUMBERS.most_per_case, earlier=CYCLES[: CYCLES.index(cycle)],
    )  # fmt: skip


@given(st.lists(facts, min_size=1, max_size=20), st.data())
def test_s8_points_do_not_depend_on_the_order_and_repetition_of_events_and_rulings(
    found: list[Fact], data: st.DataObject
) -> None:
    """A ruling follows the fact that it is about, as nobody appeals a line that is not there; else all is free."""
    ruled = set(data.draw(st.lists(st.sampled_from(found), max_size=8)))
    straight = book(found)
    for fact in ruled:
        straight[fact.line] = upheld(straight[fact.line], [fact.evidence.event])

    shuffled = data.draw(st.permutations(found + data.draw(st.lists(st.sampled_from(found), max_size=10))))
    lines: Book = {}
    waiting = [*ruled, *ruled]
    for fact in shuffled:
        lines[fact.line] = with_fact(lines.get(fact.line), fact, Decimal(POINTS[fact.rule]))
        now = [r for r in waiting if r.line in lines and (r == fact or data.draw(st.booleans()))]
        for ruling in now:
            waiting.remove(ruling)
            lines[ruling.line] = upheld(lines[ruling.line], [ruling.evidence.event])
    for ruling in waiting:
        lines[ruling.line] = upheld(lines[ruling.line], [ruling.evidence.event])

    assert lines == straight
    assert figures(lines) == figures(straight)


@given(st.lists(facts, max_size=20), facts)
def test_s8_one_more_fact_never_raises_a_score_and_an_upheld_appeal_never_lowers_it(
    found: list[Fact], more: Fact
) -> None:
    before, after = book(found), book([*found, more])
    assert _daily(more.unit, after, more.cycle).score <= _daily(more.unit, before, more.cycle).score
    restored = {**after, more.line: upheld(after[more.line], [more.evidence.event])}
    assert _daily(more.unit, restored, more.cycle).score >= _daily(more.unit, after, more.cycle).score


@given(st.lists(facts, max_size=20))
def test_s8_a_score_is_exactly_its_start_less_what_its_cases_cost(found: list[Fact]) -> None:
    daily = _daily("u1", book(found))
    assert daily.score == max(NUMBERS.floor, daily.start - sum((c.points for c in daily.charges), Decimal(0)))
    assert daily == _daily("u1", book(found), turned=-1)


@given(st.lists(shares, min_size=2, max_size=7), st.data())
def test_s9_the_composite_never_falls_when_a_part_rises(values: list[Fraction], data: st.DataObject) -> None:
    cuts = sorted(
        data.draw(st.lists(st.integers(1, 99), min_size=len(values) - 1, max_size=len(values) - 1, unique=True))
    )
    weights = [b - a for a, b in pairwise([0, *cuts, 100])]
    which = data.draw(st.integers(0, len(values) - 1))
    raised = data.draw(st.fractions(values[which], 100, max_denominator=10**6))

    def score(part: Fraction) -> Decimal:
        given_parts = [*values[:which], part, *values[which + 1 :]]
        found = composite(
            "u", [PartScore(f"p{i}", Decimal(w), v) for i, (w, v) in enumerate(zip(weights, given_parts, strict=True))]
        )
        assert found.score is not None
        return found.score

    assert score(values[which]) <= score(raised)


@given(st.lists(shares, min_size=3, max_size=3), st.permutations([0, 1, 2]))
def test_s9_the_composite_does_not_depend_on_the_order_of_its_parts(values: list[Fraction], order: list[int]) -> None:
    parts = [PartScore(f"p{i}", Decimal(w), v) for i, (w, v) in enumerate(zip((20, 30, 50), values, strict=True))]
    assert composite("u", [parts[i] for i in order]).score == composite("u", parts).score


@given(candidates, st.data())
def test_s10_ranks_do_not_depend_on_the_order_of_units(found: list[Candidate], data: st.DataObject) -> None:
    def ranks(units: list[Candidate]) -> object:
        return rank(units, least_ratings=30, least_units_for_last=3)

    assert ranks(found) == ranks(data.draw(st.permutations(found)))


@given(candidates)
def test_s10_a_better_composite_is_never_ranked_behind_a_worse_one_of_its_scope(found: list[Candidate]) -> None:
    ranked = [s for s in rank(found, least_ratings=30, least_units_for_last=3) if s.merit_rank is not None]
    for a in ranked:
        for b in ranked:
            if a.scope == b.scope and a.composite is not None and b.composite is not None:
                assert (a.composite > b.composite) == ((a.merit_rank or 0) < (b.merit_rank or 0))
                assert (a.composite == b.composite) == (a.merit_rank == b.merit_rank)


@given(st.lists(facts, max_size=12), st.lists(shares, min_size=4, max_size=4), st.data())
def test_s10_a_result_computed_again_is_the_same_to_the_last_digit(
    found: list[Fact], votes: list[Fraction], data: st.DataObject
) -> None:
    """From the same facts and counts, taken in any order: byte for byte the same ranking."""
    lines = book(found)
    again = book(data.draw(st.permutations(found)))
    doubts = [Doubts("m1", "00", 1, "0.95", (Doubt("s", ("u1", "u2", "u3", "u4"), 3.0, (1.0,) * 6),))]

    def result(book_: Book, order: list[int]) -> tuple[Row, ...]:
        inputs = []
        for i in order:
            unit = f"u{i + 1}"
            own = tuple(line for line in book_.values() if line.unit == unit)
            inputs.append(UnitInput(unit, unit, "window", "s", _daily(unit, book_), own, "m1", votes[i], 60))
        return rows(inputs, doubts, NUMBERS)

    one = result(lines, [0, 1, 2, 3])
    assert ranking_bytes(one) == ranking_bytes(result(again, data.draw(st.permutations([0, 1, 2, 3]))))
    for row in one:
        exact = (20 * Fraction(row.given.daily.score) + 80 * votes[int(row.given.unit[1:]) - 1]) / 100
        assert row.composite.score == published(exact)
