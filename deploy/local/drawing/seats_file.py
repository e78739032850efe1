"""The seats of a draw, from a YAML or JSON file: a total, or numbers by stratum; perhaps crossing quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from deploy.local.drawing.files import read_mapping
from services.scoring.domain.panels import MOST_PANELS, Quota
from services.scoring.domain.pool import Candidate, allot_seats
from services.scoring.domain.pool_rows import strata_of
from shared.errors import Refusal
from shared.programme import Programme

FIELDS = ("total", "strata", "ordinary", "ordinary_min", "quotas", "panels")


@dataclass(frozen=True, slots=True)
class SeatsFile:
    """What the file says. `labels`: key or label → key of the strata; None: the strata are those of the list."""

    total: int | None
    strata: Mapping[str, int]
    ordinary: frozenset[str]
    least: Decimal
    quotas: tuple[Quota, ...]
    panels: int
    labels: Mapping[str, str] | None

    def seats(self, people: Sequence[Candidate]) -> dict[str, int]:
        """Seats by stratum among those who may be drawn. Raises Refusal."""
        if self.total is None:
            return dict(self.strata)
        counts: dict[str, int] = {}
        for one in people:
            counts[one.stratum] = counts.get(one.stratum, 0) + 1
        return allot_seats(counts, self.total, self.ordinary, self.least)


def read_seats(path: Path, programme: Programme, panels: int, said: Mapping[str, Any] | None = None) -> SeatsFile:
    """Read the file. `ordinary`, where it stands, names the list's own strata in place of the programme's.

    said: what the file holds, where it was read already. Raises Refusal.
    """
    said = said if said is not None else read_mapping("--seats", path)
    if not set(said) & set(FIELDS):
        said = {"strata": said}  # the short form: nothing but stratum: seats
    if unknown := sorted(set(said) - set(FIELDS)):
        raise Refusal("seats", unknown[0], "no such field", f"the fields are {', '.join(FIELDS)}")
    if ("total" in said) == ("strata" in said):
        raise Refusal("seats", path.name, "needs either `total` or `strata`", "give one of them")
    labels = None if "ordinary" in said else strata_of(programme)
    ordinary = frozenset(map(str, said["ordinary"])) if labels is None else programme.pool.ordinary
    strata = {}
    for name, number in dict(said.get("strata") or {}).items():
        if labels is not None and str(name) not in labels:
            raise Refusal("seats.strata", name, "no such stratum", f"one of: {', '.join(sorted(set(labels.values())))}")
        strata[labels[str(name)] if labels is not None else str(name)] = _whole(f"seats.strata.{name}", number)
    return SeatsFile(
        _whole("seats.total", said["total"]) if "total" in said else None,
        strata,
        ordinary,
        _share(said["ordinary_min"]) if "ordinary_min" in said else programme.meeting.seats.ordinary_seats_min,
        _quotas(said.get("quotas") or {}),
        _whole("seats.panels", said.get("panels", panels), most=MOST_PANELS),
        labels,
    )


def _whole(field: str, value: Any, most: int = 5000) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Refusal(field, value, f"is no whole number from 0 to {most}", "correct it")
    return value


def _share(value: Any) -> Decimal:
    said = str(value).strip()
    try:
        found = Decimal(said.removesuffix("%")) / (100 if said.endswith("%") else 1)
    except InvalidOperation as error:
        raise Refusal("seats.ordinary_min", value, "is no share", "write it like 75%") from error
    if not Decimal("0.75") <= found <= 1:
        raise Refusal(
            "seats.ordinary_min", value, "is not 75% to 100%", "ordinary people have at least 75% of the seats"
        )
    return found


def _quotas(value: Any) -> tuple[Quota, ...]:
    """`{attribute: {value: [least, most]}}`."""
    found = []
    if not isinstance(value, dict):
        raise Refusal("seats.quotas", value, "is no mapping", "write attribute: {value: [least, most]}")
    for attribute, values in value.items():
        if not isinstance(values, dict):
            raise Refusal(f"seats.quotas.{attribute}", values, "is no mapping", "write value: [least, most]")
        for name, bounds in values.items():
            field = f"seats.quotas.{attribute}.{name}"
            if not isinstance(bounds, list) or len(bounds) != 2:
                raise Refusal(field, bounds, "is no pair of least and most", "write it like [24, 36]")
            least, most = (_whole(field, bound) for bound in bounds)
            found.append(Quota(str(attribute), str(name), least, most))
    return tuple(found)
