"""What a person brings beside a bundle: a representative's receipt, and ballots opened in a dispute."""

import re
from collections import Counter
from collections.abc import Mapping

from services.scoring.domain import merkle
from services.scoring.domain.canon import Json, Malformed, digest, items, kind, members, parse_canonical, text, whole
from services.scoring.domain.openings import OPENINGS_KIND
from services.scoring.domain.receipt import RECEIPT_KIND
from services.scoring.domain.rehearsal import unmarked
from services.scoring.domain.seal import ballot_leaf
from services.scoring.domain.tally import Cell
from services.scoring.verify.bundle import Bundle
from services.scoring.verify.step import At, given

_HEX64, _HEX32 = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{32}")


def check_receipt(bundle: Bundle, data: bytes) -> str:
    """The receipt's leaf is in the seal; raises Malformed."""
    root, leaves = given(bundle.root, "checkpoint.txt"), given(bundle.leaves, "ballots.txt")
    value = parse_canonical(_plain(bundle, "receipt.json", data))
    kind(value, RECEIPT_KIND)
    receipt = members(value, "receipt", ("kind", "meeting", "leaf", "index", "size", "path"))
    if receipt["meeting"] != bundle.facts["meeting"]:
        raise At("meeting", f"is {receipt['meeting']!r}, the seal is of {bundle.facts['meeting']!r}")
    leaf = _hex(receipt["leaf"], "leaf")
    path = [_hex(node, f"path[{number}]") for number, node in enumerate(items(receipt["path"], "path"))]
    index, size = whole(receipt["index"], "index", 1), whole(receipt["size"], "size", 2)
    if size != len(leaves) + 1 or leaf not in leaves:
        raise At("leaf", "is not among the sealed ballots")
    if merkle.root_from_path(leaf, index, size, path) != root:
        raise At("path", "does not lead to the signed root")
    return f"ballot {index} of {size - 1}"


def _plain(bundle: Bundle, name: str, data: bytes) -> bytes:
    """Without the mark that the papers of a rehearsal bear."""
    return unmarked(name, data) if given(bundle.manifest, "manifest.json")["rehearsal"] else data


def _hex(value: Json, where: str) -> bytes:
    found = text(value, where)
    if not _HEX64.fullmatch(found):
        raise At(where, "is no SHA-256 in hex")
    return bytes.fromhex(found)


def check_openings(bundle: Bundle, data: bytes) -> str:
    """Opened ballots are sealed ones; all of them together make the public records. Raises Malformed."""
    manifest, leaves = given(bundle.manifest, "manifest.json"), given(bundle.leaves, "ballots.txt")
    if digest(data) == manifest["openings"]:
        return "the encrypted openings that were sealed"
    value = parse_canonical(_plain(bundle, "openings.json", data))
    kind(value, OPENINGS_KIND)
    opened = members(value, "openings", ("kind", "meeting", "ballots"))
    if opened["meeting"] != manifest["meeting"]:
        raise At("meeting", f"is {opened['meeting']!r}, the seal is of {manifest['meeting']!r}")
    waiting = Counter(leaves)
    cells: Counter[Cell] = Counter()
    ballots = items(opened["ballots"], "ballots")
    for number, entry in enumerate(ballots):
        where = f"ballots[{number}]"
        ballot = members(entry, where, ("meeting", "class", "marks", "nonce"))
        if not _HEX32.fullmatch(text(ballot["nonce"], f"{where}.nonce")):
            raise At(f"{where}.nonce", "is not 16 bytes in hex")
        leaf = ballot_leaf(ballot)
        if not waiting[leaf]:
            raise At(where, "is not in the seal, or stands twice")
        waiting[leaf] -= 1
        _count(cells, ballot["marks"], text(ballot["class"], f"{where}.class"), where)
    if not ballots:
        raise Malformed("opens no ballot")
    if len(ballots) < len(leaves):
        return f"{len(ballots)} of {len(leaves)} ballots opened"
    if cells != Counter(given(bundle.cells, "slices.jsonl")):
        raise At("ballots", "together they are not the public records")
    return f"all {len(leaves)} ballots opened; together they are the public records"


def _count(cells: Counter[Cell], marks: Json, card_class: str, where: str) -> None:
    if not isinstance(marks, Mapping):
        raise At(where, "has no marks")
    for unit, row in marks.items():
        if not isinstance(row, Mapping):
            raise At(f"{where}.marks.{unit}", "is no object")
        for dimension, choice in row.items():
            cells[unit, dimension, card_class, text(choice, f"{where}.marks.{unit}.{dimension}")] += 1
