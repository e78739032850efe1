"""A cycle runs by the rules it was opened with; a change of them is an amendment on record, or refused (S14)."""

import json

import pytest
from sqlmodel import Session

from services.scoring.store import programmes
from services.scoring.usecases import amendments
from services.scoring.usecases.desk import Desk
from shared.contracts.scoring_programme import ProgrammeAmended
from shared.errors import Refusal
from shared.programme import Programme
from shared.programme.check import parse
from shared.programme.sources import source
from tests.service.scoring.house import APPROVER, OFFICE, House
from tests.service.scoring.people import People

TEXT = source("window-units")
WHY = {"reason": "限时解决期限过长", "document": "评议办〔2026〕3号"}
CYCLE = "2026-H1"


def changed(old: str, new: str) -> str:
    """The running file with one passage replaced."""
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


def read(text: str) -> Programme:
    """A file without errors."""
    programme, problems = parse(text)
    assert programme is not None, problems
    return programme


def start(house: House, text: str) -> None:
    """What the service does with a file before it starts."""
    desk = Desk(read(text), house.desk.signer, house.desk.entropy)
    with Session(house._reader) as session:
        amendments.require_pinned(desk, session)


SHORTER = ("immediate: 15 ", "immediate: 12 ")


async def test_s14_a_service_does_not_start_by_other_rules_than_those_of_the_running_cycle(people: People) -> None:
    house = people.house
    start(house, TEXT)
    start(house, "# 只是注释\n" + TEXT)
    with pytest.raises(Refusal, match=r"deadlines\.immediate"):
        start(house, changed(*SHORTER))


async def test_s14_an_amendment_is_on_record_with_what_changed_and_why_and_then_the_new_file_starts(
    people: People,
) -> None:
    house, path = people.house, f"/cycles/{CYCLE}/amendments"
    refused = await house.post(path, {"programme": changed(*SHORTER), **WHY}, who=OFFICE)
    assert refused.status_code == 403
    done = await house.post(path, {"programme": changed(*SHORTER), **WHY}, who=APPROVER)
    assert done.status_code == 201, done.text
    shown = (await house.get(path)).json()
    assert [(one["path"], one["before"], one["after"]) for one in shown[0]["changes"]] == [
        ("deadlines.immediate", 15, 12)
    ]
    assert (shown[0]["reason"], shown[0]["amended_by"]) == (WHY["reason"], "approver-1")
    (told,) = house.published(ProgrammeAmended)
    assert told.paths == ("deadlines.immediate",)
    start(house, changed(*SHORTER))
    with pytest.raises(Refusal, match=r"deadlines\.immediate"):
        start(house, TEXT)


async def test_s14_keys_that_records_hold_stay_and_after_the_vote_so_does_how_votes_count(people: People) -> None:
    path = f"/cycles/{CYCLE}/amendments"
    gone = "\n".join(line for line in TEXT.splitlines() if "{key: lax," not in line)
    refused = await people.house.post(path, {"programme": gone, **WHY}, who=APPROVER)
    assert refused.status_code == 409
    assert refused.json()["value"] == "topics[lax]"
    weights = changed(
        "{zh: 依法行政, en: Lawfulness}, weight: 20", "{zh: 依法行政, en: Lawfulness}, weight: 25"
    ).replace("{zh: 责任落实, en: Accountability}, weight: 10", "{zh: 责任落实, en: Accountability}, weight: 5")
    await people.to_ballots()
    refused = await people.house.post(path, {"programme": weights, **WHY}, who=APPROVER)
    assert refused.status_code == 409
    assert "have voted" in refused.json()["reason"]
    words = changed("zh: 拖延超时, en: Delay", "zh: 拖延, en: Delay")
    assert (await people.house.post(path, {"programme": words, **WHY}, who=APPROVER)).status_code == 201


async def test_s14_a_file_with_an_error_and_one_that_changes_nothing_are_refused(people: People) -> None:
    path = f"/cycles/{CYCLE}/amendments"
    broken = await people.house.post(
        path, {"programme": changed("immediate: 15 ", "immediate: soon "), **WHY}, who=APPROVER
    )
    assert broken.status_code == 422
    assert "deadlines.immediate" in broken.json()["field"]
    same = await people.house.post(path, {"programme": "# 注释\n" + TEXT, **WHY}, who=APPROVER)
    assert same.status_code == 409


async def test_s14_a_newer_release_that_knows_more_fields_takes_the_old_file_for_the_same_rules(people: People) -> None:
    house = people.house

    def older(tx: object) -> None:
        row = programmes.kept(tx.session, house.desk.sha256)  # type: ignore[attr-defined]
        assert row is not None
        known = json.loads(row.canonical)
        del known["retention"]
        row.canonical = json.dumps(known).encode()
        cycle = tx.session.get(amendments.CycleRow, CYCLE)  # type: ignore[attr-defined]
        row.sha256 = cycle.programme_sha256 = "0" * 64

    await house.unit.run(older, at=house.clock.now())
    start(house, TEXT)
