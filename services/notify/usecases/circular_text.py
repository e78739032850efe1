"""A circular as it is drafted: from the period's figures, in Chinese and in English; the office edits it (N6)."""

from collections.abc import Mapping

from services.notify.domain.figures import BAD, Unit, rate
from services.notify.domain.quarter import Span
from services.notify.usecases.counting import Period
from services.notify.usecases.desk import Desk
from shared.language import Language, said

Names = Mapping[str, Mapping[str, str]]
FIGURES: dict[Language, dict[str, str]] = {
    "zh": {
        "late": "逾期办结{n}件", "no_result": "到期无结果{n}件", "broken": "承诺未兑现{n}项",
        "missed": "任务未完成{n}项", "escalated": "严重逾期{n}件",
    },
    "en": {
        "late": "closed late: {n}", "no_result": "no result: {n}", "broken": "promises broken: {n}",
        "missed": "duties missed: {n}", "escalated": "long overdue: {n}",
    },
}  # fmt: skip
TOPICS = 5


def title(desk: Desk, kind: str, span: Span, language: Language) -> str:
    """What stands over it."""
    when = worded(kind, span, language)
    if language == "zh":
        return f"关于{when}群众反映问题办理情况的通报"
    return f"Circular on matters reported, {when}"


def worded(kind: str, span: Span, language: Language) -> str:
    """A period in words."""
    if kind == "cycle":
        return f"{span.name}评议周期" if language == "zh" else f"cycle {span.name}"
    year, _, number = span.name.partition("-Q")
    if language == "zh":
        return f"{year}年第{'一二三四'[int(number) - 1]}季度"
    return f"quarter {number} of {year}"


def body(desk: Desk, kind: str, period: Period, names: Names, language: Language) -> str:
    """What it says, a paragraph a line."""
    return "\n".join(_zh(desk, kind, period, names) if language == "zh" else _en(desk, kind, period, names))


def _zh(desk: Desk, kind: str, period: Period, names: Names) -> list[str]:
    span, total = period.span, period.total
    lines = [
        "一、总体情况",
        f"{worded(kind, span, 'zh')}（{span.first:%Y年%-m月%-d日}至{span.last:%Y年%-m月%-d日}），共交办群众反映的问题"
        f"{total('opened')}件，办结{total('closed')}件，其中已解决{total('solved')}件；期末在办{total('open')}件。",
    ]
    if total("findings"):
        lines.append(f"明察暗访发现并交办问题{total('findings')}个。")
    good = rate(total("graded") - total("bad"), total("graded"))
    if good is not None:
        lines.append(f"群众回访评价{total('graded')}人次，不满意{total('bad')}人次，满意率{good}%。")
    if period.topics:
        top = "、".join(f"{_topic(desk, key, 'zh')}（{n}件）" for key, n in period.topics.most_common(TOPICS))
        lines.append(f"反映较多的问题：{top}。")
    lines.append("二、点名通报")
    if not period.named:
        lines.append("本期没有应当点名通报的单位。")
    for unit in period.named:
        lines.append(f"{_name(names, unit, 'zh')}：{'，'.join(_bad(unit, 'zh'))}。涉及：{_numbers(unit, '、')}。")
    if period.named:
        lines += ["三、工作要求", "请被点名单位查明原因，落实责任，按期整改，并将整改情况报评议办。"]
    return lines


def _en(desk: Desk, kind: str, period: Period, names: Names) -> list[str]:
    span, total = period.span, period.total
    lines = [
        "1. In general",
        f"In {worded(kind, span, 'en')} ({span.first} to {span.last}) {total('opened')} matters were handed over and "
        f"{total('closed')} closed, {total('solved')} of them solved; {total('open')} were open at the end.",
    ]
    if total("findings"):
        lines.append(f"Inspections gave {total('findings')} findings that were handed over.")
    good = rate(total("graded") - total("bad"), total("graded"))
    if good is not None:
        lines.append(
            f"Of {total('graded')} answers when people were called back {total('bad')} were bad: {good}% good."
        )
    if period.topics:
        top = ", ".join(f"{_topic(desk, key, 'en')} ({n})" for key, n in period.topics.most_common(TOPICS))
        lines.append(f"Most was said of: {top}.")
    lines.append("2. Units named")
    if not period.named:
        lines.append("No unit is to be named.")
    for unit in period.named:
        lines.append(f"{_name(names, unit, 'en')}: {', '.join(_bad(unit, 'en'))}. Nos. {_numbers(unit, ', ')}.")
    if period.named:
        lines += ["3. What is asked", "The units named find the causes, mend them in time and report to the office."]
    return lines


def _bad(unit: Unit, language: Language) -> list[str]:
    return [FIGURES[language][name].format(n=getattr(unit, name)) for name in BAD if getattr(unit, name)]


def _numbers(unit: Unit, between: str) -> str:
    return between.join(dict.fromkeys(one.title or one.number for one in unit.instances))


def _name(names: Names, unit: Unit, language: Language) -> str:
    return names.get(unit.unit, {}).get(language, unit.unit)


def _topic(desk: Desk, key: str, language: Language) -> str:
    label = next((topic.label for topic in desk.programme.topics if topic.key == key), None)
    return said(label, language) if label else key
