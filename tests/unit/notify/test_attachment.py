"""Files that go with a letter: read back by the standard library as they were, names that cannot deceive (N5, X9)."""

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.attachment import Attachment, file_name
from services.notify.domain.letter import Letter, compose
from shared.errors import Refusal

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LETTER = Letter(
    id="l-0123456789abcdef01234567",
    sender_name="评议办",
    sender="office@minping.example",
    name="王芳",
    email="wang.fang@tax.example",
    subject="转办通知",
    text="王芳同志：\n请查收附件。\n",
    language="zh",
    at=datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
    domain="minping.example",
)


def test_n5_a_letter_carries_its_files_and_the_standard_library_reads_them_back() -> None:
    """Names in Chinese, of any length, and bytes of any kind come out as they went in, text first."""
    files = [
        Attachment("登记转办卡 评转〔2026〕1号.docx", WORD, bytes(range(256)) * 40),
        Attachment("a.txt", "text/plain", b"--=_l-0123456789abcdef01234567\r\n.\r\n"),
        Attachment("很" * 110 + ".pdf", "application/pdf", b""),
    ]
    message = message_from_bytes(compose(LETTER, files), policy=policy.default)
    assert not message.defects and message.get_content_type() == "multipart/mixed"
    text = message.get_body()
    assert text is not None and text.get_content().splitlines() == LETTER.text.splitlines()
    found = list(message.iter_attachments())
    assert [part.get_filename() for part in found] == [file.name for file in files]
    assert [part.get_payload(decode=True) for part in found] == [file.body for file in files]
    assert [part.get_content_type() for part in found] == [file.media_type for file in files]


def test_n5_the_same_letter_with_the_same_files_is_the_same_bytes_and_its_lines_are_short() -> None:
    """A second try is the same letter; no line is longer than 78 characters, none begins with a dot."""
    files = [Attachment("很" * 100 + ".docx", WORD, b"x" * 5000)]
    first, second = compose(LETTER, files), compose(replace(LETTER), list(files))
    assert first == second
    lines = first.split(b"\r\n")
    assert max(map(len, lines)) <= 78 and not any(line.startswith(b".") for line in lines)
    assert b"multipart" not in compose(LETTER)


@pytest.mark.parametrize("name", ["../x.docx", "a\r\nBcc: b@c.example", "cod\u202exe.docx", "", "a/b.docx", "x" * 121])
def test_x9_a_files_name_that_could_deceive_is_refused_in_a_header(name: str) -> None:
    """No path, no line break, no override of the direction stands in a header; `file_name` makes such texts plain."""
    with pytest.raises(Refusal):
        compose(LETTER, [Attachment(name, WORD, b"")])
    plain = file_name(name)
    assert not plain or compose(LETTER, [Attachment(plain, WORD, b"")])


def test_x9_a_media_type_cannot_forge_a_header() -> None:
    """A media type is two plain words."""
    with pytest.raises(Refusal):
        compose(LETTER, [Attachment("a.txt", "text/plain\r\nBcc: b@c.example", b"")])
