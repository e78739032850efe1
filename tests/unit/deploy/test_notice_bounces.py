"""`minping notice bounces` and `suppressions` say what came back and who gets nothing, and why (N3)."""

from deploy.local.commands.notice_bounces import bounce_lines, suppression_lines


def test_n3_what_came_back_is_said_with_its_effect() -> None:
    one = {
        "at": "2026-04-01T10:00:00+08:00", "kind": "hard", "letter": "l-1", "address": "wang@tax.example",
        "reason": "5.1.1: no user", "effect": "failed",
    }  # fmt: skip
    [line] = bounce_lines([one])
    assert "l-1" in line and "no user" in line and "next in line" in line
    assert list(bounce_lines([])) == ["没有退信 · nothing came back"]


def test_n3_a_suppressed_address_is_said_with_person_cause_and_who_did_it() -> None:
    one = {
        "at": "2026-04-01T10:00:00+08:00", "channel": "sms", "address": "13800000000", "cause": "operator",
        "reason": "asked", "actor": "op-1", "name": "王芳", "unit": "tax",
    }  # fmt: skip
    assert "sms 13800000000 王芳 (tax): 人工 operator — asked · op-1" in next(suppression_lines([one]))
    lifted = one | {"change": "lifted", "cause": "directory", "channel": "email", "name": None}
    assert "恢复 lifted" in next(suppression_lines([lifted]))
