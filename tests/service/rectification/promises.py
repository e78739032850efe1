"""Plans, promises and explanations, as short calls on the house."""

from typing import Any

import httpx2

from tests.service.rectification.house import AUDITOR, HANDLER, OFFICE, House, approved, local

NUMBER = "2026-000001"
PROMISE = f"{NUMBER}-1"
MILESTONES = [
    {"name": "定下方案", "due": "2026-03-31", "who": "王芳"},
    {"name": "窗口增设完毕", "due": "2026-04-30", "who": "李强"},
]
COMMITMENT = {
    "text": "5月20日前增设两个窗口,有事请打13812345678",
    "person": "局长赵敏",
    "due": "2026-05-20",
    "to": "清河街道居民",
}
PLAN = {
    "measures": "增设窗口,延长办理时间",
    "responsible": "副局长钱伟",
    "conditions": "等待编制批复",
    "milestones": MILESTONES,
    "commitment": COMMITMENT,
}
EXPLANATION = {
    "basis": [{"name": "关于调整购房补贴的通知", "number": "国发〔2026〕3号", "passage": "第四条"}],
    "reasoning": "补贴自2026年起按新标准执行",
    "text": "您的情况按国发〔2026〕3号第四条不在补贴范围,联系电话13812345678",
}
SURVEY = {"satisfied": 8, "basically_satisfied": 1, "dissatisfied": 1, "unknown": 2}
FOUND = {"verdict": "kept", "findings": "两个窗口都在办理", "evidence": ["现场照片 2 张"], "survey": SURVEY}
INSPECTOR = {"role": "inspector", "sub": "inspector-1"}


async def planned(house: House, at: str = "2026-03-02 10:00", **changes: Any) -> None:
    """A case on the track *planned*: due on 28 May, its plan on 16 March."""
    await house.take(approved(NUMBER, track="planned", days=60, **changes), at)


async def submit(house: House, at: str, who: dict[str, Any] = HANDLER, **changes: Any) -> httpx2.Response:
    """The handler submits a plan."""
    return await house.post(f"/{NUMBER}/plan", PLAN | changes, who=who, at=at)


async def file(house: House, at: str, who: dict[str, Any] = OFFICE) -> httpx2.Response:
    """The office files it."""
    return await house.post(f"/{NUMBER}/plan/filing", who=who, at=at)


async def done(house: House, n: int, at: str, *evidence: str) -> httpx2.Response:
    """The unit did a milestone."""
    body = {"evidence": list(evidence or ("验收单 1 份",))}
    return await house.post(f"/{NUMBER}/milestones/{n}/completion", body, who=HANDLER, at=at)


async def filed(house: House) -> None:
    """A plan submitted on 6 March and filed on 9 March."""
    await planned(house)
    for answer in (await submit(house, "2026-03-06 10:00"), await file(house, "2026-03-09 10:00")):
        assert answer.status_code == 200, answer.text


async def act(house: House, path: str, body: Any, *, who: dict[str, Any], at: str) -> httpx2.Response:
    """Act on something that is no case."""
    headers = {"Authorization": f"Bearer {house.token(**who)}", "Minping-At": local(at).isoformat()}
    return await house.http.post(f"/api/v1{path}", json=body, headers=headers)


async def inspect(house: House, at: str, who: dict[str, Any] = INSPECTOR, **changes: Any) -> httpx2.Response:
    """An inspector records what became of the promise."""
    return await act(house, f"/commitments/{PROMISE}/inspection", FOUND | changes, who=who, at=at)


async def correct(house: House, at: str, who: dict[str, Any] = OFFICE, **changes: Any) -> httpx2.Response:
    """Another record in its place."""
    body = FOUND | {"reason": "查错了窗口"} | changes
    return await act(house, f"/commitments/{PROMISE}/correction", body, who=who, at=at)


async def explained(house: House, **changes: Any) -> None:
    """A case on the track *explained*: due on 16 March."""
    await house.take(approved(NUMBER, track="explained", days=10, **changes), "2026-03-02 10:00")


async def explain(house: House, at: str, who: dict[str, Any] = HANDLER, **changes: Any) -> httpx2.Response:
    """The handler submits an explanation."""
    return await house.post(f"/{NUMBER}/explanation", EXPLANATION | changes, who=who, at=at)


async def entries(house: House, number: str = NUMBER) -> list[str]:
    """Kinds of the case's entries."""
    found = (await house.get("/ledger?limit=500", AUDITOR)).json()["items"]
    return [entry["kind"] for entry in found if entry["case"] == number]
