"""No list hides what lies behind its first page, and a page that changes meanwhile loses nothing (I1, I7)."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.service.intake.house import TEXT, House
from tests.service.intake.test_inspections import seen
from tests.service.intake.test_matters import EXCLUSIONS, closed, named
from tests.service.intake.test_supervisors import appointed

TEXTS = [f"第{n}件不同的事情：{TEXT[n * 9 :]}（{n}）" for n in range(3)]
ACCEPT = {"decision": "accepted", "reason": "属实", "transfer": {"lead_unit": "tax"}}


async def reported(house: House, **changes: Any) -> list[str]:
    sent = [
        await named(house, f"T-{n}", f"1380000111{n}", text=text, **changes) for n, text in enumerate(TEXTS)
    ]  # fmt: skip
    return [receipt["number"] for receipt in sent]


async def transfers(house: House) -> None:
    for number in await reported(house):
        await house.done("clerk", "POST", f"/complaints/{number}/screening", **ACCEPT)


async def repairs(house: House) -> None:
    for n, text in enumerate(TEXTS):
        await house.report(f"T-{n}", channel="telepathy", text=text)


async def exposures(house: House) -> None:
    for n, text in enumerate(TEXTS):
        told = {"outlet": "市电视台", "date": "2026-03-01"}
        await house.report(f"T-{n}", channel="media_exposure", text=text, particulars=told)


async def feedback(house: House) -> None:
    for n, text in enumerate(TEXTS):
        number = (await house.report(f"T-{n}", channel="hotline_on_air", text=text))["number"]
        await house.done("clerk", "POST", f"/complaints/{number}/screening", decision="unfounded", reason="查无实据")


async def filings(house: House) -> None:
    for month in ("01", "02"):
        period = {"first": f"2025-{month}-01", "last": f"2025-{month}-28"}
        await house.done("office", "POST", "/filings", office="省纠风办", **period)
    await house.done("office", "POST", "/filings", office="省纪委", first="2025-03-01", last="2025-03-31")


async def absences(house: House) -> None:
    for n in range(3):
        days = {"first": f"2026-0{n + 4}-01", "last": f"2026-0{n + 4}-02"}
        await house.done(
            "office", "POST", "/absences", role="approver", person=f"p{n}", deputy="d", reason="出差", **days
        )


async def handovers(house: House) -> None:
    for n in range(3):
        await house.done(
            "office", "POST", "/handovers", leaves=f"p{n}", successor="new", role="approver", reason="调离"
        )


async def roster(house: House) -> None:
    for unit in ("tax", "police", "town"):
        at = "2026-04-10T09:00:00+08:00"
        await house.done(
            "office", "POST", "/roster", name="热线", outlet="电台", starts_at=at, unit=unit, leader=f"{unit}局长"
        )


async def plans(house: House) -> None:
    for _ in range(3):
        await house.done("office", "POST", "/inspection-plans", quarter="2026-Q2", count=1)


async def supervisors(house: House) -> None:
    for n in range(3):
        await appointed(house, f"s-{n}")


async def cards(house: House) -> None:
    await appointed(house)
    for text in TEXTS:
        await house.done("supervisor", "POST", "/cards", text=text)


async def disclosures(house: House) -> None:
    for number in await reported(house):
        await house.done("clerk", "POST", "/disclosures", number=number, reason="须核实")


async def exclusions(house: House) -> None:
    for number in await reported(house):
        await house.done("clerk", "POST", EXCLUSIONS, number=number, reason="重复投诉")


async def callbacks(house: House) -> None:
    numbers = [(await named(house, f"T-{n}", f"1380000111{n}"))["number"] for n in range(3)]
    await closed(house, *numbers)


async def inspections(house: House) -> None:
    for _ in range(3):
        await house.done("inspector", "POST", "/inspections", **seen(findings=[]))


LISTS: dict[str, tuple[str, Callable[[House], Awaitable[None]]]] = {
    "/transfers": ("approver", transfers),
    "/repairs": ("clerk", repairs),
    "/exposures?state=unverified": ("discipline", exposures),
    "/feedback": ("office", feedback),
    "/filings": ("higher_office", filings),
    "/absences": ("office", absences),
    "/handovers": ("auditor", handovers),
    "/public/roster": ("public", roster),
    "/inspection-plans": ("office", plans),
    "/supervisors": ("office", supervisors),
    "/cards": ("office", cards),
    "/disclosures": ("custodian", disclosures),
    EXCLUSIONS: ("office", exclusions),
    "/callbacks/worklist": ("clerk", callbacks),
    "/callbacks": ("clerk", callbacks),
    "/inspections": ("office", inspections),
}


@pytest.mark.parametrize("path", LISTS)
async def test_every_page_of_a_list_follows_the_one_before_and_the_last_says_so(house: House, path: str) -> None:
    role, fill = LISTS[path]
    await fill(house)
    whole = await house.done(role, "GET", path)
    assert (len(whole["items"]), whole["next"]) == (3, None)
    mark, found = "?" if "?" not in path else "&", []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = await house.done(role, "GET", f"{path}{mark}limit=1{more}")
        found += page["items"]
        cursor = page["next"]
        assert len(found) <= 4, "the pages go round in a circle"
    assert found == whole["items"]


async def test_a_list_from_which_rows_leave_while_it_is_read_leaves_nothing_out(house: House) -> None:
    await exclusions(house)
    path = f"{EXCLUSIONS}?state=proposed&limit=1"
    first = await house.done("office", "GET", path)
    key = first["items"][0]["id"]
    await house.done("office", "POST", f"{EXCLUSIONS}/{key}/confirmation", reason="情况属实")
    second = await house.done("office", "GET", f"{path}&cursor={first['next']}")
    third = await house.done("office", "GET", f"{path}&cursor={second['next']}")
    keys = {page["items"][0]["id"] for page in (first, second, third)}
    assert len(keys) == 3


@pytest.mark.parametrize("cursor", ["x", "2026-03-02~x", "2026-03-02T09:00:00~x", "~", "2026-13-01T00:00:00Z~1"])
async def test_a_cursor_of_another_list_or_of_nobody_is_refused(house: House, cursor: str) -> None:
    answer = await house.call("approver", "GET", f"/transfers?cursor={cursor}")
    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")
    number = await house.call("clerk", "GET", "/callbacks/worklist?cursor=2026-03-02T09:00:00Z~x")
    assert (number.status_code, number.json()["field"]) == (422, "cursor")
