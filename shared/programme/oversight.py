"""Channels' evidence, inspections and supervisors: what a programme asks of those who look and report (I1, I9, I10)."""

from typing import Literal

from pydantic import Field

from shared.programme.values import Code, Count, Label, Number, Part, WorkingDays

EvidenceKind = Literal["photo", "video", "document", "recording", "letter"]
Particular = Literal[
    "outlet", "date", "inspection", "card", "point", "meeting", "show", "survey", "record", "letter_number", "address"
]
Requirement = Literal["evidence", Particular]
InspectionKind = Literal["open", "covert", "call_on", "patrol", "check", "regular", "spot"]
InspectedBy = Literal["office", "unit", "supervisor"]

EVERY_EVIDENCE: tuple[EvidenceKind, ...] = ("photo", "video", "document", "recording", "letter")


class Item(Part):
    """A key with what people read."""

    key: Code
    label: Label


def _item(key: str, zh: str, en: str) -> Item:
    return Item(key=key, label=Label(zh=zh, en=en))


EIGHT_INSTITUTIONS = (
    _item("post_responsibility", "岗位责任制", "Post responsibility"),
    _item("open_procedure", "办事公开制", "Open procedure"),
    _item("service_promise", "服务承诺制", "Service promise"),
    _item("first_asked", "首问负责制", "First-asked responsibility"),
    _item("one_time_notice", "一次性告知制", "One-time notice"),
    _item("time_limit", "限时办结制", "Time limit"),
    _item("ab_cover", "AB岗制", "A/B cover"),
    _item("receipt", "办件回执制", "Receipt"),
)
PLACES = (
    _item("window", "服务窗口", "Window"),
    _item("inner_office", "内设科室", "Inner office"),
    _item("post", "工作岗位", "Post"),
)


class Coverage(Part):
    """What covers a unit in a quarter; `by: []` asks for nothing, empty kinds or categories mean all."""

    by: tuple[InspectedBy, ...] = ("unit",)
    kinds: tuple[InspectionKind, ...] = ("covert",)
    categories: tuple[Code, ...] = ()
    report_within: Count = 5  # working days after the quarter in which an inspection may still be recorded


class Inspections(Part):
    """明察暗访: the checklist, the kinds of place, and what each unit owes a quarter (I9)."""

    checklist: tuple[Item, ...] = Field(default=EIGHT_INSTITUTIONS, min_length=1)
    places: tuple[Item, ...] = Field(default=PLACES, min_length=1)
    coverage: Coverage = Coverage()


class Supervisors(Part):
    """监督员: their term, when its end is warned of, and by when a contact card is answered (I10)."""

    term_years: Number = 3
    warn_days: Number = 30
    card_answer: WorkingDays = 10
