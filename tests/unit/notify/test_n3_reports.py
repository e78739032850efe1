"""Reports that come back by mail are read for what they say about which letter (N3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.postbox.reading import LARGEST, is_good_news, read_report
from tests.support.reports import complaint, delivery_report

LETTER = "l-0123456789abcdef01234567"
DOMAIN = "minping.example"


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "kind"),
    [
        ("failed", "5.1.1", "smtp; 550 5.1.1 <wang@tax.example>: no such user", "hard"),
        ("failed", "5.1.10", "smtp; 556 null MX", "hard"),
        ("failed", "5.2.1", "smtp; 550 mailbox disabled", "hard"),
        ("failed", "5.2.2", "smtp; 552 mailbox full", "refused"),
        ("failed", "5.7.1", "smtp; 554 spam", "refused"),
        ("failed", "4.4.7", "X-Postfix; delivery temporarily suspended: expired", "refused"),
        ("failed", "", "smtp; 550 User not found", "hard"),
        ("failed", "", "smtp; 552 too large", "refused"),
        ("delayed", "4.4.1", "smtp; connection timed out", "soft"),
    ],
)
def test_n3_a_delivery_report_says_of_which_letter_what_became(
    action: str, status: str, diagnostic: str, kind: str
) -> None:
    raw = delivery_report(LETTER, DOMAIN, "wang@tax.example", action=action, status=status, diagnostic=diagnostic)
    found = read_report(raw, DOMAIN, "mailbox")
    assert found is not None
    assert (found.kind, found.letter, found.status) == (kind, LETTER, status)
    assert found.reason == diagnostic.partition("; ")[2]


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers", ""])
def test_n3_the_letter_is_known_by_our_message_id_wherever_the_report_quotes_it(returned: str) -> None:
    raw = delivery_report(LETTER, DOMAIN, "wang@tax.example", returned=returned)
    found = read_report(raw, DOMAIN, "mailbox")
    assert found is not None and found.letter == LETTER


def test_n3_a_report_about_a_letter_of_others_names_none_of_ours() -> None:
    found = read_report(delivery_report(LETTER, "elsewhere.example", "wang@tax.example"), DOMAIN, "mailbox")
    assert found is not None and found.letter is None


def test_n3_a_complaint_is_one_and_the_opposite_is_none() -> None:
    found = read_report(complaint(LETTER, DOMAIN, "abuse"), DOMAIN, "mailbox")
    assert found is not None
    assert (found.kind, found.letter, found.reason) == ("complaint", LETTER, "abuse")
    assert read_report(complaint(LETTER, DOMAIN, "not-spam"), DOMAIN, "mailbox") is None


def test_n3_that_a_letter_arrived_or_somebody_is_away_is_no_bounce() -> None:
    delivered = delivery_report(LETTER, DOMAIN, "wang@tax.example", action="delivered", status="2.0.0")
    assert read_report(delivered, DOMAIN, "mailbox") is None
    assert is_good_news(delivered)
    away = b"From: li@tax.example\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n"
    assert read_report(away, DOMAIN, "mailbox") is None
    assert not is_good_news(away)


def test_n3_a_bounce_of_no_standard_form_is_recognised() -> None:
    raw = (
        b"From: MAILER-DAEMON@mail.example\r\nSubject: failure notice\r\nMessage-ID: <q@mail.example>\r\n\r\n"
        b"Hi. This is the qmail-send program at mail.example.\r\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        b"<wang@tax.example>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        b"--- Below this line is a copy of the message.\r\n\r\n"
        b"Message-ID: <" + LETTER.encode() + b"@" + DOMAIN.encode() + b">\r\nSubject: x\r\n\r\ntext\r\n"
    )
    found = read_report(raw, DOMAIN, "mailbox")
    assert found is not None
    assert (found.kind, found.letter) == ("refused", LETTER)


def test_n3_the_same_report_has_the_same_key_and_another_one_another() -> None:
    one = delivery_report(LETTER, DOMAIN, "wang@tax.example", own="<1@mail.example>")
    two = delivery_report(LETTER, DOMAIN, "wang@tax.example", own="<2@mail.example>")
    keys = [found.key for raw in (one, one, two) if (found := read_report(raw, DOMAIN, "mailbox"))]
    assert keys[0] == keys[1] != keys[2]


def test_n3_what_a_report_says_stays_on_one_line_without_tricks() -> None:
    raw = delivery_report(LETTER, DOMAIN, "wang@tax.example", diagnostic="smtp; 550 a\r\n b\u202ec")
    found = read_report(raw, DOMAIN, "mailbox")
    assert found is not None
    assert "\n" not in found.reason and "\u202e" not in found.reason


@given(st.binary(max_size=2000))
def test_n3_no_bytes_break_the_reader(raw: bytes) -> None:
    read_report(raw, DOMAIN, "mailbox")
    frame = delivery_report(LETTER, DOMAIN, "wang@tax.example")
    middle = len(frame) // 2
    read_report(frame[:middle] + raw + frame[middle:], DOMAIN, "mailbox")
    is_good_news(raw)


def test_n3_of_a_huge_message_the_beginning_is_read() -> None:
    raw = delivery_report(LETTER, DOMAIN, "wang@tax.example") + b"x" * LARGEST
    found = read_report(raw, DOMAIN, "mailbox")
    assert found is not None and found.letter == LETTER
