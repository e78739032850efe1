"""S14, S10, S15 as everybody reads them: nothing before the publication, then every figure with its sum."""

import re
from decimal import Decimal

import httpx2

from services.scoring.domain.canon import parse_canonical
from services.scoring.domain.figures import exact, published
from services.scoring.usecases.outcome import outcome
from shared.contracts.rectification import CaseClosed, CaseLapsed
from tests.service.scoring.house import LEADER, OFFICE, OTHER_OFFICE, refused
from tests.service.scoring.people import People

SCOPE = "township:清河镇"


async def page(people: People, path: str, **query: str) -> httpx2.Response:
    return await people.house.http.get(path, params=query, headers={"accept-language": "zh"})


async def facts(people: People) -> None:
    """u01 was late once and had no result in another case; one of the lines was restored."""
    for case in ("2026-000001", "2026-000003"):
        late = CaseClosed(case=case, unit="u01", paying_unit="u01", outcome="solved", late=True)
        await people.house.take(late, "2026-06-20 10:00")
    lapsed = CaseLapsed(case="2026-000002", unit="u01", paying_unit="u01", cycle_name="2026-H1", due="2026-06-01")
    await people.house.take(lapsed, "2026-06-30 10:00")
    line = "/points/2026-H1.2026-000003.late.u01"
    await people.house.done(f"{line}/appeal", {"grounds": "电话 13912345678"}, who=LEADER, at="2026-06-22 10:00")
    ruling = {"upheld": True, "reason": "延误不在该所，联系 13912345678"}
    await people.house.done(f"{line}/ruling", ruling, who=OTHER_OFFICE, at="2026-06-23 10:00")


async def published_result(people: People) -> None:
    await facts(people)
    await people.to_ranking()
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")


async def test_s14_nothing_of_a_result_leaks_before_its_publication(people: People) -> None:
    for stage in (people.to_seal, None):
        if stage:
            await stage()
        else:
            await people.house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
            await people.house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
        for path in ("/results/2026-H1", "/results/2026-H1/u01", "/results/2026-H1/nobody", "/results/nothing"):
            answer = await page(people, path)
            assert answer.status_code == 404
            assert "还没有公布" in answer.text
            assert "所u01" not in answer.text
            assert "<svg" not in answer.text
        listed = (await page(people, "/results")).text
        assert "2026-H1" in listed
        assert "尚未公布" in listed
        assert 'href="/results/2026-H1"' not in listed
        refused(await people.house.get("/cycles/2026-H1/ranking"), 404, "cycle")
        assert (await people.house.get("/cycles/2026-H1/rankings")).json() == []
        mine = (await people.house.get("/units/u01/score", LEADER, cycle="2026-H1")).json()
        assert (mine["rank"], mine["composite"], mine["concentrated"]) == (None, None, None)
        assert mine["daily"]["score"] == "100"
    inside = (await people.house.get("/units/u01/score", OFFICE, cycle="2026-H1")).json()
    assert inside["rank"] is not None
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    assert (await page(people, "/results/2026-H1")).status_code == 200
    assert (await people.house.get("/units/u01/score", LEADER, cycle="2026-H1")).json()["rank"] == inside["rank"]


async def test_s14_the_page_ranks_each_scope_with_parts_interval_and_who_may_be_last(people: People) -> None:
    await published_result(people)
    text = (await page(people, "/results/2026-H1")).text
    rows = (await people.house.get("/cycles/2026-H1/ranking")).json()["rows"]
    shown = re.findall(r'<tr(?: class="risk")?>\n(<td.*?)</tr>', text, re.DOTALL)
    assert len(shown) == len(rows) == 10
    for row in rows:
        [mine] = [one for one in shown if f'/results/2026-H1/{row["unit"]}"' in one]
        assert f'class="n place">{row["rank"]}</td>' in mine
        assert f'class="n total">{row["composite"]}</td>' in mine
        assert f"日常评议 <b>{Decimal(row['daily']):.2f}</b>" in mine
        assert f"集中评议 <b>{row['concentrated']}</b>" in mine
        low, high = row["rank_low"], row["rank_high"]
        assert (f"第 {low} 至 {high} 名" if low != high else f"只在第 {low} 名") in mine
        assert ("可能末位" in mine) == row["may_be_last"]
        assert mine.count("<svg") == 1
    assert "清河镇 · 乡镇（街道）全部基层站所" in text
    assert "末位只可能是" in text
    for target in set(re.findall(r'href="(/(?:api|proof)[^"]*)"', text)):
        assert (await people.house.http.get(target.replace("&amp;", "&"))).status_code == 200, target


