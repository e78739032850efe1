"""Somebody at a terminal's page: what he taps and types, and what the page sends and keeps."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from services.scoring.domain.cards import Card
from tests.support.browser import ARGUMENTS, chromium, faults
from tests.support.polling_place import PollingPlace

TABLET = {"width": 1180, "height": 820}
MEETING = "m1"
PATIENCE = 60_000
"""Milliseconds: the page asks for the server every ten seconds, and waits thirty at most between two tries."""
EXPECTED = ("Failed to load resource", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED")
"""What a browser says of an answer that a test provokes."""


class Voter:
    """A terminal of a meeting and whoever stands before it. `sent`: bodies of the ballots as they left."""

    def __init__(self, context: BrowserContext, hall: PollingPlace, meeting: str = MEETING) -> None:
        self.context, self.hall, self.meeting = context, hall, meeting
        self.sent: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = context.pages[0] if context.pages else context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._said)
        context.on("request", self._requested)

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(text in message.text for text in EXPECTED):
            self.complaints.append(message.text)

    def _requested(self, request: Request) -> None:
        self.asked.append(request.url)
        if request.method == "POST" and request.url.endswith("/ballots"):
            self.sent.append(json.loads(request.post_data or "{}"))

    def sign_in(self) -> None:
        """The operator opens the sign-in link on the tablet."""
        self.page.goto(self.hall.signin())

    def open(self) -> None:
        """Open the meeting's page."""
        self.page.goto(f"{self.hall.url}/terminal?meeting={self.meeting}")

    def ready(self) -> None:
        """Signed in, before the first person, and the page can be loaded without the server from now on."""
        self.sign_in()
        self.open()
        self.at("card")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    def at(self, view: str) -> None:
        """The page shows this."""
        expect(self.page.locator(f"main.view-{view} h1")).to_be_visible(timeout=PATIENCE)

    def show_card(self, card: Card | str) -> None:
        """A scanner types the card and Enter."""
        self.page.keyboard.type(card if isinstance(card, str) else card.text)
        self.page.keyboard.press("Enter")

    def says(self, text: str) -> None:
        """The page says so somewhere in its main part."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE)

    def all_alike(self, grade: str = "满意") -> None:
        """Every unit alike, and on to the last question."""
        self.at("unit")
        for _ in self.units():
            self.page.locator(".all").get_by_role("button", name=grade, exact=True).click()
            self.page.locator("nav button").last.click()
        self.at("overview")
        self.page.locator("nav button").last.click()
        self.at("confirm")

    def cast(self, card: Card, grade: str = "满意") -> None:
        """A whole ballot up to the last tap."""
        self.show_card(card)
        self.all_alike(grade)
        self.page.locator(".vote").click()

    def next(self) -> None:
        """The next person comes."""
        self.page.locator("nav button").last.click()
        self.at("card")

    def units(self) -> list[str]:
        """Keys of the units in their order."""
        return [unit["key"] for unit in self.form()["units"]]

    def form(self) -> dict[str, Any]:
        """The meeting's form, from the tablet's own copy."""
        return dict(self.kept("forms")[0])

    def kept(self, store: str = "ballots") -> list[dict[str, Any]]:
        """What lies in the tablet's database."""
        found = self.page.evaluate(
            """store => new Promise((done, fail) => {
                const opened = indexedDB.open('minping-terminal');
                opened.onerror = () => fail(opened.error);
                opened.onsuccess = () => {
                    const all = opened.result.transaction(store).objectStore(store).getAll();
                    all.onsuccess = () => { opened.result.close(); done(all.result); };
                };
            })""",
            store,
        )
        return list(found)

    def left(self) -> dict[str, Any]:
        """Everything that the tablet still holds of a person: nothing, as a rule."""
        found: dict[str, Any] = self.page.evaluate("({session: {...sessionStorage}, local: {...localStorage}})")
        return {**found, "ballots": self.kept()}

    def waiting(self, text: str) -> None:
        """The count that tellers see."""
        expect(self.page.locator("#waiting")).to_have_text(text, timeout=PATIENCE)

    def opened(self, card: Card, number: int = -1) -> dict[str, dict[str, str]]:
        """What a sent ballot says, opened with the meeting's key by the server's own code."""
        body = self.sent[number]
        assert body["token"] == card.text
        return self.hall.marks(self.meeting, card, base64.b64decode(body["ciphertext"], validate=True))

    def faults(self) -> list[str]:
        """What axe-core finds wrong for people who do not see, or do not see well (WCAG 2.1 A and AA)."""
        return faults(self.page)

    def small(self) -> list[str]:
        """Targets that are smaller than 48 pixels in height or width."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('button, a, summary, label.grade, input[type=text]')]
                .filter(e => e.offsetParent)
                .filter(e => e.getBoundingClientRect().height < 48 || e.getBoundingClientRect().width < 48)
                .map(e => e.outerHTML)"""
        )
        return found


@contextmanager
def voter(browser: Browser, hall: PollingPlace, meeting: str = MEETING, **options: Any) -> Iterator[Voter]:
    """A tablet in the hall; its page has nothing to complain of when it is put away."""
    given = {"viewport": TABLET, "locale": "zh-CN", "has_touch": True, **options}
    context = browser.new_context(**given)
    try:
        one = Voter(context, hall, meeting)
        yield one
        assert one.complaints == []
    finally:
        context.close()


@contextmanager
def tablet(browser: Browser, hall: PollingPlace, folder: Path, meeting: str = MEETING) -> Iterator[Voter]:
    """A tablet whose browser keeps its data in a folder, so that it can be closed and opened again."""
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=chromium(), args=ARGUMENTS, viewport=TABLET, locale="zh-CN"  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        yield Voter(context, hall, meeting)
    finally:
        context.close()
