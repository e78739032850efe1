"""Phases of a programme's year (阶段): what is done when; they may overlap and may cross the year.

A phase has no effect of its own: it groups the dated duties (`obligations[].phase`) for whoever reads the schedule.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from shared.programme.marks import Finding, Said, rows
from shared.programme.messages import meant
from shared.programme.obligations import Obligation
from shared.programme.values import Code, Label, Window

_YEAR = 2025


class Phase(Window):
    """A part of the year with its tasks: the obligations that name it. Days are inclusive."""

    key: Code
    label: Label


def findings(data: Any) -> Iterator[Finding]:
    """Phases that end before they begin or stand twice; duties of a phase that there is not, or due outside it."""
    known: dict[str, Phase] = {}
    for where, row in rows(data, "phases"):
        try:
            phase = Phase.model_validate(row)
        except ValidationError:
            continue  # the schema tells what is wrong with it
        first, last = phase.on(_YEAR)
        if last < first:
            yield Finding(
                (*where, "closes"),
                str(phase.closes),
                Said("早于开始日", "lies before its opening"),
                Said(
                    "改正日期；次年的日期写“+1 月-日”", "correct it; a day of the following year is written `+1 MM-DD`"
                ),
            )
        if phase.key in known:
            yield Finding(
                (*where, "key"),
                phase.key,
                Said("与前面的重复", "stands twice in this list"),
                Said("每个 key 只用一次", "use each key once"),
            )
        known[phase.key] = phase
    for where, row in rows(data, "obligations"):
        named = row.get("phase")
        if not isinstance(named, str):
            continue
        if named not in known:
            listed = ", ".join(known) or "–"
            yield Finding(
                (*where, "phase"),
                named,
                Said("没有这个阶段", "there is no such phase"),
                meant(named, list(known)) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
            )
        else:
            yield from _inside((*where, "when"), row, known[named])


def _inside(where: tuple[str | int, ...], row: Any, phase: Phase) -> Iterator[Finding]:
    try:
        duty = Obligation.model_validate(row)
    except ValidationError:
        return  # the schema tells what is wrong with it
    if duty.when.by is None:
        return  # what comes back each month or quarter reaches over its phase
    first, last = phase.on(_YEAR)
    due = duty.when.by.on(_YEAR)
    if not first <= due <= last:
        yield Finding(
            (*where, "by"),
            str(duty.when.by),
            Said(
                f"不在阶段 {phase.key}（{phase.opens} 至 {phase.closes}）之内",
                f"lies outside the phase {phase.key} ({phase.opens} to {phase.closes})",
            ),
            Said("改日期，或归入另一个阶段", "change the day, or name another phase"),
        )
