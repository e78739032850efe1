"""Evidence over HTTP (I1, I9, X8): cleaned, bounded, kept under its hash, shown to those whom it concerns."""

import asyncio
import contextlib
import hashlib
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from PIL import Image

from shared.errors import Refusal
from tests.service.intake import samples
from tests.service.intake.house import TEXT, House, local


async def send(
    house: House,
    role: str,
    data: bytes,
    *,
    sub: str = "",
    unit: str = "tax",
    at: str = "2026-03-02T10:00",
    **query: str,
) -> httpx2.Response:
    """A file, as somebody in a role."""
    headers = house.bearer(role, sub, unit) | {"Minping-At": local(at).isoformat()}
    return await house.web.post("/api/v1/evidence", content=data, params=query, headers=headers)


async def sent(house: House, role: str, data: bytes, **more: str) -> dict[str, Any]:
    answer = await send(house, role, data, **more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def files(house: House) -> list[str]:
    return sorted(path.name for path in house.rules.evidence.folder.rglob("*") if path.is_file())


async def test_i9_evidence_is_kept_under_the_hash_of_what_is_left_of_it(house: House) -> None:
    data = samples.picture() + samples.archive(a=b"x")
    made = await sent(house, "inspector", data, name="..\\..\\etc/passwd\x00 打13800001111.jpg", kind="photo")
    assert made["original"] == hashlib.sha256(data).hexdigest()
    assert (made["media_type"], made["kind"]) == ("image/jpeg", "photo")
    assert made["name"] == "passwd 打［电话］.jpg"
    assert files(house) == [made["sha"]]
    read = await house.call("clerk", "GET", f"/evidence/{made['sha']}")
    assert hashlib.sha256(read.content).hexdigest() == made["sha"]
    assert read.headers["content-disposition"] == f'attachment; filename="{made["sha"][:16]}.jpg"'
    assert read.headers["x-content-type-options"] == "nosniff"
    assert not Image.open(io.BytesIO(read.content)).getexif()
    again = await sent(house, "inspector", data)
    assert (again["sha"], files(house)) == (made["sha"], [made["sha"]])


@pytest.mark.parametrize("sha", ["%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..", "A" * 64, "0" * 63, "0" * 64])
async def test_x8_no_path_is_made_of_what_comes_from_outside(house: House, sha: str) -> None:
    answer = await house.call("clerk", "GET", f"/evidence/{sha}")
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize(
    ("data", "status", "field"),
    [
        (b"GIF89a" + samples.archive(**{"evil.class": b"x"}), 415, "file"),
        (b"<html><script>alert(1)</script>", 415, "file"),
        (b"MZ\x90\x00 a program", 415, "file"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", 422, "file"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif", 415, "file"),
        (b"%PDF-1.7 and nothing", 422, "file"),
        (samples.letter(script=True), 422, "file"),
        (samples.bomb(), 422, "file"),
        (samples.archive(a=b"x"), 422, "file"),
        (samples.film(b"PK\x03\x04 appended"), 422, "file"),
        (b"", 422, "file"),
        (b"\xff\xd8\xff" + bytes(3 * 1024 * 1024), 413, "file"),
    ],
    ids=[
        "gifar",
        "html",
        "program",
        "heic",
        "avif",
        "broken",
        "script",
        "bomb",
        "archive",
        "polyglot",
        "empty",
        "large",
    ],
)
async def test_x8_what_cannot_be_made_clean_is_refused_and_leaves_nothing(
    house: House, data: bytes, status: int, field: str
) -> None:
    answer = await send(house, "clerk", data)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text
    assert files(house) == []


async def test_i1_a_photo_as_an_iphone_takes_it_is_kept_as_an_upright_jpeg_without_what_it_carried(
    house: House,
) -> None:
    assert b"SECRET-EXIF" in samples.HEIC
    made = await sent(house, "clerk", samples.HEIC, kind="photo", name="IMG_0001.HEIC")
    assert (made["media_type"], made["kind"]) == ("image/jpeg", "photo")
    read = await house.call("clerk", "GET", f"/evidence/{made['sha']}")
    shown = Image.open(io.BytesIO(read.content))
    assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (48, 64), {})
    assert b"SECRET" not in read.content
    assert (await send(house, "clerk", samples.HEIC[:300])).status_code == 422


