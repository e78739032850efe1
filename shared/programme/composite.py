"""The parts of the composite score (S9): a part of a programme, and what must hold between its fields.

A part's kind says what it is and where its value comes from; its key names it, and is the kind where the programme
has one part of that kind only.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import Field

from shared.programme.marks import Finding, Said, rows, sums_to
from shared.programme.messages import meant
from shared.programme.values import Code, Count, Label, Part, Window, unsaid

PartKind = Literal[
    "daily",  # the daily score
    "concentrated",  # the meeting's vote
    "panel",  # panel marks, also of a year-end assessment
    "inspection",
    "questionnaire",
    "self_check",
    "deputies",  # reviews by deputies
    "supervisors",  # reviews by supervisors
    "resolution",  # share solved on time × mean satisfaction, promised matters double
    "online_hall",
    "online",  # online evaluation
    "external",  # from outside, such as a city rank
]
KINDS: tuple[str, ...] = get_args(PartKind)
OWN = ("daily", "concentrated")
"""Computed from the lines and the seal, shown in fields of their own; each at most once, under its own name."""
COMPUTED = (*OWN, "resolution")
MAY_BE_COMPUTED = (*COMPUTED, "online", "questionnaire")
"""The last two are entered, unless the programme says `source: computed`."""
SURVEYS = ("questionnaire", "online")
LEAST_OF_SURVEYS = 30


class PartItem(Part):
    """An item of a part, with its weight in it in per cent."""

    key: Code
    label: Label
    weight: Decimal = Field(gt=0, le=100)


class CompositePart(Part):
    """A part of the composite score and its weight in per cent.

    kind: what it is; without one the key is the kind. source: `computed` from events, or `entered` with a document and
    confirmed by a second person. least: the smallest sample it needs, else the unit has no such part. items: a
    weighted mean of these is entered instead of one value. questionnaire: which one a computed part is made of.
    window: a round (轮次) of the cycle: nothing is entered before it opens; a questionnaire is held, and codes for
    online evaluation count, on its days only. categories: of whose units it is a part; by default of all.
    """

    key: Code
    label: Label
    weight: Decimal = Field(gt=0, le=100)
    kind: PartKind | None = None
    source: Literal["entered", "computed"] | None = None
    least: Count | None = None
    items: tuple[PartItem, ...] = ()
    questionnaire: Code | None = None
    window: Window | None = Field(default=None, exclude_if=unsaid)
    categories: tuple[Code, ...] = Field(default=(), exclude_if=unsaid)

    @property
    def shown(self) -> Label:
        """Its label, of a round with the days."""
        if self.window is None:
            return self.label
        first, last = self.window.opens, self.window.closes
        return Label(zh=f"{self.label.zh}（{first} 至 {last}）", en=f"{self.label.en} ({first} to {last})")

    def counts_for(self, category: str) -> bool:
        """Whether it is a part of the composite of units of this category."""
        return not self.categories or category in self.categories

    @property
    def is_of(self) -> str:
        """What kind of part it is."""
        return self.kind or self.key

    @property
    def is_computed(self) -> bool:
        """Whether its values follow from events and seals, so that nobody enters them."""
        return self.source == "computed" or (self.source is None and self.is_of in COMPUTED)

    @property
    def least_sample(self) -> int:
        """The smallest sample: 30 for surveys, none for marks, unless the programme says otherwise (S9)."""
        return self.least if self.least is not None else LEAST_OF_SURVEYS if self.is_of in SURVEYS else 0


def findings(data: Any) -> Iterator[Finding]:
    """What does not hold between the fields of the composite's parts."""
    for where, row in rows(data, "composite"):
        listed = [item for _, item in rows(row, "items")]
        yield from sums_to((*where, "items"), listed, "weight", Decimal(100), "100")
        yield from _twice((*where, "items"), row)
        kind, key = row.get("kind", row.get("key")), row.get("key")
        if not isinstance(kind, str) or not isinstance(key, str):
            continue
        if kind not in KINDS:
            if "kind" not in row:
                yield Finding(
                    (*where, "key"),
                    key,
                    Said("不是已知的部分，又没有写 kind", "is no known part, and has no kind"),
                    meant(key, list(KINDS))
                    or Said(f"写 kind：{'、'.join(KINDS)} 之一", f"write a kind: one of {', '.join(KINDS)}"),
                )
            continue
        yield from _of_kind(where, row, kind, key)


def _twice(where: tuple[str | int, ...], row: Any) -> Iterator[Finding]:
    seen: set[object] = set()
    for inside, item in rows(row, "items"):
        if isinstance(item.get("key"), str) and item["key"] in seen:
            yield Finding(
                (*where, inside[-1], "key"),
                item["key"],
                Said("与前面的重复", "stands twice in this list"),
                Said("每个 key 只用一次", "use each key once"),
            )
        seen.add(item.get("key") if isinstance(item.get("key"), str) else None)


def _of_kind(where: tuple[str | int, ...], row: Any, kind: str, key: str) -> Iterator[Finding]:
    if (kind in OWN or key in OWN) and kind != key:
        yield Finding(
            (*where, "key"),
            key,
            Said(f"{kind} 这一部分的 key 和 kind 要相同", f"a part of kind {kind} cannot have this key"),
            Said("日常评议写 key: daily，集中评议写 key: concentrated", "write daily or concentrated for both"),
        )
    if row.get("source") == "computed" and kind not in MAY_BE_COMPUTED:
        yield Finding(
            (*where, "source"),
            "computed",
            Said(f"{kind} 不能由系统自动计算", f"a part of kind {kind} cannot be computed"),
            Said("写 source: entered，由人录入并经第二人确认", "write source: entered: it is entered and confirmed"),
        )
    if row.get("source") == "entered" and kind in OWN:
        yield Finding(
            (*where, "source"),
            "entered",
            Said(f"{kind} 由系统计算，不能录入", f"a part of kind {kind} is computed, nobody enters it"),
            Said("删去 source", "leave source out"),
        )
    computed = row.get("source") == "computed" or (row.get("source") != "entered" and kind in COMPUTED)
    if row.get("items") and computed:
        yield Finding(
            (*where, "items"),
            kind,
            Said("由系统计算的部分没有分项", "a computed part has no items"),
            Said("删去 items", "leave items out"),
        )
    if row.get("least") is not None and kind in OWN:
        yield Finding(
            (*where, "least"),
            row["least"],
            Said("大会的最少份数写在 ranking.least_ratings，日常评议没有", "the vote's least stands in least_ratings"),
            Said("删去 least", "leave least out"),
        )
