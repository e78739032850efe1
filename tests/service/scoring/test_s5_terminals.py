"""What terminals ask of the service, and the page that it hands out (S5). In Chromium: tests/e2e/test_terminal_*.py."""

import json
import re

from services.scoring.domain.cards import make_cards
from services.scoring.pages import ASSETS
from tests.service.scoring.house import OFFICE, TERMINAL, House, refused
from tests.service.scoring.people import People

WORD = re.compile(r'say\(\s*"([a-z_.]+)"')
CHOSEN = re.compile(r"say\(\s*`([a-z_]+)\.\$\{[^}]+\}(\.[a-z]+)?`")


async def test_s5_a_card_is_looked_at_before_somebody_fills_a_ballot_in_vain(people: People, house: House) -> None:
    await people.to_ballots()
    card, path = people.cards[0], f"{people.path}/card-checks"
    fresh = await house.done(path, {"token": card.text.lower()}, who=TERMINAL)
    assert fresh == {"token_hash": card.hash, "state": "unused"}
    await people.vote(card)
    assert (await house.done(path, {"token": card.text}, who=TERMINAL))["state"] == "used"
    (foreign,) = make_cards(1, lambda n: bytes(range(n)))
    refused(await house.post(path, {"token": foreign.text}, who=TERMINAL), 422, "token")
    refused(await house.post(path, {"token": card.text[:-1]}, who=TERMINAL), 422, "card")
    refused(await house.post(path, {"token": card.text}, who=OFFICE), 403, "role")
    assert await house.rows("SELECT count(*) FROM ballot") == [(1,)], "looking casts nothing"
    kept = await house.rows("SELECT answer FROM idempotency")
    assert not any(card.hash in answer for (answer,) in kept)


async def test_s5_a_terminal_learns_where_its_meeting_stands(people: People, house: House) -> None:
    await people.to_check_in()
    path = f"{people.path}/station"
    answer = (await house.get(path, TERMINAL)).json()
    assert answer == {"meeting": "m1", "state": "check_in", "halted": False, "rehearsal": False}
    await house.done(f"{people.path}/halt", {"reason": "清点人数"}, who={"role": "guidance", "sub": "g"})
    assert (await house.get(path, TERMINAL)).json()["halted"]
    assert (await house.get(path)).status_code == 401
    assert (await house.get("/meetings/none/station", TERMINAL)).status_code == 404


async def test_s5_the_meetings_are_listed_page_by_page(people: People, house: House) -> None:
    for name in ("b", "a", "c"):
        people.meeting = name
        await people.create(rehearsal=True)
    first = (await house.get("/meetings", limit="2")).json()
    assert [one["meeting"] for one in first["items"]] == ["a", "b"] and first["next"] == "b"
    rest = (await house.get("/meetings", limit="2", cursor=first["next"])).json()
    assert [one["meeting"] for one in rest["items"]] == ["c"] and rest["next"] is None
    assert (await house.get("/meetings", state="voting")).json() == {"items": [], "next": None}


async def test_s5_the_page_is_the_same_for_everybody_and_runs_only_scripts_of_this_house(house: House) -> None:
    page = await house.http.get("/terminal?meeting=m1")
    assert page.status_code == 200 and "m1" not in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy and "default-src 'none'" in policy
    assert page.headers["permissions-policy"].startswith("camera=(self)")
    assert page.headers["cache-control"] == "no-store"
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert all('src="/assets/' in tag or 'type="application/json"' in tag for tag in scripts)
    assert " on" not in "".join(re.findall(r"<[a-z]+ on[a-z]+=", page.text)) and "style=" not in page.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert address.startswith("/"), "nothing is loaded from elsewhere"
        assert (await house.http.get(address)).status_code == 200


async def test_s5_the_worker_keeps_the_page_and_its_files_and_nothing_else(house: House) -> None:
    worker = await house.http.get("/terminal-worker.js")
    assert worker.headers["cache-control"] == "no-cache"
    head = worker.text.split("\n", 1)[0]
    files = json.loads(head[head.index("[") : head.index("]") + 1])
    assert {address.rsplit("/", 1)[1] for address in files} >= {
        "terminal.js",
        "terminal.css",
        "vendor-hpke.js",
        "style.css",
    }
    for address in files:
        assert address.startswith("/assets/") and (await house.http.get(address)).status_code == 200
    own = (ASSETS / "terminal-worker.js").read_text()
    assert "/api" not in own.replace("Nothing under /api", "") and ".put(" not in own


async def test_s5_everything_the_page_may_say_is_there_in_both_languages(house: House) -> None:
    page = (await house.http.get("/terminal")).text
    data = json.loads(page[page.index('id="data">') + 10 : page.index("</script>")])
    texts = data["texts"]
    assert texts["zh"].keys() == texts["en"].keys()
    said: set[str] = set()
    for path in ASSETS.glob("terminal*.js"):
        script = path.read_text()
        said |= set(WORD.findall(script))
        for family, tail in CHOSEN.findall(script):
            assert any(key.startswith(f"{family}.") and key.endswith(tail) for key in texts["zh"]), family
    assert said <= texts["zh"].keys()
    for key, text in texts["zh"].items():
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", texts["en"][key]) or sorted(
            re.findall(r"\{\w+\}", text)
        ) == sorted(re.findall(r"\{\w+\}", texts["en"][key])), key
    assert data["labels"]["choices"]["satisfied"] == {"zh": "满意", "en": "Satisfied"}
