"""What a document says, from the facts of the notice that it goes with (N5). None: this matter has no such document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.notify.documents.kinds import KINDS
from services.notify.domain.bilingual import in_language
from services.notify.terms import TERMS
from services.notify.usecases.circular_papers import briefing_facts, feedback_facts
from services.notify.usecases.desk import Desk
from shared.contracts.intake import TransferRequested
from shared.errors import Refusal
from shared.language import Language, said
from shared.programme import Label

Names = Mapping[str, Mapping[str, str]]
Given = dict[str, Any]
DRAFTS = frozenset({TransferRequested.TYPE})
"""Events before an approval: what is made of them is a draft, without a number, for the office alone (I6, I7)."""

MOST_UNITS = 12
"""Units that an announcement names; of more it gives the number."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a document is made of: the notice's matter and facts, and when that was."""

    event: str
    matter: str
    case: str | None
    unit: str | None
    facts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """How keys are said in a language."""

    desk: Desk
    names: Names
    language: Language

    def __call__(self, zh: str, en: str) -> str:
        """One of two."""
        return zh if self.language == "zh" else en

    def unit(self, key: str | None) -> str:
        """A unit's name."""
        return self.names.get(key, {}).get(self.language, key) if key else ""

    def to(self, key: str | None) -> str:
        """A unit as addressee."""
        return self(self.unit(key), f"To {self.unit(key)}")

    def term(self, key: str, kind: str = "") -> str:
        """A key of the events."""
        return TERMS[self.language].get(f"{kind}:{key}" if kind else key, key)

    def label(self, entries: Any, key: str | None) -> str:
        """The label of one of the programme's entries."""
        label = next((entry.label for entry in entries if entry.key == key), None)
        return self.said(label) if label is not None else key or ""

    def said(self, label: Label) -> str:
        """A label of the programme."""
        return said(label, self.language)

    def cycle(self, name: str) -> str:
        """A cycle as people call it; one that the programme does not name by its own name."""
        try:
            return self.said(self.desk.programme.cycle(name).label)
        except Refusal:
            return name

    def day(self, source: Source) -> date:
        """The local day of what a document is made of."""
        return self.desk.calendar.local_date(source.at)

    def among(self, keys: list[str]) -> str:
        """Units, one after the other."""
        return self("、", ", ").join(self.unit(key) for key in keys)


def facts_of(kind: str, words: Words, source: Source, drafted: Given | None = None) -> Given | None:
    """The facts of a document of a kind; drafted: those of its draft, which a clerk may have worded."""
    fill = FILL.get(kind)
    given = fill(words, source) if fill is not None else None
    if given is None:
        return None
    if drafted:
        given |= {name: drafted[name] for name in ("advice", "basis") if drafted.get(name)}
    office, day = words.said(words.desk.programme.office), words.day(source)
    common: Given = {"office": office, "issuer": office, "signed_on": day, "printed_on": day}
    if source.event in DRAFTS:
        common["draft"] = True
    return {name: value for name, value in (common | given).items() if name in KINDS[kind].fields}


def unit_keys(facts: Mapping[str, Any]) -> set[str]:
    """All units that facts name."""
    keys = {facts[name] for name in ("unit", "lead_unit", "territorial") if facts.get(name)}
    keys.update(facts.get("cooperating") or (), facts.get("unit_keys") or (), facts.get("speak") or ())
    keys.update(row["unit"] for row in [*(facts.get("rows") or ()), *([facts["row"]] if facts.get("row") else [])])
    return keys


def _matter(words: Words, source: Source) -> Given | None:
    facts, programme = source.facts, words.desk.programme
    if "lead_unit" not in facts or not facts.get("card"):
        return None  # an event of a release that told no more than that there is a case
    draft, days = source.event in DRAFTS, facts.get("days")
    due = None if draft else date.fromisoformat(facts["due"])
    helping = [*facts["cooperating"], *([facts["territorial"]] if facts["territorial"] else [])]
    period = words(f"{days}个工作日", f"{days} working days") if days else ""
    own = facts.get("advice") or words.said(programme.recommendation.advice)
    return {
        "case": facts.get("case") or facts["number"],
        "card": facts["card"],
        "title": facts["title"],
        "text": facts.get("text", ""),
        "channel": words.label(programme.channels, facts.get("channel")),
        "topic": words.label(programme.topics, facts.get("topic")),
        "track": words.term(facts["track"]),
        "lead_unit": words.unit(facts["lead_unit"]),
        "cooperating_units": words.among(facts["cooperating"]),
        "territorial_unit": words.unit(facts["territorial"]),
        "due": due,
        "period": period,
        "provisional": facts.get("provisional", False),
        "advice": own,
        "basis": facts.get("basis") or words.said(programme.recommendation.basis),
        "addressee": words.to(facts["lead_unit"]),
        "copies": [words.unit(unit) for unit in helping],
    }


def _commitment(words: Words, source: Source) -> Given | None:
    facts = source.facts
    if "commitment" not in facts or "promised_by" not in facts:
        return None
    office = words.said(words.desk.programme.office)
    return {
        "case": facts["case"],
        "text": facts["text"],
        "person": facts["promised_by"],
        "due": facts["due"],
        "issuer": words.unit(facts["unit"]),
        "addressee": words(office, f"To the {office}"),
    }


