"""S8, S9: the arithmetic that a person redoes by hand, from the running house and offline from a bundle."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.local.commands.score import app, told
from services.scoring.domain.figures import published
from shared.contracts.rectification import CaseClosed
from shared.errors import Refusal
from tests.service.scoring.house import LEADER, OFFICE, refused
from tests.service.scoring.people import People
from tests.service.scoring.test_s14_results import facts, published_result


def redone(sum_said: str) -> Decimal:
    """The right-hand figure of a sum, computed anew from what stands to its left (as a pupil would)."""
    left = sum_said.partition(" = ")[0].replace("−", "-").replace("×", "*").replace("÷", "/").replace("%", "/100")
    numbers = re.sub(r"\d+(\.\d+)?", lambda m: f"Fraction('{m[0]}')", left)
    return published(eval(numbers, {"__builtins__": {}, "Fraction": Fraction}))


async def test_s9_the_sum_of_every_unit_redone_from_its_text_gives_the_published_figures(people: People) -> None:
    await published_result(people)
    for unit in people.units:
        found = (await people.house.get(f"/units/{unit}/working", OFFICE, cycle="2026-H1")).json()
        row = (await people.house.get(f"/units/{unit}/score", OFFICE, cycle="2026-H1")).json()
        sums = {step["kind"]: step["sum"] for step in found["steps"]}
        assert redone(sums["vote"]) == Decimal(row["concentrated"])
        assert redone(sums["composite"]) == Decimal(row["composite"])
        assert redone(sums["daily"]) == Decimal(row["daily"]["score"])
        assert f" = {row['rank']} / {row['of']}" in sums["rank"]


async def test_s9_offline_from_a_bundle_the_sum_is_the_same_as_from_the_house(people: People, tmp_path: Path) -> None:
    await published_result(people)
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes((await people.house.get("/meetings/m1/bundle")).content)
    house = (await people.house.get("/units/u01/working", OFFICE, cycle="2026-H1")).json()
    asked = ["explain", "--unit", "u01", "--cycle", "2026-H1", "--bundle", str(bundle)]
    answer = CliRunner().invoke(app, [*asked, "--json", str(tmp_path / "out.json")])
    assert answer.exit_code == 0, answer.output
    offline = json.loads((tmp_path / "out.json").read_text())
    assert offline["steps"] == house["steps"]
    assert "100 − (1 + 3) = 96" in answer.output
    assert any("依据 evidence 2026-H1.2026-000003.late.u01 已恢复" in line for line in told(house))
    changed = bundle.read_bytes().replace(b'"daily":"96"', b'"daily":"97"')
    bundle.write_bytes(changed)
    for wrong, field in ((asked, "bundle"), ([*asked[:4], "2025-H1", *asked[5:]], "bundle")):
        with pytest.raises(Refusal) as error:
            CliRunner().invoke(app, wrong, catch_exceptions=False)
        assert error.value.field == field


async def test_s8_before_the_publication_a_unit_sees_the_sum_of_its_daily_score_only(people: People) -> None:
    await facts(people)
    path = "/units/u01/working"
    today = (await people.house.get(path, LEADER, cycle="2026-H1")).json()
    assert [s["sum"] for s in today["steps"]] == ["1", "3", "100 − (1 + 3) = 96"]
    refused(await people.house.get("/units/u02/working", LEADER, cycle="2026-H1"), 403, "unit")
    await people.to_ranking()
    still = (await people.house.get(path, LEADER, cycle="2026-H1")).json()
    assert (still["version"], still["steps"]) == (None, today["steps"])
    assert (await people.house.get(path, OFFICE, cycle="2026-H1")).json()["version"] == 1


async def test_s8_a_case_over_the_most_is_cut_in_the_sum(people: People) -> None:
    late = CaseClosed(case="c1", unit="u01", paying_unit="u01", outcome="solved", late=True, misconduct=True)
    await people.house.take(late, "2026-06-20 10:00")
    programme = people.house.desk.programme
    points = programme.points.model_copy(update={"most_per_case": Decimal(1)})
    object.__setattr__(people.house.desk, "programme", programme.model_copy(update={"points": points}))
    today = (await people.house.get("/units/u01/working", OFFICE, cycle="2026-H1")).json()
    assert [s["sum"] for s in today["steps"]] == ["1 + 1 = 2; 2 − 1 = 1", "100 − 1 = 99"]
