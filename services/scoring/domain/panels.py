"""Crossing quotas (S3, optional): whole panels are proposed beforehand, the public seed picks one of them.

After "Fair Sortition Made Transparent" (NeurIPS 2021): a program outside this one proposes N panels that all keep the
quotas. They are frozen and published with the pool, so everybody's chance can be counted: panels with him / N. Then
the seed picks the index. What the program did to find them needs no trust: only the panels count.
"""

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.scoring.domain.canon import Json
from services.scoring.domain.pool import Candidate
from services.scoring.domain.rules import check_key
from shared.errors import Refusal

MOST_PANELS = 5000
_WORD = 2**64


@dataclass(frozen=True, slots=True)
class Quota:
    """Of the people with this value of an attribute, `least` to `most` sit in a panel."""

    attribute: str
    value: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Lottery:
    """The quotas, and the panels that were proposed for them: ids of people, any of them may be picked."""

    quotas: tuple[Quota, ...]
    panels: tuple[tuple[str, ...], ...]


def quotas_json(quotas: Sequence[Quota]) -> list[Json]:
    """As they stand in the pool file, in one order."""
    return [
        {"attribute": q.attribute, "value": q.value, "least": q.least, "most": q.most}
        for q in sorted(quotas, key=lambda q: (q.attribute, q.value))
    ]


def check_quotas(quotas: Sequence[Quota], candidates: Sequence[Candidate], seats: int) -> None:
    """Quotas that can be kept at all. Raises Refusal naming the attribute and value."""
    if len({(q.attribute, q.value) for q in quotas}) != len(quotas):
        raise Refusal("quotas", len(quotas), "an attribute's value stands twice", "name each once")
    for quota in quotas:
        field = f"quotas.{quota.attribute}.{quota.value}"
        check_key(quota.attribute, "quotas.attribute")
        if not 0 <= quota.least <= quota.most:
            raise Refusal(field, f"{quota.least}–{quota.most}", "the least is over the most", "correct it")
        have = sum(1 for c in candidates if c.attributes.get(quota.attribute) == quota.value)
        if have < quota.least:
            raise Refusal(field, quota.least, f"{have} people of the pool have it", "lower the quota")
    for attribute in {q.attribute for q in quotas}:
        named = {q.value for q in quotas if q.attribute == attribute}
        for candidate in candidates:
            if candidate.attributes.get(attribute) not in named:
                value = candidate.attributes.get(attribute, "")
                reason = f"{candidate.id} has no value of {attribute} for which there is a quota"
                raise Refusal(f"quotas.{attribute}", value, reason, "give the value a quota, or mend the pool")
        most = sum(q.most for q in quotas if q.attribute == attribute)
        least = sum(q.least for q in quotas if q.attribute == attribute)
        if not least <= seats <= most:
            raise Refusal(f"quotas.{attribute}", f"{least}–{most}", f"{seats} seats do not fit in", "correct them")


def check_panels(
    panels: Sequence[Sequence[str]], candidates: Sequence[Candidate], seats: Mapping[str, int], quotas: Sequence[Quota]
) -> None:
    """Every panel keeps the seats of each stratum and every quota, and everybody has a chance. Raises Refusal.

    candidates: who may be drawn. A person who stands in no panel could never be drawn: that is no draw by lot.
    """
    if not 1 <= len(panels) <= MOST_PANELS:
        raise Refusal("panels", len(panels), f"1 to {MOST_PANELS} panels are frozen", "propose 1,000")
    if not quotas:
        raise Refusal("quotas", 0, "panels without quotas", "without crossing quotas draw the strata")
    check_quotas(quotas, candidates, sum(seats.values()))
    people = {c.id: c for c in candidates}
    for number, panel in enumerate(panels):
        field = f"panels[{number}]"
        strangers = sorted(set(panel) - people.keys())
        if strangers or len(set(panel)) != len(panel):
            raise Refusal(field, strangers or "twice", "holds somebody twice or who may not be drawn", "propose again")
        found = Counter(people[i].stratum for i in panel)
        if {s: found[s] for s in seats} != dict(seats) or sum(found.values()) != sum(seats.values()):
            raise Refusal(field, dict(found), "has not the seats of each stratum", "propose again")
        for quota in quotas:
            have = sum(1 for i in panel if people[i].attributes[quota.attribute] == quota.value)
            if not quota.least <= have <= quota.most:
                wanted = f"{quota.least} to {quota.most} with {quota.attribute} {quota.value} are wanted"
                raise Refusal(field, have, wanted, "propose again")
    if never := sorted(people.keys() - {i for panel in panels for i in panel}):
        remedy = "loosen the quotas until everybody has a chance, or leave these people out with a reason"
        raise Refusal("panels", never, "stand in no panel", remedy)


def positions(panels: Sequence[Sequence[str]], ordered: Sequence[str]) -> list[Json]:
    """The panels as positions in the frozen pool, from 0, ascending."""
    at = {person: number for number, person in enumerate(ordered)}
    return [sorted(at[i] for i in panel) for panel in panels]


def pick(seed: bytes, count: int) -> int:
    """Index of the panel, 0 to count − 1, each with the same chance: rejection sampling.

    Try t = 0, 1, …: the first 8 bytes of HMAC-SHA256(seed, "panel" ‖ 0x1F ‖ t) as a number x, big-endian; the first x
    below the largest multiple of count that 2**64 holds gives x mod count.
    """
    bound = _WORD - _WORD % count
    attempt = 0
    while True:
        found = int.from_bytes(hmac.digest(seed, b"panel\x1f" + str(attempt).encode(), "sha256")[:8], "big")
        if found < bound:
            return found % count
        attempt += 1


def chances(panels: Sequence[Sequence[int]], people: int) -> list[int]:
    """In how many panels each position stands: divided by the number of panels it is that person's chance."""
    counts = Counter(position for panel in panels for position in panel)
    return [counts[position] for position in range(people)]
