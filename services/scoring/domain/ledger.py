"""What enters the daily score besides deductions (S8): bonus points, service volume, a questionnaire's share.

`reckon` is the whole arithmetic, from figures that are printed: the same function makes a score and checks it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json
from services.scoring.domain.figures import plain, published, rounded
from services.scoring.domain.parts import PartValue
from services.scoring.domain.points import BONUS, DailyScore, Line

NO_VOLUME = "no service volume was entered and confirmed"


@dataclass(frozen=True, slots=True)
class BonusRule:
    """Caps of a bonus rule: a case in all its life, the rule in a cycle (None: no cap)."""

    key: str
    most_per_case: Decimal
    most_per_cycle: Decimal | None = None


@dataclass(frozen=True, slots=True)
class VolumeRule:
    """Deductions per `per` services; below `least` services count as `least`; rules in `keeps` stay as they are."""

    per: int
    least: int
    decimals: int = 2
    rounding: str = "half_up"
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SurveyRule:
    """A questionnaire's share of the daily score in per cent, and its least sample."""

    key: str
    share: Decimal
    least: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a programme has of it; the bare ledger is deductions alone. `ceiling` holds where there are bonus rules."""

    bonus: tuple[BonusRule, ...] = ()
    ceiling: Decimal = Decimal(100)
    volume: VolumeRule | None = None
    survey: SurveyRule | None = None

    @property
    def is_bare(self) -> bool:
        """Whether deductions are all that there is."""
        return not self.bonus and self.volume is None and self.survey is None


BARE = Ledger()


@dataclass(frozen=True, slots=True)
class Grant:
    """What one case brings by a bonus rule; `cut`: over the most that a case may bring. lines: (id, points)."""

    rule: str
    case: str
    points: Decimal
    cut: Decimal
    lines: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Services:
    """A unit's service volume of a cycle, and where the number comes from (document, version)."""

    number: int
    about: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the sum. kind: bonus, volume, points, survey, daily."""

    kind: str
    subject: str
    sum: str


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A daily score with its sum, or why there is none; then `score` is what can be said so far."""

    score: Decimal
    missing: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """A unit's daily score under a ledger: the deductions, the grants, volume and survey, and what follows."""

    deductions: DailyScore
    grants: tuple[Grant, ...] = ()
    services: Services | None = None
    survey: PartValue | None = None
    reckoned: Reckoned | None = None
    """None under a bare ledger."""

    @property
    def score(self) -> Decimal:
        """The score; where something is missing, what can be said so far."""
        return self.deductions.score if self.reckoned is None else self.reckoned.score

    @property
    def missing(self) -> str | None:
        """Why there is no daily score."""
        return None if self.reckoned is None else self.reckoned.missing


Cost = tuple[Decimal, frozenset[str]]
"""What a case costs, and by which rules."""


def settle(
    deductions: DailyScore,
    lines: Iterable[Line],
    ledger: Ledger,
    *,
    floor: Decimal,
    services: Services | None = None,
    survey: PartValue | None = None,
    earlier: Sequence[str] = (),
) -> Settled:
    """The daily score from the deductions and everything else that the ledger has.

    `lines` may hold those of other units and cycles, `earlier` as for the deductions. services: None where no number
    is confirmed. survey: what the questionnaire says of the unit; ignored where the ledger has none.
    """
    if ledger.is_bare:
        return Settled(deductions)
    listed = list(lines)
    rules = {line.id: line.rule for line in listed}
    costs = [(c.points, frozenset(rules[key] for key in c.lines)) for c in deductions.charges]
    grants = grants_of(deductions.unit, deductions.cycle, listed, ledger, earlier)
    made = reckon(deductions.start, floor, costs, grants, ledger, services, survey)
    return Settled(deductions, grants, services, survey, made)


def grants_of(
    unit: str, cycle: str, lines: Iterable[Line], ledger: Ledger, earlier: Sequence[str]
) -> tuple[Grant, ...]:
    """What each case brings by each bonus rule, by rule and case; a case's cap holds for all its life."""
    most = {rule.key: rule.most_per_case for rule in ledger.bonus}
    now: dict[tuple[str, str], list[Line]] = {}
    before: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        key = (line.rule, line.case)
        if line.unit != unit or not line.stands or line.rule not in BONUS or line.rule not in most:
            continue
        if line.cycle == cycle:
            now.setdefault(key, []).append(line)
        elif line.cycle in earlier:
            before[key] = before.get(key, Decimal(0)) + line.points
    found = []
    for key in sorted(now):
        full = sum((line.points for line in now[key]), Decimal(0))
        points = min(full, max(Decimal(0), most[key[0]] - before.get(key, Decimal(0))))
        each = tuple(sorted((line.id, line.points) for line in now[key]))
        found.append(Grant(*key, points, full - points, each))
    return tuple(found)


