"""Invented data of one cycle (2026-H1, 云溪市): units, leaders, pool, complaints, and a meeting, for `minping demo`.

All people, places, telephone numbers and ID numbers are made up. What the people of the demo do with a complaint is
in its `play`; nothing of it is known to the services.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit to be appraised. `keywords` let the demo's clerk route a text."""

    key: str
    name: str
    name_en: str
    category: str
    scope: str
    township: str | None
    parent: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leader:
    """A holder of an office; `unit` is None for leading group, office, approver, discipline, auditor, operator."""

    unit: str | None
    role: str
    person: str
    name: str
    title: str
    email: str


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A member of the pool; `conflicts` are units he may not grade."""

    id: str
    name: str
    stratum: str
    employer: str
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """A dated duty of a unit that is not handed in as soon as it might be; `handed_in` is None for never."""

    unit: str
    obligation: str
    period: str
    handed_in: date | None


@dataclass(frozen=True, slots=True)
class Petitioner:
    """Who complains; goes to the vault only."""

    name: str
    phone: str
    address: str = ""
    id_number: str | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """What the demo's people do.

    unit: where the clerk sends it (None: nowhere). days_to_solve: working days after approval, None for never.
    callbacks: the petitioner's answers round by round (a grade or `not_reached`), the last one repeats.
    returned_once: the officer returns the first report. misconduct: verified. screening: the clerk's decision.
    reply: what the unit answers. same_as: ticket of the earlier report of the same matter; near: not word for word.
    track: how it is handled. extension: working days that the unit asks for and is granted. promise: what an inspection
    finds of the promise in its plan (`kept`, `late`, `broken`).
    """

    unit: str | None
    days_to_solve: int | None
    callbacks: tuple[str, ...]
    misconduct: bool
    returned_once: bool
    screening: str
    reply: str
    same_as: str | None
    near: bool
    track: str = "immediate"
    extension: int = 0
    promise: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A report of a source; `unit` is the unit named by the source, if any."""

    ticket: str
    reported_at: datetime
    channel: str
    title: str
    text: str
    identity: str
    petitioner: Petitioner | None
    unit: str | None
    topic: str
    play: Play


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a duty at the meeting."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of the draw: his value, and the nonce under which he commits to it."""

    id: str
    name: str
    value: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Question:
    """A representative's question to a unit: answered on the spot, or promised in so many days, with the reason."""

    unit: str
    text: str
    answer: str = ""
    days: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The meeting of the cycle. `leanings`: how well thought of each unit is, 0–1, for the demo's ballots only."""

    key: str
    date: date
    place: str
    oral_statements: tuple[str, ...]
    oral_reason: str
    questions: tuple[Question, ...]
    scrutineer: Person
    tellers: tuple[Person, ...]
    guidance: Person
    public_entropy_name: str
    public_entropy: str
    witnesses: tuple[Witness, ...]
    dice: tuple[int, ...]
    attendance: float
    leanings: dict[str, float]
    unknown_share: float


def _text(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _rows(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(_text(name).splitlines())


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


@cache
def units() -> tuple[Unit, ...]:
    """The units of the demo."""
    return tuple(
        Unit(**{**row, "township": row["township"] or None, "keywords": _parts(row["keywords"])})  # type: ignore[arg-type]  # the columns are the fields
        for row in _rows("units.csv")
    )


@cache
def leaders() -> tuple[Leader, ...]:
    """The directory of the demo."""
    return tuple(Leader(**{**row, "unit": row["unit"] or None}) for row in _rows("leaders.csv"))  # type: ignore[arg-type]  # the columns are the fields


@cache
def pool() -> tuple[Evaluator, ...]:
    """The 110 evaluators."""
    return tuple(
        Evaluator(**{**row, "conflicts": _parts(row["conflicts"])})  # type: ignore[arg-type]  # the columns are the fields
        for row in _rows("pool.csv")
    )


@cache
def duties() -> tuple[Duty, ...]:
    """Duties that are late, or never done."""
    return tuple(
        Duty(**{**row, "handed_in": date.fromisoformat(row["handed_in"]) if row["handed_in"] else None})  # type: ignore[arg-type]  # the columns are the fields
        for row in _rows("duties.csv")
    )


def _complaint(row: dict[str, Any]) -> Complaint:
    play = row["play"]
    return Complaint(
        **{
            **row,
            "reported_at": datetime.fromisoformat(row["reported_at"]),
            "petitioner": Petitioner(**row["petitioner"]) if row["petitioner"] else None,
            "play": Play(**{**play, "callbacks": tuple(play["callbacks"])}),
        }
    )


@cache
def complaints() -> tuple[Complaint, ...]:
    """The reports of the cycle, in the order of their times."""
    return tuple(_complaint(json.loads(line)) for line in _text("complaints.jsonl").splitlines())


@cache
def meeting() -> Meeting:
    """The meeting at the cycle's end."""
    data = YAML(typ="safe", pure=True).load(_text("meeting.yaml"))
    return Meeting(
        key=data["meeting"],
        date=data["date"],
        place=data["place"],
        oral_statements=tuple(data["oral_statements"]),
        oral_reason=data["oral_reason"],
        questions=tuple(Question(**q) for q in data["questions"]),
        scrutineer=Person(**data["scrutineer"]),
        tellers=tuple(Person(**t) for t in data["tellers"]),
        guidance=Person(**data["guidance"]),
        public_entropy_name=data["public_entropy"]["name"],
        public_entropy=data["public_entropy"]["value"],
        witnesses=tuple(Witness(**w) for w in data["witnesses"]),
        dice=tuple(data["dice"]),
        attendance=float(data["attendance"]),
        leanings={unit: float(value) for unit, value in data["leanings"].items()},
        unknown_share=float(data["unknown_share"]),
    )
