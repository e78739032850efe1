from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain import letter as module
from services.notify.domain.letter import Letter, checked_address, compose, one_line
from shared.errors import Refusal

AT = datetime(2026, 3, 9, 16, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def a_letter(**changes: object) -> Letter:
    fields: dict[str, object] = {
        "id": "l-1",
        "sender_name": "市纠风办",
        "sender": "office@minping.example",
        "name": "王芳",
        "email": "wang@tax.example",
        "subject": "关于投诉事项2026-000123号办理期限即将届满的提醒(请于三个工作日内办结并反馈)",
        "text": "王芳同志:\n\n.以点开头的一行\nFrom here\n",
        "language": "zh",
        "at": AT,
        "domain": "minping.example",
    }
    return Letter(**(fields | changes))  # type: ignore[arg-type]  # test helper


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_reads_back_as_it_was_written() -> None:
    message = parsed(compose(a_letter()))
    assert message["Subject"] == a_letter().subject
    assert message["To"].addresses[0].display_name == "王芳"
    assert message["Message-ID"] == "<l-1@minping.example>"
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == a_letter().text.splitlines()


def test_the_same_letter_gives_the_same_bytes_on_every_try() -> None:
    assert compose(a_letter()) == compose(a_letter())


def test_no_line_is_too_long_or_begins_with_a_dot() -> None:
    lines = compose(a_letter(text="长" * 5000 + "\n.\nend")).split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not [line for line in lines if line.startswith(b".")]


@pytest.mark.parametrize("field", ["subject", "name", "sender_name"])
@pytest.mark.parametrize("bad", ["a\r\nBcc: all@x.example", "a\nb", "a\rb", "a\0b", "a\u2028b", "a\x85b"])
def test_a_line_break_in_a_header_is_refused(field: str, bad: str) -> None:
    with pytest.raises(Refusal):
        compose(a_letter(**{field: bad}))


@pytest.mark.parametrize(
    "bad",
    ["", "a", "a@", "@b.example", "a b@c.example", "a@b\r\nRCPT TO:<x@y>", "<a@b.example>", "a@b.example>",
     "张@b.example", "a@张.example", "a..b@c.example", "a@b..example", "a@" + "b" * 260],
)  # fmt: skip
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(Refusal):
        checked_address(bad)


@given(st.text(max_size=400))
def test_any_text_made_one_line_may_stand_in_a_header(text: str) -> None:
    flat = one_line(text)
    assert len(flat) <= module.LONGEST_SUBJECT
    module.checked_header(flat, "subject")
    assert one_line(flat) == flat


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=120))
def test_no_subject_or_name_can_forge_a_header(text: str) -> None:
    message = parsed(compose(a_letter(subject=one_line(text), name=one_line(text))))
    assert message.keys() == parsed(compose(a_letter())).keys()


def test_keys_name_the_matter_and_never_change() -> None:
    key = module.notice_key("case 1 opened", "case_opened", "wang")
    assert module.notice_id(key) == module.notice_id(key)
    assert module.notice_id(key) != module.notice_id(module.notice_key("case 1 opened", "case_opened", "li"))
    assert module.digest_key("wang", "w@x.example", AT, 1) != module.digest_key("wang", "w@x.example", AT, 2)