def _criticism(words: Words, source: Source) -> Given | None:
    facts = source.facts
    if facts.get("kind") != "circulated_criticism":
        return None
    return {
        "unit": words.unit(facts["unit"]),
        "cycle": words.cycle(facts["cycle"]),
        "reason": in_language(facts["reason"], words.language),
        "answer": facts.get("answer", ""),
        "persons": facts.get("persons", ()),
        "due": facts.get("due"),
        "addressee": words("各有关单位", "To all units concerned"),
        "copies": [words.unit(facts["unit"])],
    }


def _result(words: Words, source: Source) -> Given | None:
    row = source.facts.get("row")
    if not row or row["unit"] != source.unit:
        return None
    rank, low, high = row["rank"], row["rank_low"], row["rank_high"]
    place = words(f"第{rank}名（同一排名范围共{row['of']}个单位）", f"{rank} of {row['of']}")
    reason = row["not_ranked"] or "—"
    spread = words(f"第{high}名至第{low}名", f"{high} to {low}") if rank and low and low != high else ""
    canvassed = words(
        "经查实存在走关系、拉选票行为，名次列于其他单位之后。", "Canvassing was established: ranked after all others."
    )
    return {
        "cycle": words.cycle(source.facts["cycle"]),
        "scope": _scope(words, row["scope"]),
        "daily": row["daily"] or "—",
        "concentrated": row["concentrated"] or "—",
        "composite": row["composite"] or "—",
        "rank": place if rank else words(f"未排名：{reason}", f"not ranked: {reason}"),
        "rank_range": spread or "—",
        "remark": canvassed if row["canvassing"] else "",
        "addressee": words(words.names.get(row["unit"], {}).get("zh", row["name"]), f"To {words.unit(row['unit'])}"),
    }


def _scope(words: Words, key: str) -> str:
    first, _, own = key.partition(":")
    label = words.label(words.desk.programme.scopes, first)
    return f"{own} {label}" if own else label


def _opinion(words: Words, source: Source) -> Given | None:
    facts = source.facts
    if "opinion" not in facts:
        return None
    office = words.said(words.desk.programme.office)
    return {
        "unit": words.unit(facts["unit"]),
        "cycle": words.cycle(facts["cycle"]),
        "author": office if facts["author"] == "office" else words("评议团", "the panel"),
        "strengths": facts["strengths"],
        "problems": facts["problems"],
        "recommendations": facts["recommendations"],
        "signed_by": words.term(facts["signed_by"], "role"),
        "signed_on": facts["issued_on"],
        "addressee": words.to(facts["unit"]),
    }


def _appointment(words: Words, source: Source) -> Given | None:
    facts = source.facts
    if "letter_date" not in facts:
        return None
    return {
        "name": words.names.get(f"person:{facts['supervisor']}", {}).get(words.language) or "　" * 6,
        "honorific": words("同志", ""),
        "role": words.term(facts["kind"], "supervisor"),
        "since": facts["since"],
        "until": facts["until"],
        "letter": facts["letter"],
        "signed_on": facts["letter_date"],
        "issuer": words.unit(facts["appointed_by"])
        if facts["appointed_by"] != "office"
        else words.said(words.desk.programme.office),
    }


def _announcement(words: Words, source: Source) -> Given | None:
    facts = source.facts
    if "meeting" not in facts or "starts_at" not in facts:
        return None
    keys, zone = facts.get("unit_keys") or [], words.desk.calendar.zone
    count = len(keys) or facts["units"]
    listed = words(f"列入本周期评议的全部单位，共{count}个。", f"All {count} units of this cycle.")
    if keys and len(keys) <= MOST_UNITS:
        listed = words.among(keys) + words("。", ".")
    starts = datetime.fromisoformat(facts["starts_at"]).astimezone(zone) if facts["starts_at"] else None
    return {
        "cycle": words.cycle(facts["cycle"]),
        "date": facts["date"],
        "starts": f"{starts:%H:%M}" if starts else "",
        "place": facts["place"],
        "units": listed,
        "speaking": [words.unit(key) for key in facts.get("speak") or ()],
        "addressee": words("各被评议单位", "To all units that are appraised"),
    }


def _circular(words: Words, source: Source) -> Given | None:
    facts = source.facts
    if "circular" not in facts:
        return None
    english = words.language == "en"
    return {
        "number": facts["number"],
        "title": (facts["title_en"] if english else "") or facts["title"],
        "paragraphs": (facts["text_en"] if english else []) or facts["text"],
        "signed_on": facts["issued_on"],
        "addressee": words("各有关单位", "To all units concerned"),
    }


def _briefing(words: Words, source: Source) -> Given | None:
    if "quarter" not in source.facts or "totals" not in source.facts:
        return None
    return briefing_facts(words.desk, source.facts, words.names, words.language, words.day(source))


def _feedback(words: Words, source: Source) -> Given | None:
    if not source.facts.get("rows") or "cycle" not in source.facts:
        return None
    return feedback_facts(words.desk, source.facts, words.names, words.language, words.day(source))


FILL: Mapping[str, Callable[[Words, Source], Given | None]] = {
    "transfer_card": _matter,
    "recommendation_letter": _matter,
    "commitment": _commitment,
    "circular": _circular,
    "circulated_criticism": _criticism,
    "result_notice": _result,
    "appraisal_opinion": _opinion,
    "letter_of_appointment": _appointment,
    "meeting_announcement": _announcement,
    "supervisors_briefing": _briefing,
    "evaluators_feedback": _feedback,
}
"""How each kind is filled from a notice's facts."""
