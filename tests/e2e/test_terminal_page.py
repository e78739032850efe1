"""The terminal's page in a real browser against a real scoring: a ballot by finger, by keyboard, with help (S5)."""

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from services.scoring.domain.cards import parse_card
from shared.errors import Refusal
from tests.support import browser as browsers
from tests.support.polling_place import PollingPlace
from tests.support.voter import MEETING, Voter, voter

pytestmark = pytest.mark.e2e
GOOD, FAIR, BAD, UNKNOWN = "满意", "基本满意", "不满意", "不了解"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browsers.required()
    with browsers.started() as one:
        yield one


@pytest.fixture(scope="module")
def hall(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PollingPlace]:
    with PollingPlace(tmp_path_factory.mktemp("hall")) as one:
        one.open(MEETING)
        yield one


def keys(one: Voter) -> dict[str, str]:
    """Label → key of a choice."""
    form = one.form()
    return {grade["label"]: grade["key"] for grade in form["grades"]} | {UNKNOWN: form["abstain"]}


def test_s5_a_whole_ballot_by_touch_is_what_the_meetings_key_opens(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][0]
    chance = random.Random(11)
    with voter(chrome, hall) as one:
        one.ready()
        one.show_card(card)
        one.at("unit")
        tapped: dict[str, dict[str, str]] = {}
        form, key = one.form(), keys(one)
        for unit in form["units"]:
            expect(one.page.locator("h1")).to_have_text(unit["name"])
            tapped[unit["key"]] = {}
            for dimension in form["dimensions"]:
                grade = chance.choice(list(key))
                field = one.page.get_by_role("group", name=dimension["label"])
                field.locator("label.grade").filter(has_text=grade).filter(
                    has=one.page.get_by_label(grade, exact=True)
                ).tap()
                tapped[unit["key"]][dimension["key"]] = key[grade]
            one.page.locator("nav button").last.tap()
        one.at("overview")
        one.says(f"{len(form['units'])} 个单位全部评完")
        one.page.get_by_role("button", name="下一步").tap()
        one.page.get_by_role("button", name="确认投票").tap()
        one.at("thanks")
        assert one.opened(card) == tapped, "two implementations of HPKE agree, mark by mark"
        assert one.page.locator("svg.qr").get_attribute("data-text") == (
            f"{hall.url}/api/v1/meetings/{MEETING}/receipts/{card.hash}"
        )
        one.says(card.hash[:8])
        assert all(url.startswith(hall.url) for url in one.asked), "nothing is loaded from elsewhere"
        one.next()
        assert one.left() == {"session": {}, "local": {"minping.meeting": MEETING}, "ballots": []}
        assert card.text not in one.page.content() and card.hash not in one.page.content()
        one.waiting("没有待发送")


def test_s5_a_whole_ballot_by_keyboard_alone_in_english_read_aloud(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][1]
    with voter(chrome, hall, locale="en-GB", has_touch=False) as one:
        press = one.page.keyboard.press

        def reach(name: str) -> None:
            """Tab until the button of this name has the focus."""
            target = one.page.get_by_role("button", name=name)
            for _ in range(60):
                if target.evaluate("e => e === document.activeElement"):
                    return
                press("Tab")
            raise AssertionError(f"{name} cannot be reached with the Tab key")

        one.ready()
        assert one.faults() == []
        expect(one.page.get_by_label("Characters on the card")).to_be_focused()
        one.page.keyboard.type(card.text.lower().replace("-", ""))
        expect(one.page.locator("#card-said")).to_have_text("✓ The card is right")
        press("Enter")
        one.at("unit")
        assert one.faults() == []
        form, marked = one.form(), {}
        for unit in form["units"]:
            expect(one.page.locator("h1")).to_be_focused()
            expect(one.page.locator("h1")).to_have_text(unit["name_en"])
            first = one.page.get_by_role("group", name="Lawfulness").get_by_role("radio").first
            for _ in range(20):
                if first.evaluate("e => e === document.activeElement"):
                    break
                press("Tab")
            marked[unit["key"]] = {}
            for number, dimension in enumerate(form["dimensions"]):
                press("Space")
                for _ in range(number % 3):
                    press("ArrowRight")
                marked[unit["key"]][dimension["key"]] = form["grades"][number % 3]["key"]
                press("Tab")
            reach("See everything" if unit is form["units"][-1] else "Next")
            press("Enter")
        one.at("overview")
        assert one.faults() == []
        expect(one.page.locator("h1")).to_be_focused()
        reach("Next: confirm")
        press("Enter")
        one.at("confirm")
        assert one.faults() == []
        reach("Cast the ballot")
        press("Enter")
        one.at("thanks")
        assert one.faults() == []
        assert one.opened(card) == marked
        one.says("Thank you: your ballot has arrived")