def reckon(
    start: Decimal,
    floor: Decimal,
    costs: Sequence[Cost],
    grants: Sequence[Grant],
    ledger: Ledger,
    services: Services | None,
    survey: PartValue | None,
) -> Reckoned:
    """start − deductions (per service volume) + bonus, between floor and ceiling; then the questionnaire's share."""
    entries, awarded = _awarded(grants, ledger)
    lost, missing = [points for points, _ in costs], None
    if ledger.volume is not None:
        if services is None:
            missing = NO_VOLUME
        else:
            lost, entry = _per_service(costs, ledger.volume, services.number)
            entries.append(entry)
    score = start - sum(lost, Decimal(0)) + sum(awarded, Decimal(0))
    said = _sum(start, lost, awarded, score)
    top = ledger.ceiling if ledger.bonus else None
    if score < floor:
        said, score = f"{said} < {plain(floor)} → {plain(floor)}", floor
    elif top is not None and score > top:
        said, score = f"{said} > {plain(top)} → {plain(top)}", top
    if ledger.survey is None or survey is None:
        return Reckoned(score, missing, (*entries, Entry("daily", "", said)))
    entries.append(Entry("points", "", said))
    return _with_survey(score, missing, entries, ledger.survey, survey)


def _awarded(grants: Sequence[Grant], ledger: Ledger) -> tuple[list[Entry], list[Decimal]]:
    entries, awarded = [], []
    for rule in ledger.bonus:
        each = [grant.points for grant in grants if grant.rule == rule.key]
        if not each:
            continue
        total, most = sum(each, Decimal(0)), rule.most_per_cycle
        said = f"{' + '.join(map(plain, each))} = {plain(total)}" if len(each) > 1 else plain(total)
        if most is not None and total > most:
            said, total = f"{said} > {plain(most)} → {plain(most)}", most
        entries.append(Entry("bonus", rule.key, said))
        awarded.append(total)
    return entries, awarded


def _per_service(costs: Sequence[Cost], rule: VolumeRule, number: int) -> tuple[list[Decimal], Entry]:
    """What the cases cost per so many services, and beside it what is not counted so."""
    kept = [points for points, rules in costs if rules <= set(rule.keeps)]
    counted = sum((points for points, rules in costs if not rules <= set(rule.keeps)), Decimal(0))
    base = max(number, rule.least)
    points = rounded(Fraction(counted) * rule.per / base, rule.decimals, rule.rounding)
    why = f" ({number} < {rule.least})" if number < rule.least else ""
    said = f"{plain(counted)} × {rule.per} ÷ {base} = {plain(points)}{why} [{rule.rounding} {rule.decimals}]"
    return [*([points] if counted else []), *kept], Entry("volume", "", said)


def _sum(start: Decimal, lost: Sequence[Decimal], awarded: Sequence[Decimal], score: Decimal) -> str:
    less = f" − ({' + '.join(map(plain, lost))})" if len(lost) > 1 else f" − {plain(lost[0])}" if lost else ""
    more = "".join(f" + {plain(points)}" for points in awarded)
    return f"{plain(start)}{less}{more} = {plain(score)}" if less or more else plain(start)


def _with_survey(
    score: Decimal, missing: str | None, entries: list[Entry], rule: SurveyRule, survey: PartValue
) -> Reckoned:
    """The questionnaire's figure is rounded once, as it is published, and enters so: a daily score is a decimal."""
    if survey.value is None:
        entries.append(Entry("survey", rule.key, survey.formula or survey.missing or "—"))
        missing = missing or f"{rule.key}: {survey.missing}"
        return Reckoned(score, missing, (*entries, Entry("daily", "", "—")))
    figure, rest = published(survey.value), 100 - rule.share
    whole = (rest * score + rule.share * figure) / 100
    said = f"{plain(rest)}% × {plain(score)} + {plain(rule.share)}% × {figure} = {plain(whole)}"
    entries.append(Entry("survey", rule.key, survey.formula))
    return Reckoned(whole, missing, (*entries, Entry("daily", "", said)))
