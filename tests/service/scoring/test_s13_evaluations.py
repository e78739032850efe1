"""Online evaluation (S13): codes from receipts, one evaluation a code, by HTTP and by the bus."""

import asyncio
import hashlib
import json
import secrets
from collections import Counter
from typing import Any

import pytest

from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import code_text
from services.scoring.store import evaluations as store
from services.scoring.usecases.evaluation_messages import Raw, take_all
from shared.contracts.inbox import EvaluationCodesIssued, EvaluationSubmitted
from tests.service.scoring.house import CLERK, LEADER, OFFICE, House, local, refused
from tests.service.scoring.people import People
from tests.support.house import envelope

SERVED, LATER = "2026-03-02", "2026-03-05 10:00"
GOOD = "satisfied"
HANDLER = {"role": "handler", "sub": "handler-1", "unit": "u01"}


@pytest.fixture
def dims(people: People) -> list[str]:
    """The programme's dimensions."""
    return [d.key for d in people.house.desk.programme.dimensions]


async def issued(house: House, number: int, unit: str = "u01", **more: Any) -> list[str]:
    """Codes of a unit for a day's receipts."""
    body = {"count": number, "served_on": SERVED, **more}
    made = await house.done(f"/units/{unit}/evaluation-codes", body, who=OFFICE, at=f"{SERVED} 18:00")
    return list(made["texts"])


async def evaluate(house: House, code: str, marks: dict[str, str], *, at: str = LATER, **more: Any) -> Any:
    """Somebody evaluates, without signing in."""
    headers = {"Minping-At": f"{at.replace(' ', 'T')}:00+08:00"}
    return await house.http.post("/api/v1/evaluations", json={"code": code, "marks": marks, **more}, headers=headers)


async def counted(house: House, unit: str = "u01") -> store.Tally | None:
    """What is counted of a unit, after seeing that the evaluations themselves say the same."""
    tallies = await house.unit.read(lambda s: store.tallies(s, "2026-H1"))
    again = await house.unit.read(lambda s: store.recount(s, "2026-H1"))
    assert again == tallies
    return next((t for k, t in tallies.items() if k[1] == unit), None)


async def by_bus(house: House, *bodies: bytes, source: str = "hall", delivered: int = 1) -> None:
    """A batch of messages of a source."""
    raw = [Raw(source, body, delivered) for body in bodies]
    await house.unit.run(lambda tx: take_all(house.desk, tx, raw), at=house.clock.now())


def message(code: str, unit: str, marks: dict[str, str], at: str = "2026-03-05T02:00:00Z") -> bytes:
    """An evaluation on the wire."""
    body = json.loads(envelope(EvaluationSubmitted(code=code, unit=unit, marks=marks), id=secrets.token_hex(8)))
    return json.dumps({**body, "time": at}, ensure_ascii=False).encode()


async def refusals(house: House) -> dict[tuple[str, str], int]:
    """Refused so far: (source, reason) → how many."""
    rows = await house.unit.read(store.refusals)
    return {(r.source, r.reason): r.number for r in rows}


async def test_s13_one_receipt_is_one_evaluation(people: People, dims: list[str]) -> None:
    house, (code, other) = people.house, await issued(people.house, 2)
    marks = {dims[0]: GOOD, dims[1]: "dissatisfied"}
    first = await evaluate(house, code, marks)
    assert (first.status_code, first.json()) == (201, {"state": "accepted"}), first.text
    again = await evaluate(house, code.lower().replace("-", " "), marks)
    assert (again.status_code, again.json()) == (200, {"state": "repeated"})
    refused(await evaluate(house, code, {dims[0]: "dissatisfied"}), 409, "code")
    assert (await evaluate(house, other, marks, unit="u01")).status_code == 201
    tally = await counted(house)
    assert tally is not None and tally.evaluations == 2
    form = next(iter((await house.unit.read(store.forms)).values()))
    shown = form.by_dimension(tally.counts)
    assert (shown[dims[0]][GOOD], shown[dims[1]]["dissatisfied"]) == (2, 2)
    assert shown[dims[2]][house.desk.programme.abstain.key] == 2


