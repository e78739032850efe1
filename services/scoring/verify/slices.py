"""The public records of a seal: every line one of ours, each unit and dimension complete, and counted again."""

import re
from collections import Counter
from collections.abc import Container, Mapping
from operator import lt

from services.scoring.domain.canon import Json
from services.scoring.domain.reconcile import Counts
from services.scoring.domain.rules import Rules, UnitEntry
from services.scoring.domain.seal import slice_starts
from services.scoring.domain.tally import Cell, Tally, tally_of
from services.scoring.verify.step import At

_NONCE = re.compile(rb"[0-9a-f]{32}")


def count_slices(lines: list[bytes], rules: Rules, units: list[str], *, rehearsal: bool = False) -> Mapping[Cell, int]:
    """Count the records; raises At naming the line that is not one of ours, not sorted or stands twice."""
    dimensions, classes = [d.key for d in rules.dimensions], [c.key for c in rules.classes]
    starts = slice_starts(units, dimensions, rules.choices, classes, rehearsal=rehearsal)
    heads: dict[bytes, tuple[str, str, str]] = {}
    tails: dict[bytes, str] = {}
    mark = b'"nonce":"'
    for (unit, dimension, card_class, choice), (head, tail) in starts.items():
        heads[head.removesuffix(mark)] = (dimension, card_class, choice)
        tails[tail] = unit
    parts = [line.partition(mark) for line in lines]
    pairs = Counter([(head, rest[32:]) for head, _, rest in parts])
    nonces = b"".join([rest[:32] for _, _, rest in parts])
    if not all(head in heads and tail in tails for head, tail in pairs) or nonces.translate(None, b"0123456789abcdef"):
        raise _stranger(lines, heads, tails, mark)
    if not all(map(lt, lines, lines[1:])):
        number = next(i for i in range(1, len(lines)) if lines[i - 1] >= lines[i])
        raise At(f"line {number + 1}", "is not sorted, or stands twice")
    cells: dict[Cell, int] = {}
    for (head, tail), number in pairs.items():
        dimension, card_class, choice = heads[head]
        cells[tails[tail], dimension, card_class, choice] = number
    return cells


def _stranger(lines: list[bytes], heads: Container[bytes], tails: Container[bytes], mark: bytes) -> At:
    """The first line that is no record of this vote."""
    for number, line in enumerate(lines, 1):
        head, _, rest = line.partition(mark)
        if head not in heads:
            return At(f"line {number}", "is no record of this vote: class, dimension or grade is unknown")
        if rest[32:] not in tails or not _NONCE.match(rest):
            return At(f"line {number}", "is no record of this vote: nonce or unit is malformed")
    raise AssertionError("asked for only where there is one")


def retally(cells: Mapping[Cell, int], rules: Rules, units: tuple[UnitEntry, ...], counts: Counts | None) -> Tally:
    """The tally of the records; every unit and dimension must have one from each ballot of each class."""
    per_class: dict[str, int] = {}
    for card_class in (c.key for c in rules.classes):
        sums = {
            (u.id, d.key): sum(cells.get((u.id, d.key, card_class, choice), 0) for choice in rules.choices)
            for u in units
            for d in rules.dimensions
        }
        per_class[card_class] = next(iter(sums.values()))
        for (unit, dimension), number in sums.items():
            if number != per_class[card_class]:
                raise At(f"{unit}.{dimension}", f"{number} records, others have {per_class[card_class]}")
    if counts is not None and sum(per_class.values()) != counts.valid:
        raise At("ballots", f"{sum(per_class.values())} in the records, {counts.valid} are valid")
    return tally_of(cells, per_class, rules, [u.id for u in units])


def tally_difference(found: Json, right: Json, where: str = "") -> tuple[str, str]:
    """Path of the first figure that differs, and what it should be."""
    if isinstance(found, Mapping) and isinstance(right, Mapping):
        for key in sorted(found.keys() | right.keys()):
            if found.get(key) != right.get(key):
                return tally_difference(found.get(key), right.get(key), f"{where}.{key}".lstrip("."))
    if isinstance(found, list) and isinstance(right, list) and len(found) == len(right):
        for number, (a, b) in enumerate(zip(found, right, strict=True)):
            if a != b:
                name = b.get("unit") or b.get("dimension") if isinstance(b, Mapping) else None
                return tally_difference(a, b, f"{where}[{name or number}]")
    return where, f"is {str(found)[:80]!r}, the records give {str(right)[:80]!r}"
