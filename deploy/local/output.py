"""What commands have in common: the data folder, and results for people or as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console

from shared.errors import Refusal

DataFolder = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="The deployment's data folder.", show_default=True)
]
JsonFile = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the result as JSON (- = stdout, the rest to stderr)."),
]


class Output:
    """Text for people goes to `console`; `result` writes the JSON that was asked for, if it was."""

    def __init__(self, json_file: str | None) -> None:
        self._file = json_file
        self.console = Console(stderr=json_file == "-", highlight=False)

    def result(self, value: BaseModel | dict[str, Any] | list[Any]) -> None:
        """Write the result to the file of --json. Raises Refusal if it cannot be written."""
        if self._file is None:
            return
        plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        text = json.dumps(plain, ensure_ascii=False, indent=2, default=str) + "\n"
        if self._file == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        try:
            Path(self._file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise Refusal("json", self._file, f"cannot be written: {error.strerror}", "name another file") from error
