"""A rehearsal that can never be taken for the real thing (S16): every file that comes of one says so at its beginning.

In JSON the member REHEARSAL sorts before all others (RFC 8785), in a text it is the first line. The checkpoint's first
line says it too, and is signed. Who strips the marks has files that no checkpoint fits.
"""

from services.scoring.domain.canon import Malformed, canonical, parse_canonical

MEMBER = "REHEARSAL"
SAYS = "演练，不是真实评议"
LINE = f"{MEMBER} {SAYS}\n".encode()
HEAD = f'"{MEMBER}":"{SAYS}",'
"""What stands first in a JSON object of a rehearsal, before its other members."""


def marked(name: str, data: bytes) -> bytes:
    """A file of a rehearsal with its mark. Raises Malformed for JSON that is no object."""
    if not name.endswith(".json"):
        return LINE + data
    value = parse_canonical(data)
    if not isinstance(value, dict):
        raise Malformed(f"{name} is no object")
    return canonical({MEMBER: SAYS, **value})


def unmarked(name: str, data: bytes) -> bytes:
    """The same file as it would be of a real vote. Raises Malformed where the mark is missing."""
    if not name.endswith(".json"):
        if not data.startswith(LINE):
            raise Malformed(f"is of a rehearsal and does not say {MEMBER} in its first line")
        return data[len(LINE) :]
    value = parse_canonical(data)
    if not isinstance(value, dict) or value.get(MEMBER) != SAYS:
        raise Malformed(f"is of a rehearsal and has no member {MEMBER}")
    return canonical({key: item for key, item in value.items() if key != MEMBER})
