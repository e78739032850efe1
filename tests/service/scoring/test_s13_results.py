"""What online evaluations say (S13): opinion at scale, from the publication on; counters at any time."""

from decimal import Decimal

import pytest

from services.scoring.domain.evaluation import Form, opinion
from services.scoring.store import evaluations as store
from services.scoring.usecases import embargo
from services.scoring.usecases.evaluation_results import ranked
from tests.service.scoring.house import LEADER, OFFICE, House, refused
from tests.service.scoring.people import People
from tests.service.scoring.test_s13_evaluations import GOOD, by_bus, issued, message

PATH = "/cycles/2026-H1/evaluations"


def test_s13_the_mean_leaves_out_those_who_do_not_know_and_thirty_ratings_are_needed() -> None:
    form = Form(("service", "speed"), ("good", "fair", "bad"), "unknown")
    weights, marks = {"service": Decimal(60), "speed": Decimal(40)}, {"good": Decimal(100), "fair": Decimal(80),
                                                                     "bad": Decimal(40)}  # fmt: skip
    whole = 0
    for given, number in (({"service": "good", "speed": "fair"}, 20), ({"service": "bad", "speed": "fair"}, 10),
                          ({"service": "good"}, 100)):  # fmt: skip
        whole += number * form.weight(form.packed(given))
    found = opinion(form.by_dimension(whole), weights, marks, 30)
    # service: (120·100 + 10·40) ÷ 130 = 95.3846…; speed: 30 marks of 80; 0.6 · 95.3846… + 0.4 · 80 = 89.2307…
    assert (found.score, found.ratings) == (Decimal("89.23"), 30)
    assert found.means == {"service": Decimal("95.38"), "speed": Decimal("80.00")}
    less = opinion(
        form.by_dimension(whole - form.weight(form.packed({"service": "bad", "speed": "fair"}))), weights, marks, 30
    )
    assert (less.score, less.means["speed"], less.ratings) == (None, None, 29)


def test_s13_counting_letters_gives_what_adding_evaluations_gives() -> None:
    form = Form(("a", "b", "c"), ("x", "y"), "-")
    given = [form.packed(m) for m in ({"a": "x"}, {"b": "y", "c": "x"}, {"a": "y", "b": "y", "c": "y"}, {"a": "x"})]
    assert form.weight_of_all("".join(given)) == sum(form.weight(one) for one in given)
    assert form.by_dimension(form.weight_of_all("".join(given)))["a"] == {"x": 2, "y": 1, "-": 1}


async def filled(people: People) -> House:
    """Two units with forty evaluations each, one with ten; a section of the first has thirty-five."""
    house = people.house
    dims = [d.key for d in house.desk.programme.dimensions]
    good, bad = dict.fromkeys(dims, GOOD), dict.fromkeys(dims, "dissatisfied")
    for unit, number, section, marks in (
        ("u01", 35, "户籍", good), ("u01", 5, "", bad), ("u02", 40, "", good), ("u03", 10, "", good),
    ):  # fmt: skip
        codes = await issued(house, number, unit, section=section)
        await by_bus(house, *(message(code, unit, marks) for code in codes))
    return house


async def test_s13_figures_are_shown_with_the_result_and_counters_before(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await filled(people)
    counters = (await house.get(f"{PATH}/counters")).json()
    assert counters["evaluations"] == 90
    assert {u["unit"]: u["evaluations"] for u in counters["units"]} == {"u01": 40, "u02": 40, "u03": 10}
    refused(await house.get(PATH), 404, "cycle")
    refused(await house.get("/units/u01/evaluations", cycle="2026-H1"), 404, "cycle")
    assert (await house.get(f"{PATH}/inside", LEADER)).status_code == 403
    inside = (await house.get(f"{PATH}/inside", OFFICE)).json()["items"]
    monkeypatch.setattr(embargo, "is_public", lambda session, cycle: True)
    shown = (await house.get(PATH)).json()["items"]
    assert shown == inside
    found = {row["unit"]: row for row in shown}
    # u01: 35 × 100 and 5 × 40 in every dimension: 92.5
    assert (found["u01"]["score"], found["u02"]["score"], found["u03"]["score"]) == ("92.50", "100.00", None)
    assert all("opinion at scale" in row["label"] and "interval" not in row for row in shown)
    whole, section = (await house.get("/units/u01/evaluations", cycle="2026-H1")).json()
    assert (whole["evaluations"], section["section"], section["evaluations"], section["score"]) == (
        40, "户籍", 35, "100.00",
    )  # fmt: skip


async def test_s13_the_list_goes_on_page_by_page(people: People) -> None:
    house = await filled(people)
    seen, after = [], ""
    while True:
        page = (await house.get(f"{PATH}/inside", OFFICE, after=after, limit="2")).json()
        seen += [row["unit"] for row in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == ["u01", "u02", "u03"]


async def test_s13_units_are_compared_inside_their_scope_and_too_few_ratings_have_no_place(people: People) -> None:
    house = await filled(people)
    found = await house.unit.read(lambda s: ranked(house.desk, s, store.tallies(s, "2026-H1")))
    places = {row.unit: row.rank for row in found}
    assert (places["u02"], places["u01"], places["u03"]) == (1, 2, None)


async def test_s13_what_counted_nothing_is_listed_for_the_office(people: People) -> None:
    await by_bus(people.house, b"{bad", b"{worse")
    shown = (await people.house.get("/evaluations/refusals", OFFICE)).json()
    assert shown == [{"source": "hall", "reason": "malformed", "number": 2}]
    assert (await people.house.get("/evaluations/refusals", LEADER)).status_code == 403
