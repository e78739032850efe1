"""A cycle's result for everybody at `/results`: ranks with their doubt, every figure with its sum (S10, S14, S15)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asked

from services.scoring.domain.figures import exact
from services.scoring.pages import exports
from services.scoring.pages.chart import Span, span
from services.scoring.usecases import outcome, proof, questionnaire_results
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.outcome import Outcome, Placed
from shared.errors import Refusal
from shared.language import Language
from shared.pages import Pages
from shared.programme import Programme
from shared.web import Query, public_read

Text = Annotated[str, Asked(max_length=100)]
Version = Annotated[int | None, Asked(ge=1)]
SORTS = ("rank", "name", "composite", "daily", "concentrated")
_FEW = re.compile(r"(\d+) ratings, at least (\d+) are needed")


@dataclass(frozen=True, slots=True)
class Group:
    """A scope as the page shows it: the rows that were asked for, and of all of them who may be last."""

    key: str
    rows: list[tuple[Placed, Span | None]]
    of: int
    may_be_last: list[Placed]


def router(house: Pages, desk: Desk) -> APIRouter:
    """The endpoints of these pages. Public from the publication on."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())
    words = Words(desk.programme, house)

    def shown(request: Request, template: str, **values: Any) -> Response:
        language = house.language(request)
        return house.show(
            request, template, words=words.within(language), sorts=SORTS,
            local=lambda at: at.astimezone(desk.programme.zone).strftime("%Y-%m-%d %H:%M"), **values,
        )  # fmt: skip

    def whole(request: Request, found: Outcome, q: str = "", sort: str = "rank", scope: str = "") -> Response:
        groups = grouped(found, q, sort, scope)
        scopes = list(dict.fromkeys(row.scope for row in found.rows))
        return shown(request, "results.html", it=found, groups=groups, scopes=scopes, q=q, sort=sort, scope=scope)

    api.include_router(exports.router(house, desk, whole))  # before the units: a file is no unit

    def none(request: Request, cycle: str) -> Response:
        """One answer for a cycle that is not published and for one that there is not: it tells nothing."""
        return house.show(request, "results_none.html", cycle=cycle, status=404)

    @api.get("/results")
    async def every(request: Request, ask: Query = public_read) -> Response:
        """The cycles with a published result."""
        return shown(request, "results_cycles.html", cycles=await ask.run(outcome.cycles))

    @api.get("/results/{cycle}")
    async def ranking(
        cycle: str, request: Request, q: Text = "", sort: Text = "rank", scope: Text = "", version: Version = None,
        ask: Query = public_read,
    ) -> Response:  # fmt: skip
        """The ranking of every scope; `q` searches names, `sort` and `scope` arrange, all without a script."""
        try:
            found = await ask.run(lambda session: outcome.for_everybody(desk, session, cycle, version))
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return none(request, cycle)
        return whole(request, found, q, sort if sort in SORTS else "rank", scope)

    @api.get("/results/{cycle}/{unit}")
    async def of_unit(
        cycle: str, unit: str, request: Request, version: Version = None, ask: Query = public_read
    ) -> Response:
        """A unit's result: formula, sum, lines with evidence and appeals."""
        try:
            found = await ask.run(lambda session: outcome.unit_outcome(desk, session, cycle, unit, version))
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return none(request, cycle)
        name = found.row.meeting
        seal = None if name is None else await ask.run(lambda session: proof.proof(session, name))
        picture = _span(found.row, wide=True)
        surveys = await ask.run(lambda session: questionnaire_results.of_unit(desk, session, cycle, unit))
        return shown(request, "results_unit.html", it=found, seal=seal, picture=picture, surveys=surveys)

    return api


def grouped(found: Outcome, q: str, sort: str, scope: str) -> list[Group]:
    """The rows that were asked for, by scope; those without a rank always at the end."""
    wanted = q.strip().casefold()
    groups = []
    for key in dict.fromkeys(row.scope for row in found.rows):
        rows = [row for row in found.rows if row.scope == key]
        if scope and key != scope:
            continue
        kept = [r for r in rows if not wanted or wanted in f"{r.unit} {r.name} {r.name_en}".casefold()]
        if not kept:
            continue
        kept.sort(key=_key(sort))
        drawn = [(r, _span(r)) for r in kept]
        may = [row for row in rows if row.may_be_last]
        groups.append(Group(key, drawn, max(row.of for row in rows), may))
    return groups


def _span(row: Placed, *, wide: bool = False) -> Span | None:
    """The doubt is that of the vote, and so the dot stands at the rank by the vote: canvassing is no doubt (S11)."""
    return span(row.merit_rank, row.rank_low, row.rank_high, row.of, wide=wide)


def _key(sort: str) -> Callable[[Placed], tuple[bool, object, str]]:
    def key(row: Placed) -> tuple[bool, object, str]:
        if sort == "name":
            return row.rank is None, row.name, row.unit
        figure = getattr(row, sort)
        if sort != "rank" and figure is not None:
            figure = -exact(figure)
        return figure is None or row.rank is None, figure or 0, row.unit

    return key


@dataclass(frozen=True, slots=True)
class Words:
    """The programme's words for the keys of a result."""

    programme: Programme
    house: Pages

    def within(self, language: Language) -> "Spoken":
        """In one language."""
        return Spoken(self.programme, self.house, language)


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words in the reader's language; a key without one is shown as it is."""

    programme: Programme
    house: Pages
    language: Language

    def _of(self, listed: Sequence[object], key: str) -> str:
        labels = (one.label for one in listed if one.key == key)  # type: ignore[attr-defined]  # parts with key and label
        return next((str(getattr(label, self.language)) for label in labels), key)

    def part(self, key: str) -> str:
        """A part of the composite, a round with its days."""
        return next((str(getattr(p.shown, self.language)) for p in self.programme.composite if p.key == key), key)

    def rule(self, key: str) -> str:
        """A rule of the daily score."""
        return self._of(self.programme.points.every_rule, key)

    def category(self, key: str) -> str:
        """A class of unit."""
        return self._of(self.programme.categories, key)

    def dimension(self, key: str) -> str:
        """What is graded; with a class of card behind a slash."""
        first, _, card = key.partition("/")
        listed = [*self.programme.dimensions, *(d for g in self.programme.groups for d in g.dimensions)]
        name = self._of([d for d in listed if hasattr(d, "label")], first)
        return f"{name} · {self._of(self.programme.meeting.card_classes, card)}" if card else name

    def scope(self, key: str) -> str:
        """`township:清河镇` by the scope's label and its own name."""
        first, _, own = key.partition(":")
        label = self._of(self.programme.scopes, first)
        return f"{own} · {label}" if own else label

    def name(self, row: Placed) -> str:
        """A unit's name."""
        return row.name if self.language == "zh" else row.name_en

    def formula(self, row: Placed) -> str:
        """The printed formula with the parts' names instead of their keys."""
        text = row.formula
        for term in row.parts:
            text = text.replace(f"({term.part})", f"（{self.part(term.part)}）" if self.language == "zh" else
                                f"({self.part(term.part)})")  # fmt: skip
        return text

    def why_not(self, row: Placed) -> str:
        """Why a unit has no rank."""
        if few := _FEW.fullmatch(row.not_ranked or ""):
            return self.house.wording.say(self.language, "results.few", given=few[1], least=few[2])
        missing = [self.part(term.part) for term in row.parts if term.value is None]
        if missing:
            return self.house.wording.say(self.language, "results.missing", parts="、".join(missing))
        return row.not_ranked or ""
