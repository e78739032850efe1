"""Who may do what with duties, tasks and appeals."""

from typing import Any

import pytest

from tests.service.rectification.house import House, local
from tests.service.rectification.test_doors import EVERY, who
from tests.service.rectification.test_obligations import PLAN, TASK, WHOLE, begun

READS = {
    "/obligations": ("office", "clerk", "auditor", "handler", "leader"),
    f"/obligations/{PLAN}": ("office", "clerk", "auditor", "handler", "leader"),
    "/statistics/obligations": ("office", "auditor", "operator", "handler", "leader"),
    "/tasks": ("office", "clerk", "auditor", "handler", "leader"),
    "/lateness-appeals": ("office", "approver", "auditor", "handler", "leader"),
}
ACTS: dict[str, tuple[tuple[str, ...], Any]] = {
    f"/obligations/{PLAN}/fulfilment": (("handler", "leader", "office"), WHOLE),
    f"/obligations/{PLAN}/acceptance": (("office", "approver"), None),
    f"/obligations/{PLAN}/return": (("office", "approver"), {"reasons": ["x"]}),
    "/tasks": (("office",), TASK),
    "/cases/2026-000001/lateness-appeal": (("leader",), {"grounds": "x"}),
    "/cases/2026-000001/lateness-appeal/ruling": (("office", "approver"), {"upheld": True, "reason": "x"}),
}


@pytest.mark.parametrize("path", READS)
async def test_only_these_roles_may_read(house: House, path: str) -> None:
    await begun(house)
    may = [role for role in EVERY if (await house.get(path, who(role))).status_code != 403]
    assert sorted(may) == sorted(READS[path])
    assert (await house.http.get(f"/api/v1{path}")).status_code == 401


@pytest.mark.parametrize("path", ACTS)
async def test_only_these_roles_may_act(house: House, path: str) -> None:
    await begun(house)
    roles, body = ACTS[path]
    may = []
    for role in EVERY:
        claims = {"role": role, "sub": f"{role}-1"} | ({"unit": "unit-a"} if role in ("handler", "leader") else {})
        headers = {
            "Authorization": f"Bearer {house.token(**claims)}",
            "Minping-At": local("2026-01-10 10:00").isoformat(),
        }
        answer = await house.http.post(f"/api/v1{path}", json=body, headers=headers)
        may += [role] if answer.status_code != 403 else []
    assert sorted(may) == sorted(roles)
    assert (await house.http.post(f"/api/v1{path}", json=body)).status_code == 401


async def test_the_schedule_of_tasks_is_for_everybody(house: House) -> None:
    assert (await house.http.get("/api/v1/public/tasks")).status_code == 200
