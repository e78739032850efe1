"""Open311 GeoReport v2: apps and city platforms report and read, and see of nobody what he did not agree to (I1–I3)."""

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from shared.contracts.rectification import CaseClosed, CaseOpened, CaseSolved
from shared.identity import issue_token
from tests.service.intake.house import PERSON, TEXT, House, local
from tests.service.intake.open311_schemas import check_json, check_xml

FORMATS = ("json", "xml")
HERE = {"service_code": "delay", "description": TEXT, "address_string": "清河镇便民大厅"}
AGREED = {"attribute[publish_consent]": "yes", **HERE}
NUMBER = "2026-000001"


def key(house: House, role: str = "source", sub: str = "city-app") -> str:
    return issue_token(house.key, role=role, sub=sub, now=datetime.now(UTC), days=1, unit="tax")


async def get(
    house: House, path: str, shape: str, expect: int = 200, now: str = "2026-03-31T00:00", **query: str
) -> Any:
    """A resource in both formats, both checked against the specification; gives the JSON."""
    for kind in reversed(FORMATS):
        house.set_clock(now)
        answer = await house.web.get(f"/open311/{path}.{kind}", params=query)
        house.set_clock("2026-01-01T08:00")  # what is done next may be dated from then on
        assert answer.status_code == expect, answer.text
        checked(answer, kind, shape)
    return answer.json()


def checked(answer: httpx2.Response, kind: str, shape: str) -> None:
    assert answer.headers["content-type"] == ("text/xml" if kind == "xml" else "application/json") + "; charset=utf-8"
    if kind == "xml":
        check_xml(shape, answer.text)
    else:
        check_json(shape, answer.json())


async def post(house: House, fields: dict[str, str], kind: str = "json", at: str = "2026-03-02T09:00") -> Any:
    """A posted request, as a form."""
    content = urlencode({"api_key": key(house), **fields})
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Minping-At": local(at).isoformat()}
    return await house.web.post(f"/open311/v2/requests.{kind}", content=content, headers=headers)


async def posted(house: House, at: str = "2026-03-02T09:00", **fields: str) -> str:
    """A request that is taken; gives its number."""
    answer = await post(house, {**AGREED, **fields}, at=at)
    assert answer.status_code == 201, answer.text
    check_json("created", answer.json())
    return str(answer.json()[0]["service_request_id"])


# --- what can be reported


async def test_i1_the_programmes_topics_are_the_services(house: House) -> None:
    services = await get(house, "v2/services", "services")
    assert [s["service_code"] for s in services] == [*(t.key for t in house.rules.programme.topics), "other"]
    english = await house.web.get("/open311/v2/services.json", headers={"Accept-Language": "en-GB,zh;q=0.4"})
    names = {s["service_code"]: s["service_name"] for s in english.json()}
    assert (services[0]["service_name"], names["taking"]) == ("吃拿卡要", "Taking and demanding")


async def test_a_service_says_which_units_there_are_and_how_an_identity_is_handled(house: House) -> None:
    definition = await get(house, "v2/services/delay", "service_definition")
    values = {one["code"]: [value["key"] for value in one["values"]] for one in definition["attributes"]}
    assert values == {
        "unit": ["police", "tax", "town"],
        "identity": ["anonymous", "confidential", "named"],
        "publish_consent": ["no", "yes"],
    }


async def test_the_discovery_document_says_where_and_in_which_formats(house: House) -> None:
    found = await get(house, "discovery", "discovery")
    assert found["endpoints"][0]["url"].endswith("/open311/v2")


# --- reporting


@pytest.mark.parametrize("kind", FORMATS)
async def test_i2_a_posted_request_is_registered_under_its_keys_name_and_its_code_is_the_token(
    house: House, kind: str
) -> None:
    answer = await post(house, {**HERE, "attribute[unit]": "tax", "lat": "30.123456", "long": "120.654321"}, kind)
    assert answer.status_code == 201
    checked(answer, kind, "created")
    assert NUMBER in answer.text
    line = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    assert (line["source"], line["channel"], line["topic"], line["named_unit"], line["place"]) == (
        "city-app", "web_form", "delay", "tax", "清河镇便民大厅",
    )  # fmt: skip
    code = house.rules.tracking_code(NUMBER)
    assert code in answer.text
    assert await get(house, f"v2/tokens/{code}", "found") == [{"service_request_id": NUMBER, "token": code}]


