"""One case from the report to the closing, step by step, for actors who play a case of their own inside their acts.

Each step is dated by the act (`at`) and waits until the house has dealt with it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from deploy.local.demo.casework import GUARDS, STANDARDS
from deploy.local.simulate.world import World


async def report(world: World, body: dict[str, Any], at: datetime) -> str:
    """A clerk writes a report down; its number. body: as intake's `POST /api/v1/complaints` takes it."""
    answer = await world.person("clerk").post("intake", "/api/v1/complaints", body, at=at)
    await world.settle()
    return str(answer["number"])


async def transfer(
    world: World, number: str, unit: str, at: datetime, *, track: str = "immediate", **more: Any
) -> None:
    """The clerk accepts it and fills in the transfer card, the approver signs: the unit has a case."""
    card = {"lead_unit": unit, "track": track, **more}
    body = {"decision": "accepted", "reason": "属本级受理范围", "transfer": card}
    await world.person("clerk").post("intake", f"/api/v1/complaints/{number}/screening", body, at=at)
    await world.person("approver").post("intake", f"/api/v1/transfers/{number}/approval", at=at)
    await world.settle()


async def accept(world: World, number: str, unit: str, at: datetime) -> None:
    """The unit takes it in hand."""
    await world.person("handler", unit=unit).post("rectification", f"/api/v1/cases/{number}/acceptance", at=at)
    await world.settle()


async def solve(
    world: World, number: str, unit: str, at: datetime, *, measures: str = "已派员现场核查并落实整改措施",
    reply: str = "您反映的问题已核实处理，感谢监督。", misconduct: str = "", evidence: Sequence[str] = (),
) -> None:  # fmt: skip
    """The unit reports it solved. misconduct: how it was dealt with; empty when none was found."""
    body = {
        "measures": measures, "reply": reply, "misconduct_found": bool(misconduct),
        "misconduct_dealt_with": misconduct or "未发现违纪违规", "evidence": list(evidence) or [f"整改记录-{number}"],
    }  # fmt: skip
    await world.person("handler", unit=unit).post("rectification", f"/api/v1/cases/{number}/solution", body, at=at)
    await world.settle()


async def call_back(world: World, number: str, grade: str, at: datetime) -> None:
    """A clerk rings up all petitioners: all say the same grade, or nobody answers (`not_reached`)."""
    clerk = world.person("clerk")
    tasks = await clerk.get("intake", "/api/v1/callbacks", state="open", case=number)
    graded = {"result": "graded", "grade": grade, "confirmed": True}
    for task in tasks["items"]:
        body = {"result": "not_reached"} if grade == "not_reached" else graded
        await clerk.post("intake", f"/api/v1/callbacks/{number}/{task['number']}", body, at=at)
    await world.settle()


async def close(world: World, number: str, at: datetime) -> None:
    """The office looks at the four guards, each with its evidence, and signs."""
    guards = {name: {"holds": True, "evidence": f"核查记录-{number}-{name}", "by": "评议办核查员"} for name in GUARDS}
    body = {"guards": guards, "standards": dict.fromkeys(STANDARDS, True)}
    await world.person("office").post("rectification", f"/api/v1/cases/{number}/closing", body, at=at)
    await world.settle()
