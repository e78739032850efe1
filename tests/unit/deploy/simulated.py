"""Invented events of a simulated year, as they travel: what tests of the record and of the report are made of."""

import random
import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.simulate.canon import Record, canonical
from deploy.local.simulate.cast import cast
from deploy.local.simulate.mechanism import Figures
from deploy.local.simulate.report import build
from deploy.local.simulate.report_model import Report
from deploy.local.simulate.world import Checked
from shared.programme import load

ZONE = ZoneInfo("Asia/Shanghai")
Envelope = dict[str, Any]
SEEN = (Checked("I13", date(2026, 3, 1), "读入 9 行"),)


class Told:
    """Envelopes with ids of this run; `number` gives complaints their numbers in an order of this run."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = random.Random(seed)
        self._free = self._chance.sample(range(1, 1000), 99)
        self.envelopes: list[Envelope] = []

    def number(self) -> str:
        """A complaint's number."""
        return f"2026-{self._free.pop():06d}"

    def tell(self, kind: str, at: str, /, **data: Any) -> str:
        """An event; its id."""
        key = secrets.token_hex(16)
        envelope = {"id": key, "type": f"minping.{kind}.v1", "time": at, "cycle": None, "data": data}
        self.envelopes.append(envelope)
        return key

    def shuffled(self) -> list[Envelope]:
        """In another order of arrival."""
        found = list(self.envelopes)
        self._chance.shuffle(found)
        return found


def year(seed: int = 0) -> Told:
    """Two like complaints of one moment with different ends, a missed duty told twice, a point, notices."""
    told = Told(seed)
    for unit in ("market-1", "land-1"):
        told.tell("scoring.unit.registered", "2026-01-01T00:00:00+08:00", unit=unit, name=f"<{unit}>所", name_en=unit)
    for outcome in ("solved", "disputed"):
        number = told.number()
        told.tell(
            "intake.complaint.registered", "2026-03-02T09:00:00+08:00", number=number, channel="email",
            identity="named", topic="delay", dimension="efficiency", text="等了两小时",
        )  # fmt: skip
        told.tell(
            "rectification.case.opened", "2026-03-03T01:00:00Z", case=number, lead_unit="market-1", track="immediate",
            channel="email", topic="delay", card=f"ZB-{number}",
        )  # fmt: skip
        closed = told.tell(
            "rectification.case.closed", "2026-03-09T10:00:00+08:00", case=number, unit="market-1", outcome=outcome,
            late=outcome == "disputed",
        )  # fmt: skip
        told.tell(
            "notify.notice.sent", "2026-03-10T09:00:00+08:00", notice="n-" + secrets.token_hex(12), cause=closed,
            unit="market-1", role="main_leader", person="leader-1", letter="l-" + secrets.token_hex(12),
        )  # fmt: skip
    quarter = "2026-04-09T00:00:00+08:00"
    missed = told.tell(
        "rectification.obligation.missed", quarter, duty="duty:self_inspection:2026-Q1:land-1", unit="land-1",
        obligation="self_inspection", period="2026-Q1", due="2026-04-08",
    )  # fmt: skip
    uncovered = told.tell("intake.coverage.missed", quarter, unit="land-1", quarter="2026-Q1")
    told.tell(
        "scoring.points.deducted", quarter, line="2026-H1.duty:self_inspection:2026-Q1:land-1.obligation_missed.land-1",
        unit="land-1", cycle_name="2026-H1", rule="obligation_missed", points="-1",
        evidence=[missed if seed % 2 else uncovered],
    )  # fmt: skip
    return told


def record(events: Iterable[Envelope]) -> Record:
    """Of these events."""
    return canonical(events, ZONE)


def report(of: Record, *, figures: Figures | None = None, checked: Sequence[Checked] = SEEN) -> Report:
    """Of `window-units` in 2026."""
    programme = load("window-units")
    cycles = [programme.cycle(f"2026-{half}") for half in ("H1", "H2")]
    return build(
        programme, cast(programme, 1), cycles, year=2026, years=1, seed=1, record=of,
        figures=figures or Figures(), checked=checked,
    )  # fmt: skip