async def test_i3_who_reports_goes_to_the_vault_and_is_confidential_unless_he_says_otherwise(house: House) -> None:
    canary = {"last_name": "欧阳", "first_name": "小明", "phone": PERSON["phone"], "email": "canary@example.org"}
    await posted(house, **canary, description=f"{TEXT}我是欧阳小明，电话{PERSON['phone']}")
    line = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    assert line["identity"] == "confidential"
    await house.to_unit(NUMBER)
    shown = json.dumps([line, await get(house, "v2/requests", "service_requests")], ensure_ascii=False)
    shown += "".join(row.payload.decode() for row in house.published)
    assert not [text for text in ("欧阳小明", PERSON["phone"], "canary@") if text in shown]
    asked = await house.done("clerk", "POST", "/disclosures", number=NUMBER, reason="须核实")
    await house.done("custodian", "POST", f"/disclosures/{asked['id']}/consent", reason="同意")
    identity = (await house.done("clerk", "POST", f"/disclosures/{asked['id']}/reading"))["identity"]
    assert (identity["name"], identity["phone"]) == ("欧阳小明", PERSON["phone"])
    assert identity["address"] == "e-mail: canary@example.org"


@pytest.mark.parametrize(
    ("fields", "status", "named"),
    [
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "potholes"}, 404, "service_code"),
        ({"description": ""}, 400, "description"),
        ({"description": "长" * 4_001}, 400, "description"),
        ({"address_string": ""}, 400, "address_string"),
        ({"lat": "30.1"}, 400, "lat"),
        ({"lat": "north", "long": "120"}, 400, "lat"),
        ({"lat": "nan", "long": "120"}, 400, "lat"),
        ({"lat": "30", "long": "181"}, 400, "long"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"attribute[identity]": "named"}, 400, "attribute[identity]"),
        ({"attribute[identity]": "secret"}, 400, "attribute[identity]"),
        ({"attribute[identity]": "anonymous", "phone": "13800001111"}, 400, "attribute[identity]"),
        ({"attribute[publish_consent]": "perhaps"}, 400, "attribute[publish_consent]"),
        ({"attribute[colour]": "red"}, 400, "attribute[colour]"),
        ({"descripton": "x"}, 400, "descripton"),
        ({"api_key": ""}, 403, "Authorization"),
        ({"api_key": "forged"}, 403, "Authorization"),
    ],
)
async def test_what_is_wrong_is_said_by_name_in_the_specifications_form(
    house: House, fields: dict[str, str], status: int, named: str
) -> None:
    for kind in FORMATS:
        answer = await post(house, {**HERE, **fields}, kind)
        assert answer.status_code == status, answer.text
        checked(answer, kind, "errors")
        assert named in answer.text
    assert (await house.done("clerk", "GET", "/complaints"))["items"] == []


async def test_a_key_of_another_role_does_not_post(house: House) -> None:
    answer = await post(house, {**HERE, "api_key": key(house, "clerk")})
    assert (answer.status_code, answer.json()[0]["code"]) == (403, 403)


