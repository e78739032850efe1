"""Checking a published result by itself: canonical form, the system's signature, and all of its arithmetic."""

from collections.abc import Collection, Mapping

from services.scoring.domain.canon import Json, Malformed, kind, members, parse_canonical, text, whole
from services.scoring.domain.note import open_note, verifier
from services.scoring.domain.published import MEMBERS, PUBLISHED_KIND, published_note
from services.scoring.verify.report import Check, Report
from services.scoring.verify.result import RESULT, check_alone

_MARK = f'"kind":"{PUBLISHED_KIND}"'.encode()


def is_ours(data: bytes) -> bool:
    """Whether these bytes say that they are a published result; whatever else they hold."""
    return _MARK in data


def check(data: bytes, path: str, note: bytes | None, trusted: Collection[str] | None) -> Report:
    """The checks of a published result. Without its note nobody can say who issued it: that does not hold.

    Never raises ValueError, whatever the bytes hold.
    """
    try:
        content = _read(data)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        failed = Check("published.form", False, RESULT, "", str(error) or type(error).__name__)
        return Report(path, "published", (failed,), {})
    facts = {name: str(content[name]) for name in ("cycle", "version", "key")}
    checks = [Check("published.form", True, RESULT, "", f"{len(data):,} bytes"), _signature(data, content, note)]
    if trusted is not None:
        key = str(content["key"])
        checks.append(Check("trusted", key in trusted, RESULT, "key", "" if key in trusted else f"{key} is unknown"))
    return Report(path, "published", (*checks, *check_alone(content)), facts)


def _read(data: bytes) -> Mapping[str, Json]:
    value = parse_canonical(data)
    kind(value, PUBLISHED_KIND)
    more = [name for name in ("parts", "only") if isinstance(value, Mapping) and name in value]
    wanted = (*MEMBERS, *more)
    return members(value, RESULT, wanted)


def _signature(data: bytes, content: Mapping[str, Json], note: bytes | None) -> Check:
    name, file = "published.signature", f"{RESULT}.note"
    if note is None:
        return Check(name, False, file, "", "the note is missing: fetch result.json.note beside the file")
    try:
        key = verifier(text(content["key"], "key"))
        said, names = open_note(note.decode("utf-8"), [key])
        about = (text(content["programme"], "programme"), text(content["cycle"], "cycle"))
        if said != published_note(*about, whole(content["version"], "version"), data):
            raise Malformed("is not over this file")
        if key.name not in names:
            raise Malformed("the system's signature is missing")
    except (ValueError, TypeError) as error:
        return Check(name, False, file, "", str(error))
    return Check(name, True, file, "", f"signed by {', '.join(names)}")
