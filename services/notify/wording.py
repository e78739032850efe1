"""What letters say: Jinja2 templates in Chinese and English, one a kind of notice, and the frames around them.

A notice's template sets `subject` (one line) and `body`; `letter.j2` frames one notice, `digest.j2` many.
Plain text: what others wrote was made one line when the notice was planned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.notify.domain.bilingual import in_language
from services.notify.domain.letter import one_line
from services.notify.terms import TERMS
from shared.errors import Refusal
from shared.programme import Programme

HERE = Path(__file__).parent / "templates"
LANGUAGES = ("zh", "en")
LONGEST_SHORT = 20_000
FRAMES = frozenset({"letter", "digest", "short"})


@dataclass(frozen=True, slots=True)
class Item:
    """One notice in words. short: for a small screen; the subject, unless the template says it otherwise."""

    subject: str
    body: str
    short: str = ""


def _clock(value: str, zone: ZoneInfo) -> str:
    """The time of day of an instant, local: `09:00`."""
    return datetime.fromisoformat(value).astimezone(zone).strftime("%H:%M")


def _day(value: str | date, language: str, zone: ZoneInfo) -> str:
    """A day as people write it. Of a moment its local day; midnight is the end of the day before."""
    if isinstance(value, str) and "T" in value:
        value = (datetime.fromisoformat(value).astimezone(zone) - timedelta(microseconds=1)).date()
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}"


def _escalation(step: str, language: str) -> str:
    """`escalation_3`: the third working day after expiry."""
    days = step.rpartition("_")[2]
    if not days.isdigit():
        return step
    return f"逾期{days}个工作日" if language == "zh" else f"{days} working days overdue"


class Wording:
    """The templates of one programme. Raises Refusal at once if a rule names a template that is not there."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._templates = {language: self._load(language) for language in LANGUAGES}
        for number, rule in enumerate(programme.notices, 1):
            for language, known in self._templates.items():
                if rule.template in FRAMES or rule.template not in known:
                    names = ", ".join(sorted(known.keys() - FRAMES))
                    raise Refusal(
                        f"notices.{number}.template", rule.template, f"no such template in {language}",
                        f"use one of: {names}",
                    )  # fmt: skip

    def _load(self, language: str) -> dict[str, Template]:
        environment = Environment(
            loader=FileSystemLoader(HERE / language),
            autoescape=False,  # plain text: there is nothing that escaping would protect
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        terms = TERMS[language] | {
            f"rule:{rule.key}": rule.label.zh if language == "zh" else rule.label.en
            for rule in self._programme.points.every_rule
        }
        terms |= {
            f"topic:{topic.key}": topic.label.zh if language == "zh" else topic.label.en
            for topic in self._programme.topics
        }
        environment.filters["day"] = lambda value: _day(value, language, self._programme.zone)
        environment.filters["clock"] = lambda value: _clock(value, self._programme.zone)
        environment.filters["said"] = lambda text: in_language(text, language)
        environment.filters["unit"] = lambda key, name: name(key)
        environment.filters["escalation"] = lambda step: _escalation(step, language)
        environment.filters["term"] = lambda value, kind="": terms.get(f"{kind}:{value}" if kind else value, value)
        office = self._programme.office
        environment.globals["office"] = office.zh if language == "zh" else office.en
        environment.globals["programme"] = self._programme.name.zh if language == "zh" else self._programme.name.en
        return {name.removesuffix(".j2"): environment.get_template(name) for name in environment.list_templates()}

    def item(
        self, template: str, facts: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], language: str
    ) -> Item:
        """One notice in words. `names`: units' names by language, for the facts that hold units' keys."""

        def unit(key: str) -> str:
            return names.get(key, {}).get(language, key)

        module: Any = self._templates[language][template].make_module({**facts, "unit_name": unit})
        subject = one_line(str(module.subject))
        return Item(subject, _paragraphs(str(module.body)), one_line(str(getattr(module, "short", subject))))

    def day(self, value: str, language: str) -> str:
        """A date or moment of the facts as people write it."""
        return _day(value, language, self._programme.zone)

    def short(self, name: str, text: str, facts: Mapping[str, Any], language: str, *, letter: bool) -> str:
        """The frame of a message for a small screen. letter: the person gets a letter besides."""
        frame = self._templates[language]["short"]
        return one_line(frame.render(name=name, text=text, letter=letter, **facts), LONGEST_SHORT)

    def letter(self, name: str, items: Sequence[Item], at: datetime, language: str) -> tuple[str, str]:
        """Subject and text of the letter that carries these notices; `at` in local time."""
        if len(items) == 1:
            subject = items[0].subject
            frame = "letter"
        else:
            frame = "digest"
            subject = f"工作提醒汇总（{len(items)}项）" if language == "zh" else f"Daily digest: {len(items)} notices"
        text = self._templates[language][frame].render(name=name, items=items, at=at.date(), subject=subject)
        return subject, _paragraphs(text)


def _paragraphs(text: str) -> str:
    """Without leading, trailing and repeated empty lines, so that templates may be laid out freely."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return "\n".join(kept) + "\n"