async def test_s13_what_is_no_good_code_is_told_why_and_counts_nothing(people: People, dims: list[str]) -> None:
    house, (code,) = people.house, await issued(people.house, 1)
    marks = {dims[0]: GOOD}
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    refused(await evaluate(house, wrong[:5] + ("0" if wrong[5] != "0" else "1") + wrong[6:], marks), 422, "code")
    refused(await evaluate(house, code_text(secrets.token_bytes(TOKEN_BYTES)), marks), 404, "code")
    refused(await evaluate(house, "short", marks), 422, "code")
    refused(await evaluate(house, "١" * 28, marks), 422, "code")
    refused(await evaluate(house, code, marks, unit="u02"), 422, "unit")
    refused(await evaluate(house, code, {"beauty": GOOD}), 422, "marks.beauty")
    refused(await evaluate(house, code, {dims[0]: "superb"}), 422, f"marks.{dims[0]}")
    refused(await evaluate(house, code, {dims[0]: house.desk.programme.abstain.key}), 422, "marks")
    refused(await evaluate(house, code, marks, at="2026-04-02 00:00"), 410, "code")
    assert await counted(house) is None
    assert (await evaluate(house, code, marks, at="2026-04-01 23:59")).status_code == 201


async def test_s13_a_unit_issues_codes_for_its_own_receipts_and_sees_them_once(people: People) -> None:
    house = people.house
    for who in (HANDLER, LEADER, CLERK):
        body = {"count": 3, "served_on": SERVED, "section": "二楼窗口"}
        made = await house.done("/units/u01/evaluation-codes", body, who=who, at=f"{SERVED} 18:00")
        assert len(set(made["texts"])) == made["codes"] == 3
    refused(await house.post("/units/u02/evaluation-codes", body, who=HANDLER, at=f"{SERVED} 18:00"), 403, "unit")
    shown = (await house.get("/units/u01/evaluation-codes", HANDLER, cycle="2026-H1")).json()
    assert [row["codes"] for row in shown["items"]] == [3, 3, 3] and "texts" not in shown["items"][0]
    refused(await house.get("/units/u02/evaluation-codes", HANDLER, cycle="2026-H1"), 403, "unit")
    stored = json.dumps([str(row) for row in await house.rows("SELECT * FROM evaluation_code")])
    kept = json.dumps(await house.rows("SELECT answer FROM idempotency"))
    assert all(text not in stored + kept for text in made["texts"])
    for day, status in (("2026-03-03", 422), ("2025-11-02", 409), ("2026-01-10", 410)):
        late = {"count": 1, "served_on": day}
        answer = await house.post("/units/u01/evaluation-codes", late, at=f"{SERVED} 18:00")
        refused(answer, status, "served_on")
    answer = await house.post("/units/u01/evaluation-codes", {"count": 1001, "served_on": SERVED}, at=LATER)
    refused(answer, 422, "count")


async def test_s13_a_code_shows_its_form_and_whether_it_was_used(people: People, dims: list[str]) -> None:
    house, (code,) = people.house, await issued(people.house, 1, section="户籍窗口")

    async def form() -> Any:
        return (await house.http.post("/api/v1/evaluation-form", json={"code": code})).json()

    shown = await form()
    assert (shown["unit"], shown["section"], shown["used"]) == ("u01", "户籍窗口", False)
    assert [d["key"] for d in shown["dimensions"]] == dims and all(g["label"] for g in shown["grades"])
    await evaluate(house, code, {dims[0]: GOOD})
    assert (await form())["used"]


