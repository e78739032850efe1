"""The life of a case: which steps are allowed, what closes, what comes back (R5, R6)."""

from dataclasses import replace

import pytest

from services.rectification.domain import facts
from services.rectification.domain.case import ALLOWED, GUARDS, STANDARDS, Action, Guard, Signature, State
from services.rectification.domain.closing import close, dispute, send_back
from services.rectification.domain.escalation import OF_THE_UNIT, Kind
from services.rectification.domain.handling import accept, open_case, solve
from services.rectification.domain.petitioners import answer, link, unlink
from services.rectification.domain.rules import Rules
from shared.errors import NotYet, Refusal
from tests.unit.rectification.world import OFFICER, Petitioner, World, card, claim, graded, local, report

NUMBER = "2026-000001"


def solved(world: World, at: str = "2026-03-20 16:00") -> None:
    world.take(solve(world.rules, world.case, world.petitioners, report(local(at))))


def closed(world: World, at: str = "2026-03-25 10:00", **changes: object) -> None:
    world.take(close(world.rules, world.case, world.petitioners, claim(**changes), OFFICER, local(at)))


def answered(world: World, grade: str, at: str = "2026-03-23 10:00", number: str = NUMBER) -> None:
    given = graded(number, grade, world.case.round)
    world.take(answer(world.rules, world.case, world.petitioners, given, local(at)))


def joined(world: World, number: str, at: str, *, can_be_called: bool = True) -> None:
    newcomer = Petitioner(number, local(at), can_be_called)
    world.take(link(world.rules, world.case, world.petitioners, newcomer, "exact"))


