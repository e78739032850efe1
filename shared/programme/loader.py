"""Programmes by key or path, and their fingerprint."""

import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import rfc8785
from pydantic import ValidationError
from ruamel.yaml import YAML

from shared.errors import Refusal
from shared.programme.schema import Programme


def bundled() -> tuple[str, ...]:
    """Keys of the programmes that ship with the product, sorted."""
    folder = resources.files("shared.programme")
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def source(key_or_path: str | Path) -> str:
    """The YAML text of a bundled programme or of a file; raises Refusal when there is neither."""
    key = str(key_or_path)
    if key in bundled():
        return resources.files("shared.programme").joinpath(f"{key}.yaml").read_text(encoding="utf-8")
    path = Path(key_or_path)
    if not path.is_file():
        known = ", ".join(bundled())
        raise Refusal(
            "programme", key, "neither a bundled programme nor a file", f"use a path or one of: {known}"
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(
            "programme", key, f"not UTF-8 at byte {error.start}", "save the file as UTF-8", 422
        ) from error


def load(key_or_path: str | Path) -> Programme:
    """The programme of a bundled key or of a file. Raises Refusal naming every error that `check` finds."""
    return _parsed(source(key_or_path), str(key_or_path))


@lru_cache(maxsize=16)
def _parsed(text: str, name: str) -> Programme:
    data: Any = YAML(typ="safe", pure=True).load(text)
    try:
        return Programme.model_validate(data)
    except ValidationError as error:
        raise Refusal("programme", name, str(error), "run `minping programme check`") from error


def fingerprint(programme: Programme) -> str:
    """SHA-256 (hex) of the programme's canonical JSON (RFC 8785): comments and layout do not count."""
    return hashlib.sha256(rfc8785.dumps(programme.model_dump(mode="json"))).hexdigest()
