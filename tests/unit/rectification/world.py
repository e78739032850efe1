"""A case and the people around it, as short calls."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.rectification.domain.case import (
    GUARDS,
    STANDARDS,
    Card,
    Case,
    ClosingClaim,
    Guard,
    Petitioner,
    Report,
    Signature,
)
from services.rectification.domain.facts import Decision
from services.rectification.domain.handling import open_case
from services.rectification.domain.petitioners import Answer
from services.rectification.domain.rules import Rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICER = Signature("officer-1")


def local(text: str) -> datetime:
    """`2026-03-02 10:00` on the clocks of the programme, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def card(number: str = "2026-000001", **changes: object) -> Card:
    """A card for the immediate track."""
    whole = Card(
        number=number,
        card=f"T-{number}",
        lead_unit="unit-a",
        cooperating_units=("unit-b",),
        territorial_unit="unit-c",
        paying_unit="unit-a",
        track="immediate",
        channel="hotline_daily",
        topic="delay",
        dimension="efficiency",
        title="等了三个月",
        text="办证等了三个月没有结果",
        approver_role="approver",
        days=15,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def report(at: datetime, **changes: object) -> Report:
    """A whole report."""
    whole = Report(at, "handler-a", "换了人,办完了", "已办结,请到窗口领取", False, "", ("照片 3 张",))
    return replace(whole, **changes)  # type: ignore[arg-type]


def claim(**changes: object) -> ClosingClaim:
    """Four guards that hold and all standards."""
    guards: dict[str, Guard | None] = {name: Guard(True, f"凭证:{name}", "handler-a") for name in GUARDS}
    return replace(ClosingClaim(guards, dict.fromkeys(STANDARDS, True)), **changes)  # type: ignore[arg-type]


def graded(number: str, grade: str, round_: int = 1) -> Answer:
    """A petitioner's answer."""
    return Answer(number, round_, "graded", grade, "")


class World:
    """A case with its petitioners, moved by decisions as the service would move it."""

    def __init__(self, rules: Rules, decision: Decision) -> None:
        self.rules = rules
        self.case = decision.case
        self.people: dict[str, Petitioner] = {}
        self.facts: list[object] = []
        self.take(decision)

    def take(self, decision: Decision) -> Decision:
        """The decision becomes the state."""
        self.case = decision.case
        for number in decision.removed:
            self.people.pop(number, None)
        self.people |= {p.number: p for p in decision.petitioners}
        self.facts += decision.facts
        return decision

    @property
    def petitioners(self) -> tuple[Petitioner, ...]:
        """All that are linked now."""
        return tuple(self.people.values())


def opened(rules: Rules, at: str = "2026-03-02 10:00", **changes: object) -> Case:
    """A case just opened."""
    return open_case(rules, card(**changes), local(at), can_be_called=True).case