def refusal(call: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call()  # type: ignore[operator]
    return caught.value


def of(world: World, kind: type) -> list:  # type: ignore[type-arg]
    return [fact for fact in world.facts if isinstance(fact, kind)]


def test_a_case_opens_with_a_deadline_for_each_duty_from_the_approval(rules: Rules) -> None:
    decision = open_case(rules, card(), local("2026-03-02 10:00"), can_be_called=True)
    assert [(d.kind, d.due.isoformat()) for d in decision.begins] == [
        (Kind.SOLVE, "2026-03-23"),
        (Kind.ACCEPT, "2026-03-04"),
        (Kind.ACKNOWLEDGE, "2026-03-03"),
        (Kind.CONTRIBUTE, "2026-03-23"),
        (Kind.CONTRIBUTE, "2026-03-23"),
    ]
    assert decision.case.original == decision.case.span


@pytest.mark.parametrize(("track", "days", "due"), [("planned", 60, "2026-05-28"), ("explained", 10, "2026-03-16")])
def test_the_other_tracks_have_their_own_period(rules: Rules, track: str, days: int, due: str) -> None:
    decision = open_case(rules, card(track=track, days=days), local("2026-03-02 10:00"), can_be_called=True)
    assert decision.case.original.due.isoformat() == due


def test_what_the_state_forbids_is_refused_with_what_is_allowed(world: World) -> None:
    refused = refusal(lambda: closed(world))
    assert refused.status == 409
    assert refused.remedy == "allowed now: acknowledgement, acceptance, solution"
    assert world.case.state is State.OPENED


def test_every_state_leads_somewhere() -> None:
    assert set(ALLOWED) == set(State)
    assert all(ALLOWED.values())
    assert {action for steps in ALLOWED.values() for action in steps} == set(Action)


def test_a_solution_for_a_case_nobody_accepted_accepts_it(world: World) -> None:
    solved(world)
    (accepted,) = of(world, facts.Accepted)
    assert accepted.implied
    assert world.case.handler == "handler-a"
    assert world.case.state is State.SOLVED


def test_a_solution_ends_the_units_deadlines_and_asks_who_can_be_called(world: World) -> None:
    joined(world, "2026-000002", "2026-03-05 10:00")
    joined(world, "2026-000003", "2026-03-06 10:00", can_be_called=False)
    world.take(accept(world.case, local("2026-03-03 09:00"), "handler-a"))
    decision = world.take(solve(world.rules, world.case, world.petitioners, report(local("2026-03-20 16:00"))))
    assert decision.ends == frozenset(OF_THE_UNIT)
    (asked,) = of(world, facts.CallbackWanted)
    assert asked.complaints == (NUMBER, "2026-000002")
    assert asked.expires_at == local("2026-03-28 00:00")
    assert [d.kind for d in decision.begins] == [Kind.CALLBACK]


def test_nobody_to_call_gives_no_request(rules: Rules) -> None:
    world = World(rules, open_case(rules, card(), local("2026-03-02 10:00"), can_be_called=False))
    decision = world.take(solve(rules, world.case, world.petitioners, report(local("2026-03-05 10:00"))))
    assert decision.begins == ()
    assert of(world, facts.CallbackWanted) == []


@pytest.mark.parametrize(
    ("at", "late"),
    [
        ("2026-03-23 23:59", False),
        ("2026-03-24 00:00", True),  # 24:00 of the 15th day is over
    ],
)
def test_late_is_what_was_submitted_after_the_due_day(world: World, at: str, late: bool) -> None:
    solved(world, at)
    answered(world, "satisfied", "2026-03-25 10:00")
    closed(world, "2026-04-20 10:00")
    assert world.case.closing is not None
    assert world.case.closing.late is late
    assert world.case.closing.late_days == (1 if late else 0)


def test_a_day_off_after_the_due_date_is_a_day_late(rules: Rules) -> None:
    # Due on a Friday; Saturday is no working day, and late all the same.
    world = World(rules, open_case(rules, card(), local("2026-03-06 10:00"), can_be_called=False))
    due = world.case.original.due
    assert due.weekday() == 4
    solved(world, f"{due.replace(day=due.day + 1)} 10:00")
    closed(world, "2026-04-20 10:00")
    assert world.case.closing and world.case.closing.late_days == 1


def test_four_guards_and_standards_close_a_case(world: World) -> None:
    solved(world)
    answered(world, "satisfied")
    closed(world)
    assert world.case.closing is not None
    assert world.case.closing.outcome == "solved"
    assert world.case.closing.grades == ("satisfied",)
    assert world.case.state is State.CLOSED


@pytest.mark.parametrize("name", GUARDS)
@pytest.mark.parametrize(
    ("guard", "field"),
    [
        (None, "guards.{}"),
        (Guard(False, "凭证", "a"), "guards.{}.holds"),
        (Guard(True, "  ", "a"), "guards.{}.evidence"),
        (Guard(True, "凭证", ""), "guards.{}.by"),
    ],
)
def test_a_guard_that_does_not_hold_with_evidence_is_named(
    world: World, name: str, guard: Guard | None, field: str
) -> None:
    solved(world)
    answered(world, "satisfied")
    refused = refusal(lambda: closed(world, guards=claim().guards | {name: guard}))
    assert refused.field == field.format(name)
    assert refused.status == 422
    assert world.case.state is State.SOLVED


@pytest.mark.parametrize("name", STANDARDS)
def test_a_standard_that_does_not_hold_is_named(world: World, name: str) -> None:
    solved(world)
    answered(world, "satisfied")
    refused = refusal(lambda: closed(world, standards=claim().standards | {name: False}))
    assert refused.field == f"standards.{name}"
    missing = {k: True for k in STANDARDS if k != name}
    assert refusal(lambda: closed(world, standards=missing)).field == f"standards.{name}"


@pytest.mark.parametrize("unit", ["unit-a", "unit-b", "unit-c"])
def test_an_officer_of_a_unit_of_the_case_may_not_judge_it(world: World, unit: str) -> None:
    solved(world)
    answered(world, "satisfied")
    signature = Signature("officer-2", unit)
    at = local("2026-03-25 10:00")
    for call in (
        lambda: close(world.rules, world.case, world.petitioners, claim(), signature, at),
        lambda: send_back(world.rules, world.case, ("x",), signature, at),
    ):
        assert refusal(call).status == 403


def test_who_reported_it_solved_may_not_judge_it(world: World) -> None:
    solved(world)
    answered(world, "satisfied")
    signature = Signature("handler-a")
    at = local("2026-03-25 10:00")
    assert refusal(lambda: close(world.rules, world.case, world.petitioners, claim(), signature, at)).field == "sub"


def test_a_case_does_not_close_while_callbacks_are_out(world: World) -> None:
    solved(world)
    refused = refusal(lambda: closed(world))
    assert (refused.status, refused.field) == (409, "callback")


def test_who_did_not_answer_in_time_is_never_counted_as_satisfied(world: World) -> None:
    solved(world)
    assert refusal(lambda: closed(world, "2026-03-30 10:00", outcome="solved")).field == "outcome"
    closed(world, "2026-03-30 10:00")
    assert world.case.closing and world.case.closing.outcome == "solved_unconfirmed"


def test_not_reached_and_anonymous_close_unconfirmed_only(rules: Rules, world: World) -> None:
    solved(world)
    given = replace(graded(NUMBER, ""), result="not_reached", grade=None)
    world.take(answer(rules, world.case, world.petitioners, given, local("2026-03-24 10:00")))
    closed(world, standards=claim().standards | {"public_satisfied": False})
    assert world.case.closing and world.case.closing.outcome == "solved_unconfirmed"
    anonymous = World(rules, open_case(rules, card(), local("2026-03-02 10:00"), can_be_called=False))
    solved(anonymous)
    closed(anonymous, "2026-03-20 17:00")
    assert anonymous.case.closing and anonymous.case.closing.outcome == "solved_unconfirmed"


@pytest.mark.parametrize("outcome", ["unfounded", "outside_jurisdiction"])
def test_the_office_may_find_it_was_nothing(world: World, outcome: str) -> None:
    solved(world)
    answered(world, "satisfied")
    closed(world, outcome=outcome)
    assert world.case.closing and world.case.closing.outcome == outcome


@pytest.mark.parametrize("outcome", ["explained", "disputed", "solved_unconfirmed"])
def test_an_outcome_that_does_not_fit_is_refused(world: World, outcome: str) -> None:
    solved(world)
    answered(world, "satisfied")
    assert refusal(lambda: closed(world, outcome=outcome)).field == "outcome"


def test_a_newcomer_whom_the_running_callback_covers_ends_no_period_and_begins_none(world: World) -> None:
    solved(world)
    runs = world.case.callback_expires_at
    for number, at in (("2026-000002", "2026-03-20 16:30"), ("2026-000003", "2026-03-05 10:00")):
        decision = link(world.rules, world.case, world.petitioners, Petitioner(number, local(at), True), "exact")
        assert (decision.begins, decision.ends, decision.case.callback_expires_at) == ((), frozenset(), runs)
        assert [wanted.complaints for wanted in decision.facts if isinstance(wanted, facts.CallbackWanted)] == [
            (number,)
        ]
        world.take(decision)
    joined(world, "2026-000004", "2026-03-23 10:00")
    assert runs and world.case.callback_expires_at and world.case.callback_expires_at > runs


def test_a_bad_answer_of_any_petitioner_returns_the_case(world: World) -> None:
    joined(world, "2026-000002", "2026-03-05 10:00")
    solved(world)
    answered(world, "very_satisfied")
    answered(world, "dissatisfied", number="2026-000002")
    (back,) = of(world, facts.Returned)
    assert back.reasons == ("callback: dissatisfied",)
    assert back.deadline.due.isoformat() == "2026-03-30"
    assert world.case.state is State.RETURNED


def test_after_a_return_the_original_date_still_decides(world: World) -> None:
    solved(world, "2026-03-20 16:00")
    answered(world, "dissatisfied")
    assert world.case.decisive_at is None
    solved(world, "2026-03-27 16:00")  # within the rework deadline, after the original date
    answered(world, "satisfied", "2026-03-28 10:00")
    closed(world, "2026-03-30 10:00")
    assert world.case.closing is not None
    assert (world.case.closing.late, world.case.closing.late_days, world.case.closing.round) == (True, 4, 2)


def test_the_offices_own_time_is_not_counted(world: World) -> None:
    solved(world, "2026-03-23 23:00")
    answered(world, "satisfied", "2026-03-30 10:00")
    closed(world, "2026-06-30 10:00")
    assert world.case.closing and not world.case.closing.late


def test_each_round_asks_everybody_again_and_an_old_answer_does_not_count(world: World) -> None:
    joined(world, "2026-000002", "2026-03-05 10:00")
    solved(world)
    answered(world, "dissatisfied")
    solved(world, "2026-03-27 16:00")
    assert of(world, facts.CallbackWanted)[-1].complaints == (NUMBER, "2026-000002")
    given = graded("2026-000002", "very_dissatisfied", 1)
    world.take(answer(world.rules, world.case, world.petitioners, given, local("2026-03-28 10:00")))
    assert of(world, facts.Answered)[-1].counts is False
    assert world.case.state is State.SOLVED


def test_a_second_answer_to_the_same_round_is_recorded_and_does_not_count(world: World) -> None:
    solved(world)
    answered(world, "satisfied")
    answered(world, "very_dissatisfied")
    assert [a.counts for a in of(world, facts.Answered)] == [True, False]
    assert world.case.state is State.SOLVED


def test_an_answer_to_a_round_that_has_not_begun_waits(world: World) -> None:
    with pytest.raises(NotYet):
        world.take(answer(world.rules, world.case, world.petitioners, graded(NUMBER, "satisfied"), local("2026-03-05")))


def test_the_office_returns_with_reasons_only(world: World) -> None:
    solved(world)
    refused = refusal(lambda: send_back(world.rules, world.case, (" ",), OFFICER, local("2026-03-23 10:00")))
    assert refused.field == "reasons"
    world.take(send_back(world.rules, world.case, ("照片不是现场",), OFFICER, local("2026-03-23 10:00")))
    assert (world.case.state, world.case.returns) == (State.RETURNED, 1)


def test_a_leader_closes_as_disputed_only_after_two_returns_and_with_reasons(world: World) -> None:
    def by_leader(reasons: str) -> None:
        at = local("2026-04-20 10:00")
        world.take(dispute(world.rules, world.case, world.petitioners, reasons, Signature("leader-1"), at))

    solved(world)
    answered(world, "dissatisfied")
    assert refusal(lambda: by_leader("诉求超出政策")).field == "case.returns"
    solved(world, "2026-03-27 16:00")
    answered(world, "dissatisfied", "2026-03-28 10:00")
    assert refusal(lambda: by_leader(" ")).field == "reasons"
    by_leader("诉求超出政策")
    assert world.case.closing is not None
    assert (world.case.closing.outcome, world.case.closing.by) == ("disputed", "leader-1")
    assert world.case.closing.late


def test_misconduct_is_verified_by_the_closing(world: World) -> None:
    bare = report(local("2026-03-20 16:00"), misconduct_found=True)
    refused = refusal(lambda: solve(world.rules, world.case, world.petitioners, bare))
    assert refused.field == "misconduct_dealt_with"
    whole = replace(bare, misconduct_dealt_with="责任人已通报批评")
    world.take(solve(world.rules, world.case, world.petitioners, whole))
    answered(world, "satisfied")
    closed(world)
    assert world.case.closing and world.case.closing.misconduct


@pytest.mark.parametrize(("field", "value"), [("measures", " "), ("reply", ""), ("evidence", ()), ("evidence", (" ",))])
def test_a_solution_on_paper_only_is_refused(world: World, field: str, value: object) -> None:
    paper = report(local("2026-03-20 16:00"), **{field: value})
    assert refusal(lambda: solve(world.rules, world.case, world.petitioners, paper)).field == field
    assert world.case.state is State.OPENED


def test_a_bad_answer_after_closing_reopens_within_ninety_days(world: World) -> None:
    solved(world)
    closed(world, "2026-03-30 10:00")  # the callback's period is over
    answered(world, "very_dissatisfied", "2026-04-10 10:00")
    assert world.case.state is State.REOPENED
    (again,) = of(world, facts.Reopened)
    assert (again.reason, again.deadline.due.isoformat()) == ("bad_callback", "2026-04-17")


def test_a_bad_answer_long_after_closing_is_recorded_only(world: World) -> None:
    solved(world)
    closed(world, "2026-03-30 10:00")
    answered(world, "very_dissatisfied", "2026-07-01 10:00")
    assert world.case.state is State.CLOSED
    assert of(world, facts.Answered)[-1].counts


def test_the_same_matter_again_reopens_and_earlier_figures_stay(world: World) -> None:
    solved(world, "2026-03-20 16:00")
    answered(world, "satisfied")
    closed(world)
    first = world.case.closing
    decisive = world.case.decisive_at
    joined(world, "2026-000009", "2026-04-20 10:00")
    assert world.case.state is State.REOPENED
    assert (world.case.number, world.case.closing, world.case.original.due.isoformat()) == (NUMBER, first, "2026-03-23")
    solved(world, "2026-04-29 16:00")  # after the rework deadline of this run
    answered(world, "satisfied", "2026-04-30 10:00")
    answered(world, "satisfied", "2026-04-30 11:00", number="2026-000009")
    closed(world, "2026-05-06 10:00")
    assert world.case.closing is not None
    assert (world.case.closing.times, world.case.closing.late, world.case.decisive_at) == (2, True, decisive)
    assert first is not None and not first.late


def test_a_link_after_ninety_days_is_recorded_and_reopens_nothing(world: World) -> None:
    solved(world)
    answered(world, "satisfied")
    closed(world)
    joined(world, "2026-000009", "2026-07-01 10:00")
    assert world.case.state is State.CLOSED
    assert of(world, facts.Linked)[-1].effect == "too_late"


def test_a_link_while_the_case_waits_for_answers_is_asked_too(world: World) -> None:
    solved(world)
    answered(world, "satisfied")
    joined(world, "2026-000002", "2026-03-24 10:00")
    asked = of(world, facts.CallbackWanted)[-1]
    assert (asked.complaints, asked.round) == (("2026-000002",), 1)
    assert refusal(lambda: closed(world)).field == "callback"
    answered(world, "satisfied", "2026-03-25 09:00", number="2026-000002")
    closed(world)


def test_a_later_complaint_that_arrived_before_the_closing_reopens_as_if_it_came_after(world: World) -> None:
    joined(world, "2026-000002", "2026-03-27 10:00")  # known early, dated late
    solved(world, "2026-03-20 16:00")
    assert [a.complaints for a in of(world, facts.CallbackWanted)] == [(NUMBER,), ("2026-000002",)]
    answered(world, "satisfied")
    closed(world, "2026-03-25 10:00")
    (again,) = of(world, facts.Reopened)
    assert (again.at, again.number) == (local("2026-03-27 10:00"), "2026-000002")


def test_a_link_twice_is_one_petitioner(world: World) -> None:
    joined(world, "2026-000002", "2026-03-05 10:00")
    joined(world, "2026-000002", "2026-03-06 10:00")
    assert len(of(world, facts.Linked)) == 1


def test_an_undone_link_takes_the_petitioner_out_again(world: World) -> None:
    joined(world, "2026-000002", "2026-03-05 10:00")
    world.take(unlink(world.case, world.petitioners, "2026-000002", "另一件事", local("2026-03-06 10:00")))
    assert [p.number for p in world.petitioners] == [NUMBER]


def test_undoing_the_link_that_reopened_a_case_closes_it_as_before(world: World) -> None:
    solved(world)
    answered(world, "satisfied")
    closed(world)
    before = world.case
    joined(world, "2026-000009", "2026-04-20 10:00")
    at = local("2026-04-21 10:00")
    decision = world.take(unlink(world.case, world.petitioners, "2026-000009", "另一件事", at))
    assert (world.case.state, world.case.closing, world.case.run) == (State.CLOSED, before.closing, 1)
    assert decision.ends == frozenset({Kind.REWORK})
    assert isinstance(decision.facts[-1], facts.Closed) and decision.facts[-1].again


def test_an_undone_link_that_never_came_waits_and_the_lead_cannot_be_unlinked(world: World) -> None:
    at = local("2026-03-06 10:00")
    with pytest.raises(NotYet):
        unlink(world.case, world.petitioners, "2026-000777", "x", at)
    assert refusal(lambda: unlink(world.case, world.petitioners, NUMBER, "x", at)).status == 409


def test_nothing_is_dated_before_what_it_follows(world: World) -> None:
    assert refusal(lambda: accept(world.case, local("2026-03-02 09:00"), "h")).field == "time"
    assert refusal(lambda: solved(world, "2026-03-02 09:59")).field == "time"
    solved(world)
    assert refusal(lambda: closed(world, "2026-03-20 15:00")).field == "time"
