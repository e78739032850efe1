"""The record of a simulated year: the same whenever the same happened, and free of what is random."""

import re

import pytest

from deploy.local.simulate.canon import Record
from deploy.local.simulate.fields import looks_random, shown
from shared.contracts import EVENTS
from shared.errors import Refusal
from tests.unit.deploy.simulated import Told, record, year

ALLOWED = {"intake.transfer.requested.card"}
"""Fields whose name sounds like a key, and which are numbers of papers."""


def said(of: Record) -> list[tuple[str, str, str, object]]:
    return [(fact.number, fact.at, fact.kind, fact.data) for fact in of.facts]


def test_other_ids_other_numbers_and_another_order_of_arrival_give_the_same_record() -> None:
    first = said(record(year().envelopes))
    assert all(said(record(year(seed).shuffled())) == first for seed in range(2, 12, 2))


def test_like_complaints_of_one_moment_are_told_apart_by_their_ends() -> None:
    facts = record(year().envelopes).facts
    ends = {fact.data["case"]: fact.data["outcome"] for fact in facts if fact.kind == "rectification.case.closed"}
    assert sorted(ends) == ["C0001", "C0002"]
    again = record(year(8).shuffled()).facts
    assert {f.data["case"]: f.data["outcome"] for f in again if f.kind == "rectification.case.closed"} == ends


def test_numbers_inside_other_names_are_renamed_too() -> None:
    cards = {fact.data["card"] for fact in record(year().envelopes).facts if fact.kind == "rectification.case.opened"}
    assert cards == {"ZB-C0001", "ZB-C0002"}


def test_a_cause_and_an_evidence_name_the_event_of_the_record() -> None:
    of = record(year().envelopes)
    by_number = {fact.number: fact for fact in of.facts}
    causes = {by_number[fact.data["cause"]].kind for fact in of.facts if fact.kind == "notify.notice.sent"}
    assert causes == {"rectification.case.closed"}


def test_a_missed_quarter_is_proved_by_the_duty_whichever_service_told_it_first() -> None:
    for seed in (1, 2):
        of = record(year(seed).envelopes)
        by_number = {fact.number: fact.kind for fact in of.facts}
        (point,) = (fact for fact in of.facts if fact.kind == "scoring.points.deducted")
        assert [by_number[one] for one in point.data["evidence"]] == ["rectification.obligation.missed"]


def test_times_are_local_and_what_an_office_enters_comes_first() -> None:
    facts = record(year().envelopes).facts
    assert facts[0].kind == "scoring.unit.registered"
    assert {fact.at for fact in facts if fact.kind == "rectification.case.opened"} == {"2026-03-03T09:00:00+08:00"}


def test_a_text_of_an_actor_is_renamed_as_the_events_are() -> None:
    told = Told()
    number = told.number()
    told.tell("intake.complaint.registered", "2026-03-02T09:00:00+08:00", number=number)
    assert record(told.envelopes).renamed(f"核对{number}的转办卡") == "核对C0001的转办卡"


@pytest.mark.parametrize(
    "value",
    [
        "0f57df7d42a54664aca3c42bbe87362", "d78da85d6daf9bdb", "b3b0bd1e-5f0e-5d3a-9a6a-0d1f5a0c6e21",
        "McI3vqW0PL0UN9aGE3znGq90tSIZ5q2NKmp", "见 zBGR3yJ6U1/KS3mucLMHvQBXaRHz+HTrErfLErdkO7g= 一行",
    ],
)  # fmt: skip
def test_a_field_with_a_random_value_is_refused_by_its_name(value: str) -> None:
    told = Told()
    told.tell("intake.complaint.registered", "2026-03-02T09:00:00+08:00", number="2026-000001", fresh=[value])
    with pytest.raises(Refusal) as refused:
        record(told.envelopes)
    assert refused.value.field == "intake.complaint.registered.fresh.0"


@pytest.mark.parametrize(
    "value",
    [
        "duty:half_year_summary:2025-H2:liulin-service", "2026-H1.win-estate.last-below-80.circulated_criticism",
        "民评通〔2026〕1号", "2026-07-01T00:00:00+08:00", "http://bulletin.yunxi.example/2026/plans", "1083/11",
    ],
)  # fmt: skip
def test_what_people_write_does_not_look_random(value: str) -> None:
    assert not looks_random(value)


def test_no_field_that_holds_a_hash_a_key_or_a_token_is_shown() -> None:
    random = re.compile(r"(^|_)(hash|hashes|sha256|checkpoint|token|sealed|ciphertext|vkey|signature|tracking)(_|$)")
    open_fields = {
        f"{kind}.{field}"
        for name, cls in EVENTS.items()
        if (kind := name.removeprefix("minping.").removesuffix(".v1")).split(".")[0] not in ("inbox", "receipt")
        for field in cls.model_fields
        if random.search(field) and shown(kind, field)
    }
    assert open_fields <= ALLOWED, "leave it out in deploy/local/simulate/fields.py"