async def test_s13_evaluations_that_come_at_once_are_one_commit_and_one_code_counts_once(
    people: People, dims: list[str]
) -> None:
    house, codes = people.house, await issued(people.house, 30)
    marks = {dims[0]: GOOD}
    given = [evaluate(house, code, marks) for code in codes] + [
        evaluate(house, codes[0], {dims[0]: "dissatisfied"}) for _ in range(20)
    ]
    states = Counter(answer.status_code for answer in await asyncio.gather(*given))
    assert states == {201: 30, 409: 20}
    tally = await counted(house)
    assert tally is not None and tally.evaluations == 30


async def test_s13_a_source_announces_its_own_codes_and_sends_evaluations_in_batches(
    people: People, dims: list[str]
) -> None:
    house, tokens = people.house, [secrets.token_bytes(TOKEN_BYTES) for _ in range(40)]
    hashes = tuple(hashlib.sha256(t).hexdigest() for t in tokens)
    codes = EvaluationCodesIssued(unit="w01", served_on=SERVED, code_hashes=hashes)  # type: ignore[arg-type]  # parsed
    announced = envelope(codes, id="codes-1")
    marks = {dims[0]: GOOD}
    bodies = [message(code_text(t), "w01", marks) for t in tokens]
    await house.unit.run(
        lambda tx: take_all(house.desk, tx, [Raw("hall", announced, 1), *(Raw("hall", b, 1) for b in bodies)]),
        at=local(LATER),
    )
    tally = await counted(house, "w01")
    assert tally is not None and tally.evaluations == 40
    await house.unit.run(lambda tx: take_all(house.desk, tx, [Raw("hall", announced, 1)]), at=local(LATER))
    await by_bus(house, *bodies, delivered=2)  # the broker delivers again: nothing changes, nothing is counted
    tally = await counted(house, "w01")
    assert tally is not None and tally.evaluations == 40 and await refusals(house) == {}
    assert await house.rows("SELECT count(*) FROM evaluation_batch") == [(1,)]


async def test_s13_a_flood_of_used_forged_and_broken_messages_counts_nothing_and_stops_nothing(
    people: People, dims: list[str]
) -> None:
    house, (code, last) = people.house, await issued(people.house, 2)
    marks = {dims[0]: GOOD}
    await by_bus(house, message(code, "u01", marks))
    flood = [
        *(message(code, "u01", {dims[0]: "dissatisfied"}) for _ in range(100)),
        *(message(code, "u01", marks) for _ in range(50)),
        *(message(code_text(secrets.token_bytes(TOKEN_BYTES)), "u01", marks) for _ in range(100)),
        *(message(last, "u02", marks) for _ in range(10)),
        message(last, "u01", {dims[0]: "😀"}),
        message(last, "u01", {"x" * 5000: GOOD}),
        message(last, "u01", marks, at="2026-05-05T02:00:00Z"),
        *(b"{bad", b"", b"[]", b"\xff\xfe", b"null", b"[" * 5000, json.dumps({"type": "?"}).encode()),
        envelope(EvaluationCodesIssued(unit="nobody", served_on=SERVED, code_hashes=("0" * 64,)), id="1"),  # type: ignore[arg-type]  # parsed
        message(last, "u01", marks),
    ]
    await by_bus(house, *flood)
    tally = await counted(house)
    assert tally is not None and tally.evaluations == 2
    assert await refusals(house) == {
        ("hall", "used"): 100, ("hall", "repeated"): 50, ("hall", "unknown"): 100, ("hall", "other_unit"): 10,
        ("hall", "marks"): 2, ("hall", "expired"): 1, ("hall", "malformed"): 7, ("hall", "codes"): 1,
    }  # fmt: skip


async def test_s13_a_flood_from_one_address_is_stopped(people: People, dims: list[str]) -> None:
    answers = [await evaluate(people.house, "x", {dims[0]: GOOD}) for _ in range(62)]
    assert Counter(a.status_code for a in answers)[429] >= 1
    assert answers[0].status_code == 422
