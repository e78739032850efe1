"""Roll-up: which units are offices of their own that file their result upward, and what the review's mark is for.

A county's office files with the city, a city's with the province. The higher office reviews what is filed; where the
programme names a part of the composite, the reviewer's mark becomes the unit's value of that part (S9, S14).
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from shared.programme.composite import COMPUTED, MAY_BE_COMPUTED
from shared.programme.marks import Finding, Said, rows
from shared.programme.messages import meant
from shared.programme.values import Code, Part, YearDayText


class Takes(Part):
    """Units of these categories file. part: of the composite, to which the review's mark goes; by: the last day."""

    categories: tuple[Code, ...] = Field(min_length=1)
    part: Code | None = None
    by: YearDayText


class Rollup(Part):
    """Who files with this office; nobody where the programme says nothing."""

    takes: tuple[Takes, ...] = ()

    def __bool__(self) -> bool:
        """Whether anybody files; a programme of which nobody does keeps its fingerprint."""
        return bool(self.takes)

    def of(self, category: str) -> Takes | None:
        """The rule for units of a category; None where they file nothing."""
        return next((rule for rule in self.takes if category in rule.categories), None)


def findings(data: Any) -> Iterator[Finding]:
    """What does not hold: known categories, each once; a part that is entered, by its key."""
    given = data.get("rollup") if isinstance(data, dict) else None
    if not isinstance(given, dict):
        return
    known = [str(row["key"]) for _, row in rows(data, "categories") if "key" in row]
    parts = {str(row["key"]): row for _, row in rows(data, "composite") if "key" in row}
    seen: set[str] = set()
    for where, row in rows(given, "takes"):
        here = ("rollup", *where)
        listed = row.get("categories")
        for number, category in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(category, str):
                yield from _category((*here, "categories", number), category, known, category in seen)
                seen.add(category)
        if isinstance(row.get("part"), str):
            yield from _part((*here, "part"), row["part"], parts, listed if isinstance(listed, list) else [])


def _category(where: tuple[str | int, ...], category: str, known: list[str], twice: bool) -> Iterator[Finding]:
    if category not in known:
        listed = ", ".join(known)
        yield Finding(
            where,
            category,
            Said("没有这个类别", "there is no such category"),
            meant(category, known) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
        )
    elif twice:
        yield Finding(
            where,
            category,
            Said("与前面的重复，不知道按哪一条报送", "stands in an earlier rule: which one holds is not said"),
            Said("每个类别只写一次", "name each category once"),
        )


def _part(where: tuple[str | int, ...], key: str, parts: dict[str, Any], filing: list[Any]) -> Iterator[Finding]:
    if key not in parts:
        listed = ", ".join(parts)
        yield Finding(
            where,
            key,
            Said("综合得分里没有这一部分", "the composite has no such part"),
            meant(key, list(parts)) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
        )
        return
    row = parts[key]
    kind, source = row.get("kind", key), row.get("source")
    if source == "computed" or (source != "entered" and kind in COMPUTED):
        yield Finding(
            where,
            key,
            Said("这一部分由系统计算，审核不能给分", "this part is computed: a review cannot give its mark"),
            Said("改用录入的部分（source: entered）", "name a part that is entered")
            if kind in MAY_BE_COMPUTED
            else Said("改用另一部分，或删去 part", "name another part, or leave part out"),
        )
    own = row.get("categories")
    if isinstance(own, list) and own and (outside := [one for one in filing if one not in own]):
        yield Finding(
            where,
            key,
            Said(f"这一部分不用于 {'、'.join(map(str, outside))}", f"is no part of {', '.join(map(str, outside))}"),
            Said("写上类别相同的部分", "name a part of the composite of these categories"),
        )
