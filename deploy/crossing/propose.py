"""Proposes panels for crossing quotas; a program of its own that Minping starts and never imports.

    .crossing/bin/python propose.py proposed.json < wanted.json

wanted: {"people": [{"id", "stratum", attribute: value, …}], "seats": {stratum: seats}, "quotas": [{"attribute",
"value", "least", "most"}], "panels": N}. proposed: {"panels": [[id, …], …], "by": package and version}.

It uses `sortition-algorithms` (GPL-3), installed into an environment of its own by `make crossing`. Nothing that it
says is believed: who freezes a draw checks every panel, and so does whoever verifies the proof.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sortition_algorithms.core import find_random_sample
from sortition_algorithms.errors import SortitionBaseError
from sortition_algorithms.features import read_in_features
from sortition_algorithms.people import read_in_people
from sortition_algorithms.settings import Settings

PACKAGE = "sortition-algorithms"
ALGORITHM = "nash"
"""Chances as even as the quotas allow: the product of everybody's chance is the greatest."""
STRATUM = "stratum"


def propose(wanted: dict[str, Any]) -> list[list[str]]:
    """The panels: each keeps seats and quotas; picked from evenly they give chances as even as can be."""
    rows = [
        {"feature": STRATUM, "value": stratum, "min": str(seats), "max": str(seats)}
        for stratum, seats in wanted["seats"].items()
    ] + [
        {"feature": q["attribute"], "value": q["value"], "min": str(q["least"]), "max": str(q["most"])}
        for q in wanted["quotas"]
    ]
    total = sum(wanted["seats"].values())
    features, *_ = read_in_features(["feature", "value", "min", "max"], rows, total)
    settings = Settings(id_column="id", columns_to_keep=[])
    people, *_ = read_in_people(list(wanted["people"][0]), wanted["people"], features, settings)
    panels, _ = find_random_sample(
        features, people, total, [], selection_algorithm=ALGORITHM, number_selections=wanted["panels"]
    )
    return [sorted(panel) for panel in panels]


def main(target: str) -> None:
    """Read what is wanted, write what is proposed; what the package says of itself goes to stdout and stderr."""
    try:
        panels = propose(json.load(sys.stdin))
    except SortitionBaseError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    found = {"panels": panels, "by": f"{PACKAGE} {version(PACKAGE)}, {ALGORITHM}"}
    Path(target).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
