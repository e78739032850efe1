"""The demo's people read lists to their end: what comes after the first page is not left undone."""

from typing import Any

import httpx2

from deploy.local.demo.http import House as Browsers
from tests.service.rectification.house import HANDLER, House, approved


async def test_the_demos_people_read_every_page_of_a_list(house: House) -> None:
    numbers = [f"2026-{n:06d}" for n in range(1, 8)]
    for number in numbers:
        await house.take(approved(number), "2026-03-02 10:00")

    def token(role: str, **_: Any) -> str:
        return house.token(**HANDLER | {"role": role})

    browsers = Browsers({"rectification": "http://house"}, token)
    await browsers.close()
    browsers._client = httpx2.AsyncClient(transport=httpx2.ASGITransport(house.app))
    handler = browsers.person("handler", unit="unit-a")
    found = await handler.every("rectification", "/api/v1/cases", limit=3)
    assert [case["case"] for case in found] == numbers
    assert len((await handler.get("rectification", "/api/v1/cases", limit=3))["items"]) == 3
    await browsers.close()
