"""The minutes: steps with times and no names, figures from the seal on, the checkpoint, signatures (S6)."""

import hashlib

import pytest

from services.scoring.domain.meeting import Step
from services.scoring.domain.note import Signer, signer
from services.scoring.domain.signing import signing_from_bytes
from services.scoring.pages import FOLDER
from services.scoring.verify import verify_bytes
from shared.pages.wording import Wording
from tests.service.scoring.house import GUIDANCE, OFFICE, TELLER, refused
from tests.service.scoring.people import DAY, GOOD, People

NEVER_ON_RECORD = {"check_in", "ballot", "departure", "paper", "paper_decision"}


async def page(people: People, language: str = "zh") -> str:
    answer = await people.house.http.get(f"{people.path}/minutes?lang={language}")
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture
def guidance(people: People) -> Signer:
    """A guidance group with a key of its own."""
    found = signer("guidance-1", bytes(range(32)))
    create = people.create

    async def with_guidance(**changes: object) -> object:
        made = await create(**changes)
        await people.house.done(f"{people.path}/keys", {"role": "guidance", "vkey": found.vkey}, at="2026-07-01 09:00")
        return made

    people.create = with_guidance  # type: ignore[method-assign]  # the same step with one key more
    return found


async def test_s6_the_minutes_show_steps_and_times_but_no_figure_of_the_count_before_the_seal(people: People) -> None:
    await people.to_closing()
    for stage in ("closed", "counted"):
        shown = (await people.house.get(f"{people.path}/minutes")).json()
        assert (shown["state"], shown["counts"], shown["seal"]) == (stage, None, None)
        assert (shown["present"], shown["seats"]) == (60, 60)
        sheet = await page(people)
        assert "尚未封存" in sheet
        assert "投票开始" in sheet
        if stage == "closed":
            assert (await people.count()).status_code == 200
    refused(await people.house.get(f"{people.path}/minutes-record"), 409, "meeting")


async def test_s6_from_the_seal_on_the_sheet_has_figures_checkpoint_code_and_lines_to_sign(people: People) -> None:
    await people.to_seal(voters=58)
    sheet = await page(people)
    note = (await people.house.get(f"{people.path}/checkpoint")).text.split("\n")
    for text in (
        *note[:2],
        "发出 60 张＝收回 58 张＋未用 2 张",
        "收回 58 张＝有效 58 张＋作废 0 张",
        "监票人：",
        "指导组：",
    ):
        assert text in sheet, text
    assert note[2] in sheet
    assert "<svg" in sheet
    assert "选票私钥只在内存中" in sheet
    assert "officer-1" not in sheet  # whose step, never who
    assert "clerk-1" not in sheet
    assert not [p for p in people.seated() if p in sheet]
    for word in ("score", "composite", GOOD, "满意度得分"):
        assert word not in sheet
    assert "issued 60 = returned 58 + unused 2" in await page(people, "en")


async def test_s6_the_guidance_group_signs_minutes_that_no_longer_change(people: People, guidance: Signer) -> None:
    await people.to_seal()
    first = (await people.house.get(f"{people.path}/minutes-record")).content
    text = f"minping/minutes\nm1\n{hashlib.sha256(first).hexdigest()}\n"
    path = f"{people.path}/minutes-signatures"
    teller = {"signatures": [people.tellers[0].sign(text)]}
    refused(await people.house.post(path, teller, who=GUIDANCE, at=f"{DAY} 12:00"), 409, "minutes")
    refused(await people.house.post(path, {"signatures": [guidance.sign("x\n")]}, who=GUIDANCE), 422, "signatures")
    refused(await people.house.post(path, teller, who=TELLER), 403, "role")
    body = {"signatures": [guidance.sign(text)]}
    await people.house.done(path, body, who=GUIDANCE, at=f"{DAY} 12:00")
    await people.house.done(path, body, who=GUIDANCE, at=f"{DAY} 12:00")
    assert (await people.house.get(f"{people.path}/minutes-record")).content == first
    assert "guidance-1" in await page(people)
    record = (await people.house.get(f"{people.path}/record", OFFICE)).json()
    assert [i["step"] for i in record["items"]].count("minutes") == 1


async def test_s6_a_rehearsal_says_so_on_its_minutes_and_to_who_signs_it(people: People) -> None:
    create = people.create
    people.create = lambda **changes: create(**{**changes, "rehearsal": True})  # type: ignore[method-assign]
    await people.to_seal()
    sheet = await page(people)
    assert "演练，不是真实评议" in sheet
    assert "发出 60 张＝收回 60 张＋未用 0 张" in sheet
    assert (await people.house.get(f"{people.path}/minutes-record")).status_code == 200
    paper = signing_from_bytes((await people.house.get(f"{people.path}/signing", TELLER)).content)
    assert "REHEARSAL" in paper.words()[0]
    bundle = (await people.house.get(f"{people.path}/sealed-bundle", OFFICE)).content
    report = verify_bytes(bundle)
    assert report.exit_code == 0, report.text()
    assert "ceremony" in {check.name for check in report.checks}


def test_s6_every_step_that_is_recorded_has_words() -> None:
    words = Wording(*sorted(FOLDER.glob("wording*.yaml"))).keys()
    assert not [s for s in Step if s not in NEVER_ON_RECORD and f"minutes.step.{s}" not in words]
