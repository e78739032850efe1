"""The evening's entropy, from a YAML or JSON file that `minping draw freeze` lays out and the office fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.drawing.files import as_json, read_mapping
from services.scoring.domain.draw import Reveal, ThrownFor
from services.scoring.domain.freezing import FrozenPool
from shared.errors import Refusal

SECRET_KIND = "minping.draw_secret.v1"
FIELDS = ("frozen", "public_value", "dice", "witnesses")


@dataclass(frozen=True, slots=True)
class EntropyFile:
    """What the file says. `frozen`: the pool file that the draw is from, None where it names none."""

    frozen: Path | None
    public_value: str
    dice: tuple[int, ...]
    answers: tuple[Reveal | ThrownFor, ...]


def template(frozen: Path, witnesses: Sequence[str]) -> bytes:
    """The file to fill in: one witness a line, each with nonce and value, or with dice and the reason."""
    return as_json(
        {
            "frozen": frozen.name,
            "public_value": "",
            "dice": "",
            "witnesses": [{"witness": name, "nonce": "", "value": ""} for name in witnesses],
        }
    )


def secret_bytes(witness: str, nonce: bytes, value: str, commitment: str) -> bytes:
    """A witness's secret file: shown to nobody before the draw."""
    said = {"witness": witness, "nonce": nonce.hex(), "value": value, "commitment": commitment}
    return as_json({"kind": SECRET_KIND, **said})


def read_entropy(path: Path) -> EntropyFile:
    """Read the file; paths in it are relative to it. Raises Refusal naming the field."""
    said = read_mapping("--entropy", path)
    if unknown := sorted(set(said) - set(FIELDS)):
        raise Refusal("entropy", unknown[0], "no such field", f"the fields are {', '.join(FIELDS)}")
    frozen = said.get("frozen")
    witnesses = said.get("witnesses")
    if not isinstance(witnesses, list) or not all(isinstance(one, dict) for one in witnesses):
        raise Refusal("entropy.witnesses", witnesses, "is no list of witnesses", "docs/draw.md shows one")
    return EntropyFile(
        path.parent / str(frozen) if frozen else None,
        str(said.get("public_value") or "").strip(),
        dice_of("entropy.dice", said.get("dice")),
        tuple(_answer(number, one, path.parent) for number, one in enumerate(witnesses)),
    )


def dice_of(field: str, value: Any) -> tuple[int, ...]:
    """Throws as digits, `3719 0485 …`, or as a list of numbers. Raises Refusal."""
    found = list("".join(value.split())) if isinstance(value, str) else value
    if not isinstance(found, list) or not all(str(one) in "0123456789" and len(str(one)) == 1 for one in found):
        raise Refusal(
            field, value, "are no throws of ten-sided dice", 'write digits: "3719 0485 …", in quotation marks'
        )
    return tuple(int(one) for one in found)


def _answer(number: int, said: Mapping[str, Any], folder: Path) -> Reveal | ThrownFor:
    field = f"entropy.witnesses[{number}]"
    if "secret" in said:
        said = read_mapping(f"{field}.secret", folder / str(said["secret"]))
    witness = str(said.get("witness") or "")
    if not witness:
        raise Refusal(field, "", "names no witness", "name the witness")
    if "dice" in said:
        return ThrownFor(witness, dice_of(f"{field}.dice", said["dice"]), str(said.get("reason") or ""))
    value = said.get("value")
    if not isinstance(value, str) or not value:
        remedy = "write it in quotation marks; for a witness who does not reveal throw dice: dice and reason"
        raise Refusal(f"{field}.value", value, f"{witness} has revealed no value", remedy)
    try:
        return Reveal(witness, bytes.fromhex(str(said.get("nonce") or "")), value)
    except ValueError as error:
        raise Refusal(
            f"{field}.nonce", said.get("nonce"), "is no nonce in hex", "copy it from the secret file"
        ) from error


def witnesses_of(frozen: FrozenPool) -> list[str]:
    """The witnesses who committed."""
    found: Any = frozen.content["witnesses"]
    return [str(one["witness"]) for one in found]
