"""Programmes by key or path, and their fingerprint."""

import hashlib
from functools import lru_cache
from pathlib import Path

import rfc8785

from shared.errors import Refusal
from shared.programme.check import parse
from shared.programme.schema import Programme
from shared.programme.sources import source


def load(key_or_path: str | Path) -> Programme:
    """The programme of a bundled key or of a file. Raises Refusal naming every error that `check` finds."""
    return _parsed(source(key_or_path), str(key_or_path))


@lru_cache(maxsize=16)
def _parsed(text: str, name: str) -> Programme:
    programme, problems = parse(text)
    if programme is None:
        said = " | ".join(
            f"line {p.line}: {p.field or 'file'}={p.value!r}: {p.reason.en}; {p.remedy.en}" for p in problems
        )
        count = "1 error" if len(problems) == 1 else f"{len(problems)} errors"
        raise Refusal("programme", name, f"{count}: {said}", f"mend them; `minping programme check {name}` lists them")
    return programme


def fingerprint(programme: Programme) -> str:
    """SHA-256 (hex) of the programme's canonical JSON (RFC 8785): comments and layout do not count."""
    return hashlib.sha256(rfc8785.dumps(programme.model_dump(mode="json"))).hexdigest()
