"""Delivery reports and complaints as mail servers write them."""


def delivery_report(
    letter: str, domain: str, address: str, *, action: str = "failed", status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 no such user", returned: str = "text/rfc822-headers",
    own: str = "<dsn-1@mail.example>",
) -> bytes:  # fmt: skip
    """RFC 3464, with the letter or its headers returned; `returned` empty: its id stands in the text only."""
    quoted = f"Message-ID: <{letter}@{domain}>"
    lines = [
        "From: MAILER-DAEMON@mail.example (Mail Delivery System)",
        "To: office@minping.example",
        "Subject: Undelivered Mail Returned to Sender",
        f"Message-ID: {own}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
        "",
        "--b1",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "Your letter could not be delivered." + ("" if returned else f" ({quoted})"),
        "",
        "--b1",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.example",
        "",
        f"Final-Recipient: rfc822; {address}",
        f"Action: {action}",
        *([f"Status: {status}"] if status else []),
        f"Diagnostic-Code: {diagnostic}",
        "",
    ]
    if returned:
        lines += ["--b1", f"Content-Type: {returned}", "", quoted, "Subject: =?utf-8?b?6YCa55+l?=", "", "text", ""]
    return "\r\n".join([*lines, "--b1--", ""]).encode()


def complaint(letter: str, domain: str, kind: str = "abuse", own: str = "<arf-1@mail.example>") -> bytes:
    """RFC 5965."""
    return "\r\n".join([
        "From: feedback@mail.example", "To: office@minping.example", "Subject: FW: complaint", f"Message-ID: {own}",
        "MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=feedback-report; boundary="b2"', "",
        "--b2", "Content-Type: text/plain", "", "This is an email abuse report.", "",
        "--b2", "Content-Type: message/feedback-report", "", f"Feedback-Type: {kind}", "User-Agent: Mail/1.0",
        "Version: 1", "",
        "--b2", "Content-Type: message/rfc822", "", f"Message-ID: <{letter}@{domain}>", "Subject: x", "", "text", "",
        "--b2--", "",
    ]).encode()  # fmt: skip