async def test_x8_nobody_sends_before_he_is_known(house: House) -> None:
    answer = await house.web.post("/api/v1/evidence", content=samples.picture())
    assert answer.status_code == 401
    assert (await send(house, "approver", samples.picture())).status_code == 403
    assert files(house) == []


async def test_a_kind_that_the_file_cannot_be_is_refused(house: House) -> None:
    answer = await send(house, "clerk", samples.picture(), kind="recording")
    assert (answer.status_code, answer.json()["field"]) == (422, "kind")
    assert files(house) == []


async def test_x8_a_file_stays_where_nobody_knows_whether_its_row_was_committed(house: House) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield samples.picture()

    for error, left in ((Refusal("of", "x", "not yours", "ask"), 0), (asyncio.CancelledError(), 1)):
        with contextlib.suppress(asyncio.CancelledError, Refusal):
            async with house.rules.evidence.receiving(chunks()):
                raise error
        assert len(files(house)) == left


async def test_what_a_crash_left_without_a_row_is_swept_away(house: House) -> None:
    made = await sent(house, "clerk", samples.picture())
    lost = house.rules.evidence.path("0" * 64)
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"x")

    async def kept() -> set[str]:
        return {made["sha"]}

    assert await house.rules.evidence.sweep(kept) == 1
    assert files(house) == [made["sha"]]


async def test_i1_a_unit_sees_released_evidence_of_what_was_transferred_to_it_and_nothing_else(house: House) -> None:
    number = (await house.report("T-1"))["number"]
    made = await sent(house, "clerk", samples.picture(), about="complaint", of=number)
    path = f"/evidence/{made['sha']}"
    assert (await house.call("handler", "GET", path)).status_code == 403
    await house.to_unit(number, "tax")
    assert (await house.call("handler", "GET", path)).status_code == 403
    await house.done("clerk", "POST", f"/attachments/{made['id']}/release", reason="不显示投诉人")
    assert (await house.call("handler", "GET", path)).status_code == 200
    listed = await house.done("handler", "GET", f"/evidence?about=complaint&of={number}")
    assert [item["sha"] for item in listed["items"]] == [made["sha"]]
    assert (await house.call("leader", "GET", path, of="police")).status_code == 403
    assert (await house.call("supervisor", "GET", path)).status_code == 403


async def test_i1_a_photo_tip_carries_a_photo_that_its_sender_sent(house: House) -> None:
    body: dict[str, Any] = {"channel": "photo_tip", "text": TEXT}
    bare = await house.call("clerk", "POST", "/complaints", **body)
    assert (bare.status_code, bare.json()["field"]) == (422, "evidence")
    made = await sent(house, "clerk", samples.picture())
    letter = await sent(house, "clerk", samples.letter())
    wrong = await house.call("clerk", "POST", "/complaints", **body, evidence=[letter["sha"]])
    assert (wrong.status_code, wrong.json()["field"]) == (422, "evidence.0")
    other = await house.call("clerk", "POST", "/complaints", sub="clerk-2", **body, evidence=[made["sha"]])
    assert (other.status_code, other.json()["field"]) == (422, "evidence.0")
    receipt = await house.done("clerk", "POST", "/complaints", **body, evidence=[made["sha"]])
    listed = await house.done("clerk", "GET", f"/evidence?about=complaint&of={receipt['number']}")
    assert [item["sha"] for item in listed["items"]] == [made["sha"]]
    twice = await house.call(
        "clerk", "POST", "/complaints", channel="photo_tip", text=f"{TEXT}又", evidence=[made["sha"]]
    )
    assert twice.status_code == 422


async def test_i1_a_source_sends_its_files_first_and_names_them_on_the_bus(house: House) -> None:
    made = await sent(house, "source", samples.film(), sub="hotline")
    receipt = await house.report("T-1", channel="photo_tip", evidence=[made["sha"]])
    assert receipt["state"] == "registered"
    kept = await house.report("T-2", channel="photo_tip", text=f"{TEXT}二")
    assert (kept["state"], kept["field"]) == ("kept_for_repair", "evidence")
