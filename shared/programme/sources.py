"""Where programmes come from: those that ship with the product, and files."""

from importlib import resources
from pathlib import Path

from shared.errors import Refusal

MOST_BYTES = 1_000_000


def bundled() -> tuple[str, ...]:
    """Keys of the programmes that ship with the product, sorted."""
    folder = resources.files("shared.programme")
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def absolute(key_or_path: str) -> str:
    """A bundled key as it is, a file by its whole path: for a process that runs in another folder."""
    if key_or_path in bundled() or not Path(key_or_path).is_file():
        return key_or_path
    return str(Path(key_or_path).resolve())


def source(key_or_path: str | Path) -> str:
    """The YAML text of a bundled programme or of a file; raises Refusal when there is neither, or it is no text."""
    key = str(key_or_path)
    if key in bundled():
        return resources.files("shared.programme").joinpath(f"{key}.yaml").read_text(encoding="utf-8")
    path = Path(key_or_path)
    if not path.is_file():
        known = ", ".join(bundled())
        raise Refusal(
            "programme", key, "neither a bundled programme nor a file", f"give a path or one of: {known}", 404
        )
    if path.stat().st_size > MOST_BYTES:
        raise Refusal("programme", key, f"larger than {MOST_BYTES} bytes", "give a programme file")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("programme", key, f"not UTF-8 at byte {error.start}", "save the file as UTF-8") from error
