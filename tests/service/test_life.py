"""T14: a case's whole life, by chance. Whatever people do in whatever order, whatever the bus loses order of, sends
twice or is cut off in, the promises hold.

Ten thousand steps; the seed is printed, and `--hypothesis-seed=…` plays the same again.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from services.intake import store as register
from services.rectification import store as ledger_of
from services.rectification.domain import ledger
from shared.contracts import rectification as wire
from shared.contracts.intake import TransferApproved
from tests.support.life import UNITS, Builder, World

MACHINES, STEPS, STEPS_WANTED = 40, 100, 1_000
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLERK = {"role": "clerk", "sub": "clerk-1"}
APPROVER = {"role": "approver", "sub": "approver-1"}
OFFICE = {"role": "office", "sub": "officer-1"}
GUARDS = ("measures_carried_out", "misconduct_dealt_with", "problem_solved", "public_answered")
STANDARDS = ("facts_clear", "problem_handled", "measures_in_place", "public_satisfied")
GRADES = ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied")
IN_CASE = {"rectifying", "solved", "reworking", "closed"}
REACHED = (
    "rectification.case.closed", "rectification.case.reopened", "rectification.case.returned",
    "rectification.deadline.extended", "rectification.deadline.suspended", "rectification.deadline.resumed",
    "rectification.deadline.escalated", "intake.complaint.unlinked", "intake.transfer.refused",
)  # fmt: skip
AS_INTAKE_SAYS = {
    "opened": "rectifying",
    "accepted": "rectifying",
    "reopened": "rectifying",
    "solved": "solved",
    "returned": "reworking",
    "closed": "closed",
}
pick = st.integers(min_value=0, max_value=10_000)
often = st.sampled_from((True, True, True, False))


class Life(RuleBasedStateMachine):
    """People, time and the bus take turns by chance; `World` plays what is between them."""

    builder: ClassVar[Builder]
    steps: ClassVar[Counter[str]] = Counter()
    answers: ClassVar[Counter[int]] = Counter()
    said: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world: World = self.builder.world(MONDAY)
        self.numbers: list[str] = []
        self.approved: dict[str, str] = {}
        self.tickets = 0

    # --- people

    @rule(place=pick, known=often, twice=st.booleans())
    def report(self, place: int, known: bool, twice: bool) -> None:
        """Somebody reports; few places, so that many are about the same matter in the same words."""
        self.tickets += 1
        text = f"窗口 {place % 7} 号每天下午四点就没有人了,跑了三趟都没有办成。"
        body: dict[str, Any] = {"channel": "letterbox", "text": text, "ticket": f"T-{self.tickets}"}
        if known:
            body |= {"identity": "named", "person": {"name": f"王{place % 50}", "phone": f"1380000{place % 50:04d}"}}
        answer = self.world.call("intake", CLERK, "POST", "/complaints", body, twice=twice)
        assert answer.status_code == 201, answer.text
        number = answer.json()["number"]
        assert number not in self.numbers, "a number is given once"
        self.numbers.append(number)

    @precondition(lambda self: self.numbers)
    @rule(which=pick, unit=st.sampled_from(UNITS), accepted=often, twice=st.booleans())
    def screen(self, which: int, unit: str, accepted: bool, twice: bool) -> None:
        """A clerk accepts and asks for the transfer, or finds it unfounded."""
        body: dict[str, Any] = {"decision": "accepted" if accepted else "unfounded", "reason": "已核"}
        if accepted:
            body["transfer"] = {"lead_unit": unit}
        self._intake("screening", which, CLERK, body, twice)

    @precondition(lambda self: self.numbers)
    @rule(which=pick, approve=often, twice=st.booleans())
    def decide(self, which: int, approve: bool, twice: bool) -> None:
        """The leader approves or refuses (I7)."""
        path = f"/transfers/{self._number(which)}/{'approval' if approve else 'refusal'}"
        body = None if approve else {"reason": "不宜转办"}
        answer = self.world.call("intake", APPROVER, "POST", path, body, twice=twice)
        if approve and answer.is_success:
            self.approved[answer.json()["number"]] = answer.json()["lead_unit"]

    @precondition(lambda self: len(self.numbers) > 1)
    @rule(which=pick, lead=pick, undo=st.booleans())
    def link(self, which: int, lead: int, undo: bool) -> None:
        """A clerk links two complaints, or undoes a link (I5)."""
        if undo:
            self._intake("unlink", which, CLERK, {"reason": "不是同一件事"}, False)
        else:
            self._intake("link", which, CLERK, {"lead": self._number(lead), "reason": "同一件事"}, False)

    @precondition(lambda self: self.approved)
    @rule(which=pick, own=often, misconduct=st.booleans(), twice=st.booleans())
    def solve(self, which: int, own: bool, misconduct: bool, twice: bool) -> None:
        """A unit reports its case solved."""
        body = {
            "measures": "换了人",
            "reply": "已办结",
            "evidence": ["照片"],
            "misconduct_found": misconduct,
            "misconduct_dealt_with": "谈话" if misconduct else "",
        }
        self._case("solution", which, self._handler(which, own), body, twice)

    @precondition(lambda self: self.approved)
    @rule(which=pick, own=often, what=st.sampled_from(("acknowledgement", "acceptance")))
    def take_in_hand(self, which: int, own: bool, what: str) -> None:
        """A unit acknowledges or accepts its case; another unit's is none of its business."""
        self._case(what, which, self._handler(which, own), None, False)

    @precondition(lambda self: self.approved)
    @rule(which=pick, satisfied=often, close=often, twice=st.booleans())
    def judge(self, which: int, satisfied: bool, close: bool, twice: bool) -> None:
        """The office closes behind the guards, or returns the case (R5)."""
        if not close:
            self._case("return", which, OFFICE, {"reasons": ["没有真正解决"]}, twice)
            return
        guards = {name: {"holds": True, "evidence": "回执", "by": "officer-2"} for name in GUARDS}
        standards = dict.fromkeys(STANDARDS, True) | {"public_satisfied": satisfied}
        self._case("closing", which, OFFICE, {"guards": guards, "standards": standards}, twice)

    @precondition(lambda self: self.approved)
    @rule(which=pick)
    def dispute(self, which: int) -> None:
        """A leader closes as disputed."""
        self._case("dispute", which, APPROVER, {"reasons": "多次退回,各执一词"}, False)

    @precondition(lambda self: self.numbers)
    @rule(which=pick, grade=st.sampled_from((*GRADES, None)), twice=st.booleans())
    def call_back(self, which: int, grade: str | None, twice: bool) -> None:
        """A clerk calls a petitioner of whichever matter (I11)."""
        tasks = self.world.call("intake", CLERK, "GET", "/callbacks").json()["items"]
        if not tasks:
            return
        task = tasks[which % len(tasks)]
        body = {"result": "graded", "grade": grade, "confirmed": True} if grade else {"result": "not_reached"}
        self.world.call("intake", CLERK, "POST", f"/callbacks/{task['case']}/{task['number']}", body, twice=twice)

    @precondition(lambda self: self.approved)
    @rule(which=pick, own=often, days=st.integers(1, 20), granted=st.booleans(), ask=st.booleans())
    def extend(self, which: int, own: bool, days: int, granted: bool, ask: bool) -> None:
        """A unit asks for more time, and the office answers (R3)."""
        if ask:
            body: dict[str, Any] = {"days": days, "reasons": "等待检测结果"}
            self._case("extension", which, self._handler(which, own), body, False)
        else:
            self._case("decision", which, OFFICE, {"granted": granted, "reasons": "已核"}, False)

    @precondition(lambda self: self.approved)
    @rule(which=pick, resume=st.booleans(), twice=st.booleans())
    def suspend(self, which: int, resume: bool, twice: bool) -> None:
        """The office lets a case stand still, or go on (R3)."""
        body = {"reasons": "恢复办理"} if resume else {"ground": "law_suit", "reasons": "法院已受理"}
        self._case("resumption" if resume else "suspension", which, OFFICE, body, twice)

    @precondition(lambda self: self.numbers)
    @rule(which=pick, grade=st.sampled_from((*GRADES[:3], *GRADES)))
    def carry_on(self, which: int, grade: str) -> None:
        """The next natural step of a complaint's life, so that its later stages are reached as often as its first."""
        number = self._number(which)
        self.world.drain()
        line = self.world.call("intake", CLERK, "GET", f"/complaints/{number}").json()
        match line["lead"] or line["state"]:
            case "registered":
                self.screen(which, UNITS[which % 3], True, False)
            case "transfer_requested":
                self.decide(which, True, False)
            case "rectifying" | "reworking":
                self.solve(self._place(number), True, False, False)
            case "solved":
                self.world.call(
                    "intake", CLERK, "POST", f"/callbacks/{number}/{number}", {"result": "graded", "grade": grade}
                )
                self.world.drain()
                self.judge(self._place(number), True, True, False)

    # --- time and the bus

    @rule(hours=st.sampled_from((1, 5, 24, 30, 72, 170, 800)))
    def time_passes(self, hours: int) -> None:
        """From an hour to a month."""
        self.world.pass_time(hours)

    @rule(which=st.lists(pick, min_size=1, max_size=6), crash=st.booleans())
    def deliver_some(self, which: list[int], crash: bool) -> None:
        """Events arrive in any order; sometimes the process dies before the commit and the event comes again."""
        for index in which:
            if not self.world.waiting:
                return
            one = self.world.waiting.pop(index % len(self.world.waiting))
            if crash:
                assert not self.world.deliver(one, crash=True) or one.event.type == "", "a crash commits nothing"
            if self.world.deliver(one):
                self.world.delivered.append(one)
            else:
                self.world.waiting.append(one)

    @rule()
    def deliver_all(self) -> None:
        """The bus catches up."""
        self.world.drain()

    @precondition(lambda self: self.world.delivered)
    @rule(which=pick)
    def deliver_again(self, which: int) -> None:
        """What was taken comes a second time and changes nothing."""
        before = len(self.world.told)
        self.world.deliver(self.world.delivered[which % len(self.world.delivered)])
        assert len(self.world.told) == before, "an event taken twice spoke twice"

    # --- what holds

    @invariant()
    def counted(self) -> None:
        """How many steps were really made."""
        self.steps["made"] += 1

    def teardown(self) -> None:
        """Let everything arrive, then ask both services what they hold to be true."""
        self.answers.update(self.world.answers)
        self.said.update(event.type.removeprefix("minping.").removesuffix(".v1") for event in self.world.told)
        try:
            self.world.drain()
            self.world.pass_time(0)
            self.world.drain()
            self._the_register_has_no_gaps()
            self._a_case_has_an_approval_and_an_approval_a_case()
            self._each_step_fired_once()
            self._the_ledger_holds()
            self._nothing_closed_on_paper()
            self._both_sides_say_the_same()
        finally:
            self.world.close()

    def _the_register_has_no_gaps(self) -> None:
        years = Counter(number[:4] for number in self.numbers)
        assert set(self.numbers) == {f"{y}-{n:06d}" for y, count in years.items() for n in range(1, count + 1)}

    def _approvals(self) -> list[str]:
        return [event.data.number for event in self.world.told if event.type == TransferApproved.TYPE]

    def _cases(self) -> dict[str, Any]:
        return {
            number: case
            for number in self.numbers
            if (case := self.world.read("rectification", lambda s, n=number: ledger_of.cases.find(s, n)))
        }

    def _a_case_has_an_approval_and_an_approval_a_case(self) -> None:
        assert sorted(self._approvals()) == sorted(self._cases()), "one approval, one case; none without (I7, R1)"

    def _each_step_fired_once(self) -> None:
        steps = Counter(
            (event.type, event.data.case, event.data.kind, event.data.step, event.data.expires_at, event.time)
            for event in self.world.told
            if isinstance(event.data, wire.DeadlineApproaching | wire.DeadlinePassed | wire.DeadlineEscalated)
        )
        assert not [step for step, times in steps.items() if times > 1], "a step of a deadline fired twice (R4)"

    def _the_ledger_holds(self) -> None:
        verdict = self.world.read("rectification", lambda s: ledger.verify(ledger_of.ledger.every(s)))
        assert verdict.holds, verdict

    def _nothing_closed_on_paper(self) -> None:
        for event in self.world.told:
            if isinstance(event.data, wire.CaseClosed) and event.data.outcome == "solved":
                assert event.data.grades, "solved needs somebody who said so (R5)"
                assert not set(event.data.grades) & {"dissatisfied", "very_dissatisfied"}, "and nobody who denies it"

    def _both_sides_say_the_same(self) -> None:
        for number, case in self._cases().items():
            line = self.world.read("intake", lambda s, n=number: register.by_number(s, n))
            assert line.state == AS_INTAKE_SAYS[case.state.value], (number, line.state, case.state)
            linked = set(self.world.read("intake", lambda s, n=number: register.petitioners(s, n)))
            known = self.world.read("rectification", lambda s, n=number: ledger_of.cases.petitioners_of(s, n))
            assert {p.number for p in known} == linked | {number}, "the same petitioners on both sides (I5)"

    # --- helpers

    def _number(self, which: int) -> str:
        return self.numbers[which % len(self.numbers)]

    def _intake(self, what: str, which: int, who: dict[str, str], body: Any, twice: bool) -> None:
        self.world.call("intake", who, "POST", f"/complaints/{self._number(which)}/{what}", body, twice=twice)

    def _case(self, what: str, which: int, who: dict[str, str], body: Any, twice: bool) -> None:
        self.world.call("rectification", who, "POST", f"/cases/{self._chosen(which)}/{what}", body, twice=twice)

    def _chosen(self, which: int) -> str:
        return list(self.approved)[which % len(self.approved)]

    def _place(self, number: str) -> int:
        return list(self.approved).index(number)

    def _handler(self, which: int, own: bool) -> dict[str, str]:
        unit = self.approved[self._chosen(which)]
        unit = unit if own else UNITS[(UNITS.index(unit) + 1) % len(UNITS)]
        return {"role": "handler", "sub": f"h-{unit}", "unit": unit}


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    with TemporaryDirectory() as folder:
        loop = asyncio.new_event_loop()
        yield Builder(Path(folder), loop)
        loop.close()


def test_ten_thousand_steps_of_a_cases_life(builder: Builder) -> None:
    Life.builder = builder
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # not typed by Hypothesis
        Life,
        settings=settings(
            max_examples=MACHINES,
            stateful_step_count=STEPS,
            deadline=timedelta(minutes=1),
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate],
        ),
    )
    print(f"{Life.steps['made']} steps; answers {dict(sorted(Life.answers.items()))}")
    print(f"events {dict(Life.said.most_common())}")
    assert Life.steps["made"] >= STEPS_WANTED
    rare = {kind for kind in REACHED if not Life.said[kind]}
    assert not rare, f"chance never came to {rare}: the machine has lost its way"
