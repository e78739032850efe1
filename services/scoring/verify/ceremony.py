"""What a bundle says of the tellers' ceremony: who held shares, the cards' destruction, the system's word on the key.

That something was destroyed no file can prove; that it was declared, by whom and about what, it can.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.scoring.domain.canon import Json, items, kind, members, parse_canonical, text, whole
from services.scoring.domain.destruction import CARD_TELLERS, cards_text, key_text
from services.scoring.domain.note import open_note
from services.scoring.domain.seal import MANIFEST
from services.scoring.verify.step import At, given

if TYPE_CHECKING:
    from services.scoring.verify.bundle import Bundle

CEREMONY, KIND = "ceremony.json", "minping.ceremony.v1"
_KEYS = ("ballot_key", "dispute_key", "result_key")


def check(bundle: "Bundle") -> str | None:
    """Check it against ring, manifest and reconciliation; None for a seal without one."""
    if CEREMONY not in bundle.files:
        return None
    value = parse_canonical(bundle.read(CEREMONY))
    kind(value, KIND)
    top = members(value, "ceremony", ("kind", "meeting", "cards_destroyed", "key_forgotten"), _KEYS)
    manifest = given(bundle.manifest, MANIFEST)
    if top["meeting"] != manifest["meeting"]:
        raise At("meeting", f"is {top['meeting']}, the seal is of {manifest['meeting']}")
    said = [_holders(bundle, top), _key(bundle, top), _cards(bundle, top, manifest)]
    return "; ".join(text for text in said if text)


def _holders(bundle: "Bundle", top: Mapping[str, Json]) -> str:
    if top.get("ballot_key") is None:
        return ""
    tellers = {v.name for v in given(bundle.keys, "keys.json").verifiers("teller")}
    names = []
    for field in _KEYS:
        if top.get(field) is None:
            continue
        key = members(top[field], field, ("public_key", "needed", "holders"))
        for number, entry in enumerate(items(key["holders"], f"{field}.holders")):
            one = members(entry, f"{field}.holders[{number}]", ("number", "name", "sha256"))
            if one["name"] not in tellers:
                raise At(f"{field}.holders[{number}]", f"{one['name']} is no teller of this meeting")
            if field == "ballot_key":
                names.append(text(one["name"], f"{field}.holders[{number}].name"))
        if whole(key["needed"], f"{field}.needed", 2) > len(items(key["holders"], f"{field}.holders")):
            raise At(f"{field}.needed", "is more than there are holders")
    return f"shares held by {', '.join(names)}"


def _key(bundle: "Bundle", top: Mapping[str, Json]) -> str:
    keys, counts = given(bundle.keys, "keys.json"), given(bundle.counts, "reconciliation.json")
    message, names = open_note(text(top["key_forgotten"], "key_forgotten"), keys.verifiers("system"))
    lines = message.split("\n")
    if len(lines) != 5 or message != key_text(text(top["meeting"], "meeting"), lines[2], counts.returned):
        raise At("key_forgotten", f"is not about this meeting and its {counts.returned} ballots")
    return f"{', '.join(names)} declares that the ballots' key was in memory only"


def _cards(bundle: "Bundle", top: Mapping[str, Json], manifest: Mapping[str, Json]) -> str:
    if top["cards_destroyed"] is None:
        return "nobody declared the cards' file destroyed"
    listed = members(manifest["cards"], "manifest.cards", ("size", "root"))
    keys = given(bundle.keys, "keys.json")
    message, names = open_note(text(top["cards_destroyed"], "cards_destroyed"), keys.verifiers("teller"))
    size, root = whole(listed["size"], "manifest.cards.size"), text(listed["root"], "manifest.cards.root")
    if message != cards_text(text(top["meeting"], "meeting"), size, root):
        raise At("cards_destroyed", "is about other cards than those of the manifest")
    if len(names) < CARD_TELLERS:
        raise At("cards_destroyed", f"signed by {len(names)} tellers, {CARD_TELLERS} are needed")
    return f"the cards' file declared destroyed by {', '.join(names)}"
