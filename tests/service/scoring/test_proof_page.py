"""The public page of a meeting: what may be taken home, with hashes, checkpoint and how to check it (S6, S14, S15)."""

import hashlib
import re

from tests.service.scoring.people import People


async def page(people: People, meeting: str = "m1", **query: str) -> str:
    answer = await people.house.http.get(f"/proof/{meeting}", params=query, headers={"accept-language": "zh"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def linked(people: People, text: str) -> dict[str, str]:
    """Every public file of the page: address → hash as printed; each is fetched and hashed."""
    found = dict(re.findall(r'<a href="(/api/v1/[^"]+)">.*?<code>([0-9a-f]{64})</code>', text, re.DOTALL))
    for path, sha256 in found.items():
        data = (await people.house.http.get(path.replace("&amp;", "&"))).content
        assert hashlib.sha256(data).hexdigest() == sha256, path
    return found


async def test_s6_the_proof_page_shows_no_result_before_publication_and_hashes_that_are_true(people: People) -> None:
    await people.to_check_in()
    before = await page(people)
    assert "尚未封存" in before and "svg" not in before.split("</header>")[1]
    assert {p.rsplit("/", 1)[1] for p in await linked(people, before)} == {"pool", "draw-proof"}
    assert people.tellers[0].vkey in before and (await page(people, lang="en")).count("Public files") == 1


async def test_s6_from_the_seal_on_the_page_has_the_checkpoint_and_later_every_bundle(people: People) -> None:
    await people.to_ranking()
    checkpoint = (await people.house.get("/meetings/m1/checkpoint")).text.split("\n")[:3]
    sealed = await page(people)
    assert "\n".join(checkpoint) in sealed and "<svg" in sealed and "只有校验点公开" in sealed
    assert "bundle?version" not in sealed
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    await people.house.done("/cycles/2026-H1/ranking", {"reason": "更正 <b>一处</b>"}, at="2026-07-13 10:00")
    published = await page(people)
    files = await linked(people, published)
    assert {p.rsplit("/", 1)[1] for p in files} == {
        "pool", "draw-proof", "checkpoint", "bundle?version=1", "bundle?version=2",
    }  # fmt: skip
    assert "更正 &lt;b&gt;一处" in published and "不覆盖" in published


async def test_s16_the_page_of_a_rehearsal_says_so_first(people: People) -> None:
    await people.create(rehearsal=True)
    text = await page(people)
    assert text.index("演练 REHEARSAL") < text.index("<h1>")
    assert (await people.house.http.get("/proof/none")).status_code == 404
