"""The HTTP interface: who may do what, the directory, the proof of notices, uncertain letters."""

from datetime import datetime
from typing import Any

import pytest

from services.notify.domain.delivery import Outcome
from shared.identity import ROLES
from tests.support.notify_house import House, local, opened, passed
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
NINE = "2026-03-31T09:00"
SEAT = {"person": "sun", "name": "孙丽", "email": "sun@tax.example", "since": "2026-03-01"}
TABLE = {
    "header": ["单位编号", "职务", "人员编号", "姓名", "电子邮件", "任职日期"],
    "rows": [{"row": 2, "cells": {"单位编号": "tax"}}],
}
UNKNOWN = Outcome("uncertain", "final dot", "silence")


DOCUMENT_READERS = {"office", "clerk", "approver", "auditor", "handler", "leader"}
ENDPOINTS: dict[tuple[str, str], tuple[set[str], Any]] = {
    ("PUT", "/directory/tax/handler"): ({"office", "operator"}, SEAT),
    ("POST", "/directory/import"): ({"office", "operator"}, {"rows": [{**SEAT, "unit": "tax", "role": "handler"}]}),
    ("POST", "/directory/tax/handler/corrections"): ({"office", "operator"}, {**SEAT, "reason": "写错了"}),
    ("POST", "/directory/changes/99/undo"): ({"office", "operator"}, {"reason": "写错了"}),
    ("POST", "/directory/table"): ({"office", "operator"}, TABLE),
    ("POST", "/directory/table/check"): ({"office", "operator"}, TABLE),
    ("GET", "/directory"): ({"office", "operator", "auditor"}, None),
    ("GET", "/directory/tax"): ({"office", "operator", "auditor"}, None),
    ("GET", "/directory/gaps"): ({"office", "operator", "auditor"}, None),
    ("GET", "/directory/changes"): ({"office", "operator", "auditor"}, None),
    ("GET", "/directory/export?format=csv"): ({"office", "operator", "auditor"}, None),
    ("GET", "/notices"): ({"office", "operator", "auditor"}, None),
    ("GET", "/trace?case=2026-000001"): ({"office", "operator", "auditor"}, None),
    ("POST", "/notices/preview"): ({"office", "operator", "auditor"}, {"event": {}}),
    ("GET", "/notices/n-1"): ({"office", "operator", "auditor"}, None),
    ("POST", "/notices/n-1/resolution"): ({"operator"}, {"decision": "sent", "reason": "asked him"}),
    ("GET", "/letters/l-1"): ({"office", "operator", "auditor"}, None),
    ("GET", "/channels"): ({"office", "operator", "auditor"}, None),
    ("POST", "/bounces"): ({"source", "operator"}, {"id": "1", "kind": "soft", "address": "x@y.example"}),
    ("POST", "/bounces/report"): ({"source", "operator"}, None),
    ("GET", "/bounces"): ({"office", "operator", "auditor"}, None),
    ("GET", "/suppressions"): ({"office", "operator", "auditor"}, None),
    ("GET", "/suppressions/history"): ({"office", "operator", "auditor"}, None),
    ("GET", "/suppressions/export"): ({"office", "operator", "auditor"}, None),
    ("POST", "/suppressions"): ({"operator"}, {"address": "x@y.example", "reason": "asked for it"}),
    ("POST", "/suppressions/lift"): ({"operator"}, {"address": "x@y.example", "reason": "works again"}),
    ("GET", "/documents"): (DOCUMENT_READERS, None),
    ("GET", "/documents/d-1"): (DOCUMENT_READERS, None),
    ("GET", "/documents/d-1.docx"): (DOCUMENT_READERS, None),
    ("GET", "/documents/d-1.pdf"): (DOCUMENT_READERS, None),
    ("POST", "/documents"): ({"office"}, {"kind": "circular", "facts": {}}),
    ("POST", "/documents/d-1/correction"): ({"office"}, {"facts": {}, "reason": "写错了"}),
    ("POST", "/documents/d-1/withdrawal"): ({"office"}, {"reason": "写错了"}),
    ("GET", "/statistics"): ({"office", "operator", "auditor"}, None),
}


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_only_these_roles_may_call(web: Web, method: str, path: str) -> None:
    allowed, body = ENDPOINTS[method, path]
    may = {role for role in ROLES if (await web(method, path, role, json=body)).status_code != 403}
    assert may == allowed
    assert (await web(method, path, "", json=body)).status_code == 401


