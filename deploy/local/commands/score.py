"""`minping score explain`: a unit's score as a person redoes it by hand, from the running house or from a bundle."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from deploy.local import deployment
from deploy.local.asking import ask
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.scoring.domain.bundle import RESULT
from services.scoring.domain.canon import Json, Malformed, decimal, parse_canonical
from services.scoring.domain.points import BONUS
from services.scoring.domain.rules import rules_from_bytes
from services.scoring.domain.working import working
from services.scoring.verify import verify_bytes
from services.scoring.verify.container import read_container
from shared.errors import Refusal

app = typer.Typer(add_completion=False, no_args_is_help=True)
SAYS = {
    "volume": "按业务量折算的扣分 deductions per service volume",
    "points": "扣分加分后的得分 score of the points",
    "survey": "日常评议中的问卷 questionnaire inside the daily score",
    "daily": "日常评议得分 daily score",
    "vote": "集中评议得分 score of the vote",
    "composite": "综合得分 composite",
    "rank": "名次 rank = 更高的个数 strictly better + 1",
    "merit": "按得票的名次 rank by the vote",
    "interval": "名次的 95% 区间 interval of the rank",
    "none": "没有 none",
}


@app.callback()
def about() -> None:
    """得分从哪里来 · where a score comes from."""


@app.command()
def explain(
    unit: Annotated[str, typer.Option(help="单位 · the unit's key.")],
    cycle: Annotated[str, typer.Option(help="周期 · the cycle, such as 2026-H1.")],
    bundle: Annotated[
        Path | None, typer.Option(help="封存包，离线计算 · a published bundle.zip: offline, without any service.")
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """逐步算式：每条扣分、每项权重、舍入、名次 · every line, weight, rounding and the rank, to be redone by hand.

    分数是精确值，→ 后面是公布的两位小数 · fractions are exact, behind → stands the published figure.
    """
    found = _running(unit, cycle, data) if bundle is None else from_bundle(bundle, unit, cycle)
    out = Output(json)
    for line in told(found):
        out.console.print(line, soft_wrap=True, markup=False, highlight=False)
    out.result(found)


def _running(unit: str, cycle: str, data: Path) -> dict[str, Any]:
    layout, ports, _ = deployment.opened(data)
    token = deployment.token(
        Keyring(layout.secrets), "auditor", unit=None, name="minping score explain", sub=None, days=1
    )
    query = urllib.parse.urlencode({"cycle": cycle})
    return ask(f"{ports.url('scoring')}/api/v1/units/{urllib.parse.quote(unit, safe='')}/working?{query}", token)


def from_bundle(file: Path, unit: str, cycle: str) -> dict[str, Any]:
    """The arithmetic of a unit out of a published bundle that holds. Raises Refusal."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refusal("bundle", str(file), f"cannot be read: {error}", "name a published bundle.zip") from error
    report = verify_bytes(content, str(file))
    if report.exit_code:
        wrong = ", ".join(f"{check.name} {check.where}" for check in report.failures)
        raise Refusal("bundle", str(file), f"does not hold: {wrong}", "see `minping verify`, compare other copies")
    files = read_container(content).files
    if RESULT not in files:
        raise Refusal("bundle", str(file), "holds no result", "take the published bundle, not that of a rehearsal")
    try:
        return _of_files(files, unit, cycle)
    except (Malformed, KeyError) as error:
        raise Refusal("bundle", str(file), f"cannot be explained: {error}", "see `minping verify`") from error


def _of_files(files: Mapping[str, bytes], unit: str, cycle: str) -> dict[str, Any]:
    result = cast(dict[str, Any], parse_canonical(files[RESULT]))
    if result["cycle"] != cycle:
        raise Refusal("cycle", cycle, f"the bundle is of {result['cycle']}", "name that, or take another bundle")
    row = _entry(result["units"], unit)
    rules = rules_from_bytes(files["rules.json"])
    tally = _entry(cast(dict[str, Any], parse_canonical(files["tally.json"]))["units"], unit)
    numbers = result["points"]
    steps = working(
        row, [one for one in result["units"] if one["scope"] == row["scope"]],
        start=decimal(numbers["start"], "start"), floor=decimal(numbers["floor"], "floor"), tally=tally, rules=rules,
    )  # fmt: skip
    return {
        "unit": unit, "name": row["name"], "cycle": cycle, "version": result["version"],
        "steps": [{"kind": s.kind, "subject": s.subject, "sum": s.sum, "about": list(s.about)} for s in steps],
        "lines": [], "labels": {d.key: {"zh": d.label, "en": d.key} for d in rules.dimensions},
    }  # fmt: skip


def _entry(listed: list[dict[str, Json]], unit: str) -> dict[str, Json]:
    found = next((one for one in listed if one["unit"] == unit), None)
    if found is None:
        known = ", ".join(str(one["unit"]) for one in listed)
        raise Refusal("unit", unit, "is not in this bundle", f"it holds: {known}")
    return found


def told(found: Mapping[str, Any]) -> list[str]:
    """The arithmetic as lines for people."""
    labels = found["labels"]

    def word(key: str) -> str:
        label = labels.get(key)
        return key if label is None else f"{label['zh']} {label['en']}"

    version = found["version"]
    issued = f"第 {version} 版 version {version}" if version else "尚无结果 no result yet"
    lines = [f"{found['name']} {found['unit']} · {found['cycle']} · {issued}", ""]
    for step in found["steps"]:
        kind, subject = step["kind"], step["subject"]
        if kind == "case":
            title = f"扣分 deduction {subject or '–'} ({' + '.join(map(word, step['about']))})"
        elif kind == "gain":
            title = f"加分 bonus {subject} ({' + '.join(map(word, step['about']))})"
        elif kind in ("dimension", "class", "part", "bonus"):
            first, _, card = subject.partition("/")
            title = f"{word(first)}{f' · {card}' if card else ''}"
        else:
            title = SAYS[kind]
        lines += [title, f"    {step['sum']}"]
    for line in found["lines"]:
        gone = " 已撤销 withdrawn" if line["rule"] in BONUS else " 已恢复 restored"
        state = "" if line["stands"] else gone
        lines.append(f"依据 evidence {line['line']}{state}: {', '.join(line['evidence'])}")
    return lines
