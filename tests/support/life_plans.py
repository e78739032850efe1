"""Plans, promises and explanations in a case's life by chance (R2, R8): what people do with them, and what holds."""

from datetime import datetime
from typing import Any

from services.rectification import store as ledger_of
from services.rectification.domain.explanation import ExplanationState
from services.rectification.domain.plan import PlanState
from shared.programme.loader import load
from tests.support.life import SHANGHAI, World

OFFICE = {"role": "office", "sub": "officer-1"}
INSPECTORS = ({"role": "inspector", "sub": "inspector-1"}, {"role": "inspector", "sub": "inspector-2"})
TRACKS = ("immediate", "immediate", "planned", "explained")
VERDICTS = ("kept", "late", "kept", "broken")
CALENDAR = load("window-units").working_calendar


class Planning:
    """Mixed into the machine: the steps of plans and explanations."""

    world: World
    approved: dict[str, str]

    def ask_track(self, which: int, track: int, *, usual: bool, other: bool) -> None:
        """A unit asks for another track (R3)."""
        body = {"track": TRACKS[1 + track % 3], "reasons": "需要资金"}
        self._case("track", which, self._handler(which, usual), body, other)

    def plan(self, which: int, length: int, *, usual: bool, other: bool) -> None:
        """A unit submits a plan or an amendment, sometimes without a promise (R2)."""
        days = [2 + length % 5, 5 + length % 9]
        due = [CALENDAR.add_working_days(self._today(), n).isoformat() for n in days]
        promise = {"text": "窗口有人", "person": "局长赵敏", "due": due[-1], "to": "居民"}
        body = {
            "measures": "增设窗口",
            "responsible": "副局长钱伟",
            "milestones": [{"name": f"第{n}步", "due": day, "who": "王芳"} for n, day in enumerate(due, 1)],
            "commitment": promise if usual else None,
        }
        self._case("plan", which, self._handler(which, True), body, other)

    def judge_plan(self, which: int, _: int, *, usual: bool, other: bool) -> None:
        """The office files a plan or returns it (R2)."""
        if usual:
            self._case("plan/filing", which, OFFICE, None, other)
        else:
            self._case("plan/return", which, OFFICE, {"reasons": ["没有责任人"]}, other)

    def complete(self, which: int, n: int, *, usual: bool, other: bool) -> None:
        """A unit did a milestone (R2)."""
        body = {"evidence": ["验收单"] if usual else []}
        self._case(f"milestones/{1 + n % 4}/completion", which, self._handler(which, True), body, other)

    def explain(self, which: int, _: int, *, usual: bool, other: bool) -> None:
        """A unit submits a reasoned explanation (R2)."""
        basis = [{"name": "关于补贴的通知", "number": "国发〔2026〕3号"}]
        body = {"basis": basis, "reasoning": "按新标准执行", "text": "不在补贴范围"}
        self._case("explanation", which, self._handler(which, usual), body, other)

    def approve(self, which: int, _: int, *, usual: bool, other: bool) -> None:
        """The office approves it; what is not approved is returned like any case (R2)."""
        self._case("explanation/approval", which, OFFICE, None, other)

    def inspect(self, which: int, verdict: int, *, usual: bool, other: bool) -> None:
        """An inspector records what became of a promise whose day is over, or corrects the record (R8)."""
        if usual:
            self.world.pass_time(24 * (20 + verdict % 40))
        page = self.world.call("rectification", INSPECTORS[0], "GET", "/commitments").json()["items"]
        over = [one for one in page if not usual or one["state"] == "to_inspect"]
        if not over:
            return
        body = {"verdict": VERDICTS[verdict % 4], "findings": "看过了", "evidence": ["照片"]}
        what = "inspection" if usual else "correction"
        if not usual:
            body["reason"] = "查错了窗口"
        path = f"/commitments/{over[which % len(over)]['commitment']}/{what}"
        self.world.call("rectification", INSPECTORS[verdict % 2], "POST", path, body, twice=other)

    def next_step(self, place: int, choice: int, *, other: bool) -> None:
        """What a unit that has its case would do next, by the case's track."""
        number = self._chosen(place)
        case = self.world.call("rectification", OFFICE, "GET", f"/cases/{number}").json()
        found = self.world.call("rectification", OFFICE, "GET", f"/cases/{number}/plan").json()
        states = {version["state"] for version in found["versions"]}
        left = [m["n"] for m in found["milestones"] if m["state"] in ("pending", "missed")]
        match case["track"], case["state"]:
            case _, "explained":
                self.approve(place, choice, usual=True, other=other)
            case "explained", _:
                self.explain(place, choice, usual=True, other=other)
            case "planned", "opened" | "accepted" | "returned" if "submitted" in states:
                self.judge_plan(place, choice, usual=bool(choice % 3), other=other)
            case "planned", "opened" | "accepted" | "returned" if "filed" not in states:
                self.plan(place, choice, usual=True, other=other)
            case "planned", "opened" | "accepted" | "returned" if left:
                self.complete(place, left[0] - 1, usual=True, other=other)
            case _:
                self.solve(place, choice, usual=True, other=other)

    def plans_hold(self, cases: dict[str, Any]) -> None:
        """What is true of every plan, promise and explanation, whatever happened."""
        for number, case in cases.items():
            plans = self.world.read("rectification", lambda s, n=number: ledger_of.plans.of_case(s, n))
            steps = self.world.read("rectification", lambda s, n=number: ledger_of.plans.milestones_of(s, n))
            given = self.world.read("rectification", lambda s, n=number: ledger_of.plans.explanations_of(s, n))
            states = [plan.state for plan in plans]
            assert [plan.version for plan in plans] == list(range(1, len(plans) + 1)), "versions count on (R2)"
            assert states.count(PlanState.FILED) <= 1 and states.count(PlanState.SUBMITTED) <= 1, states
            left = [step for step in steps if step.is_open]
            if case.card.track != "planned":
                assert not left and not {PlanState.FILED, PlanState.SUBMITTED} & set(states), "a plan without its track"
            elif case.state == "solved" and case.run == 1:
                assert PlanState.FILED in states and not left, "solved with its plan undone (R2)"
            waiting = [one for one in given if one.state is ExplanationState.SUBMITTED]
            assert len(waiting) == (case.state == "explained"), "the office has what waits for it, and nothing else"
            for promise in self.world.read("rectification", lambda s, n=number: ledger_of.commitments.of_case(s, n)):
                records = self.world.read(
                    "rectification", lambda s, p=promise: ledger_of.commitments.inspections_of(s, p.id)
                )
                assert promise.verdict == (records[-1].verdict if records else None), "the last record stands (R8)"

    def _today(self) -> Any:
        now: datetime = self.world.now.astimezone(SHANGHAI)
        return now.date()

    # --- of the machine

    def _case(self, what: str, which: int, who: dict[str, str], body: Any, twice: bool) -> None:
        raise NotImplementedError

    def _handler(self, which: int, own: bool) -> dict[str, str]:
        raise NotImplementedError

    def _chosen(self, which: int) -> str:
        raise NotImplementedError

    def solve(self, which: int, misconduct: int, *, usual: bool, other: bool) -> None:
        """Of the machine."""
        raise NotImplementedError
