"""A passphrase: typed where nobody sees it, or from a file. Never an argument: the list of processes shows those."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.errors import Refusal

LEAST = 8
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="口令文件（首行，仅本人可读） · file with the passphrase, mode 0600. Else it is asked."),
]


def passphrase(file: Path | None, *, new: bool = False, of: str = "") -> bytes:
    """The passphrase; a new one is asked twice and has at least 8 characters. Raises Refusal."""
    if file is not None:
        found = _from_file(file)
    elif sys.stdin.isatty():
        found = typer.prompt(
            f"口令 passphrase{f'（{of}）' if of else ''}", hide_input=True, confirmation_prompt=new, err=True
        )
    else:
        remedy = "run it at a terminal, or give --passphrase-file"
        raise Refusal("passphrase", None, "nobody is there to type it", remedy)
    if new and len(found) < LEAST:
        raise Refusal("passphrase", "…", f"has fewer than {LEAST} characters", "choose a longer one")
    return found.encode()


def _from_file(file: Path) -> str:
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise Refusal("passphrase-file", str(file), "can be read by others than its owner", f"chmod 600 {file}")
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        raise Refusal("passphrase-file", str(file), f"cannot be read: {error}", "name the right file") from error
