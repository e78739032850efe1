"""S2 through the public interface: an office's list row by row, conflicts of interest on record."""

from typing import Any

from tests.service.scoring.house import CLERK, OFFICE, TELLER, House, refused
from tests.service.scoring.people import SHARES, People

AUDITOR = {"role": "auditor", "sub": "auditor-1"}


def rows(people: People, **changes: Any) -> list[dict[str, Any]]:
    """The list of pool p1, as `minping draw pool import` sends it."""
    labels = {s.key: s.label.zh for s in people.house.desk.programme.pool.strata}
    found = [
        {"row": number, "id": m["id"], "stratum": labels[m["stratum"]], "conflicts": []}
        for number, m in enumerate(people.members(), start=2)
    ]
    for number, change in changes.items():
        found[int(number.removeprefix("row")) - 2].update(change)
    return found


async def imported(people: People, sent: list[dict[str, Any]], pool: str = "p9") -> Any:
    return await people.house.done(f"/pools/{pool}/import", {"rows": sent}, at="2026-06-02 09:00")


async def test_s2_every_row_of_a_list_is_taken_or_refused_with_number_field_and_reason(people: People) -> None:
    sent = rows(
        people, row3={"stratum": "农民"}, row4={"id": "enterprise-0"}, row5={"conflicts": [["employed", "所x"]]}
    )
    found = await imported(people, sent)
    assert (found["read"], found["taken"], found["registered"]) == (110, 107, False)
    assert [(r["row"], r["field"], r["value"]) for r in found["refused"]] == [
        (3, "stratum", "农民"), (4, "id", "enterprise-0"), (5, "employed", "所x"),
    ]  # fmt: skip
    assert all(r["reason"] and r["remedy"] for r in found["refused"])
    assert [(p["field"], p["value"]) for p in found["problems"]] == [("pool.share.enterprise", "19 of 107")]
    refused(await people.house.get("/pools/p9", OFFICE), 404, "pool")  # nothing was registered


async def test_s2_a_list_whose_shares_hold_is_registered_without_the_refused_rows(people: People) -> None:
    sent = rows(people, row100={"stratum": "?"}, row2={"conflicts": [["employed", "所u01"], ["related", "w01"]]})
    found = await imported(people, sent)
    assert (found["registered"], found["taken"], found["with_conflicts"]) == (True, 109, 1)
    assert found["townships"][""]["villager"] == SHARES["villager"]
    view = (await people.house.get("/pools/p9", OFFICE)).json()
    assert (view["members"], view["with_conflicts"]) == (109, 1)
    record = (await people.house.get("/pools/p9/conflicts", AUDITOR)).json()["conflicts"]
    assert [(c["member"], c["unit"], c["kind"], c["recorded_by"]) for c in record] == [
        ("enterprise-0", "u01", "employed", "officer-1"), ("enterprise-0", "w01", "related", "officer-1"),
    ]  # fmt: skip


async def test_s2_a_list_of_two_townships_is_checked_township_by_township(people: People) -> None:
    two = [
        {**row, "row": number, "id": f"{township}-{row['id']}", "township": township}
        for township in ("清河镇", "石桥镇")
        for number, row in enumerate(rows(people), start=2)
    ]
    assert (await imported(people, two))["registered"] is True
    short = await imported(people, two[:-15], "p8")
    assert [(p["field"], p["value"]) for p in short["problems"]] == [("pool.size", "石桥镇: 95")]
    assert short["registered"] is False


async def test_s2_a_list_brings_hashes_of_names_and_never_a_name(people: People) -> None:
    await imported(people, rows(people, row2={"name_hash": "a" * 64, "attributes": {"gender": "女"}}))
    stored = await people.house.rows("SELECT name_hash, attributes FROM pool_member WHERE id = 'enterprise-0'")
    assert ("a" * 64) in str(stored)
    assert "name" not in {c for (c, *_) in await people.house.rows("SELECT name FROM pragma_table_info('pool_member')")}


