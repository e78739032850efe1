"""A message that came back, read: RFC 3464 delivery reports, RFC 5965 complaints, and bounces of no standard form.

Whose letter it is about is told by our own Message-ID, which the report quotes: it names the letter, and a letter has
one person. Nobody's word about any other address counts.
"""

import logging
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from hashlib import sha256

from services.notify.domain.letter import one_line
from services.notify.usecases.bounces import Bounce, Kind

LARGEST = 256 * 1024
"""Bytes that are read of a message: a report stands at its beginning, the letter it returns comes after."""

_GOOD_ACTIONS = frozenset({"delivered", "relayed", "expanded"})
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_OF_ADDRESS = re.compile(r"5\.1\.\d+|5\.2\.1|5\.7\.13")
"""No such mailbox, moved, disabled. A full mailbox (5.2.2) or a refused letter (5.7) say nothing about the address."""


def read_report(raw: bytes, domain: str, source: str) -> Bounce | None:
    """What a message reports about a letter of ours; None if it reports nothing that we understand.

    domain: right-hand side of our Message-IDs. Never raises, whatever the bytes are.
    """
    raw = raw[:LARGEST]
    message = message_from_bytes(raw)
    found = _feedback(message) or _delivery(message) or _odd(message)
    if found is None:
        return None
    kind, status, reason = found
    letter = _letter(message, raw, domain)
    return Bounce(_key(message, raw), kind, letter, "", status, reason, source)


def is_good_news(raw: bytes) -> bool:
    """A report that a letter arrived, or was passed on: nothing follows from it."""
    actions = [_value(fields, "Action").lower() for fields in _fields(message_from_bytes(raw[:LARGEST]))]
    return bool(actions) and all(action in _GOOD_ACTIONS for action in actions)


def _delivery(message: Message) -> tuple[Kind, str, str] | None:
    """The worst that a delivery report says of a recipient."""
    worst: tuple[Kind, str, str] | None = None
    for fields in _fields(message):
        action, status = _value(fields, "Action").lower(), _value(fields, "Status")
        if action in _GOOD_ACTIONS or not action:
            continue
        number = _STATUS.search(status)
        status = number.group(0) if number else ""
        reason = _value(fields, "Diagnostic-Code") or action
        kind: Kind = "soft"
        if action == "failed":
            kind = "hard" if _OF_ADDRESS.fullmatch(status) or (not status and _is_unknown(reason)) else "refused"
        if worst is None or worst[0] == "soft" or kind == "hard":
            worst = (kind, status, reason)
    return worst


def _is_unknown(reason: str) -> bool:
    """Of a report without an enhanced status: 550 and 551 in answer to a recipient."""
    return bool(re.search(r"\b55[01]\b", reason))


def _feedback(message: Message) -> tuple[Kind, str, str] | None:
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            fields = _inner(part)
            what = _value(fields, "Feedback-Type").lower() or "abuse"
            return None if what == "not-spam" else ("complaint", "", what)
    return None


def _odd(message: Message) -> tuple[Kind, str, str] | None:
    """Bounces of servers that follow no standard, as the detectors of Mailman know them. They name no reason."""
    if message.get_content_type() == "multipart/report" or not message.get("From"):
        return None
    from flufl.bounce import all_failures

    # a detector that stumbles is passed over; its traceback would hold words of the message
    logging.getLogger("flufl.bounce").disabled = True
    for_now, for_good = all_failures(message)
    if for_good:
        return "refused", "", "returned in no standard form"
    return ("soft", "", "delayed, in no standard form") if for_now else None


def _fields(message: Message) -> Iterator[Message]:
    """The recipients' blocks of the delivery reports in a message."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                if isinstance(block, Message) and block.get("Action"):
                    yield block


def _inner(part: Message) -> Message:
    """The fields of a part whose body is fields."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    return message_from_bytes(str(payload).encode("utf-8", "replace"))


def _value(fields: Message, name: str) -> str:
    """A field without its type (`smtp; 550 …`), on one line."""
    raw = str(fields.get(name, ""))
    try:
        raw = str(make_header(decode_header(raw)))
    except (LookupError, UnicodeError, ValueError):
        raw = raw.encode("ascii", "replace").decode()
    return one_line(re.sub(r"^(smtp|rfc822|utf-8|dns|x-[a-z-]+)\s*;\s*", "", raw.strip(), flags=re.IGNORECASE))


def _letter(message: Message, raw: bytes, domain: str) -> str | None:
    """The letter that a report is about: by the quoted letter's Message-ID, else by any that stands in the report."""
    ours = re.compile(rf"<(l-[0-9a-f]{{24}})@{re.escape(domain)}>")
    for part in message.walk():
        if part is not message and (found := ours.search(str(part.get("Message-ID", "")))):
            return found.group(1)
    anywhere = ours.findall(raw.decode("ascii", "replace"))
    return anywhere[0] if len(set(anywhere)) == 1 else None


def _key(message: Message, raw: bytes) -> str:
    """What a report is known by: its own Message-ID, else its bytes."""
    own = one_line(str(message.get("Message-ID", "")), 200)
    return f"m:{own}" if own else f"h:{sha256(raw).hexdigest()}"
