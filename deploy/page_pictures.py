"""Pictures of the public pages for the README, taken of the real pages: `python -m deploy.page_pictures`.

It starts a house in a temporary folder, reports on a phone, plays the office, and needs Chromium and the dev packages.
"""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, sync_playwright

from deploy.local.deployment import Deployment
from deploy.local.layout import Ports
from shared.programme import demo

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
TEXT = "三号窗口每天下午四点就没有人了，跑了三趟都没有办成营业执照。希望按公示的时间办公。"
PHONE = {"width": 390, "height": 844}


def act(house: Deployment, role: str, service: str, path: str, body: Any = None) -> None:
    """Somebody does something, as soon as what it needs has arrived."""
    headers = {"Authorization": f"Bearer {house.token(role)}"}
    for _ in range(100):
        answer = httpx2.post(house.urls[service] + path, headers=headers, json=body, timeout=30, trust_env=False)
        if answer.is_success:
            return
        time.sleep(0.2)  # what it needs comes over the bus to another service, which announces nothing
    raise SystemExit(f"{path}: {answer.status_code} {answer.text}")


def take(page: Page, house: Deployment) -> None:
    """Report, and take a picture of the form and of the way of the complaint."""
    unit = demo.units()[0]
    fields = {name: getattr(unit, name) for name in ("name", "name_en", "category", "township", "parent")}
    act(house, "office", "scoring", "/api/v1/units", [{"unit": unit.key, **fields}])
    page.goto(house.urls["intake"])
    page.get_by_label("发生了什么").fill(TEXT)
    page.get_by_label("反映哪个单位").fill(unit.name)
    page.get_by_text("匿名", exact=True).click()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=FOLDER / "report.png")
    page.get_by_role("button", name="提交", exact=True).click()
    number = page.locator("#number").inner_text()
    page.get_by_role("link", name="看办理进度").click()
    transfer = {"lead_unit": unit.key}
    screening = {"decision": "accepted", "reason": "属受理范围", "transfer": transfer}
    act(house, "clerk", "intake", f"/api/v1/complaints/{number}/screening", screening)
    act(house, "approver", "intake", f"/api/v1/transfers/{number}/approval")
    for _ in range(100):
        page.reload()
        if page.locator("h1").inner_text() == "承办单位办理中":
            break
        time.sleep(0.2)  # the page has no script that would renew it
    else:
        raise SystemExit("the case was never shown as being worked on")
    page.screenshot(path=FOLDER / "track.png")


def main() -> None:
    """Write docs/pictures/report.png and track.png."""
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("no Chromium here: apt-get install chromium fonts-noto-cjk")
    with (
        tempfile.TemporaryDirectory() as folder,
        Deployment(Path(folder), Ports.free()) as house,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]  # a ViewportSize
        take(page, house)
        browser.close()


if __name__ == "__main__":
    main()
