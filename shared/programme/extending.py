"""A programme that extends one of ours: each part that it does not write is that one's, whole.

`extends: window-units` at the head of a file. Parts are taken whole and never mixed, so that what a file writes is
all that counts of a part; `minping programme diff` shows what it changes.
"""

from typing import Any

from shared.programme.marks import Document, Finding, Said, read
from shared.programme.messages import meant
from shared.programme.sources import bundled, source

FIELD = "extends"
OWN = ("key", "name", "office")
"""What every programme says of itself."""


def extended(document: Document) -> Document:
    """The document with the parts that it leaves to another; as it is where it extends none."""
    if not isinstance(document.data, dict) or FIELD not in document.data:
        return document
    own: dict[str, Any] = {name: value for name, value in document.data.items() if name != FIELD}
    named, place = document.data[FIELD], document.place((FIELD,))
    base = read(source(named)).data if named in bundled() else None
    if not isinstance(base, dict) or FIELD in base:
        known = [key for key in bundled() if FIELD not in read(source(key)).data]
        listed = ", ".join(known)
        wrong = Finding(
            (FIELD,), named,
            Said("没有可以沿用的这个自带方案", "no bundled programme of this name can be extended"),
            meant(str(named), known) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"), place,
        )  # fmt: skip
        # everything else would be told as missing: this comes first
        return Document(None, document.places, (*document.findings, wrong))
    taken = {name: value for name, value in base.items() if name not in own and name not in OWN}
    places = {**document.places, **{(name,): place for name in taken}}
    return Document({**taken, **own}, places, document.findings, frozenset(taken))