def test_s5_a_screen_reader_hears_groups_radios_and_what_changes(chrome: Browser, hall: PollingPlace) -> None:
    with voter(chrome, hall) as one:
        one.ready()
        one.show_card(hall.cards[MEETING][2])
        one.at("unit")
        tree = one.page.locator("main").aria_snapshot()
        assert '- heading "清河镇' in tree and "[level=1]" in tree
        assert '- group "依法行政":' in tree and '- radio "满意"' in tree and '- radio "不了解"' in tree
        one.page.locator(".all").get_by_role("button", name=FAIR).tap()
        expect(one.page.locator("#live")).to_have_text("本单位各项都已评为基本满意")
        assert one.page.get_by_role("radio", name=FAIR, checked=True).count() == len(one.form()["dimensions"])
        assert one.small() == [] and browsers.fits(one.page)
        for size in ({"width": 360, "height": 740}, {"width": 768, "height": 1024}):
            one.page.set_viewport_size(size)  # type: ignore[arg-type]  # a ViewportSize
            assert one.small() == [] and browsers.fits(one.page), size


def test_s5_marks_may_be_changed_until_they_are_confirmed(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][3]
    with voter(chrome, hall) as one:
        one.ready()
        one.show_card(card)
        one.all_alike(GOOD)
        units, key = one.form()["units"], keys(one)
        one.page.get_by_role("button", name="返回修改").tap()
        one.page.get_by_role("button", name=f"修改 {units[1]['name']}").tap()
        one.page.locator(".all").get_by_role("button", name=BAD, exact=True).tap()
        one.page.get_by_role("group", name="服务态度").get_by_label(UNKNOWN).check()
        one.page.reload()  # what is not confirmed survives it
        expect(one.page.locator("h1")).to_have_text(units[1]["name"])
        one.page.get_by_role("button", name="总表").tap()
        changed = one.page.locator(".units > li").nth(1)
        expect(changed).to_contain_text("不了解 服务态度")
        one.page.get_by_role("button", name="下一步").tap()
        one.page.get_by_role("button", name="确认投票").tap()
        one.at("thanks")
        said = one.opened(card)
        assert said[units[0]["key"]] == dict.fromkeys(said[units[0]["key"]], key[GOOD])
        assert set(said[units[1]["key"]].values()) == {key[BAD], key[UNKNOWN]}


def test_s5_what_is_not_marked_counts_as_not_known_and_the_page_says_so(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][4]
    with voter(chrome, hall) as one:
        one.ready()
        one.show_card(card)
        one.page.locator(".all").get_by_role("button", name=GOOD, exact=True).tap()
        one.page.get_by_role("button", name="总表").tap()
        one.says("已评完 1 个。还有 18 项没有评")
        one.page.get_by_role("button", name="下一步").tap()
        one.says("将按“不了解”计")
        one.page.get_by_role("button", name="确认投票").tap()
        one.at("thanks")
        rows = one.opened(card)
        assert [set(row.values()) for row in rows.values()] == [{keys(one)[GOOD]}, *[{keys(one)[UNKNOWN]}] * 3]


def test_s5_an_abandoned_screen_warns_and_is_cleared(chrome: Browser, hall: PollingPlace) -> None:
    with voter(chrome, hall) as one:
        one.page.clock.install()
        one.ready()
        one.show_card(hall.cards[MEETING][5])
        one.all_alike()
        one.page.clock.run_for(151_000)
        expect(one.page.get_by_role("dialog")).to_contain_text("您还在吗")
        one.page.get_by_role("button", name="我还在").tap()
        expect(one.page.get_by_role("dialog")).to_be_hidden()
        one.at("confirm")
        one.page.clock.run_for(182_000)
        one.at("card")
        assert one.left()["session"] == {} and one.sent == []
        one.page.reload()
        one.at("card")


def test_s5_the_pages_card_check_is_the_servers(chrome: Browser, hall: PollingPlace) -> None:
    chance = random.Random(5)
    cards = hall.cards[MEETING][:40]
    typed = [card.text for card in cards]
    for card in cards:  # one or two characters wrong, or two swapped
        text = list(card.text)
        for place in chance.sample([i for i, c in enumerate(text) if c != "-"], chance.choice((1, 2))):
            text[place] = chance.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        typed.append("".join(text))
        typed.append(card.text.lower().replace("0", "o").replace("1", "l").replace("-", " "))

    def right(text: str) -> bool:
        try:
            parse_card(text)
        except Refusal:
            return False
        return True

    with voter(chrome, hall) as one:
        one.ready()
        address = one.page.locator("script[type=module]").get_attribute("src") or ""
        found = one.page.evaluate(
            """async ([address, typed]) => { const cards = await import(address);
                return Promise.all(typed.map(async t => 'text' in cards.read(t) ? await cards.tokenHash(t) : '')); }""",
            [address.replace("terminal.js", "terminal-card.js"), typed],
        )
        assert [bool(one) for one in found] == [right(text) for text in typed]
        assert found[: len(cards)] == [card.hash for card in cards]
