"""The proof (N8): cause, rule, persons, tries, outcomes, decisions and what followed, for whoever must show it."""

from typing import Any

import pytest

from deploy.local.commands.notice_trace import timeline
from services.notify.domain.delivery import Outcome
from services.notify.usecases import Result
from shared.contracts.intake import TransferRequested
from tests.support.notify_house import House, local, opened, passed, seat
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio

NINE = "2026-03-31T09:00"
BAD = Outcome("bad_address", "rcpt", "550 no such user")
LATER = Outcome("temporary", "rcpt", "450 greylisted")
AWAY = Outcome("unreachable", "connect", "refused")
UNKNOWN = Outcome("uncertain", "final dot", "silence")


async def traced(web: Web, **wanted: str) -> list[dict[str, Any]]:
    answer = await web("GET", "/trace", "auditor", params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["causes"]
    return found


async def test_n8_a_notice_is_traced_from_its_cause_over_each_try_to_who_was_told_instead(
    web: Web, house: House
) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)), "event-9")
    await house.post(NINE, wang=LATER)
    await house.post("2026-03-31T09:05", wang=BAD)
    [cause] = await traced(web, case="2026-000001")
    assert (cause["id"], cause["event"]) == ("event-9", "minping.rectification.deadline.passed.v1")
    first, second = cause["notices"]
    assert (first["person"], first["why"], first["state"]) == ("wang", "holder", "failed")
    assert (first["rule"]["event"], first["rule"]["tells"]) == ("rectification.deadline.passed", ["as_escalated"])
    assert [(t["kind"], t["phase"], t["reply"]) for t in first["tries"]] == [
        ("temporary", "rcpt", "450 greylisted"), ("bad_address", "rcpt", "550 no such user"),
    ]  # fmt: skip
    assert (second["person"], second["why"], second["follows"]) == ("li", "main_leader", first["id"])
    assert first["followed_by"] == [second["id"]]
    assert [(a["person"], a["template"]) for a in first["alarms"]] == [("op", "address_failed")]


async def test_n8_an_operators_decision_stands_in_the_proof(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await house.post(NINE, wang=UNKNOWN)
    [cause] = await traced(web, case="2026-000001")
    notice = cause["notices"][0]["id"]
    await web("POST", f"/notices/{notice}/resolution", json={"decision": "sent", "reason": "电话核实已收到"})
    [cause] = await traced(web, case="2026-000001")
    [decision] = cause["notices"][0]["decisions"]
    assert (decision["decision"], decision["actor"], decision["reason"]) == ("sent", "operator-1", "电话核实已收到")
    assert [t["kind"] for t in cause["notices"][0]["tries"]] == ["uncertain"]


async def test_n8_a_server_that_stays_away_is_one_line_of_many_tries(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    for _ in range(40):
        [envelope] = await house.turn(NINE)
        await house.turn(NINE, Result(envelope.letter, AWAY, local(NINE)), limit=0)
    await house.post("2026-03-31T09:30")
    [cause] = await traced(web, case="2026-000001")
    assert [(t["kind"], t["times"]) for t in cause["notices"][0]["tries"]] == [("unreachable", 40), ("sent", 1)]


async def test_n8_a_notice_that_went_over_to_the_successor_says_so(web: Web, house: House) -> None:
    await house.hear("2026-03-09T10:00", opened())
    await house.hold("2026-03-09T15:00", seat("tax", "handler", "sun", "2026-03-10"))
    [cause] = await traced(web, case="2026-000001")
    moved = next(n for n in cause["notices"] if n["role"] == "handler")
    assert [(m["from_person"], m["to_person"]) for m in moved["moves"]] == [("wang", "sun")]
    assert moved["person"] == "sun"


async def test_n8_the_documents_that_a_notice_encloses_stand_in_its_proof(web: Web, house: House) -> None:
    await house.hear("2026-03-09T10:00", transfer())
    await house.post("2026-03-10T12:00")
    [cause] = await traced(web, case="2026-000001")
    [notice] = cause["notices"]
    assert {one["kind"] for one in notice["documents"]} == set(notice["rule"]["documents"]) != set()
    assert all(len(one["sha256"]) == 64 for one in notice["documents"])
    lines = "\n".join(timeline([cause], lambda text: local("2026-03-10T12:00")))
    assert all(one["sha256"][:16] in lines for one in notice["documents"])


def transfer() -> TransferRequested:
    return TransferRequested(number="2026-000001", card="ZB-1", lead_unit="tax", days=15, due=local("2026-03-12T00:00"))


async def test_n8_the_proof_is_read_as_a_timeline(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)), "event-9")
    await house.post(NINE, wang=BAD)
    lines = "\n".join(timeline(await traced(web, cause="event-9"), lambda text: local("2026-03-31T09:00")))
    for said in ("event-9", "wang", "rcpt: 550 no such user", "主要负责人", "op"):
        assert said in lines.casefold() or said in lines
    assert "没有通知" in "\n".join(timeline([], None))


async def test_n8_a_trace_of_nothing_is_refused_and_only_those_who_may_read_it(web: Web) -> None:
    answer = await web("GET", "/trace", "office")
    assert (answer.status_code, answer.json()["field"]) == (422, "case")
    assert (await web("GET", "/trace?case=2026-000001", "leader")).status_code == 403
