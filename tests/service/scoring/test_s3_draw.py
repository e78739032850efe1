"""S3 through the public interface: fresh entropy, crossing quotas, refusals and replacements on record."""

import json
import random
from typing import Any

from services.scoring.domain.freezing import commit
from services.scoring.verify import verify_bytes
from shared.contracts.scoring import DrawPublished
from tests.service.scoring.house import CLERK, GUIDANCE, TELLER, refused
from tests.service.scoring.people import DAY, EVE, People

LATER_EVE, LATER_DAY = "2026-07-16", "2026-07-17"


async def hold_again(people: People) -> None:
    """The meeting is annulled after its draw, and held again a week later under another name."""
    await people.create()
    await people.freeze()
    await people.draw()
    await people.house.done(f"{people.path}/annulment", {"reason": "停电"}, at=f"{DAY} 08:00")
    people.meeting = "m2"
    await people.create(date=LATER_DAY, rerun_of="m1")


def freezing(source: str) -> dict[str, str]:
    return {"public_source": source, "cut_off": f"{LATER_EVE}T21:00:00+08:00"}


async def test_s3_a_second_draw_with_the_entropy_of_the_first_is_refused_each_part_by_name(people: People) -> None:
    await hold_again(people)
    path, at = people.path, f"{LATER_EVE} 12:00"
    spent = {"witness": "witness-1", "commitment": commit(people.nonce, "枫桥夜泊")}
    refused(await people.house.post(f"{path}/commitments", spent, at=at), 409, "commitment")
    people.nonce = b"n" * 32
    fresh = {"witness": "witness-1", "commitment": commit(people.nonce, "枫桥夜泊")}
    await people.house.done(f"{path}/commitments", fresh, at=at)
    refused(await people.house.post(f"{path}/freezing", freezing("当晚开奖号码"), at=at), 409, "public_source")
    await people.house.done(f"{path}/freezing", freezing("2026年7月16日开奖号码"), at=at)
    refused(await people.house.post(f"{path}/draw", people.entropy(), at=f"{LATER_EVE} 21:30"), 409, "dice")
    thrown = {**people.entropy(), "dice": [1, 9] * 10}
    found = await people.house.done(f"{path}/draw", thrown, at=f"{LATER_EVE} 21:30")
    assert sum(len(ids) for ids in found["seated"].values()) == 60
    refused(await people.house.post(f"{path}/draw", thrown, at=f"{LATER_EVE} 21:40"), 409, "meeting")
    assert len(people.house.published(DrawPublished)) == 2


async def test_s3_refusals_and_replacements_are_on_record_with_who_put_them_there_and_when(people: People) -> None:
    await people.create()
    await people.freeze()
    found = await people.draw()
    gone, first, second = found["seated"]["villager"][0], *found["alternates"]["villager"][:2]
    for person, reason, at in ((gone, "生病", f"{EVE} 22:00"), (first, "出差", f"{EVE} 22:30")):
        body = {"representative": person, "reason": reason}
        panel = await people.house.done(f"{people.path}/refusals", body, who=CLERK, at=at)
    assert [(r["gone"], r["reason"], r["called"]) for r in panel["replacements"]] == [
        (gone, "生病", first), (first, "出差", second),
    ]  # fmt: skip
    record = (await people.house.get(f"{people.path}/record", GUIDANCE)).json()
    steps = [s for s in record["items"] if s["step"] == "replacement"]
    assert [(s["what"]["representative"], s["reason"], s["by"], s["at"][:16]) for s in steps] == [
        (gone, "生病", "clerk-1", "2026-07-09T14:00"), (first, "出差", "clerk-1", "2026-07-09T14:30"),
    ]  # fmt: skip


async def with_attributes(people: People) -> None:
    rng = random.Random(3)
    members = [{**m, "attributes": {"gender": rng.choice("男女")}} for m in people.members()]
    await people.house.done("/pools/p1", {"members": members}, at="2026-06-10 09:00")


