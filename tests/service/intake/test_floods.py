"""Floods and monstrous bodies: refused by name of the bound, no fault of ours, and the next request is served (X7)."""

import json
from typing import Any

import httpx2
import pytest

from services.intake import store
from shared.web_limits import LARGEST_BODY, add_limits
from tests.service.intake.house import TEXT, House, submitted

DEEP = 50_000
URL = "/api/v1/public/complaints"


@pytest.fixture
async def bounded(house: House) -> httpx2.AsyncClient:
    """The house's application as the service runs it: with bounds on every request."""
    app: Any = house.web._transport.app  # type: ignore[attr-defined]  # httpx's transport knows it
    add_limits(app, "intake")
    app.middleware_stack = None
    return house.web


async def is_served(house: House) -> bool:
    answer = await house.call("clerk", "POST", "/complaints", channel="email", text=f"{TEXT}还能登记")
    return answer.status_code == 201


BODIES = {
    "huge": (b'{"channel": "web_form", "text": "' + b"x" * LARGEST_BODY + b'"}', {413}),
    "long_text": (json.dumps({"channel": "web_form", "text": "长" * 20_001}).encode(), {422}),
    "deep_list": (b"[" * DEEP + b"]" * DEEP, {400, 413, 422}),
    "deep_object": (b'{"person":' * DEEP + b"1" + b"}" * DEEP, {400, 413, 422}),
    "broken": (b'{"channel": "web_form", "text": ', {422}),
    "not_utf8": (b'{"channel": "web_form", "text": "\xff\xfe"}', {400, 422}),
    "nul": (b'{"channel": "web_form", "text": "\\u0000\\u0000"}', {201, 422}),
    "lone_surrogate": (b'{"channel": "web_form", "text": "\\ud800 ' + TEXT.encode() + b'"}', {400, 422}),
    "big_number": (b'{"channel": "web_form", "text": ' + b"9" * 10_000 + b"}", {400, 422}),
    "many_fields": (json.dumps({f"f{n}": n for n in range(20_000)}).encode(), {422}),
}


@pytest.mark.parametrize("name", BODIES)
async def test_i2_a_monstrous_body_is_refused_and_the_next_report_is_taken(
    house: House, bounded: httpx2.AsyncClient, name: str
) -> None:
    body, allowed = BODIES[name]
    answer = await bounded.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in allowed, (answer.status_code, answer.text[:300])
    assert len(answer.content) < 10_000, "the answer does not give the monster back"
    assert await is_served(house)


async def test_i2_a_body_without_end_is_cut_off_at_the_bound(house: House, bounded: httpx2.AsyncClient) -> None:
    given = 0

    async def endless() -> Any:
        nonlocal given
        while True:
            given += 65_536
            yield b"x" * 65_536

    answer = await bounded.post(URL, content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert given < LARGEST_BODY * 2
    assert await is_served(house)


async def test_i2_a_flood_from_one_address_is_refused_and_registers_nothing_more(house: House) -> None:
    answers = [
        await house.call("public", "POST", "/public/complaints", channel="web_form", text=f"第{n}件：{TEXT}")
        for n in range(30)
    ]
    assert {answer.status_code for answer in answers} == {201, 429}
    taken = sum(answer.status_code == 201 for answer in answers)
    assert (
        await house.unit.read(lambda session: len(store.complaints(session, state=None, after=0, limit=100))) == taken
    )
    assert await is_served(house), "a clerk is not stopped by a flood from outside"


@pytest.mark.parametrize("depth", [500, DEEP])
async def test_i2_a_deep_message_of_a_source_is_kept_for_repair(house: House, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    whole = json.dumps(submitted("T-1")).encode().replace(json.dumps(TEXT).encode(), deep)
    receipt = await house.source_sends(whole)
    assert receipt["state"] == "kept_for_repair"
    [kept] = (await house.done("clerk", "GET", "/repairs"))["items"]
    assert (await house.call("clerk", "GET", f"/repairs/{kept['id']}")).status_code == 200
    assert (await house.report("T-2"))["state"] == "registered"
