"""The configuration of nats-server: who exists on the bus, and what each may do there.

Inside is the account MINPING: one user a service with the allow-list of the topology, and one a tool.
Outside, every source, every meeting's terminals and every office that files its results here have an account of
their own; all that crosses from there is what MINPING exports to them: the subjects they publish to and their own
receipts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from deploy.local.keys import Keyring
from shared.bus import topology

Kind = Literal["source", "meeting", "office"]
PUBLISHES: dict[Kind, tuple[str, ...]] = {
    "source": ("minping.inbox.complaint", "minping.inbox.evaluation"),
    "meeting": ("minping.inbox.ballot",),
    "office": ("minping.inbox.filing",),
}
TOKEN_POSITION = 4  # of the account's name in minping.inbox.<kind>.<account>, counted from 1

_READ_STATE = (
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.INFO.*",
    "$JS.API.CONSUMER.NAMES.*",
    "$JS.API.CONSUMER.LIST.*",
    "$JS.API.CONSUMER.INFO.*.*",
)
_REPLAYED_INTO = [stream for stream in topology.STREAMS if stream.name in ("EVENTS", "INBOX", "BALLOTS", "EVALUATIONS")]
TOOLS: dict[str, dict[str, list[str]] | None] = {
    # Makes and changes streams and consumers; nobody else may.
    "provision": None,
    # Moves the simulated clock and sees when the house is idle.
    "driver": {
        "publish": [topology.CLOCK_SUBJECT, f"$JS.API.DIRECT.GET.{topology.CLOCK_STREAM}.>", *_READ_STATE],
        "subscribe": ["_INBOX_driver.>", "$KV.clock.>"],
    },
    # Reads what happened: the events, which hold no identity, and nothing else.
    "auditor": {
        "publish": ["$JS.API.DIRECT.GET.EVENTS", "$JS.API.STREAM.INFO.EVENTS"],
        "subscribe": ["_INBOX_auditor.>"],
    },
    # Looks at dead letters, replays them, and looks the whole bus over.
    "operator": {
        "publish": [
            "$JS.API.STREAM.MSG.GET.DEAD_LETTERS",
            "$JS.API.DIRECT.GET.DEAD_LETTERS",
            "$JS.API.DIRECT.GET.DEAD_LETTERS.>",
            "minping.dead.replayed",
            *(subject for stream in _REPLAYED_INTO for subject in stream.subjects),
            *_READ_STATE,
        ],
        "subscribe": ["_INBOX_operator.>"],
    },
}
SYSTEM_USER = "system"


@dataclass(frozen=True, slots=True)
class Outside:
    """An outside account: its name is its user's name and the last token of its subjects."""

    name: str
    kind: Kind

    @property
    def subjects(self) -> list[str]:
        """The subjects it publishes to."""
        return [f"{prefix}.{self.name}" for prefix in PUBLISHES[self.kind]]

    @property
    def receipts(self) -> dict[str, str | None]:
        """The API subjects by which it reads its receipts, with the response type of each export."""
        consumer = f"{topology.receipts_consumer(self.name).stream}.{self.name}"
        return {
            f"$JS.API.CONSUMER.MSG.NEXT.{consumer}": "stream",
            f"$JS.API.CONSUMER.INFO.{consumer}": None,
            f"$JS.ACK.{consumer}.>": None,
        }


def text(*, listen: str, store: str, keyring: Keyring, outside: Iterable[Outside]) -> str:
    """The server's configuration, to be kept secret: it holds the users' passwords. `listen` is HOST:PORT."""
    return f"""# Written by minping, and again for every new outside account: changes here are lost.
server_name: minping
listen: {json.dumps(listen)}
max_payload: 1048576
logtime_utc: true
jetstream {{
  store_dir: {json.dumps(store)}
  # An acknowledged message is on the disk, encrypted; the key comes from the environment.
  sync_interval: always
  cipher: aes
  key: $MINPING_JETSTREAM_KEY
}}
system_account: SYS
"accounts": {json.dumps(accounts(keyring, list(outside)), indent=2)}
"""


def accounts(keyring: Keyring, outside: list[Outside]) -> dict[str, Any]:
    """The accounts, with users, permissions, exports and imports."""
    inside: dict[str, dict[str, list[str]] | None] = {
        **{service: topology.permissions(service) for service in topology.SERVICES},
        **TOOLS,
    }
    exports: list[dict[str, Any]] = [
        {"service": f"{prefix}.*", "account_token_position": TOKEN_POSITION}
        for prefixes in PUBLISHES.values()
        for prefix in prefixes
    ]
    for account in outside:
        for subject, response in account.receipts.items():
            kind = {"response_type": response} if response else {}
            exports.append({"service": subject, "accounts": [account.name], **kind})
    return {
        "SYS": {"users": [_user(keyring, SYSTEM_USER, None)]},
        "MINPING": {
            "jetstream": "enabled",
            "users": [_user(keyring, name, allowed) for name, allowed in inside.items()],
            "exports": exports,
        },
        **{account.name: _outside(keyring, account) for account in outside},
    }


def _user(keyring: Keyring, name: str, allowed: dict[str, list[str]] | None) -> dict[str, Any]:
    user: dict[str, Any] = {"user": name, "password": keyring.password(name)}
    if allowed is not None:
        user["permissions"] = {way: {"allow": subjects} for way, subjects in allowed.items()}
    return user


def _outside(keyring: Keyring, account: Outside) -> dict[str, Any]:
    crossing = [*account.subjects, *account.receipts]
    return {
        "users": [_user(keyring, account.name, None)],
        "imports": [{"service": {"account": "MINPING", "subject": subject}} for subject in crossing],
    }
