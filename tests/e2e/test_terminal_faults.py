"""The terminal's page when things go wrong: network, server, card, meeting, sign-in (S5, X1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from services.scoring.domain.cards import make_cards, token_text
from tests.support import browser as browsers
from tests.support.polling_place import PollingPlace
from tests.support.voter import MEETING, Voter, tablet, voter

pytestmark = pytest.mark.e2e


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


def nothing_in_clear(one: Voter) -> None:
    """What waits is ciphertext with its card; no mark and no name of one lies anywhere."""
    left = one.left()
    assert left["session"] == {}
    form = one.form()["form"]
    words = (*form["choices"], *form["dimensions"])
    assert not any(word in str(ballot) for ballot in left["ballots"] for word in words)
    assert {key for ballot in left["ballots"] for key in ballot} <= {
        "meeting", "hash", "token", "ciphertext", "state", "why",
    }  # fmt: skip


def test_s5_a_dead_network_loses_nothing_over_reload_and_restart_and_sends_the_same_bytes_once(
    chrome: Browser, hall: PollingPlace, tmp_path: Path
) -> None:
    first, second, third = hall.cards[MEETING][:3]
    before = hall.returned(MEETING)
    with tablet(chrome, hall, tmp_path) as one:
        one.ready()
        one.context.set_offline(True)
        one.cast(first)
        one.at("saved")
        one.says("已保存在本机，将自动发送")
        one.waiting("1 张待发送")
        nothing_in_clear(one)
        one.next()
        one.show_card(first)
        one.says("这张卡的票已保存在本机")
        one.page.reload()  # the page comes from the tablet itself
        one.at("card")
        one.cast(second, "不满意")  # another person votes in between
        one.at("saved")
        one.next()
        one.page.locator("#waiting").click()
        one.says("2 张待发送")
        assert one.faults() == []
        kept = {ballot["hash"]: ballot["ciphertext"] for ballot in one.kept()}
        assert kept.keys() == {first.hash, second.hash}
    with tablet(chrome, hall, tmp_path) as one:  # the browser was closed, and the network is back
        one.open()
        one.waiting("没有待发送")
        assert {body["token"]: body["ciphertext"] for body in one.sent} == {
            first.text: kept[first.hash], second.text: kept[second.hash],
        }  # fmt: skip
        assert len(one.sent) == 2 and one.kept() == []
        assert hall.returned(MEETING) == before + 2
        one.at("card")
        one.cast(third)
        one.at("thanks")
        assert one.complaints == []
    assert hall.returned(MEETING) == before + 3


def test_s5_a_server_that_is_killed_gets_the_ballot_when_it_is_back(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][4]
    before = hall.returned(MEETING)
    with voter(chrome, hall) as one:
        one.ready()
        one.show_card(card)
        one.at("unit")
        hall.kill()
        try:
            one.page.reload()  # with the server dead, in the middle of a ballot
            one.all_alike()
            one.page.locator(".vote").click()
            one.at("saved")
            one.waiting("1 张待发送")
            nothing_in_clear(one)
            one.page.reload()
            one.at("card")
            expect(one.page.locator("#net")).to_contain_text("连不上服务器")
        finally:
            hall.start()
        one.waiting("没有待发送")
        assert {body["ciphertext"] for body in one.sent} == {one.sent[0]["ciphertext"]}, "the same bytes each time"
        assert hall.returned(MEETING) == before + 1
        assert one.left()["ballots"] == []


def test_s5_an_answer_that_is_lost_on_its_way_counts_the_ballot_once(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][5]
    before = hall.returned(MEETING)
    lost: list[int] = []
    with voter(chrome, hall, service_workers="block") as one:

        def lose(route: Route) -> None:
            answer = route.fetch()
            lost.append(answer.status)
            if len(lost) < 3:
                route.abort()
            else:
                route.fulfill(response=answer)

        one.sign_in()
        one.open()
        one.at("card")
        one.complaints.clear()  # without its worker the page cannot be kept, and the browser says so
        one.page.route("**/ballots", lose)
        one.cast(card)
        one.waiting("1 张待发送")
        one.waiting("没有待发送")
        assert lost == [201, 200, 200]
        assert len({body["ciphertext"] for body in one.sent}) == 1
        one.complaints.clear()
    assert hall.returned(MEETING) == before + 1


def test_s5_a_card_is_refused_in_plain_words_before_anything_is_filled_in(chrome: Browser, hall: PollingPlace) -> None:
    used, good = hall.cards[MEETING][6:8]
    (foreign,) = make_cards(1, lambda n: bytes(range(n)))
    with voter(chrome, hall) as one:
        one.ready()
        one.cast(used)
        one.at("thanks")
        one.next()
        one.show_card(used)
        one.says("这张卡已经投过票")
        one.show_card(foreign)
        one.says("这不是本次大会的卡")
        one.context.set_offline(True)  # typing errors are found without the server
        wrong = good.text[:7] + ("2" if good.text[7] != "2" else "3") + good.text[8:]
        one.page.keyboard.type(wrong)
        one.says("有输错的字符，请先核对第 2 组")
        one.page.get_by_label("卡上的字符").fill("U")
        one.says("第 1 个字符不会出现在卡上")
        one.page.get_by_label("卡上的字符").fill(good.text[:12])
        one.page.keyboard.press("Enter")
        one.says("还没有输完")
        one.page.get_by_label("卡上的字符").fill("")
        one.show_card(good.text.replace("0", "O").replace("1", "l"))
        one.at("unit")
        one.context.set_offline(False)


def test_s5_a_card_that_turns_out_to_be_used_calls_a_teller(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][8]
    with voter(chrome, hall) as first, voter(chrome, hall) as second:
        first.ready()
        second.ready()
        first.show_card(card)
        first.all_alike()
        second.cast(card, "不满意")
        second.at("thanks")
        first.page.locator(".vote").click()
        first.at("refused")
        first.says("这张卡已经投过另一张票")
        first.says("请叫计票人")
        first.waiting("1 张请计票人处理")
        assert first.faults() == []
        first.page.locator("nav button").click()
        first.page.locator("#language").focus()  # a scanner types wherever the focus is
        first.show_card(card)
        first.says("这张卡的票没有被接受")
        first.page.locator("#waiting").click()
        first.page.get_by_role("button", name="删除").click()
        first.page.get_by_role("button", name="再按一次就删除").click()
        first.waiting("没有待发送")


def test_s5_a_terminal_that_is_not_signed_in_keeps_the_ballot_until_it_is(chrome: Browser, hall: PollingPlace) -> None:
    card = hall.cards[MEETING][9]
    before = hall.returned(MEETING)
    with voter(chrome, hall) as one:
        one.open()
        one.at("wait")
        one.says("终端没有登录")
        one.ready()
        one.show_card(card)
        one.all_alike()
        one.context.clear_cookies()
        one.page.locator(".vote").click()
        one.at("saved")
        one.page.locator("nav button").click()
        one.page.locator("#waiting").click()
        one.says("请重新打开登录链接")
        one.sign_in()
        one.waiting("没有待发送")
    assert hall.returned(MEETING) == before + 1


def test_s5_before_during_a_halt_and_after_the_closing(chrome: Browser, hall: PollingPlace) -> None:
    path = "/api/v1/meetings/m2"
    cards = hall.open("m2", ballots=False)
    with voter(chrome, hall, "m2") as one:
        one.sign_in()
        one.open()
        one.at("wait")
        one.says("投票还没有开始")
        hall.act("office", f"{path}/ballots-opening")
        one.at("card")  # by itself
        one.show_card(cards[0])
        one.all_alike()
        hall.act("guidance", f"{path}/halt", {"reason": "清点人数"})
        one.page.locator(".vote").click()
        one.at("saved")
        one.page.locator("nav button").click()
        one.at("wait")
        one.says("大会暂停")
        hall.act("guidance", f"{path}/resumption", {"reason": "人数相符"})
        one.waiting("没有待发送")
        assert hall.returned("m2") == 1
        one.at("card")
        one.context.set_offline(True)
        one.cast(cards[1])
        one.at("saved")
        one.page.locator("nav button").click()
        hall.act("teller", f"{path}/closing")
        one.context.set_offline(False)
        one.waiting("1 张请计票人处理")
        one.page.locator("#waiting").click()
        one.says("投票已经结束，这张票到得太晚")
        one.page.get_by_role("button", name="返回").click()
        one.at("wait")
        one.says("投票已经结束")
    assert hall.returned("m2") == 1


def test_s5_the_only_open_meeting_is_found_by_itself(chrome: Browser, hall: PollingPlace) -> None:
    with voter(chrome, hall) as one:
        one.sign_in()
        one.at("card")
        expect(one.page.locator("#meeting")).to_have_text(MEETING)
        hall.open("m3")
        one.page.goto(f"{hall.url}/terminal")
        one.at("choose")
        assert one.faults() == []
        one.page.get_by_role("button", name="m3").click()
        one.at("card")
        expect(one.page.locator("#meeting")).to_have_text("m3")


def test_s5_what_a_camera_sees_is_a_card(chrome: Browser, hall: PollingPlace, tmp_path: Path) -> None:
    card = hall.cards[MEETING][10]
    film = browsers.film_of_qr(card.text, tmp_path / "card.y4m")
    with browsers.camera(chrome, film) as other, voter(other, hall, permissions=["camera"]) as one:
        one.ready()
        one.page.get_by_role("button", name="用摄像头扫描").click()
        one.at("unit")
        assert token_text(card.token) == card.text
        assert one.page.evaluate("document.querySelector('video')") is None
