"""Who complained is erased when its time is over, not before: what happens in the matter starts it anew (I3, X11)."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from services.intake.store import Link
from services.intake.store.evidence import Attachment
from services.intake.usecases import watch
from shared.contracts.rectification import CaseClosed, CaseReopened
from shared.tick import run_due
from tests.service.intake.house import PERSON, TEXT, House, local
from tests.service.intake.test_matters import closed

NUMBER, SECOND = "2026-000001", "2026-000002"
CLOSED = "2026-03-12"
LAST_DAY, DUE = "2027-03-12T08:59", "2027-03-12T09:01"
"""365 days after the closing of 12 March 2026, 09:00."""


async def reported(house: House, ticket: str = "T-1", **changes: Any) -> dict[str, Any]:
    sealed = house.sealed(ticket, PERSON)
    whole = {"text": f"{TEXT}打13800001111", "identity": "named", "sealed_identity": sealed}
    return await house.report(ticket, **whole | changes)


async def tick(house: House, at: str) -> None:
    """The clock comes by, as a service that has just started."""
    await run_due(house.unit, watch.ticker(house.rules), house.aside, lambda: local(at))


async def kept(house: House, number: str = NUMBER) -> dict[str, Any]:
    return dict(await house.done("custodian", "GET", f"/complaints/{number}/retention"))


async def columns(house: House) -> list[Any]:
    query = text("SELECT number, identity IS NULL, original IS NULL FROM vault ORDER BY number")
    return await house.unit.read(lambda s: list(s.connection().execute(query).all()))


async def test_i3_identity_and_original_text_are_erased_when_their_period_is_over(house: House) -> None:
    await reported(house)
    await closed(house, NUMBER)
    state = await kept(house)
    assert (state["identity"], state["because"]) == ("kept", "its case was closed")
    assert datetime.fromisoformat(state["identity_until"]) == local("2027-03-12T09:00")
    await tick(house, LAST_DAY)
    assert (await kept(house))["identity"] == "kept"
    await tick(house, DUE)  # the same local day: it was looked at already
    await tick(house, "2027-03-13T00:00")
    assert await columns(house) == []
    state = await kept(house)
    assert state["identity"] == "erased"
    assert {(one["what"], one["rule"]) for one in state["erased"]} == {
        ("identity", "retention.identity=365"), ("originals", "retention.originals=365"),
    }  # fmt: skip
    asked = await house.call("clerk", "POST", "/disclosures", number=NUMBER, reason="须核实")
    assert (asked.status_code, "2027-03-12" in asked.json()["reason"]) == (410, True)
    assert "retention.originals=365" in asked.json()["reason"]
    line = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    assert line["text"] == f"{TEXT}打［电话］", "what is scrubbed stays"
    audit = (await house.done("auditor", "GET", "/audit"))["items"]
    assert [(e["step"], e["who"]) for e in audit][:2] == [("erased", "clock")] * 2
    assert (await house.done("auditor", "GET", "/audit/verification"))["holds"]
    marks = text("SELECT petitioner FROM complaint")
    assert await house.unit.read(lambda s: list(s.connection().execute(marks).scalars())) == [None]


async def test_i3_nothing_is_erased_while_the_matter_has_not_ended(house: House) -> None:
    await reported(house)
    await house.to_unit(NUMBER)
    await tick(house, "2030-01-01T09:00")
    state = await kept(house)
    assert (state["identity"], state["counted_from"]) == ("kept", None)


async def test_i3_a_hold_stops_it_and_another_person_lifts_it(house: House) -> None:
    await reported(house)
    await closed(house, NUMBER)
    path = f"/complaints/{NUMBER}/hold"
    held = await house.call("office", "POST", path, sub="zhang", reason="法院调取")
    assert held.status_code == 201, held.text
    assert held.json()["stopped_by"] == [f"a hold on {NUMBER}"]
    assert (await house.call("custodian", "POST", path, reason="再次")).status_code == 409
    await tick(house, "2028-06-01T09:00")
    assert (await kept(house))["identity"] == "kept"
    own = await house.call("custodian", "POST", f"{path}/lifting", "2028-06-02T09:00", sub="zhang", reason="已结案")
    assert own.status_code == 403
    await house.done("custodian", "POST", f"{path}/lifting", "2028-06-02T09:00", reason="已结案")
    await tick(house, "2028-06-03T09:00")
    assert (await kept(house))["because"] == "a hold was lifted", "not the day after"
    await tick(house, "2029-06-03T09:00")
    assert (await kept(house))["identity"] == "erased"
    steps = [e["step"] for e in (await house.done("auditor", "GET", "/audit"))["items"]]
    assert steps == ["hold_placed", "hold_denied", "hold_lifted", "erased", "erased"]


async def evidence_comes(house: House) -> None:
    row = Attachment(sha="x", about="complaint", key=NUMBER, kind="photo", by="clerk-1", role="clerk",
                     at=local("2027-03-11T09:00"))  # fmt: skip
    await house.unit.run(lambda tx: tx.session.add(row), at=local("2027-03-11T09:00"))


async def link_comes(house: House) -> None:
    await reported(house, "T-2", text="同一个窗口的另一种说法，这里写得完全不一样")
    row = Link(number=SECOND, lead=NUMBER, how="clerk", by="c", at=local("2027-03-11T09:00"), state_before="registered")
    await house.unit.run(lambda tx: tx.session.add(row), at=house.clock.now())


async def request_comes(house: House) -> None:
    await house.done("clerk", "POST", "/disclosures", "2027-03-11T09:00", number=NUMBER, reason="须核实")


async def case_reopens(house: House) -> None:
    again = {"due": local("2027-03-20T00:00").date(), "expires_at": local("2027-03-21T00:00")}
    await house.hear("2027-03-11T09:00", CaseReopened(case=NUMBER, unit="tax", reason="same_matter", round=2, **again))


@pytest.mark.parametrize("happens", [evidence_comes, link_comes, request_comes, case_reopens])
async def test_i3_nothing_is_erased_the_day_after_something_new_came(house: House, happens: Any) -> None:
    await reported(house)
    await closed(house, NUMBER)
    await happens(house)
    await tick(house, "2027-03-13T09:00")
    assert (await kept(house))["identity"] == "kept"
    assert {tuple(row) for row in await columns(house)} >= {(NUMBER, 0, 0)}


async def test_i3_a_reopened_case_counts_from_its_last_closing(house: House) -> None:
    await reported(house)
    await closed(house, NUMBER)
    await case_reopens(house)
    ended = CaseClosed(case=NUMBER, unit="tax", paying_unit="tax", outcome="solved", round=2, late=False)
    await house.hear("2027-04-01T09:00", ended)
    await tick(house, "2028-03-01T09:00")
    assert (await kept(house))["identity"] == "kept"
    await tick(house, "2028-04-02T09:00")
    assert (await kept(house))["identity"] == "erased"


async def test_i3_an_open_request_stops_it_until_it_is_read_refused_or_expired(house: House) -> None:
    await reported(house)
    await closed(house, NUMBER)
    asked = await house.done("clerk", "POST", "/disclosures", "2026-03-20T09:00", number=NUMBER, reason="须核实")
    await tick(house, "2027-04-01T09:00")
    assert (await kept(house))["identity"] == "kept"
    await house.done("custodian", "POST", f"/disclosures/{asked['id']}/refusal", "2027-04-02T09:00", reason="无必要")
    await tick(house, "2027-04-03T09:00")
    assert (await kept(house))["identity"] == "erased"


async def test_i3_who_was_screened_out_is_forgotten_too_and_the_unanswered_return(house: House) -> None:
    for n, decision in enumerate(("unfounded", "returned_for_information"), start=1):
        await reported(house, f"T-{n}", text=f"第{n}件完全不同的事情：{TEXT[n * 7 :]}")
        await house.done("clerk", "POST", f"/complaints/2026-00000{n}/screening", decision=decision, reason="理由")
    await tick(house, "2027-03-01T09:00")
    assert len(await columns(house)) == 2
    await tick(house, "2027-03-03T09:00")
    assert await columns(house) == []


async def test_i3_a_mended_repair_is_emptied_and_an_open_one_is_kept(house: House) -> None:
    await reported(house, channel="telepathy")
    await reported(house, "T-2", channel="magic", text="另一件事情，一直没有人来补正它")
    first = next(r for r in (await house.done("clerk", "GET", "/repairs"))["items"] if r["ticket"] == "T-1")
    await house.done("clerk", "POST", f"/repairs/{first['id']}/resubmission", channel="hotline_daily")
    await tick(house, "2028-01-01T09:00")
    sizes = text("SELECT ticket, length(body) FROM repair ORDER BY ticket")
    found = await house.unit.read(lambda s: {row[0]: row[1] for row in s.connection().execute(sizes)})
    assert found["T-1"] == 0
    assert found["T-2"] > 0
    again = await reported(house, channel="telepathy")
    assert (again["state"], again["number"]) == ("repeated", NUMBER)
