"""Who signed what in a bundle: the list of cards before the meeting, the checkpoint, the published result."""

from typing import TYPE_CHECKING

from services.scoring.domain.bundle import RESULT, RESULT_NOTE, result_note_text
from services.scoring.domain.canon import members, text, whole
from services.scoring.domain.cards import cards_note_text
from services.scoring.domain.note import open_note
from services.scoring.domain.seal import CARDS_NOTE, CHECKPOINT, MANIFEST, check_ring, missing_signatures
from services.scoring.verify.step import At, given

if TYPE_CHECKING:
    from services.scoring.verify.bundle import Bundle

CARD_TELLERS = 2


def cards(bundle: "Bundle") -> str | None:
    """The list of cards has as many as were printed, and two tellers signed it. None for a seal without a list."""
    manifest, counts = given(bundle.manifest, MANIFEST), given(bundle.counts, "reconciliation.json")
    if manifest["cards"] is None:
        if CARDS_NOTE in bundle.files:
            raise At("", "stands without a list of cards in the manifest")
        return None
    listed = members(manifest["cards"], "manifest.cards", ("size", "root"))
    size, root = whole(listed["size"], "manifest.cards.size"), text(listed["root"], "manifest.cards.root")
    if size != counts.printed:
        raise At("manifest.cards.size", f"is {size}, {counts.printed} cards were printed")
    if CARDS_NOTE not in bundle.files:
        bundle.add("cards.unsigned", True, CARDS_NOTE, says=f"{size} cards")
        return None
    keys = given(bundle.keys, "keys.json")
    message, names = open_note(bundle.read(CARDS_NOTE).decode("utf-8"), keys.verifiers("teller", "system"))
    if message != cards_note_text(text(manifest["meeting"], "manifest.meeting"), size, root):
        raise At("", "is not over the list of cards in the manifest")
    tellers = {v.name for v in keys.verifiers("teller")} & set(names)
    if len(tellers) < CARD_TELLERS:
        raise At("", f"signed by {len(tellers)} tellers, {CARD_TELLERS} are needed")
    return f"{size} cards, their list signed by {', '.join(names)}"


def checkpoint(bundle: "Bundle") -> str:
    """System, scrutineer and enough tellers signed the checkpoint."""
    keys, rules = given(bundle.keys, "keys.json"), given(bundle.rules, "rules.json")
    check_ring(keys, rules)
    _, names = open_note(bundle.read(CHECKPOINT).decode("utf-8"), keys.verifiers())
    missing = missing_signatures(names, keys, rules)
    if missing:
        raise At("", "; ".join(missing))
    return "signed by " + ", ".join(names)


def trusted(bundle: "Bundle") -> str | None:
    """Every key of the bundle is among those that the verifier was given."""
    if bundle.trusted is None:
        return None
    keys = given(bundle.keys, "keys.json")
    for number, key in enumerate(keys.keys):
        if key.vkey not in bundle.trusted:
            raise At(f"keys[{number}]", f"{key.vkey} is not among the keys you trust")
    return f"{len(keys.keys)} keys"


def result(bundle: "Bundle") -> str:
    """The system signed this result over this seal."""
    keys, sealed = given(bundle.keys, "keys.json"), given(bundle.checkpoint, CHECKPOINT)
    message, names = open_note(bundle.read(RESULT_NOTE).decode("utf-8"), keys.verifiers())
    if message != result_note_text(sealed, bundle.read(RESULT)):
        raise At("", f"is not over this {RESULT} and this seal")
    if not {v.name for v in keys.verifiers("system")} & set(names):
        raise At("", "the system's signature is missing")
    return "signed by " + ", ".join(names)
