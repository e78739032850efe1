"""bundle.zip: a zip without compression whose every byte follows from its members.

Names sorted, dates fixed, nothing optional: who has the members can write the very same file, and `verify` does, so
that no byte of the container can change unseen. (Compressed bytes differ between versions of zlib; stored ones do
not.) Any unzip program opens it.
"""

import struct
import zlib
from collections.abc import Mapping

from services.scoring.domain.canon import Malformed, digest

RESULT, RESULT_NOTE = "result.json", "result.txt"

COMMENT = b"minping.bundle.v1"
_DATE, _TIME = (1980 - 1980) << 9 | 1 << 5 | 1, 0
_VERSION, _UTF8 = 20, 0x0800
_LIMIT = 0xFFFFFFFF
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")


def write_bundle(files: Mapping[str, bytes]) -> bytes:
    """The zip of these members. Raises Malformed beyond 4 GiB or 65,535 members."""
    parts: list[bytes] = []
    central: list[bytes] = []
    offset = 0
    if len(files) > 0xFFFF or sum(map(len, files.values())) + 1000 * (len(files) + 1) > _LIMIT:
        raise Malformed("a bundle has at most 65,535 members and 4 GiB")
    for name in sorted(files):
        data, encoded = files[name], name.encode()
        crc = zlib.crc32(data)
        sizes = (crc, len(data), len(data), len(encoded))
        header = _LOCAL.pack(b"PK\x03\x04", _VERSION, _UTF8, 0, _TIME, _DATE, *sizes, 0) + encoded
        central.append(
            _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, _UTF8, 0, _TIME, _DATE, *sizes, 0, 0, 0, 0, 0, offset)
            + encoded
        )
        parts += (header, data)
        offset += len(header) + len(data)
    directory = b"".join(central)
    end = _END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), offset, len(COMMENT)) + COMMENT
    return b"".join((*parts, directory, end))


def result_note_text(checkpoint: str, result: bytes) -> str:
    """The text by which the system signs result.json: bound to the root that the checkpoint (signed or not) holds."""
    first, _, root, *_ = checkpoint.split("\n")
    return f"{first}/result\n{root}\n{digest(result)}\n"


def with_result(files: Mapping[str, bytes], result: bytes, note: str) -> dict[str, bytes]:
    """The bundle's members with the published result and the system's signed note over it."""
    return {**files, RESULT: result, RESULT_NOTE: note.encode()}
