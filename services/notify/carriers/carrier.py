"""One message through apprise, once, with an outcome that says what is known (N3) and shows no secret (X10)."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from services.notify.carriers import witness
from services.notify.carriers.secrets import Way
from services.notify.domain.channel import plain
from services.notify.domain.delivery import Kind, Outcome
from services.notify.domain.exchange import verdict

_TALKERS = ("apprise", "urllib3", "urllib3.connectionpool", "urllib3.connection", "requests")
"""Loggers that would write URLs, with their tokens, and messages into our log."""


class AppriseCarrier:
    """One channel. apprise and requests, 30 MB, come into memory with the first message, not with the service."""

    def __init__(self, way: Way) -> None:
        self.way = way
        # a thread of its own: a gateway that hangs holds up nobody else, and one message is sent at a time
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"channel-{way.channel.name}")

    async def send(self, letter: str, address: str, subject: str, text: str) -> Outcome:
        """Try once; whatever happens is told by the outcome."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._send, letter, address, subject, text
        )

    def close(self) -> None:
        """Let the thread go; a call that hangs is left to its timeout."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _send(self, letter: str, address: str, subject: str, text: str) -> Outcome:
        channel = self.way.channel
        # a URL of the file that is wrong says nothing about the message; one with a person's address may be his fault
        unmade: Kind = "refused" if channel.personal else "unreachable"
        try:
            plugin = make_plugin(self.way.url(plain(address, channel.name), letter), self.way.timeout_s)
        except Exception as error:  # noqa: BLE001  # a plug-in's own code: its message may hold the secret
            return Outcome(unmade, "url", type(error).__name__)
        if plugin is None:
            return Outcome(unmade, "url", "apprise does not accept the channel's URL")
        with witness.looking() as seen:
            try:
                said = bool(plugin.notify(body=text, title=subject, overflow="truncate", body_format="text"))
            except Exception as error:  # noqa: BLE001  # a plug-in's own code: what it sent until then is unknown
                return Outcome("uncertain", "call", type(error).__name__)
        return verdict(said, seen, channel.answer, recognises=channel.recognises)


def make_plugin(url: str, timeout_s: float) -> Any:
    """apprise's object for a URL, or None. It keeps nothing on disk, follows no redirect and tries once."""
    for name in _TALKERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)
    import apprise

    witness.install()
    asset = apprise.AppriseAsset(
        storage_mode="memory",
        http_redirects=False,  # else a robot's answer could send the message, and us, anywhere
        default_service_retry=0,
        interpret_escapes=False,
        interpret_emojis=False,
        secure_logging=True,
        app_id="Minping",
    )
    plugin = _light(url, asset) or apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is None:
        return None
    plugin.socket_connect_timeout = plugin.socket_read_timeout = timeout_s
    plugin.redirects, plugin.retry = False, 0
    return plugin


_LIGHT = {
    "json": ("custom_json", "NotifyJSON"),
    "jsons": ("custom_json", "NotifyJSON"),
    "form": ("custom_form", "NotifyForm"),
    "forms": ("custom_form", "NotifyForm"),
    "wecombot": ("wecombot", "NotifyWeComBot"),
    "dingtalk": ("dingtalk", "NotifyDingTalk"),
    "feishu": ("feishu", "NotifyFeishu"),
}
"""Plug-ins made without loading the other two hundred, which take 11 MB."""


def _light(url: str, asset: Any) -> Any:
    """The plug-in of a URL by its own module; None for kinds that are not in the table, or a URL it does not take."""
    module, name = _LIGHT.get(url.partition("://")[0].lower(), ("", ""))
    if not module:
        return None
    kind = getattr(import_module(f"apprise.plugins.{module}"), name)
    given = kind.parse_url(url)
    return kind(**given, asset=asset) if given else None