async def test_a_request_that_is_no_form_is_refused(house: House) -> None:
    for content, kind in (
        (b'{"service_code": "delay"}', "application/json"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
    ):
        headers = {"Content-Type": kind, "Authorization": f"Bearer {key(house)}"}
        answer = await house.web.post("/open311/v2/requests.json", content=content, headers=headers)
        assert answer.status_code == 400
        check_json("errors", answer.json())


async def test_i2_the_same_post_with_its_idempotency_key_is_one_request(house: House) -> None:
    content = urlencode({"api_key": key(house), **HERE})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": "k1"}
    answers = [await house.web.post("/open311/v2/requests.json", content=content, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("path", ["v2/services.yaml", "v2/requests/2026-000009.json", "v2/tokens/x.json", "v2/nothing"])
async def test_what_is_not_there_is_a_404_or_400_in_the_specifications_form(house: House, path: str) -> None:
    answer = await house.web.get(f"/open311/{path}")
    assert answer.status_code in (400, 404)
    check_json("errors", answer.json()) if path.endswith("json") else check_xml("errors", answer.text)


# --- reading


async def test_i3_a_request_is_shown_only_where_its_person_agreed(house: House) -> None:
    await posted(house, **{"attribute[publish_consent]": "no"})
    consented = await posted(house, description="另一件：办证大厅排队三小时无人维持秩序")
    assert [one["service_request_id"] for one in await get(house, "v2/requests", "service_requests")] == [consented]
    await get(house, f"v2/requests/{NUMBER}", "errors", 404)


async def test_i7_before_approval_neither_unit_nor_text_nor_place_is_shown(house: House) -> None:
    number = await posted(house, **{"attribute[unit]": "tax", "lat": "30.123456", "long": "120.654321"})
    await house.done("clerk", "POST", f"/complaints/{number}/screening", decision="accepted", reason="属实",
                     transfer={"lead_unit": "tax"})  # fmt: skip
    [before] = await get(house, f"v2/requests/{number}", "service_requests")
    hidden = ("description", "agency_responsible", "address", "lat", "long", "expected_datetime")
    assert [before[name] for name in hidden] == [None] * len(hidden)
    assert (before["status"], before["status_notes"]) == ("open", "已受理，待领导批转")

    await house.done("approver", "POST", f"/transfers/{number}/approval", "2026-03-02T11:00")
    await house.hear("2026-03-02T11:01", opened(number))
    [after] = await get(house, f"v2/requests/{number}", "service_requests")
    assert (after["agency_responsible"], after["description"], after["address"]) == ("清河tax", TEXT, "清河镇便民大厅")
    assert (after["lat"], after["long"]) == (30.123, 120.654)  # roughly: not at whose door
    assert after["expected_datetime"] == "2026-03-23T23:59:59+08:00"
    assert (after["requested_datetime"], after["updated_datetime"]) == (
        "2026-03-02T09:00:00+08:00", "2026-03-02T11:01:00+08:00",
    )  # fmt: skip


def opened(number: str) -> CaseOpened:
    expires = local("2026-03-24T00:00")
    return CaseOpened(case=number, lead_unit="tax", track="immediate", due=date(2026, 3, 23), expires_at=expires)


async def through(house: House, number: str, reply: str, *, close: bool = True) -> None:
    """To the unit, solved and closed."""
    await house.to_unit(number)
    await house.hear("2026-03-02T12:00", opened(number))
    await house.hear("2026-03-10T12:00", CaseSolved(case=number, unit="tax", round=1, reply=reply, late=False))
    if close:
        await house.hear("2026-03-12T12:00", closed(number))


def closed(number: str) -> CaseClosed:
    return CaseClosed(case=number, unit="tax", paying_unit="tax", outcome="solved", round=1, late=False)


async def test_i3_a_units_reply_is_shown_without_the_people_behind_the_matter(house: House) -> None:
    person = {"last_name": "欧阳", "first_name": "小明", "phone": PERSON["phone"]}
    number = await posted(house, **person)
    await house.report(
        "T-9",
        title="",
        place=HERE["address_string"],
        identity="named",
        sealed_identity=house.sealed("T-9", {"name": "司马小红"}),
    )
    await through(house, number, "欧阳小明、司马小红二位：三号窗口已增派人员。", close=False)
    [shown] = await get(house, f"v2/requests/{number}", "service_requests")
    assert "三号窗口已增派人员" in shown["status_notes"]
    assert "小明" not in shown["status_notes"]
    assert "小红" not in shown["status_notes"]


async def test_what_would_run_in_a_careless_page_is_shown_as_text(house: House) -> None:
    number = await posted(house, description=f"<script>alert(1)</script>{TEXT}\x0b")
    await through(house, number, "<img src=x onerror=alert(1)>", close=False)
    [shown] = await get(house, f"v2/requests/{number}", "service_requests")
    assert "<" not in json.dumps(shown)


async def test_lists_are_filtered_as_the_specification_says(house: House) -> None:
    old = await posted(house, "2026-01-02T09:00", description="一月的事：大厅停电半天没有人解释")
    rude = await posted(house, "2026-02-20T09:00", service_code="rude", description="二月的事：窗口人员骂人")
    new = await posted(house, "2026-03-01T09:00", service_code="other", description="三月的事：停车场乱收费十元")
    await house.done("clerk", "POST", f"/complaints/{rude}/screening", decision="unfounded", reason="查无此事")

    async def found(**query: str) -> list[str]:
        return [one["service_request_id"] for one in await get(house, "v2/requests", "service_requests", **query)]

    assert await found() == [new, rude, old]
    assert await found(status="closed") == [rude]
    assert await found(status="open,closed", service_code="rude,other") == [new, rude]
    assert await found(service_code="other") == [new]
    assert await found(start_date="2026-02-01T00:00:00Z") == [new, rude]
    assert await found(end_date="2026-02-01T00:00:00+08:00") == [old]
    assert await found(start_date="2026-02-01T00:00:00Z", end_date="2026-02-28T00:00:00Z") == [rude]
    assert await found(service_request_id=f"{old},{rude}", status="open") == [rude, old]
    assert await found(page_size="2", page="2") == [old]
    assert await found(status="", service_code="") == [new, rude, old]
    assert await found(now="2026-05-25T00:00") == [new]  # the last 90 days, when nothing is said


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"}, 400),
        ({"start_date": "2026-04-01T00:00:00Z", "end_date": "2026-03-02T00:00:00Z"}, 400),
        ({"start_date": "2026-01-01"}, 400),
        ({"start_date": "2026-02-30T00:00:00Z"}, 400),
        ({"status": "pending"}, 400),
        ({"service_code": "potholes"}, 404),
        ({"page_size": "1001"}, 400),
    ],
)
async def test_a_filter_that_cannot_be_meant_is_refused(house: House, query: dict[str, str], status: int) -> None:
    for path in ("v2/requests", "v2/servicerequestupdates"):
        if "page_size" not in query or path.endswith("requests"):
            await get(house, path, "errors", status, **query)


async def test_the_steps_of_a_request_are_its_updates_and_only_of_those_who_agreed(house: House) -> None:
    number = await posted(house)
    hidden = await posted(house, **{"attribute[publish_consent]": "no"}, description="不公开的一件：窗口不给收据")
    await through(house, hidden, "已处理", close=False)
    await through(house, number, "三号窗口已增派人员。", close=False)
    updates = await get(house, "v2/servicerequestupdates", "service_requests_updates")
    assert {one["service_request_id"] for one in updates} == {number}
    assert [one["description"].partition("\n")[0] for one in updates] == [
        "单位已报结，待回访", "承办单位办理中", "已批转承办单位", "已受理",
    ]  # fmt: skip
    assert "三号窗口已增派人员" in updates[0]["description"]
    assert len({one["update_id"] for one in updates}) == len(updates)
    since = {"start_date": "2026-03-10T00:00:00Z"}
    later = await get(house, "v2/servicerequestupdates", "service_requests_updates", **since)
    assert [one["update_id"] for one in later] == [updates[0]["update_id"]]


async def test_i5_a_linked_request_stands_where_its_matter_stands(house: House) -> None:
    await house.report("T-1", title="", place=HERE["address_string"])
    number = await posted(house)
    await through(house, NUMBER, "已增派人员。")
    [shown] = await get(house, f"v2/requests/{number}", "service_requests")
    assert (shown["status"], shown["agency_responsible"]) == ("closed", "清河tax")
    assert shown["updated_datetime"] == "2026-03-12T12:00:00+08:00"
