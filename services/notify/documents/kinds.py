"""The kinds of documents (N5): what each is called, its series of numbers, and the fields that its template may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["line", "day", "lines", "paragraphs", "flag", "sections"]
"""How a field is filled: one line; a day, worded; lines; paragraphs of a text; yes or no; headings with their text."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a template. needed: the document cannot be without it."""

    form: Form = "line"
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document. series: the character that tells its numbers from those of other kinds.

    public: anybody of the units concerned may see it. upward: shows who signs for it.
    """

    key: str
    zh: str
    en: str
    series: str
    fields: Mapping[str, Field]

    def name(self, language: str) -> str:
        """What it is called."""
        return self.zh if language == "zh" else self.en


LINE, NEEDED = Field(), Field(needed=True)
DAY, SOME_DAY = Field("day", needed=True), Field("day")
LINES, TEXT, FLAG = Field("lines"), Field("paragraphs"), Field("flag")
TEXT_NEEDED, SECTIONS = Field("paragraphs", needed=True), Field("sections")

COMMON: Mapping[str, Field] = {
    "office": NEEDED,
    "issuer": NEEDED,
    "signed_on": DAY,
    "number": LINE,
    "addressee": LINE,
    "signatory": LINE,
    "copies": LINES,
    "attachments": LINES,
    "printed_on": SOME_DAY,
    "correction": LINE,
    "draft": FLAG,
}
"""What every document may say: who issues it, when, its number, to whom, copies, enclosures, its correction."""

_MATTER: Mapping[str, Field] = {
    "case": NEEDED, "title": LINE, "text": TEXT, "channel": LINE, "topic": LINE, "track": LINE, "lead_unit": LINE,
    "cooperating_units": LINE, "territorial_unit": LINE, "card": LINE, "due": SOME_DAY, "period": LINE,
    "provisional": FLAG, "instruction": TEXT, "advice": TEXT, "basis": LINE,
}  # fmt: skip
_PAPER: Mapping[str, Field] = {"title": NEEDED, "paragraphs": TEXT, "sections": SECTIONS}


def _kind(key: str, zh: str, en: str, series: str, fields: Mapping[str, Field]) -> Kind:
    return Kind(key, zh, en, series, {**COMMON, **fields})


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        _kind("transfer_card", "登记转办卡", "Transfer card", "转", _MATTER),
        _kind("recommendation_letter", "整改建议书", "Recommendation for rectification", "建", _MATTER),
        _kind("commitment", "整改承诺书", "Written commitment", "诺", {
            "case": NEEDED, "text": TEXT_NEEDED, "person": NEEDED, "due": DAY,
        }),
        _kind("circular", "通报", "Circular", "通", _PAPER),
        _kind("circulated_criticism", "通报批评", "Circulated criticism", "批", {
            "unit": NEEDED, "cycle": NEEDED, "reason": TEXT_NEEDED, "answer": TEXT, "due": SOME_DAY, "persons": LINES,
        }),
        _kind("result_notice", "评议结果通知书", "Notice of the result", "果", {
            "cycle": NEEDED, "scope": NEEDED, "daily": LINE, "concentrated": LINE, "composite": LINE,
            "rank": NEEDED, "rank_range": LINE, "remark": LINE,
        }),
        _kind("appraisal_opinion", "评议意见书", "Appraisal opinion", "意", {
            "unit": NEEDED, "cycle": NEEDED, "author": NEEDED, "strengths": LINES, "problems": LINES,
            "recommendations": LINES, "signed_by": NEEDED,
        }),
        _kind("supervisors_briefing", "监督员工作简报", "Supervisors’ briefing", "简", {**_PAPER, "issue": NEEDED}),
        _kind("letter_of_appointment", "聘书", "Letter of appointment", "聘", {
            "name": NEEDED, "honorific": LINE, "role": NEEDED, "since": DAY, "until": DAY, "letter": LINE,
        }),
        _kind("meeting_announcement", "会前公告", "Announcement of the meeting", "告", {
            "cycle": NEEDED, "date": DAY, "starts": LINE, "place": LINE, "units": NEEDED, "speaking": LINES,
        }),
        _kind("evaluators_feedback", "评议员反馈", "Feedback to evaluators", "馈", {**_PAPER, "cycle": NEEDED}),
    )
}  # fmt: skip


BY_HAND = "办"
"""The series of what the office words itself: numbers of the others follow from the events alone."""


def number(mark: str, series: str, year: int, seq: int) -> str:
    """发文字号: the office's mark, the series, the year in hexagonal brackets, the running number without zeros."""
    return f"{mark}{series}〔{year}〕{seq}号"
