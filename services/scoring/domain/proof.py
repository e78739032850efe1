"""draw_proof.json: everything that a draw rests on, signed; `verify/draw_proof.py` checks it alone (S3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from services.scoring.domain.canon import Json, canonical, digest, text
from services.scoring.domain.draw import Drawn
from services.scoring.domain.freezing import FrozenPool
from services.scoring.domain.note import KeyRing, open_note
from shared.errors import Refusal

PROOF_KIND = "minping.draw_proof.v1"
PROOF_ORIGIN = "minping/draw/proof"


@dataclass(frozen=True, slots=True)
class UnsignedProof:
    """The proof before its signatures."""

    content: Mapping[str, Json]

    @property
    def note_text(self) -> str:
        """The text that the system and the witnesses sign."""
        pool = cast(Mapping[str, Json], self.content["pool"])
        return f"{PROOF_ORIGIN}\n{text(pool['meeting'], 'meeting')}\n{digest(canonical(self.content))}\n"


def unsigned_proof(frozen: FrozenPool, freeze_note: str, drawn: Drawn, keys: KeyRing) -> UnsignedProof:
    """Everything the proof says. `freeze_note`: the signed note over `frozen.note_text`, checked here."""
    signed_text, _ = open_note(freeze_note, keys.verifiers())
    if signed_text != frozen.note_text or drawn.pool_hash != frozen.hash:
        raise Refusal("freeze_note", signed_text, "is for another pool file", "use the note of this freeze")
    return UnsignedProof(
        {
            "kind": PROOF_KIND,
            "pool": frozen.content,
            "pool_hash": frozen.hash,
            "freeze_note": freeze_note,
            "entropy": drawn.entropy,
            "seed": drawn.seed,
            "strata": [
                {"stratum": s.stratum, "seated": list(s.seated), "alternates": list(s.alternates)} for s in drawn.strata
            ],
            "keys": keys.to_json(),
            **({} if drawn.panel is None else {"panel": drawn.panel}),
        }
    )


def sign_proof(proof: UnsignedProof, note: str, keys: KeyRing) -> bytes:
    """draw_proof.json: the proof with its note, which must be over it and hold the system's signature."""
    signed_text, names = open_note(note, keys.verifiers())
    if signed_text != proof.note_text:
        raise Refusal("note", signed_text, "is for another proof", "sign this proof's note_text")
    if not {v.name for v in keys.verifiers("system")} & set(names):
        raise Refusal("note", list(names), "the system's signature is missing", "let the system sign too")
    return canonical({**proof.content, "note": note})
