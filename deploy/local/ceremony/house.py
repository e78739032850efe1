"""The running house as the commands of a meeting see it: its address, and a token for the role that a step needs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.asking import ask, fetch, tell
from deploy.local.keys import Keyring
from shared.errors import Refusal

TokenFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="令牌文件 · file with your token. Else MINPING_TOKEN.")
]
Meeting = Annotated[str, typer.Argument(help="大会编号 · the meeting.")]
Url = Annotated[str | None, typer.Option(metavar="URL", help="评分服务地址 · address of scoring. Else MINPING_URL.")]


@dataclass(frozen=True, slots=True)
class House:
    """Scoring of a running house. `token`: the caller's own; without one, of the deployment in the data folder."""

    url: str
    token: str | None
    data: Path

    def read(self, path: str, role: str | None = None) -> dict[str, Any]:
        """Read JSON; without a role as anybody. Raises Refusal."""
        return ask(f"{self.url}/api/v1{path}", self._as(role) if role else "")

    def fetch(self, path: str, role: str | None = None) -> bytes:
        """Read a file; `path` from the root. Raises Refusal."""
        return fetch(self.url + path, self._as(role) if role else "")

    def act(self, path: str, role: str, body: Any = None) -> dict[str, Any]:
        """Do something as a role. Raises Refusal."""
        return tell(f"{self.url}/api/v1{path}", self._as(role), body)

    def _as(self, role: str) -> str:
        if self.token is not None:
            return self.token
        layout, _, _ = deployment.opened(self.data)
        return deployment.token(Keyring(layout.secrets), role, unit=None, name="minping meeting", sub=None, days=1)


def house(url: str | None, token_file: Path | None, data: Path) -> House:
    """The house that the options, the environment or the data folder name. Raises Refusal."""
    found_url, token = url or os.environ.get("MINPING_URL"), os.environ.get("MINPING_TOKEN")
    if token_file is not None:
        try:
            token = token_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise Refusal("token-file", str(token_file), f"cannot be read: {error}", "name the right file") from error
    if found_url is None:
        _, ports, _ = deployment.opened(data)
        found_url = ports.url("scoring")
    return House(found_url.rstrip("/"), token or None, data)


def json_file(path: Path) -> Any:
    """What a JSON file holds. Raises Refusal."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal("file", str(path), f"cannot be read: {error}", "name the right file") from error


def text_file(path: Path) -> str:
    """What a text file holds. Raises Refusal."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refusal("file", str(path), f"cannot be read: {error}", "name the right file") from error