async def test_s14_a_search_and_an_order_need_no_script(people: People) -> None:
    await published_result(people)
    names = lambda text: re.findall(r'href="/results/2026-H1/(\w+)">[^<]*</a>\n<small>', text)  # noqa: E731
    assert names((await page(people, "/results/2026-H1", q="U0", scope=SCOPE)).text).__len__() == 6
    assert names((await page(people, "/results/2026-H1", q="窗口w02")).text) == ["w02"]
    nothing = (await page(people, "/results/2026-H1", q="<b>没有")).text
    assert "没有符合的单位" in nothing
    assert "<b>没有" not in nothing
    by_name = names((await page(people, "/results/2026-H1", sort="name", scope=SCOPE)).text)
    assert by_name == [f"u0{i}" for i in range(1, 7)]
    found = await people.house.unit.read(lambda s: outcome(s, "2026-H1"))
    votes = {row.unit: exact(row.concentrated or "0") for row in found.rows}
    by_vote = names((await page(people, "/results/2026-H1", sort="concentrated", scope=SCOPE)).text)
    assert by_vote == sorted(by_vote, key=lambda unit: -votes[unit])
    assert names((await page(people, "/results/2026-H1", sort="daily", scope=SCOPE)).text)[-1] == "u01"


async def test_s14_every_figure_of_a_unit_leads_to_its_sum_and_to_lines_with_evidence_and_appeal(
    people: People,
) -> None:
    await published_result(people)
    text = (await page(people, "/results/2026-H1/u01")).text
    row = next(r for r in (await people.house.get("/cycles/2026-H1/ranking")).json()["rows"] if r["unit"] == "u01")
    sums = dict(re.findall(r'<li class="(\w+)"><b>.*?</b>\s*<code>(.*?)</code>', text, re.DOTALL))
    assert sums["daily"] == "100 − (1 + 3) = 96"
    assert sums["vote"].endswith(f"→ {row['concentrated']}")
    assert sums["composite"].endswith(f"→ {row['composite']}")
    assert sums["composite"].startswith("20% × 96 + 80% × ")
    assert f"; {row['rank'] - 1} + 1 = {row['rank']} / 6" in sums["rank"].replace("&gt;", ">")
    dimension = re.search(r"\(100 × (\d+) \+ 80 × (\d+) \+ 40 × (\d+)\) ÷ (\d+)", text)
    assert dimension is not None
    assert sum(map(int, dimension.groups()[:3])) == int(dimension[4])
    lines = re.findall(r'<article class="(line[^"]*)">(.*?)</article>', text, re.DOTALL)
    assert [("gone" in kind, "2026-000003" in body) for kind, body in lines if "gone" in kind] == [(True, True)]
    events = {event for (event,) in await people.house.rows("SELECT json_extract(evidence, '$[0][1]') FROM point_line")}
    assert len(lines) == 3
    assert all(event in text for event in events)
    assert "成立，恢复得分" in text
    assert "13912345678" not in text, "grounds stay inside, and a reason is scrubbed"
    assert (await page(people, "/results/2026-H1/nobody")).status_code == 404


async def test_s15_versions_of_a_result_stand_side_by_side_with_their_reasons(people: People) -> None:
    await published_result(people)
    before = (await page(people, "/results/2026-H1")).text
    assert "各版本" not in before
    found = {"cycle": "2026-H1", "unit": "u01", "evidence": "查实宴请代表", "persons": ["所长"]}
    await people.house.done("/canvassing", found, at="2026-07-13 09:00")
    await people.house.done("/cycles/2026-H1/ranking", {"reason": "认定 <i>拉选票</i>"}, at="2026-07-21 10:00")
    now = (await page(people, "/results/2026-H1")).text
    assert "认定 &lt;i&gt;拉选票" in now
    assert "首次公布" in now
    assert "走关系、拉选票" in now
    assert "按得票为第" in now
    old = (await page(people, "/results/2026-H1", version="1")).text
    assert "已经不作数" in old
    assert "走关系、拉选票" not in old
    unit = (await page(people, "/results/2026-H1/u01")).text
    assert "5 + 1 = 6 / 6" in unit
    assert "宴请" not in unit
    assert (await page(people, "/results/2026-H1", version="9")).status_code == 404


async def test_s10_a_unit_without_a_rank_says_why(people: People) -> None:
    extra = [{"unit": "u99", "name": "无会所", "category": "enforcement", "township": "南山镇"}]
    await people.house.done("/units", extra, at="2026-01-01 09:00")
    await published_result(people)
    text = (await page(people, "/results/2026-H1")).text
    assert "不排名：缺“集中评议”一项" in text
    unit = (await page(people, "/results/2026-H1/u99", lang="en")).text
    assert "Not ranked: without “Concentrated”" in unit
    assert (await page(people, "/results/2026-H1", lang="en")).text.count("All grass-roots stations") >= 1


async def test_s10_the_sums_of_every_unit_end_in_the_figures_that_were_published(people: People) -> None:
    await published_result(people)
    bundle = parse_canonical((await people.house.rows("SELECT result FROM ranking"))[0][0])
    for row in bundle["units"]:  # type: ignore[index,call-overload,union-attr]
        text = (await page(people, f"/results/2026-H1/{row['unit']}")).text  # type: ignore[index,call-overload]
        assert f"→ {published(exact(row['concentrated']))}</code>" in text  # type: ignore[index,call-overload,arg-type]
        assert f"→ {row['composite']}</code>" in text  # type: ignore[index,call-overload]
