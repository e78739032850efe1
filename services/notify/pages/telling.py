"""The entries of the bulletin in words, for the page and for the feed alike: plain lines, no markup."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.notify.domain.bulletin import Entry, Item, Shown
from services.notify.terms import TERMS
from shared.language import Language, said
from shared.pages import Wording
from shared.programme import Programme
from shared.programme.obligations import OFFICE, RESPONSIBLE, TASK

Names = Mapping[str, Mapping[str, str]]
SEVERAL = 3
"""As many units stand in a title; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words. before: what it said until it was corrected; hidden: that is not shown any more."""

    key: str
    what: str
    at: datetime
    lines: tuple[str, ...]
    before: tuple[str, ...] = ()
    hidden: bool = False
    corrected_at: datetime | None = None
    reason: str = ""


class Teller:
    """Says what entries say, in one language."""

    def __init__(self, programme: Programme, wording: Wording, language: Language, names: Names) -> None:
        self._programme, self._wording, self._language, self._names = programme, wording, language, names

    def say(self, key: str, **values: object) -> str:
        """A text of the wording."""
        return self._wording.say(self._language, key, **values)

    def unit(self, key: str | None) -> str:
        """A unit's name; the office's own duties are the office's."""
        if not key:
            return self.say("bulletin.no_unit")
        if key == OFFICE:
            return said(self._programme.office, self._language)
        return self._names.get(key, {}).get(self._language, key)

    def units(self, keys: tuple[str, ...]) -> str:
        """Names of units, or how many they are."""
        if len(keys) > SEVERAL:
            return self.say("bulletin.so_many", number=len(keys))
        return ("、" if self._language == "zh" else ", ").join(self.unit(key) for key in keys)

    def day(self, value: str | None) -> str:
        """A day as people write it."""
        if not value:
            return ""
        day = date.fromisoformat(value[:10])
        return f"{day.year}年{day.month}月{day.day}日" if self._language == "zh" else f"{day.day} {day:%B %Y}"

    def moment(self, at: datetime) -> str:
        """A day and time, local."""
        return at.astimezone(self._programme.zone).strftime("%Y-%m-%d %H:%M")

    def title(self, item: Item) -> str:
        """What stands over an item. Of one that was withdrawn only its kind and unit."""
        if item.withdrawal is not None:
            return self.say("bulletin.title.withdrawn", kind=self.say(f"bulletin.kind.{item.kind}"))
        corrected = [shown.correction for shown in item.shown() if shown.correction is not None]
        titles = [self._own(entry.facts, "title") for entry in (item.first, *corrected)]
        own = next((title for title in reversed(titles) if title), "")
        if own and item.kind != "schedule":
            return own
        return self._titles().get(item.kind, self._other)(item)

    def _titles(self) -> Mapping[str, Callable[[Item], str]]:
        return {"schedule": self._of_schedule, "handling": self._of_handling, "result": self._of_result}

    def _other(self, item: Item) -> str:
        return self.say(f"bulletin.title.{item.kind}", unit=self.units(item.units), **_day_of(item, self))

    def _of_schedule(self, item: Item) -> str:
        first = next((entry for entry in item.entries if entry.what == "due"), item.first)
        key = str(first.facts.get("obligation", ""))
        found = next((one.label for one in self._programme.obligations if one.key == key), None)
        name = said(found, self._language) if found else str(first.facts.get("title", ""))
        if key == TASK or not key:
            return self.say("bulletin.title.task", name=name)
        return self.say("bulletin.title.duty", name=name, period=first.facts.get("period", ""))

    def _of_handling(self, item: Item) -> str:
        closed = [entry for entry in item.entries if entry.what == "closed"]
        facts = (closed or [item.last])[-1].facts
        if not closed:
            return self.say("bulletin.title.handling_again", case=facts["case"], unit=self.unit(facts["unit"]))
        values = {"case": facts["case"], "unit": self.unit(facts["unit"]), "outcome": self._outcome(facts["outcome"])}
        return self.say("bulletin.title.handling", **values)

    def _of_result(self, item: Item) -> str:
        facts = item.last.facts
        if item.last.what == "fed_back":
            return self.say("bulletin.title.fed_back", unit=self.unit(facts["unit"]), cycle=facts["cycle"])
        return self.say("bulletin.title.result", cycle=facts["cycle"])

    def entries(self, item: Item) -> tuple[Told, ...]:
        """All entries in words, oldest first. Of a withdrawn item there are none."""
        if item.withdrawal is not None:
            return ()
        return tuple(self._told(shown, item) for shown in item.shown())

    def _told(self, shown: Shown, item: Item) -> Told:
        entry, correction = shown.entry, shown.correction
        own = self.lines(entry, item)
        if correction is None:
            return Told(entry.key, entry.what, entry.at, own)
        new = tuple(_paragraphs(self._own(correction.facts, "text")))
        before = () if shown.hidden else own
        reason = str(correction.facts.get("reason", ""))
        return Told(entry.key, entry.what, entry.at, new, before, shown.hidden, correction.at, reason)

    def lines(self, entry: Entry, item: Item) -> tuple[str, ...]:
        """What an entry says, as it stands on record."""
        make = getattr(self, f"_say_{entry.what}", None)
        return tuple(line for line in make(entry.facts, item) if line) if make else ()

    def _say_due(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        person = self._person(f)
        lines = [self.say("bulletin.due", unit=self.unit(f["unit"]), due=self.day(f["due"]), person=person)]
        if standard := self._standard(f):
            lines.append(self.say("bulletin.standard", standard=standard))
        if f["decision"]:
            lines.append(self.say("bulletin.decision", decision=f["decision"]))
        if f["helping"]:
            lines.append(self.say("bulletin.helping", units=self.units(tuple(f["helping"]))))
        return lines

    def _person(self, f: Mapping[str, Any]) -> str:
        """Who answers for it: of a task as it was published, of a duty the programme's role."""
        given = str(f["person"])
        role = next((label for label in RESPONSIBLE.values() if label.zh == given), None)
        return said(role, self._language) if role else given or self.say("bulletin.main_leader")

    def _standard(self, f: Mapping[str, Any]) -> str:
        """In the reader's language where the programme still says what was announced."""
        found = next((one for one in self._programme.obligations if one.key == f["obligation"]), None)
        asked = [asked.label for asked in found.acceptance] if found else []
        if [label.zh for label in asked] == list(f["standard"]):
            return ("；" if self._language == "zh" else "; ").join(said(label, self._language) for label in asked)
        return "；".join(f["standard"])

    def _say_met(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        return [self.say("bulletin.met_late" if f["late"] else "bulletin.met", unit=self.unit(f["unit"]))]

    def _say_missed(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        return [self.say("bulletin.missed", unit=self.unit(f["unit"]), due=self.day(f["due"]))]

    def _say_meeting(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        at = f["starts_at"]
        hour = datetime.fromisoformat(at).astimezone(self._programme.zone).strftime("%H:%M") if at else ""
        lines = [self.say("bulletin.meeting", cycle=f["cycle"], date=self.day(f["date"]), hour=hour)]
        if f["place"]:
            lines.append(self.say("bulletin.place", place=f["place"]))
        named = f["units"]
        lines.append(
            self.say("bulletin.meeting_units", units=self._all(named)) if named else self.say("bulletin.meeting_all")
        )
        if f["speak"]:
            lines.append(self.say("bulletin.speak", units=self._all(f["speak"])))
        return lines

    def _all(self, keys: list[str]) -> str:
        return ("、" if self._language == "zh" else ", ").join(self.unit(key) for key in keys)

    def _say_promised(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        head = self.say("bulletin.promised", unit=self.unit(f["unit"]), person=f["person"], due=self.day(f["due"]))
        return [head, *_paragraphs(f["text"])]

    def _say_kept(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        return [self.say("bulletin.kept_late" if f["late"] else "bulletin.kept"), *self._anew(f)]

    def _say_broken(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        return [self.say("bulletin.broken"), *self._anew(f)]

    def _anew(self, f: Mapping[str, Any]) -> list[str]:
        return [self.say("bulletin.corrects")] if f["corrects"] else []

    def _outcome(self, key: str) -> str:
        return TERMS[self._language].get(f"outcome:{key}", key)

    def _say_closed(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        values = {"case": f["case"], "unit": self.unit(f["unit"]), "outcome": self._outcome(f["outcome"])}
        lines = [self.say("bulletin.closed_again" if f["times"] > 1 else "bulletin.closed", **values)]
        topic = next((one.label for one in self._programme.topics if one.key == f["topic"]), None)
        if topic is not None:
            lines.append(self.say("bulletin.topic", topic=said(topic, self._language)))
        lines.append(self.say("bulletin.late", days=f["late_days"]) if f["late"] else self.say("bulletin.in_time"))
        if f["misconduct"]:
            lines.append(self.say("bulletin.misconduct"))
        return lines

    def _say_reopened(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        reason = TERMS[self._language].get(f"reopen:{f['reason']}", f["reason"])
        return [self.say("bulletin.reopened", reason=reason, due=self.day(f["due"]))]

    def _say_excused(self, _f: Mapping[str, Any], _item: Item) -> list[str]:
        return [self.say("bulletin.excused")]

    def _say_ranked(self, f: Mapping[str, Any], item: Item) -> list[str]:
        first = next(entry for entry in item.entries if entry.what == "ranked")
        again = first.facts is not f
        key = "bulletin.ranked_again" if again else "bulletin.ranked"
        return [self.say(key, cycle=f["cycle"], scopes=len(f["scopes"]), units=f["units"])]

    def _say_fed_back(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        return [
            self.say("bulletin.fed_back", unit=self.unit(f["unit"]), date=self.day(f["date"]), cycle=f["cycle"]),
            self.say("bulletin.place", place=f["place"]) if f["place"] else "",
        ]

    def _say_followed(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        lines = [self.say("bulletin.followed", outlet=f["outlet"], date=self.day(f["on"]), unit=self.unit(f["unit"]))]
        for name in ("outcome", "accountability", "statement", "promise"):
            lines += [self.say(f"bulletin.exposure.{name}"), *_paragraphs(f[name])] if f[name] else []
        return [*lines, self.say("bulletin.exposure.due", due=self.day(f["due"])) if f["due"] else ""]

    def _say_issued(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        head = self.say("bulletin.issued", number=f["number"], date=self.day(f["issued_on"]))
        return [head, *_paragraphs(self._own(f, "text"))]

    def _say_announced(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        return _paragraphs(self._own(f, "text"))

    def _say_contributed(self, f: Mapping[str, Any], _item: Item) -> list[str]:
        return [self.say("bulletin.contributed", unit=self.unit(f["unit"])), *_paragraphs(self._own(f, "text"))]

    def _own(self, facts: Mapping[str, Any], name: str) -> str:
        """A text of somebody in the reader's language, if there is one in it."""
        return str((facts.get(f"{name}_en") if self._language == "en" else "") or facts.get(name) or "")


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _day_of(item: Item, teller: Teller) -> dict[str, str]:
    facts = item.last.facts
    return {
        "date": teller.day(str(facts.get("date") or "")) if facts.get("date") else "",
        "cycle": str(facts.get("cycle") or ""),
        "number": str(facts.get("number") or ""),
        "person": str(facts.get("person") or ""),
    }