async def test_a_new_holder_ends_his_predecessors_term(web: Web) -> None:
    answer = await web("PUT", "/directory/tax/handler", json=SEAT)
    said = answer.json()
    assert (said["holders"], said["notices_moved"], said["gaps"]) == (1, 0, [])
    assert [(c["kind"], (c["after"] or {}).get("person")) for c in said["changes"]] == [
        ("ended", "wang"), ("entered", "sun"),
    ]  # fmt: skip
    found = (await web("GET", "/directory?unit=tax&role=handler")).json()["holders"]
    assert [(h["person"], h["until"]) for h in found] == [("wang", "2026-02-28"), ("sun", None)]
    on = (await web("GET", "/directory?unit=tax&role=handler&on=2026-02-28")).json()["holders"]
    assert [h["person"] for h in on] == ["wang"]


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("tax/handler", {"email": "sun@tax.example\r\nRCPT TO:<x@y.example>"}, "email"),
        ("tax/handler", {"email": "孙@tax.example"}, "email"),
        ("tax/handler", {"name": "孙\r\nBcc: x@y.example"}, "name"),
        ("tax/handler", {"until": "2026-02-01"}, "until"),
        ("tax/handler", {"since": "yesterday"}, "since"),
        ("tax/handler", {"wage": 1}, "wage"),
        ("tax/operator", {}, "role"),
        ("office/handler", {}, "role"),
    ],
)
async def test_a_wrong_entry_is_refused_by_its_field(web: Web, path: str, change: dict[str, Any], field: str) -> None:
    answer = await web("PUT", f"/directory/{path}", json=SEAT | change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["remedy"]


async def test_an_import_is_all_or_nothing_and_names_the_row(web: Web) -> None:
    rows = [{**SEAT, "unit": "tax", "role": "handler"}, {**SEAT, "unit": "tax", "role": "handler", "email": "no"}]
    rows[1]["email"] = "no address"
    answer = await web("POST", "/directory/import", json={"rows": rows})
    assert (answer.status_code, answer.json()["field"]) == (422, "rows.2.email")
    found = (await web("GET", "/directory?unit=tax&role=handler")).json()["holders"]
    assert [h["person"] for h in found] == ["wang"]


async def test_a_term_that_runs_into_a_later_one_is_refused(web: Web) -> None:
    await web("PUT", "/directory/tax/handler", json=SEAT)
    answer = await web("PUT", "/directory/tax/handler", json=SEAT | {"person": "ma", "since": "2026-02-01"})
    assert (answer.status_code, answer.json()["field"]) == (409, "until")
    ends = {"person": "ma", "since": "2026-02-01", "until": "2026-02-28"}
    assert (await web("PUT", "/directory/tax/handler", json=SEAT | ends)).status_code == 200


async def test_a_notice_proves_who_was_told_what_when_and_why(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)), "event-9")
    await house.post(NINE)
    [notice] = (await web("GET", "/notices?case=2026-000001", "auditor")).json()["notices"]
    assert {key: notice[key] for key in ("cause", "person", "role", "unit", "state", "template", "email")} == {
        "cause": "event-9", "person": "wang", "role": "handler", "unit": "tax", "state": "sent",
        "template": "deadline_passed", "email": "wang@tax.example",
    }  # fmt: skip
    assert datetime.fromisoformat(notice["settled_at"]) == local(NINE)
    letter = (await web("GET", f"/letters/{notice['letter']}", "auditor")).json()
    assert letter["message_id"] == f"<{notice['letter']}@minping.example>"
    assert "2026-000001号" in letter["text"]
    assert letter["notices"] == [notice["id"]]
    assert (await web("GET", f"/notices/{notice['id']}")).json() == notice


async def test_a_letter_can_be_read_before_it_goes(web: Web, house: House) -> None:
    await house.hear("2026-03-09T10:00", opened())
    notice = (await web("GET", "/notices?state=planned")).json()["notices"][0]
    letter = (await web("GET", f"/letters/{notice['letter']}")).json()
    assert letter["state"] == "planned"
    assert "交办通知" in letter["subject"]


async def test_notices_come_in_pages(web: Web, house: House) -> None:
    for number in range(1, 6):
        await house.hear("2026-03-09T10:00", opened(f"2026-00000{number}"))
    found: list[str] = []
    path: str | None = "/notices?limit=3"
    while path:
        page = (await web("GET", path)).json()
        found += [notice["id"] for notice in page["notices"]]
        path = f"/notices?limit=3&cursor={page['next']}" if page["next"] else None
    assert len(found) == len(set(found)) == 10


async def test_an_operator_decides_once_on_a_letter_in_doubt(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await house.post(NINE, wang=UNKNOWN)
    [notice] = (await web("GET", "/notices?state=uncertain")).json()["notices"]
    path = f"/notices/{notice['id']}/resolution"
    assert (await web("POST", path, json={"decision": "sent", "reason": " "})).status_code == 422
    body = {"decision": "resend", "reason": "他没有收到"}
    headers = {"Minping-At": "2026-04-01T10:00:00+08:00", "Idempotency-Key": "k"}
    first = await web("POST", path, json=body, headers=dict(headers))
    again = await web("POST", path, json=body, headers=dict(headers))
    assert first.json() == again.json()
    assert first.json()["state"] == "retry"
    [resolution] = first.json()["resolutions"]
    assert {key: resolution[key] for key in ("decision", "reason", "actor")} == {**body, "actor": "operator-1"}
    assert (await web("POST", path, json=body)).status_code == 409


async def test_what_is_not_there_is_said(web: Web) -> None:
    for path in ("/notices/n-0", "/letters/l-0"):
        assert (await web("GET", path)).status_code == 404
    answer = await web("POST", "/notices/n-0/resolution", json={"decision": "sent", "reason": "asked"})
    assert answer.status_code == 404
    assert (await web("GET", "/notices?state=lost")).status_code == 422


async def test_statistics_add_up(web: Web, house: House) -> None:
    for number in range(1, 6):
        await house.hear("2026-03-09T10:00", opened(f"2026-00000{number}"))
    await house.hear("2026-03-31T00:00", passed("2026-000009"))
    await house.post("2026-03-10T12:00", wang=UNKNOWN)
    said = (await web("GET", "/statistics")).json()
    assert (said["sent"], said["uncertain"], said["planned"]) == (5 + 1, 5, 2)
    assert (said["letters_sent"], said["letters_uncertain"], said["letters_waiting"]) == (1 + 1, 1, 2)
    assert sum(said["notices_by_template"].values()) == 5 * 2 + 2 + 1