async def test_s2_a_conflict_is_declared_with_its_kind_and_withdrawn_on_record(people: People) -> None:
    body = {"member": "villager-5", "unit": "u02", "kind": "related", "reason": "妻子在该所工作"}
    made = await people.house.done("/pools/p1/conflicts", body, who=CLERK, at="2026-06-03 10:00")
    assert (made["standing"], made["kind"], made["recorded_by"]) == (True, "related", "clerk-1")
    refused(await people.house.post("/pools/p1/conflicts", body, who=CLERK), 409, "unit")
    refused(await people.house.post("/pools/p1/conflicts", {**body, "unit": "nobody"}), 404, "unit")
    refused(await people.house.post("/pools/p1/conflicts", {**body, "member": "nobody"}), 404, "member")
    refused(await people.house.post("/pools/p1/conflicts", body, who=TELLER), 403, "role")
    away = {"member": "villager-5", "unit": "u02", "reason": "已调离"}
    refused(await people.house.post("/pools/p1/conflicts/withdrawal", away, who=CLERK), 403, "role")
    gone = await people.house.done("/pools/p1/conflicts/withdrawal", away, at="2026-06-20 10:00")
    assert (gone["standing"], gone["kind"], gone["reason"]) == (False, "related", "已调离")
    refused(await people.house.post("/pools/p1/conflicts/withdrawal", away), 409, "unit")
    record = await all_of(people.house, "/pools/p1/conflicts")
    mine = [c for c in record if c["member"] == "villager-5"]
    assert [(c["standing"], c["reason"], c["recorded_at"][:10]) for c in mine] == [
        (True, "妻子在该所工作", "2026-06-03"), (False, "已调离", "2026-06-20"),
    ]  # fmt: skip


async def all_of(house: House, path: str) -> list[Any]:
    """A list, three entries a page."""
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = (await house.get(path, AUDITOR, limit="3", **({"cursor": cursor} if cursor else {}))).json()
        found += page["conflicts"]
        cursor = page["next"]
        if cursor is None:
            return found


async def test_s2_who_declared_a_conflict_later_is_not_drawn_and_who_withdrew_it_is(people: People) -> None:
    late = {"member": "villager-5", "unit": "w01", "kind": "employed", "reason": "五月起在该窗口工作"}
    await people.house.done("/pools/p1/conflicts", late, at="2026-06-03 10:00")
    ended = {"member": "villager-0", "unit": "u01", "reason": "已退休"}
    await people.house.done("/pools/p1/conflicts/withdrawal", ended, at="2026-06-03 10:00")
    await people.create()
    await people.freeze()
    found = await people.draw()
    everybody = {p for group in (found["seated"], found["alternates"]) for ids in group.values() for p in ids}
    assert "villager-0" in everybody and "villager-5" not in everybody


async def test_s2_a_pool_registered_anew_puts_on_record_which_conflicts_came_and_went(people: People) -> None:
    members = people.members()
    members[0]["conflicts"] = ["u02"]
    await people.house.done("/pools/p1", {"members": members}, at="2026-06-05 09:00")
    record = [c for c in await all_of(people.house, "/pools/p1/conflicts") if c["member"] == members[0]["id"]]
    assert [(c["unit"], c["standing"]) for c in record] == [("u01", True), ("u01", False), ("u02", True)]


async def test_s2_edits_of_the_pool_after_the_freeze_change_nothing_of_that_meeting(people: People) -> None:
    await people.create()
    frozen = await people.freeze()
    before = (await people.house.get("/meetings/m1/pool")).content
    fewer = [m for m in people.members() if m["id"] not in ("villager-1", "deputy-1")]
    await people.house.done("/pools/p1", {"members": fewer}, at="2026-07-09 13:00")
    late = {"member": "villager-3", "unit": "u01", "kind": "employed", "reason": "x"}
    await people.house.done("/pools/p1/conflicts", late, at="2026-07-09 13:00")
    found = await people.draw()
    everybody = {p for group in (found["seated"], found["alternates"]) for ids in group.values() for p in ids}
    assert {"villager-1", "deputy-1", "villager-3"} <= everybody
    assert (await people.house.get("/meetings/m1/pool")).content == before
    proof = (await people.house.get("/meetings/m1/draw-proof")).json()
    assert proof["pool_hash"] == frozen["pool_hash"]
