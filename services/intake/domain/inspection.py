"""Inspections (I9): what a record must hold, which channel its findings come by, and who covers whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.errors import Refusal

Answer = Literal["yes", "no", "not_applicable"]
By = Literal["office", "unit", "supervisor"]

OPEN, COVERT, OWN = "inspection_open", "inspection_covert", "self_inspection"
SOURCE = "inspection"
"""Source of the complaints that findings become."""

CHANNELS = frozenset({OPEN, COVERT, OWN})
"""Channels of recorded inspections, and of what a unit reports of itself (R10); nobody else reports by them."""


def channel_of(kind: str, by: str) -> str:
    """The channel of a finding: a unit's own inspection is a self-inspection, an unannounced one covert, else open."""
    if by == "unit":
        return OWN
    return COVERT if kind == "covert" else OPEN


def origin_of(channel: str) -> Literal["complaint", "inspection", "meeting_question"]:
    """Where a matter comes from, as its transfer says: findings count in the daily score as such (S8)."""
    if channel in CHANNELS:
        return "inspection"
    return "meeting_question" if channel == "meeting_question" else "complaint"


def check_answers(answers: Mapping[str, str], checklist: Collection[str]) -> None:
    """Each item of the checklist has its answer, and nothing else has. Raises Refusal."""
    for item in checklist:
        if item not in answers:
            raise Refusal(f"answers.{item}", None, "the checklist's item has no answer", "yes, no or not_applicable")
    if unknown := sorted(set(answers) - set(checklist)):
        known = ", ".join(checklist)
        raise Refusal(f"answers.{unknown[0]}", answers[unknown[0]], "it is not on the checklist", f"use {known}")


def check_findings(answers: Mapping[str, str], institutions: Sequence[str | None]) -> None:
    """What a finding is about was answered with no: one record does not say both. Raises Refusal."""
    for index, institution in enumerate(institutions):
        if institution is None:
            continue
        if answers.get(institution) != "no":
            remedy = "answer no there, or leave the finding's institution out"
            raise Refusal(f"findings.{index}.institution", institution, "the checklist does not say no to it", remedy)


@dataclass(frozen=True, slots=True)
class Seen:
    """An inspection, as far as coverage goes."""

    unit: str
    by: str
    kind: str


@dataclass(frozen=True, slots=True)
class Duty:
    """What covers a unit in a quarter: inspections by these, of these kinds (none named: of any)."""

    by: tuple[str, ...]
    kinds: tuple[str, ...]


def uncovered(owing: Iterable[str], seen: Iterable[Seen], above: Mapping[str, str | None], duty: Duty) -> list[str]:
    """Of the units that owe it those that nothing covered, sorted; none where the duty names nobody.

    above: unit → the unit that it is a section of; an inspection of a section covers that one too.
    """
    if not duty.by:
        return []
    covered = {s.unit for s in seen if s.by in duty.by and (not duty.kinds or s.kind in duty.kinds)}
    covered |= {parent for unit in covered if (parent := above.get(unit))}
    return sorted(set(owing) - covered)


def not_before(on: date, today: date) -> None:
    """An inspection is recorded when it has been done. Raises Refusal."""
    if on > today:
        raise Refusal("on", on.isoformat(), "the day lies in the future", "record it when it has been done")
