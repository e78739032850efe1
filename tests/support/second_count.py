"""A second count of a meeting, made apart from the product: from marks as they were given to published scores."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PROGRAMME = Path(__file__).parents[2] / "shared" / "programme" / "window-units.yaml"


def second_count(given: list[dict[str, dict[str, str]]], units: list[str]) -> dict[str, dict[str, Any]]:
    """Unit → {score, cells: {dimension: {choice: ballots}}}; what is left out is an abstention."""
    rules = YAML(typ="safe").load(PROGRAMME.read_text())
    worth = {grade["key"]: Fraction(str(grade["mark"])) for grade in rules["grades"]}
    silent = rules["abstain"]["key"]
    found: dict[str, dict[str, Any]] = {}
    for unit in units:
        total, cells = Fraction(0), {}
        for dimension in rules["dimensions"]:
            said = Counter(ballot.get(unit, {}).get(dimension["key"], silent) for ballot in given)
            heard = [worth[choice] for choice in said.elements() if choice != silent]
            total += Fraction(dimension["weight"], 100) * sum(heard) / len(heard)
            cells[dimension["key"]] = {choice: said.get(choice, 0) for choice in (*worth, silent)}
        found[unit] = {"score": half_up(total), "cells": cells}
    return found


def half_up(value: Fraction) -> Decimal:
    """Two decimals, half away from zero: as figures are published."""
    exact = Decimal(value.numerator * 10**6 // value.denominator) / 10**6
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
