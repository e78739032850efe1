"""A preview (N2): who would get what, when, by which rule, why, with the words; nothing sent, nothing written."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.local.commands.notice_preview import told
from services.notify.usecases.matters import MATTERS
from shared.contracts import Event, EventData
from tests.support.notify_house import House, local, opened, passed
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
GOLDEN = Path(__file__).parents[2] / "contracts/golden"


def event(data: EventData, at: str = "2026-03-31T00:00") -> dict[str, Any]:
    kind = type(data)
    made = Event[kind](id="event-1", source="minping.test", type=kind.TYPE, time=local(at), data=data)  # type: ignore[valid-type]  # known at run time only
    found: dict[str, Any] = json.loads(made.model_dump_json())
    return found


async def previewed(web: Web, given: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await web("POST", "/notices/preview", "auditor", json={"event": given, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_n2_a_preview_says_who_gets_what_when_by_which_rule_and_why(web: Web, house: House) -> None:
    found = await previewed(web, event(passed()), on="2026-03-31")
    assert [(n["person"], n["role"], n["why"], n["state"], n["channel"]) for n in found["notices"]] == [
        ("wang", "handler", "holder", "new", "email"), ("li", "main_leader", "holder", "new", "email"),
    ]  # fmt: skip
    first = found["notices"][0]
    assert (first["rule"]["event"], first["rule"]["tells"]) == ("rectification.deadline.passed", ["as_escalated"])
    assert first["due"] == local("2026-03-31T09:00").isoformat().replace("+08:00", "Z").replace("T09", "T01")
    assert "2026-000001号" in first["subject"]
    assert first["text"].startswith("王芳")
    assert first["digest"] is False
    assert await house.notices() == []
    assert house.published == []
    lines = "\n".join(told(found, lambda text: local("2026-03-31T09:00")))
    assert "王芳 (wang): 将通知" in lines
    assert "2026-000001号" in lines


async def test_n2_a_preview_says_who_was_told_already_and_who_is_passed_over(web: Web, house: House) -> None:
    from services.notify.domain.delivery import Outcome

    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await house.post("2026-03-31T09:00", wang=Outcome("bad_address", "rcpt", "550 no such user"))
    again = await previewed(web, event(passed(roles=("handler",))), on="2026-04-01")
    [told_already] = again["notices"]
    assert (told_already["person"], told_already["state"]) == ("li", "told_already")
    assert [p["person"] for p in told_already["passed_over"]] == ["wang"]
    other = await previewed(web, event(passed("2026-000007")), on="2026-04-01")
    assert [(n["person"], n["state"]) for n in other["notices"]] == [("li", "new"), ("li", "same_person")]


async def test_n2_a_preview_says_what_waits_for_the_digest_and_of_nobody_to_tell(web: Web) -> None:
    found = await previewed(web, event(opened(unit="nowhere")), on="2026-03-09")
    assert {(n["person"], n["why"], n["digest"]) for n in found["notices"]} == {("clerk", "office", True)}
    given = event(opened())
    given["type"], given["data"] = "minping.intake.disclosure.refused.v1", {
        "number": "2026-000001", "request": "r-1", "role": "office", "reason": "无依据",
    }  # fmt: skip
    assert [n["state"] for n in (await previewed(web, given))["notices"]] == ["nobody"]  # there is no auditor


async def test_n2_every_event_of_the_golden_samples_can_be_previewed(web: Web) -> None:
    known = {kind.TYPE for kind in MATTERS}
    seen = 0
    for file in sorted(GOLDEN.glob("minping.*.json")):
        given = json.loads(file.read_text())
        if given.get("type") not in known:
            continue
        answer = await web("POST", "/notices/preview", "office", json={"event": given})
        # a sample's text where a key or a number stands may be one that no letter can be written of: said, not thrown
        assert answer.status_code in (200, 422), (file.name, answer.text)
        if answer.status_code == 422:
            assert answer.json()["field"] == "event.data", (file.name, answer.text)
        seen += answer.status_code == 200
    assert seen > 50


UNIT = {"unit": "a", "name": "b", "category": "c", "scope": "d"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "minping.rectification.deadline.past.v1"}, "event.type"),
        ({"type": "minping.scoring.unit.registered.v1", "data": UNIT}, "event.type"),
        ({"data": {}}, "event.data.case"),
        ({"time": "yesterday"}, "event.time"),
    ],
)
async def test_n2_what_is_no_event_is_refused_by_its_field(web: Web, change: dict[str, Any], field: str) -> None:
    answer = await web("POST", "/notices/preview", "office", json={"event": event(passed()) | change})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["remedy"]