def panels(lots: dict[str, Any], quotas: dict[str, tuple[int, int]], count: int) -> list[list[str]]:
    """Panels that keep seats and quotas, found by trying; what proposes them is no matter to the service."""
    rng, found = random.Random(5), []
    while len(found) < count or len({i for panel in found for i in panel}) < len(lots["people"]):
        panel = []
        for stratum, seats in lots["seats"].items():
            panel += rng.sample([p for p in lots["people"] if p["stratum"] == stratum], seats)
        if all(low <= sum(p["gender"] == g for p in panel) <= high for g, (low, high) in quotas.items()):
            found.append([p["id"] for p in panel])
    return found


async def test_s3_crossing_quotas_the_frozen_panels_are_published_and_the_seed_picks_one(people: People) -> None:
    await with_attributes(people)
    await people.create()
    await people.house.done(
        f"{people.path}/commitments", {"witness": "witness-1", "commitment": commit(people.nonce, "枫桥夜泊")},
        at=f"{EVE} 10:00",
    )  # fmt: skip
    refused(await people.house.get(f"{people.path}/lots", TELLER), 403, "role")
    lots = (await people.house.get(f"{people.path}/lots", {"role": "auditor", "sub": "a"})).json()
    assert (len(lots["people"]), sum(lots["seats"].values())) == (102, 60)
    bounds = {"男": (26, 34), "女": (26, 34)}
    body = {
        "public_source": "当晚开奖号码",
        "cut_off": f"{EVE}T21:00:00+08:00",
        "quotas": [{"attribute": "gender", "value": g, "least": a, "most": b} for g, (a, b) in bounds.items()],
        "panels": panels(lots, bounds, 40),
    }
    broken = {**body, "panels": [*body["panels"], body["panels"][0][1:]]}
    answer = await people.house.post(f"{people.path}/freezing", broken, at=f"{EVE} 12:00")
    refused(answer, 422, f"panels[{len(body['panels'])}]")
    refused(
        await people.house.post(f"{people.path}/freezing", {**body, "quotas": []}, at=f"{EVE} 12:00"), 422, "quotas"
    )
    await people.house.done(f"{people.path}/freezing", body, at=f"{EVE} 12:00")
    pool = (await people.house.get(f"{people.path}/pool")).json()
    assert len(pool["panels"]) == len(body["panels"])
    found = await people.draw()
    proof = await people.house.get(f"{people.path}/draw-proof")
    picked = json.loads(proof.content)["panel"]
    assert {i for ids in found["seated"].values() for i in ids} == set(body["panels"][picked])
    report = verify_bytes(proof.content)
    assert report.exit_code == 0, report.text()
    assert {"draw.panels", "draw.chances", "draw.pick"} <= {check.name for check in report.checks}
    for person in people.seated()[:2]:
        refusal = {"representative": person, "reason": "生病"}
        assert (await people.house.done(f"{people.path}/refusals", refusal, who=CLERK))["vacant"] == 0


async def test_s3_a_witness_who_does_not_reveal_is_replaced_by_dice_with_the_reason_in_the_proof(
    people: People,
) -> None:
    await people.create()
    await people.freeze()
    silent = {**people.entropy(), "reveals": []}
    refused(await people.house.post(f"{people.path}/draw", silent, at=f"{EVE} 21:30"), 422, "witnesses")
    thrown = {"witness": "witness-1", "dice": [5, 8] * 10, "reason": "未到场"}
    unsaid = {**silent, "thrown": [{**thrown, "reason": ""}]}
    refused(
        await people.house.post(f"{people.path}/draw", unsaid, at=f"{EVE} 21:30"), 422, "witnesses.witness-1.reason"
    )
    await people.house.done(f"{people.path}/draw", {**silent, "thrown": [thrown]}, at=f"{EVE} 21:30")
    proof = await people.house.get(f"{people.path}/draw-proof")
    assert json.loads(proof.content)["entropy"]["witnesses"] == [thrown]
    assert verify_bytes(proof.content).exit_code == 0
