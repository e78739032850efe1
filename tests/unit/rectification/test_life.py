"""Random lives of a case: whatever people try in whatever order, the invariants hold (R1, R3–R6)."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.rectification.domain import facts
from services.rectification.domain.case import WITH_THE_UNIT, Petitioner, Signature, State
from services.rectification.domain.closing import close, dispute, send_back
from services.rectification.domain.deadline import Deadline, fire, next_step, steps
from services.rectification.domain.escalation import OF_THE_UNIT, Kind
from services.rectification.domain.facts import Decision
from services.rectification.domain.handling import accept, open_case, solve
from services.rectification.domain.petitioners import answer, link, unlink
from services.rectification.domain.rules import Rules
from shared.errors import NotYet, Refusal
from shared.programme.loader import load
from tests.unit.rectification.world import OFFICER, World, card, claim, graded, local, report

RULES = Rules.of(load("window-units"))
NUMBERS = tuple(f"2026-{n:06d}" for n in range(1, 6))
GRADES = tuple(g.key for g in RULES.programme.callback.grades)
SATISFIED = tuple(g for g in GRADES if not RULES.is_bad(g))


class Life(RuleBasedStateMachine):
    """One case from its opening on; time only moves forward here, links may be dated ahead."""

    @initialize(can_be_called=st.booleans())
    def opened(self, can_be_called: bool) -> None:
        self.now: datetime = local("2026-03-02 10:00")
        self.running: list[Deadline] = []
        self.ended: list[Deadline] = []
        self.refused = 0
        decision = open_case(RULES, card(), self.now, can_be_called=can_be_called)
        self.world = World(RULES, decision)
        self.run_deadlines(decision)
        self.original = self.world.case.original

    def run_deadlines(self, decision: Decision) -> None:
        self.ended += [d for d in self.running if d.kind in decision.ends]
        self.running = [d for d in self.running if d.kind not in decision.ends]
        self.running += decision.begins

    def attempt(self, decide: object) -> None:
        try:
            decision = decide()  # type: ignore[operator]
        except (Refusal, NotYet):
            self.refused += 1
            return
        self.world.take(decision)
        self.run_deadlines(decision)

    @rule(hours=st.integers(0, 24 * 30))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for i, deadline in enumerate(self.running):
            while (step := next_step(RULES, deadline, assigned=False)) and step.at <= self.now:
                assert step.name not in deadline.fired
                deadline = fire(deadline, step)
            self.running[i] = deadline

    @rule()
    def accepted(self) -> None:
        self.attempt(lambda: accept(self.world.case, self.now, "handler-a"))

    @rule()
    def solved(self) -> None:
        self.attempt(lambda: solve(RULES, self.world.case, self.world.petitioners, report(self.now)))

    @rule(number=st.sampled_from(NUMBERS), grade=st.sampled_from(GRADES), back=st.integers(0, 1))
    def answered(self, number: str, grade: str, back: int) -> None:
        given = graded(number, grade, max(1, self.world.case.round - back))
        self.attempt(lambda: answer(RULES, self.world.case, self.world.petitioners, given, self.now))

    @rule()
    def everybody_is_satisfied(self) -> None:
        for number in NUMBERS:
            given = graded(number, "satisfied", max(1, self.world.case.round))
            self.attempt(lambda g=given: answer(RULES, self.world.case, self.world.petitioners, g, self.now))

    @rule(outcome=st.sampled_from([None, "solved", "solved_unconfirmed", "unfounded"]))
    def closed(self, outcome: str | None) -> None:
        asserted = claim(outcome=outcome)
        self.attempt(lambda: close(RULES, self.world.case, self.world.petitioners, asserted, OFFICER, self.now))

    @rule()
    def sent_back(self) -> None:
        self.attempt(lambda: send_back(RULES, self.world.case, ("不实",), OFFICER, self.now))

    @rule()
    def disputed(self) -> None:
        leader = Signature("leader-1")
        self.attempt(lambda: dispute(RULES, self.world.case, self.world.petitioners, "理由", leader, self.now))

    @rule(number=st.sampled_from(NUMBERS[1:]), ahead=st.integers(0, 48), can_be_called=st.booleans())
    def linked(self, number: str, ahead: int, can_be_called: bool) -> None:
        newcomer = Petitioner(number, self.now + timedelta(hours=ahead), can_be_called)
        self.attempt(lambda: link(RULES, self.world.case, self.world.petitioners, newcomer, "exact"))

    @rule(number=st.sampled_from(NUMBERS))
    def unlinked(self, number: str) -> None:
        self.attempt(lambda: unlink(self.world.case, self.world.petitioners, number, "另一件事", self.now))

    @invariant()
    def no_edit_moves_the_date(self) -> None:
        assert self.world.case.original == self.original
        if self.world.case.run == 1:
            assert self.world.case.span == self.original

    @invariant()
    def the_units_clock_runs_only_while_the_unit_has_the_case(self) -> None:
        of_unit = [d for d in self.running if d.kind in OF_THE_UNIT]
        assert bool(of_unit) == (self.world.case.state in WITH_THE_UNIT)
        assert len({(d.kind, d.unit, d.ref) for d in self.running}) == len(self.running)

    @invariant()
    def the_callback_runs_only_while_the_case_waits_for_it(self) -> None:
        if any(d.kind is Kind.CALLBACK for d in self.running):
            assert self.world.case.state is State.SOLVED

    @invariant()
    def nothing_closes_as_solved_without_a_yes(self) -> None:
        for fact in self.world.facts:
            if isinstance(fact, facts.Closed) and fact.closing.outcome != "disputed":
                assert not RULES.bad_among(fact.closing.grades)
                assert bool(fact.closing.grades) or fact.closing.outcome != "solved"

    @invariant()
    def a_solution_stands_in_the_first_run_or_none_does(self) -> None:
        case = self.world.case
        if case.run == 1:
            assert (case.decisive_at is not None) == (case.state in (State.SOLVED, State.CLOSED))
        else:
            assert case.decisive_at is not None

    @invariant()
    def figures_follow_from_the_facts(self) -> None:
        case = self.world.case
        counted = [type(f) for f in self.world.facts]
        assert case.round == counted.count(facts.Solved)
        assert case.times_closed == sum(isinstance(f, facts.Closed) and not f.again for f in self.world.facts)
        undone = sum(isinstance(f, facts.Closed) and f.again for f in self.world.facts)
        assert case.run == 1 + counted.count(facts.Reopened) - undone
        is_open = counted.count(facts.Closed) == counted.count(facts.Reopened)
        assert is_open == (case.state is not State.CLOSED)

    @invariant()
    def no_deadline_fired_a_step_twice_or_one_it_does_not_have(self) -> None:
        for deadline in (*self.running, *self.ended):
            assert len(set(deadline.fired)) == len(deadline.fired)
            assert set(deadline.fired) <= {s.name for s in steps(RULES, deadline, assigned=False)}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
