"""What evidence files carry along does not come with them; what cannot be made clean is refused (X8)."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from services.intake.cleaning import Unclean
from services.intake.cleaning.worker import cleaned
from tests.service.intake import samples


def clean(tmp_path: Path, family: str, data: bytes) -> tuple[str, bytes]:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(data)
    return cleaned(family, source, target), target.read_bytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_loses_exif_place_comment_and_what_is_appended(tmp_path: Path, kind: str) -> None:
    jar = samples.archive(**{"evil.class": b"\xca\xfe\xba\xbe"})
    polyglot = samples.picture(kind) + jar
    assert zipfile.is_zipfile(io.BytesIO(polyglot))
    media_type, out = clean(tmp_path, kind.lower(), polyglot)
    assert media_type == f"image/{kind.lower()}"
    for gone in (b"PK\x03\x04", b"PhoneMaker", b"Wang", b"13800001111", b"GPS", b"Exif"):
        assert gone not in out
    assert not zipfile.is_zipfile(io.BytesIO(out))
    with Image.open(io.BytesIO(out)) as image:
        assert image.size == (40, 30)
        assert not image.getexif()
        red, green, blue = image.convert("RGB").getpixel((20, 15))  # type: ignore[misc]  # three values of an RGB
        assert red > 150
        assert green < 90
        assert blue < 90


def test_a_picture_that_says_it_is_turned_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif.tobytes())
    _, upright = clean(tmp_path, "jpeg", out.getvalue())
    with Image.open(io.BytesIO(upright)) as image:
        assert image.size == (30, 40)


@pytest.mark.parametrize("size", [(30_000, 30_000), (9_000, 9_000), (70_000, 70_000)])
def test_a_picture_that_would_unpack_to_gigabytes_is_refused_unseen(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(Unclean, match="million pixels"):
        clean(tmp_path, "png", samples.bomb(*size))


@pytest.mark.parametrize("cut", [20, 100, 400])
def test_a_broken_picture_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(Unclean, match="broken"):
        clean(tmp_path, "jpeg", samples.picture()[:cut])


def test_a_pdf_is_written_anew_without_its_author_and_without_what_is_around_it(tmp_path: Path) -> None:
    media_type, out = clean(tmp_path, "pdf", samples.letter() + samples.archive(a=b"x"))
    assert media_type == "application/pdf"
    assert b"Wang" not in out
    assert b"PK\x03\x04" not in out
    with pikepdf.open(io.BytesIO(out)) as document:
        assert len(document.pages) == 1


def test_a_scanned_page_loses_its_cameras_exif(tmp_path: Path) -> None:
    document = pikepdf.new()
    page = document.add_blank_page()
    stream = pikepdf.Stream(document, samples.picture())
    stream.Type, stream.Subtype, stream.Filter = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DCTDecode
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=document.make_indirect(stream)))
    out = io.BytesIO()
    document.save(out)
    assert b"PhoneMaker" in out.getvalue()
    assert b"PhoneMaker" not in clean(tmp_path, "pdf", out.getvalue())[1]


@pytest.mark.parametrize(("more", "what"), [({"script": True}, "script"), ({"attached": True}, "embedded")])
def test_a_pdf_that_acts_or_carries_files_is_refused(tmp_path: Path, more: dict[str, bool], what: str) -> None:
    with pytest.raises(Unclean, match=what):
        clean(tmp_path, "pdf", samples.letter(**more))


def test_a_document_loses_its_properties_and_its_pictures_exif(tmp_path: Path) -> None:
    media_type, out = clean(tmp_path, "office", samples.document() + b"appended")
    assert media_type.endswith("wordprocessingml.document")
    with zipfile.ZipFile(io.BytesIO(out)) as made:
        assert "王小明" not in made.read("docProps/core.xml").decode()
        assert b"PhoneMaker" not in made.read("word/media/image1.jpg")
        assert made.read("word/document.xml") == b"<w:document/>"
    assert not out.endswith(b"appended")


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ({"word/vbaProject.bin": b"x"}, "macro"),
        ({"word/embeddings/a.docx": b"x"}, "another file"),
        ({"../../etc/passwd": b"x"}, "strange name"),
        ({"word/_rels/settings.xml.rels": b'Type=".../attachedTemplate"'}, "outside"),
        ({"word/x.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>'}, "entities"),
    ],
)
def test_a_document_with_something_that_acts_is_refused(tmp_path: Path, entries: dict[str, bytes], what: str) -> None:
    with pytest.raises(Unclean, match=what):
        clean(tmp_path, "office", samples.document(**entries))


def test_an_archive_and_a_zip_bomb_are_no_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unclean, match="archive"):
        clean(tmp_path, "office", samples.archive(a=b"x"))
    monkeypatch.setattr("services.intake.cleaning.office.MOST_BYTES", 100_000)
    with pytest.raises(Unclean, match="unpacked"):
        clean(tmp_path, "office", samples.document(**{"word/big.xml": bytes(200_000)}))


def test_a_film_keeps_picture_and_sound_and_nothing_else_in_its_place(tmp_path: Path) -> None:
    data = samples.film(samples.box(b"uuid", b"device of Wang"), samples.box(b"free", b"PK\x03\x04"))
    media_type, out = clean(tmp_path, "mp4", data)
    assert media_type == "video/mp4"
    assert len(out) == len(data)
    for kept in (samples.PICTURE, samples.SOUND):
        assert data.index(kept) == out.index(kept)
    for gone in (b"+39.9042", b"PK\x03\x04", b"Wang", b"udta"):
        assert gone not in out
    assert clean(tmp_path, "mp4", samples.film(brand=b"qt  "))[0] == "video/quicktime"
    assert clean(tmp_path, "mp4", samples.film(seen=False))[0] == "audio/mp4"


@pytest.mark.parametrize("tail", [b"PK\x03\x04 appended zip", samples.box(b"moof", b"x"), samples.box(b"evil", b"x")])
def test_a_film_with_more_than_a_film_is_refused(tmp_path: Path, tail: bytes) -> None:
    with pytest.raises(Unclean):
        clean(tmp_path, "mp4", samples.film(tail))


@pytest.mark.parametrize("cut", [10, 60, 150, 400])
def test_a_film_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(Unclean):
        clean(tmp_path, "mp4", samples.film()[:cut])


def test_a_recording_keeps_its_sound_alone(tmp_path: Path) -> None:
    media_type, out = clean(tmp_path, "wav", samples.wave(b"PK\x03\x04"))
    assert media_type == "audio/wav"
    assert b"Wang" not in out
    assert b"PK" not in out
    assert out.endswith(b"\x80\x81\x82\x83")
    media_type, out = clean(tmp_path, "mp3", samples.song())
    assert media_type == "audio/mpeg"
    assert out == samples.FRAME * 5
    for broken in (samples.song()[:60], b"\xff\xfb\x90\x00" + b"no frame follows"):
        with pytest.raises(Unclean):
            clean(tmp_path, "mp3", broken)
    with pytest.raises(Unclean):
        clean(tmp_path, "wav", samples.wave()[:30])
