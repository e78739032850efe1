"""The office's list of evaluators (.csv, .xlsx): read here, names hashed here, so that no name leaves this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.local.drawing.files import name_secret
from services.intake.domain.import_rows import text_of
from services.intake.importing import open_table
from services.scoring.domain.pool import Candidate, PoolProblem, name_salt, private_name
from services.scoring.domain.pool_rows import (
    Member,
    RawMember,
    Refused,
    by_township,
    columns,
    problems_of,
    raw_rows,
    strata_of,
    take_rows,
)
from shared.errors import Refusal
from shared.programme import Programme

SHOWN = 20


@dataclass(frozen=True, slots=True)
class PoolFile:
    """A list as read. `passed_over`: columns that nothing is taken from; `names`: whether names were hashed."""

    name: str
    raw: list[RawMember]
    passed_over: list[str]
    names: bool


def read_pool(path: Path, given: Mapping[str, str], salt: Path | None) -> PoolFile:
    """Read a list. salt: the office's secret for names; without it names are not even hashed. Raises Refusal."""
    table = open_table(path)
    header = [text_of(cell) for cell in table.header]
    at = columns(header, given)
    hash_name = None
    if salt is not None:
        if "name" not in at:
            raise Refusal("--salt", str(salt), "the list has no column of names", "leave it out, or --map COLUMN=name")
        secret = name_secret(salt)

        def hash_name(person: str, name: str) -> str:
            return private_name(name_salt(secret, person), name)

    rows = enumerate(([text_of(cell) for cell in row] for row in table.rows), start=table.first_row)
    used = set(at.values()) - ({at["name"]} if salt is None and "name" in at else set())
    over = [name for place, name in enumerate(header) if place not in used and name]
    return PoolFile(path.name, raw_rows(rows, at, hash_name), over, salt is not None)


def held_against(pool: PoolFile, programme: Programme) -> dict[str, Any]:
    """The report without a service: every row taken or refused; sizes and shares by the programme. Units unknown."""
    taken, refused = take_rows(pool.raw, strata_of(programme), None)
    return report(pool, taken, refused, problems_of(programme, [m.candidate for m in taken]))


def report(
    pool: PoolFile, taken: Sequence[Member], refused: Sequence[Refused], problems: Sequence[PoolProblem]
) -> dict[str, Any]:
    """Every row accounted for: read = taken + refused."""
    return {
        "file": pool.name,
        "read": len(pool.raw),
        "taken": len(taken),
        "refused": [asdict(one) for one in refused],
        "problems": [asdict(one) for one in problems],
        "registered": False,
        "townships": by_township(taken),
        "with_conflicts": sum(1 for m in taken if m.candidate.conflicts),
    }


def everybody(pool: PoolFile, strata: Mapping[str, str] | None) -> list[Candidate]:
    """Everybody of the list, for a draw: a row that cannot be taken stops it, so that nobody is dropped silently.

    strata: key or label → key; None: as they stand. Raises Refusal.
    """
    known = strata if strata is not None else {row.stratum: row.stratum for row in pool.raw if row.stratum}
    taken, refused = take_rows(pool.raw, known, None)
    if refused:
        first = refused[0]
        more = f" (and {len(refused) - 1} more rows)" if len(refused) > 1 else ""
        reason = f"row {first.row}: {first.reason}{more}"
        raise Refusal(
            f"pool.{first.field}", first.value, reason, f"{first.remedy}; `minping draw pool check` lists all"
        )
    return [member.candidate for member in taken]


def show(console: Console, found: Mapping[str, Any], programme: Programme, pool: PoolFile) -> None:
    """The report for people."""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    say(f"{pool.name}: {found['read']} rows read, {found['taken']} taken, {len(found['refused'])} refused")
    for one in found["refused"][:SHOWN]:
        said = f" {one['value']!r}" if one["value"] else ""
        say(f"  row {one['row']}: {one['field']}{said}: {one['reason']}; {one['remedy']}")
    if len(found["refused"]) > SHOWN:
        say(f"  … and {len(found['refused']) - SHOWN} more: see --json")
    for township, strata in found["townships"].items():
        size = sum(strata.values())
        say(f"{township or '评议员库 pool'}: {size} 人 people ({programme.pool.least}–{programme.pool.most})")
        for stratum in programme.pool.strata:
            have = strata.get(stratum.key, 0)
            least = f", at least {stratum.share:.0%}" if stratum.ordinary else ""
            say(f"  {stratum.label.zh} {stratum.key:15} {have:4} = {have / size:6.1%}{least}")
    say(f"conflicts of interest: {found['with_conflicts']} people")
    if pool.passed_over:
        say(f"columns passed over: {', '.join(pool.passed_over)}")
    for one in found["problems"]:
        say(f"✗ {one['field']}: {one['value']}: {one['reason']}")
