"""What `minping import` says: every row accounted for, and on time or overdue beside what the file says itself."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from services.intake.domain.import_rows import Report, RowProblem
from services.intake.domain.targets import EXPLAINED, Checked, by_reason
from services.intake.importing import read_export

SHOWN = 20


def reading(file: Path, zone: ZoneInfo, given: dict[str, str]) -> dict[str, Any]:
    """What would be sent, and which rows would be kept for repair. Raises Refusal."""
    export = read_export(file, zone, given)
    problems = [row for row in export.rows if isinstance(row, RowProblem)]
    tickets = [row.ticket for row in export.rows if isinstance(row, Report)]
    return {
        "file": file.name,
        "dry_run": True,
        "in_file": export.in_file,
        "passed_over": export.passed_over,
        "read": len(export.rows),
        "can_be_registered": len(set(tickets)),
        "repeated_tickets": len(tickets) - len(set(tickets)),
        "kept_for_repair": len(problems),
        "problems": [
            {"row": one.row, "ticket": one.partial.get("ticket", ""), "field": one.field, "value": one.value,
             "reason": one.reason, "remedy": one.remedy}
            for one in problems
        ],
    }  # fmt: skip


def targets(found: Checked) -> dict[str, Any]:
    """The file's flags beside ours: how many agree, and every row that does not, with its reason."""
    return {
        "rows": found.rows,
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "agreeing": found.agreeing,
        "differing": by_reason(found.differing),
        "flags": {
            why: dict(Counter(one.timed.flag for one in found.differing if one.why == why))
            for why in by_reason(found.differing)
        },
        "explained": {why: EXPLAINED[why] for why in by_reason(found.differing)},
        "differences": [
            {
                "row": one.timed.row,
                **{
                    name: moment.isoformat() if moment else None
                    for name, moment in (
                        ("opened", one.timed.opened), ("target", one.timed.target), ("closed", one.timed.closed)
                    )
                },
                "flag": one.timed.flag, "ours": one.ours, "why": one.why, "problem": one.timed.problem,
            }
            for one in found.differing
        ],
    }  # fmt: skip


def show(console: Console, report: dict[str, Any]) -> None:
    """The report for people."""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    over = f" ({report['in_file']} in the file, {report['passed_over']} empty)" if report["passed_over"] else ""
    if report.get("dry_run"):
        say(
            f"{report['file']}: {report['read']} rows read{over}, {report['can_be_registered']} can be registered, "
            f"{report['repeated_tickets']} have a ticket that came before, {report['kept_for_repair']} would be kept "
            "for repair. Nothing was sent."
        )
    else:
        rate = report["read"] / report["elapsed_s"] if report["elapsed_s"] else 0
        say(
            f"{report['file']}: {report['read']} rows read{over}, {report['registered']} registered "
            f"({report['linked']} linked to an earlier complaint on the same matter), {report['repeated']} repeated, "
            f"{report['kept_for_repair']} kept for repair, in {report['elapsed_s']:.1f} s ({rate:.0f} rows/s)"
        )
    for one in report["problems"][:SHOWN]:
        say(f"  row {one['row']}: {one['field']}: {one['reason']}; {one['remedy']}")
    if len(report["problems"]) > SHOWN:
        say(f"  … and {len(report['problems']) - SHOWN} more: see --json, or GET /api/v1/repairs")
    if report.get("unanswered"):
        say(
            f"  {report['unanswered']} rows have no answer yet: intake does not take them. Nothing is lost; see "
            "`minping doctor`, then run the same command again: what is registered is not registered twice."
        )
    if "targets" in report:
        _show_targets(say, report["targets"])


def _show_targets(say: Any, found: dict[str, Any]) -> None:
    agreeing = ", ".join(f"{count} {flag}" for flag, count in sorted(found["agreeing"].items())) or "none"
    say(f"on time or overdue by the file's own times (up to {found['as_of']}): {agreeing} as the file says")
    for why, count in found["differing"].items():
        flags = ", ".join(f"{n} flagged {flag or '(nothing)'}" for flag, n in found["flags"][why].items())
        say(f"  {count} × {why} ({flags}): {found['explained'][why]}")
        for one in [each for each in found["differences"] if each["why"] == why][: 0 if why == "no_target" else SHOWN]:
            said = one["flag"] or "(nothing)"
            say(
                f"    row {one['row']}: opened {one['opened']}, target {one['target']}, closed {one['closed']}; "
                f"the file says {said}, the times say {one['ours'] or one['problem']}"
            )
