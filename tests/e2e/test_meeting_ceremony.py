"""A whole meeting by command line on a real small house: from keys and cards to a verified bundle (S5, S6).

What the tellers do offline runs without any address or token; what needs the house is told where it is.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from tests.support import browser
from tests.support.ceremony import MEETING, PASSPHRASE, TELLERS, Hall, printed

pytestmark = pytest.mark.e2e


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    folder = tmp_path
    monkeypatch.chdir(folder)
    with Deployment(folder / "house", Ports.free(), Plan(services=("scoring",), sources=())) as running:
        one = Hall(running, folder)
        try:
            one.prepare()
            yield one
        finally:
            one.leave()


def test_s5_s6_a_meeting_by_command_line_from_keys_and_cards_to_a_verified_bundle(hall: Hall) -> None:
    # keys, enrolled before the freeze; the passphrase shields the file, the office gets the vkey only
    for name in (*TELLERS, "scrutineer-1", "guidance-1"):
        hall.online("office", "enrol", MEETING, "--role", name.rpartition("-")[0], hall.key(name))
        assert (hall.folder / f"{name}.key").stat().st_mode & 0o077 == 0
    invited = hall.draw()

    # the ballot key: split, the private half nowhere
    hall.offline("teller", "ballot-key", "--meeting", MEETING, "--out", "ballot-key")
    hall.online("teller", "key", MEETING, "ballot-key/ballot-key.json")

    # cards under two tellers; one alone is not enough
    cards = ["cards", "print", "--meeting", MEETING, "--number", "60", "--date", "2026-07-10"]
    assert "2 tellers" in hall.offline(*cards, "--out", "no", "--key", "teller-1.key", "--key", "teller-1.key", code=2)
    hall.offline(*cards, "--out", "cards", *hall.two())
    box = printed((hall.folder / "cards" / "cards.html").read_text(encoding="utf-8"))
    assert len(box) == len(set(box)) == 60
    hall.online("teller", "cards", MEETING, "cards/upload.json")
    hall.offline("cards", "destroy", "cards", *hall.two(), "--yes")
    assert not (hall.folder / "cards" / "cards.html").exists()
    hall.online("teller", "destroyed", MEETING, "cards/destroyed.txt")

    # the hall
    assert "questions_opening comes first" in hall.online("office", "open", MEETING, code=2)
    hall.gather(invited)
    hall.online("office", "open", MEETING)
    hall.vote(box[:48])
    assert "issued 50" in hall.online("teller", "show", MEETING)

    # closed by mistake, opened again, closed
    hall.online("teller", "close", MEETING)
    hall.online("guidance", "reopen", MEETING, "--reason", "误点")
    hall.vote(box[48:49])
    assert "returned 49" in hall.online("teller", "close", MEETING)

    # figures that do not agree say what to count again, and no share is looked at
    wrong = hall.online("teller", "count", MEETING, "--left-in-box", "9", "--unused", "1", "--yes",
                        "--share", "ballot-key/teller-1.ballot.share", code=2)  # fmt: skip
    assert "✗ 签到 on the roll 50 ≠ 发出 issued 51" in wrong
    assert "重数箱中余卡" in wrong

    # typed at the table: a mistyped share, another meeting's share, one twice; then taken back and given again
    shares = {name: (hall.folder / "ballot-key" / f"{name}.ballot.share").read_text().strip() for name in TELLERS}
    typo = shares["teller-2"].replace(shares["teller-2"][30], "A" if shares["teller-2"][30] != "A" else "B", 1)
    dispute = (hall.folder / "ballot-key" / "teller-2.dispute.share").read_text().strip()
    typed = ["9", "1", "10", "1", typo, dispute, shares["teller-2"], shares["teller-2"], "-",
             shares["teller-3"], shares["teller-2"].lower(), shares["teller-5"].replace("-", " "), "", "y"]  # fmt: skip
    said = hall.online("teller", "count", MEETING, "--out", "signing.json", typed="\n".join(typed) + "\n")
    assert "there is a typing error" in said
    assert "belongs to another key" in said
    assert "2 teller-2 已经给过" in said
    assert "份额 shares: 3 teller-3, 2 teller-2, 5 teller-5" in said
    assert "发出 issued      50 = 收回 returned 49 + 未用 unused 1" in said
    assert not any(share in said for share in shares.values())

    # signatures: offline on three laptops, the scrutineer at the house; before the last one nothing is sealed
    for name in TELLERS[:3]:
        assert "以上数字已核对" in hall.sign_offline(name)
    hall.online("teller", "sign", MEETING, *(f"{name}.line" for name in TELLERS[:3]))
    assert "scrutineer: 0 of 1 signed" in hall.online("teller", "seal", MEETING, "--out", "sealed", code=2)
    last = hall.online("scrutineer", "sign", MEETING, "--key", "scrutineer-1.key", "--yes",
                       "--passphrase-file", "passphrase")  # fmt: skip
    assert "签名齐备，已封存" in last

    # the bundle, checked with the very keys that were enrolled
    hall.online("office", "seal", MEETING, "--out", "sealed")
    vkeys = [hall.vkey(name) for name in (*TELLERS, "scrutineer-1", "guidance-1")]
    system = next(k["vkey"] for k in hall.read(f"/meetings/{MEETING}/draw-proof")["keys"] if k["role"] == "system")
    (hall.folder / "trusted").write_text("\n".join([system, *vkeys]), encoding="utf-8")
    hall.offline("verify", f"sealed/{MEETING}.zip", "--trusted", "trusted")

    # shares destroyed, on record
    for name in TELLERS:
        hall.offline("teller", "destroyed", f"ballot-key/{name}.ballot.share", "--meeting", MEETING, "--yes",
                     "--key", f"{name}.key", "--passphrase-file", "passphrase", "--out", f"{name}.gone")  # fmt: skip
        assert not (hall.folder / "ballot-key" / f"{name}.ballot.share").exists()
        hall.online("teller", "destroyed", MEETING, f"{name}.gone")

    # the minutes, one file, signed by the guidance group
    hall.online("office", "minutes", MEETING, "--out", "minutes.html", "--record", "minutes.json")
    sheet = (hall.folder / "minutes.html").read_text(encoding="utf-8")
    checkpoint = (hall.folder / "sealed" / "checkpoint.txt").read_text(encoding="utf-8").split("\n")
    for text in (
        "清河镇会堂",
        "发出 50 张＝收回 49 张＋未用 1 张",
        "误点结束，重新打开投票",
        "teller-5",
        *checkpoint[:3],
    ):
        assert text in sheet, text
    assert "<style>" in sheet
    assert 'href="/assets' not in sheet
    hall.offline("teller", "sign", "minutes.json", "--key", "guidance-1.key", "--passphrase-file", "passphrase",
                 "--yes", "--out", "guidance.line")  # fmt: skip
    hall.online("guidance", "minutes", MEETING, "--out", "minutes.html", "--signed", "guidance.line")
    assert "guidance-1" in (hall.folder / "minutes.html").read_text(encoding="utf-8")


@pytest.fixture
def chrome() -> Iterator[Browser]:
    browser.required()
    with browser.started() as one:
        yield one


def test_s6_a_key_made_in_the_browser_signs_what_the_page_shows_and_the_bundle_verifies(
    hall: Hall, chrome: Browser
) -> None:
    address = f"{hall.house.urls['scoring']}/sign/{MEETING}"
    kept = hall.folder / "scrutineer-1.key"

    # before the freeze the scrutineer makes a key on the own tablet and hands its public half in
    with browser.reader(chrome) as one:
        page = one.page
        page.goto(address)
        expect(page.locator("#page")).to_have_attribute("data-ready", "yes")
        page.get_by_text("还没有密钥：在这里制作").click()
        page.get_by_label("您在大会中的名字").fill("scrutineer-1")
        page.get_by_label("设一个口令").fill(PASSPHRASE)
        page.get_by_label("再输一次").fill("另一个口令另一个")
        page.get_by_role("button", name="制作并保存").click()
        expect(page.locator("#made")).to_have_text("两次口令不一样。")
        page.get_by_label("再输一次").fill(PASSPHRASE)
        with page.expect_download() as download:
            page.get_by_role("button", name="制作并保存").click()
        download.value.save_as(kept)
        vkey = page.locator("#vkey").inner_text()
        assert browser.fits(page)
        assert browser.unlabelled(page) == []
        assert browser.faint(page) == []
    assert hall.vkey("scrutineer-1") == vkey
    hall.online("office", "enrol", MEETING, "--role", "scrutineer", vkey)
    hall.to_count(scrutineer=False)

    # the tablet is another one by now: the key comes from its file
    with browser.reader(chrome) as one:
        page = one.page
        page.goto(address)
        expect(page.locator("#said")).to_contain_text("请先用计票人或监票人的登录链接登录")
        page.goto(f"{hall.house.urls['scoring']}/signin?token={hall.house.token('scrutineer')}")
        page.goto(address)
        expect(page.locator("#said")).to_contain_text("本页已自行核对")
        assert page.locator("[data-fact=issued]").inner_text() == "50"
        assert page.locator("[data-fact=code]").inner_text() in hall.sign_offline("teller-1")
        assert page.get_by_role("button", name="核对无误，签名").is_disabled()
        page.get_by_label("密钥文件").set_input_files(kept)
        page.get_by_label("口令", exact=True).fill("不是这个口令啊")
        page.get_by_role("button", name="载入密钥").click()
        expect(page.locator("#loaded")).to_have_text("口令不对，请重输。")
        page.get_by_label("密钥文件").set_input_files(kept)
        page.get_by_label("口令", exact=True).fill(PASSPHRASE)
        page.get_by_role("button", name="载入密钥").click()
        expect(page.locator("#signing-key")).to_have_text(vkey)
        page.get_by_role("button", name="核对无误，签名").click()
        expect(page.locator("#signed")).to_contain_text("还缺：teller: 0 of 3 signed")

        # a teller's key, made by the command, opens in the page too
        page.get_by_label("密钥文件").set_input_files(hall.folder / "teller-3.key")
        page.get_by_label("口令", exact=True).fill(PASSPHRASE)
        page.get_by_role("button", name="载入密钥").click()
        expect(page.locator("#signing-key")).to_have_text(hall.vkey("teller-3"))
        page.get_by_role("button", name="核对无误，签名").click()
        expect(page.locator("#signed")).to_contain_text("还缺：teller: 1 of 3 signed")

    # and the page's key signs by the command
    for name in TELLERS[:2]:
        hall.sign_offline(name)
    assert "签名人 signer    scrutineer-1" in hall.sign_offline("scrutineer-1")
    said = hall.online("teller", "sign", MEETING, *(f"{name}.line" for name in (*TELLERS[:2], "scrutineer-1")))
    assert "已封存" in said
    hall.online("office", "seal", MEETING, "--out", "sealed")
    hall.offline("verify", f"sealed/{MEETING}.zip")


def test_s6_figures_that_do_not_fit_the_root_are_not_signed_and_an_old_browser_is_told_the_command(
    hall: Hall, chrome: Browser
) -> None:
    hall.to_count()
    address = f"{hall.house.urls['scoring']}/sign/{MEETING}"
    with browser.reader(chrome) as one:
        page = one.page
        page.goto(f"{hall.house.urls['scoring']}/signin?token={hall.house.token('teller')}")
        paper = f"**/api/v1/meetings/{MEETING}/signing"
        page.route(paper, lambda route: route.fulfill(body=hall.forged_paper(), content_type="application/json"))
        page.goto(address)
        expect(page.locator("#said")).to_contain_text("不要签名")
        assert page.locator("#paper").is_hidden()
        assert page.locator("#sign").is_disabled()
        page.unroute(paper)
        page.get_by_role("button", name="重新查看").click()
        expect(page.locator("#said")).to_contain_text("本页已自行核对")
        page.add_init_script("delete SubtleCrypto.prototype.generateKey")
        page.goto(address)
        expect(page.locator("#unsupported")).to_contain_text("minping teller sign")
        assert page.locator("#works").is_hidden()
    (hall.folder / "forged.json").write_bytes(hall.forged_paper())
    said = hall.offline("teller", "sign", "forged.json", "--key", "teller-1.key", "--yes", code=2)
    assert "do not sign it" in said
