"""How a ledger and what follows from it stand in result.json, and reading both again (S8)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from services.scoring.domain.canon import Json, Malformed, decimal, items, text, whole
from services.scoring.domain.figures import plain
from services.scoring.domain.ledger import (
    BonusRule,
    Cost,
    Grant,
    Ledger,
    Reckoned,
    Services,
    Settled,
    SurveyRule,
    VolumeRule,
    reckon,
)
from services.scoring.domain.part_print import again
from services.scoring.domain.parts import PartRule, PartValue

Row = Mapping[str, Json]
ROUNDINGS = ("half_up", "half_even", "down")


def rules_json(ledger: Ledger) -> dict[str, Json]:
    """The ledger's rules as they stand among `points`; nothing for a bare one."""
    found: dict[str, Json] = {}
    if ledger.bonus:
        found["ceiling"] = plain(ledger.ceiling)
        found["bonus"] = [
            {
                "rule": rule.key,
                "most_per_case": plain(rule.most_per_case),
                "most_per_cycle": None if rule.most_per_cycle is None else plain(rule.most_per_cycle),
            }
            for rule in ledger.bonus
        ]
    if (volume := ledger.volume) is not None:
        found["volume"] = {
            "per": volume.per, "least": volume.least, "decimals": volume.decimals, "rounding": volume.rounding,
            "keeps": list(volume.keeps),
        }  # fmt: skip
    if (survey := ledger.survey) is not None:
        found["questionnaire"] = {"key": survey.key, "share": plain(survey.share), "least": survey.least}
    return found


def ledger_from(points: Row) -> Ledger:
    """The ledger whose rules stand among `points`. Raises Malformed."""
    bonus = []
    for entry in items(points.get("bonus", []), "points.bonus"):
        row = _object(entry, "points.bonus")
        most = row.get("most_per_cycle")
        bonus.append(
            BonusRule(
                text(row.get("rule"), "points.bonus.rule"),
                decimal(row.get("most_per_case"), "points.bonus.most_per_case"),
                None if most is None else decimal(most, "points.bonus.most_per_cycle"),
            )
        )
    ceiling = decimal(points["ceiling"], "points.ceiling") if "ceiling" in points else Decimal(100)
    volume = _volume(_object(points["volume"], "points.volume")) if "volume" in points else None
    survey = None
    if "questionnaire" in points:
        row = _object(points["questionnaire"], "points.questionnaire")
        survey = SurveyRule(
            text(row.get("key"), "points.questionnaire.key"), decimal(row.get("share"), "points.questionnaire.share"),
            whole(row.get("least"), "points.questionnaire.least"),
        )  # fmt: skip
        if not 0 < survey.share < 100:
            raise Malformed("points.questionnaire.share is no share")
    return Ledger(tuple(bonus), ceiling, volume, survey)


def _volume(row: Row) -> VolumeRule:
    numbers = {n: whole(row.get(n), f"points.volume.{n}") for n in ("per", "least", "decimals")}
    rounding = text(row.get("rounding"), "points.volume.rounding")
    if rounding not in ROUNDINGS or numbers["per"] < 1 or numbers["least"] < 1 or numbers["decimals"] > 6:
        raise Malformed("points.volume: per, least, decimals or rounding is out of range")
    keeps = tuple(text(k, "points.volume.keeps") for k in items(row.get("keeps"), "points.volume.keeps"))
    return VolumeRule(**numbers, rounding=rounding, keeps=keeps)


def settled_json(found: Settled) -> Json:
    """What stands in a unit's row under `ledger`; None for a bare ledger."""
    if found.reckoned is None:
        return None
    services = found.services
    return {
        "bonus": [
            {
                "rule": g.rule, "case": g.case, "points": plain(g.points), "cut": plain(g.cut),
                "lines": [{"line": key, "rule": g.rule, "points": plain(points)} for key, points in g.lines],
            }
            for g in found.grants
        ],
        "volume": None if services is None else {**services.about, "services": services.number},
        "survey": None if found.survey is None else found.survey.to_json(),
        "missing": found.reckoned.missing,
        "entries": _entries(found.reckoned),
    }  # fmt: skip


def _entries(found: Reckoned) -> Json:
    return [{"kind": e.kind, "subject": e.subject, "sum": e.sum} for e in found.entries]


def ledger_problems(row: Row, where: str, numbers: Row, costs: Sequence[Cost]) -> Iterator[str]:
    """What of a row's ledger does not follow from the deductions, grants, volume and answers that it prints.

    Raises Malformed, Refusal.
    """
    ledger, printed = ledger_from(numbers), _object(row.get("ledger"), f"{where}.ledger")
    grants = []
    for entry in items(printed.get("bonus"), f"{where}.bonus"):
        grant = _grant(_object(entry, f"{where}.bonus"), f"{where}.bonus")
        most = {rule.key: rule.most_per_case for rule in ledger.bonus}.get(grant.rule)
        full = sum((points for _, points in grant.lines), Decimal(0))
        if most is None or grant.points < 0 or grant.cut < 0 or grant.points + grant.cut != full or grant.points > most:
            yield f"{where}.bonus[{grant.case}]: {grant.points} and {grant.cut} do not fit lines of {full}"
        grants.append(grant)
    if len({(g.rule, g.case) for g in grants}) != len(grants):
        yield f"{where}.bonus: a case stands twice under a rule"
    made = reckon(
        decimal(numbers.get("start"), "points.start"), decimal(numbers.get("floor"), "points.floor"), costs, grants,
        ledger, _services(printed, where), _survey(printed, ledger.survey, where),
    )  # fmt: skip
    if ledger.survey is not None and printed.get("survey") is None:
        yield f"{where}.survey: the questionnaire enters the daily score, and nothing is printed of it"
    if printed.get("missing") != made.missing or printed.get("entries") != _entries(made):
        yield f"{where}.ledger: its sum is not the one that its inputs give"
    right = None if made.missing else made.score
    said = row.get("daily")
    if (None if said is None else decimal(said, f"{where}.daily")) != right:
        yield f"{where}.daily: is {said}, its lines and inputs give {right}"


def _grant(row: Row, where: str) -> Grant:
    lines = [_object(line, where) for line in items(row.get("lines"), where)]
    return Grant(
        text(row.get("rule"), where), text(row.get("case"), where), decimal(row.get("points"), where),
        decimal(row.get("cut"), where),
        tuple((text(line.get("line"), where), decimal(line.get("points"), where)) for line in lines),
    )  # fmt: skip


def _services(printed: Row, where: str) -> Services | None:
    if printed.get("volume") is None:
        return None
    row = _object(printed["volume"], f"{where}.volume")
    return Services(whole(row.get("services"), f"{where}.volume.services"))


def _survey(printed: Row, rule: SurveyRule | None, where: str) -> PartValue | None:
    """What the questionnaire says, computed again from its printed answers. Raises Malformed."""
    if rule is None or printed.get("survey") is None:
        return None
    row = _object(printed["survey"], f"{where}.survey")
    found = again(PartRule(rule.key, "questionnaire", rule.least), _object(row.get("inputs"), f"{where}.survey.inputs"))
    if dict(row) != found.to_json():
        raise Malformed(f"{where}.survey: is {row.get('value')}, its answers give {found.value}")
    return found


def _object(value: Json, where: str) -> Row:
    if not isinstance(value, Mapping):
        raise Malformed(f"{where} is no object")
    return value
