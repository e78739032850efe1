"""`minping vault`: the key to which identities are sealed."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.asking import ask
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.vault_keys import KeyFile
from shared.errors import Refusal

app = typer.Typer(add_completion=False)
LOOK_S = 0.5
PATIENCE_S = 3600


@app.callback()
def about() -> None:
    """The vault of identities: which keys open it, and a new one."""


@app.command()
def keys(data: DataFolder = DEFAULT_DATA, json: JsonFile = None) -> None:
    """The keys in use, and how much is sealed to an old one."""
    house = _House(data)
    found, out = house.state(), Output(json)
    _tell(out, found)
    out.result(found)


@app.command()
def rotate(
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
    destroy_old: Annotated[
        bool, typer.Option(help="Then destroy the old keys: sources that still seal to them are told to seal anew.")
    ] = False,
) -> None:
    """A new key seals from now on, and all that was sealed is sealed to it. Killed, it goes on when called again."""
    house = _House(data)
    out = Output(json)
    names = house.file.names()
    if len(names) > 1:
        out.console.print(f"a rotation to {names[0]} is under way: going on with it")
    else:
        names.insert(0, house.file.add())
        out.console.print(f"new key {names[0]}; {names[1]} still opens what was sealed to it")
    found = house.wait(out, names[0])
    if destroy_old:
        gone = house.file.keep_newest()
        found = house.wait(out, names[0], only=True)
        out.console.print(f"destroyed: {', '.join(gone)}")
    else:
        out.console.print("give sources time to fetch the new key, then: minping vault rotate --destroy-old")
    _tell(out, found)
    out.result(found)


class _House:
    def __init__(self, data: DataFolder) -> None:
        layout, ports, _ = deployment.opened(data)
        keyring = Keyring(layout.secrets)
        self.file = KeyFile(keyring.vault_key_file(), keyring.vault_public_key_file())
        self._url = f"{ports.url('intake')}/api/v1/vault/keys"
        self._token = deployment.token(keyring, "operator", unit=None, name="minping vault", sub=None, days=1)

    def state(self) -> dict[str, Any]:
        """What intake says of its keys. Raises Refusal."""
        return ask(self._url, self._token)

    def wait(self, out: Output, current: str, *, only: bool = False) -> dict[str, Any]:
        """Until intake has taken the file up and nothing waits (only: until it has forgotten the other keys)."""
        over = time.monotonic() + PATIENCE_S
        last = -1
        while True:
            try:
                found = self.state()
            except Refusal as refusal:
                if refusal.status != 503:
                    raise
                out.console.print("intake does not answer: it goes on as soon as it runs; waiting")
                found = None
            if found and found["current"] == current and not found["waiting"]:
                if not only or found["keys"] == [current]:
                    return found
            elif found and found["waiting"] != last:
                last = found["waiting"]
                out.console.print(f"{last} still sealed to another key")
            if time.monotonic() > over:
                raise Refusal("vault", current, "not done within an hour", "look at intake's log; call again", 503)
            time.sleep(LOOK_S)  # another process does the work; its answer over HTTP is all that tells how far it is


def _tell(out: Output, found: dict[str, Any]) -> None:
    out.console.print(f"current {found['current']}; opening: {', '.join(found['keys'])}")
    sealed, waiting, lost = found["sealed"], found["waiting"], found["unreadable"]
    out.console.print(f"{sealed} sealed to the current key, {waiting} to another, {lost} that none of them opens")
