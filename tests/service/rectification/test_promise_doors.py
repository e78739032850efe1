"""Who may do what with plans, promises, explanations and the one-page ledger."""

from typing import Any

import pytest

from tests.service.rectification.house import House, approved
from tests.service.rectification.promises import EXPLANATION, FOUND, NUMBER, PLAN, PROMISE, act, filed
from tests.service.rectification.test_doors import EVERY, who

READERS = ("office", "clerk", "auditor", "handler", "leader")
PROMISES = ("office", "inspector", "auditor", "handler", "leader")
FIGURES = ("office", "auditor", "operator")
READS = {
    "/plans": ("office", "auditor", "handler", "leader"),
    f"/cases/{NUMBER}/plan": READERS,
    f"/cases/{NUMBER}/explanations": READERS,
    "/commitments": PROMISES,
    "/commitments/register": PROMISES,
    f"/commitments/{PROMISE}": PROMISES,
    "/ledger/export": FIGURES,
    "/statistics/outcomes": FIGURES,
}
ACTS: dict[str, tuple[tuple[str, ...], Any]] = {
    f"/cases/{NUMBER}/plan": (("handler",), PLAN),
    f"/cases/{NUMBER}/plan/return": (("office",), {"reasons": ["x"]}),
    f"/cases/{NUMBER}/plan/filing": (("office",), None),
    f"/cases/{NUMBER}/milestones/1/completion": (("handler",), {"evidence": ["x"]}),
    f"/cases/{NUMBER}/explanation": (("handler",), EXPLANATION),
    f"/cases/{NUMBER}/explanation/approval": (("office",), None),
    f"/cases/{NUMBER}/difficulty": (("office",), {"difficulty": "difficult", "reason": "x"}),
    f"/commitments/{PROMISE}/inspection": (("office", "inspector"), FOUND),
    f"/commitments/{PROMISE}/correction": (("office", "inspector"), FOUND | {"reason": "x"}),
}


@pytest.mark.parametrize("path", READS)
async def test_only_these_roles_may_read(house: House, path: str) -> None:
    await filed(house)
    may = [role for role in EVERY if (await house.get(path, who(role))).status_code != 403]
    assert sorted(may) == sorted(READS[path])
    assert (await house.http.get(f"/api/v1{path}")).status_code == 401


@pytest.mark.parametrize("path", ACTS)
async def test_only_these_roles_may_act(house: House, path: str) -> None:
    await filed(house)
    roles, body = ACTS[path]
    # The unit's people are of the unit, the office's of none: what is refused then is refused to the role.
    people = {role: who(role) if role in ("handler", "leader") else {"role": role, "sub": "x"} for role in EVERY}
    answers = {role: await act(house, path, body, who=one, at="2026-05-22 10:00") for role, one in people.items()}
    assert sorted(r for r, answer in answers.items() if answer.status_code != 403) == sorted(roles)
    assert (await house.http.post(f"/api/v1{path}", json=body)).status_code == 401


async def test_a_case_that_is_not_there_is_not_found(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    for path, (roles, body) in ACTS.items():
        there = path.replace(NUMBER, "2026-000777")
        one = {"role": roles[0], "sub": "x", "unit": "unit-a"}
        assert (await act(house, there, body, who=one, at="2026-03-10 10:00")).status_code == 404, there
    for path in ("/cases/2026-000777/plan", "/cases/2026-000777/explanations", "/commitments/2026-000777-1"):
        assert (await house.get(path)).status_code == 404


async def test_what_is_sent_again_with_its_key_is_filed_once(house: House) -> None:
    await house.take(approved(NUMBER, track="planned", days=60), "2026-03-02 10:00")
    handler = who("handler")
    answers = [
        await house.post(f"/{NUMBER}/plan", PLAN, who=handler, at="2026-03-06 10:00", key="k-1") for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len((await house.get(f"/cases/{NUMBER}/plan")).json()["versions"]) == 1
