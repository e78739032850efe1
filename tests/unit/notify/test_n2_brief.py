"""A notice for a small screen: the line, number, date and where to look, at most as long as the channel takes (N2)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.brief import brief
from services.notify.domain.channel import Channel
from services.notify.wording import Item, Wording
from shared import programme

WORDING = Wording(programme.load("window-units"))
ROBOT = Channel("group", "robot", False, 600, 20)
SMS = Channel("sms", "sms", True, 70, 20)


def notice(*channels: str, **facts: Any) -> dict[str, Any]:
    return {"rule": {"channels": list(channels)}, "facts": facts}


def test_n2_number_and_date_are_said_once() -> None:
    facts = {"case": "2026-000001", "due": "2026-03-30"}
    said = brief(WORDING, ROBOT, "王芳", [Item("", "", "2026-000001号事项逾期")], [notice("email", **facts)], "zh")
    assert said.count("2026-000001") == 1
    assert "期限2026年3月30日" in said
    assert said.endswith("详见邮件。")
    said = brief(WORDING, ROBOT, "王芳", [Item("", "", "请于2026年3月30日前办结")], [notice("group", **facts)], "zh")
    assert said.count("3月30日") == 1
    assert "（2026-000001号）" in said
    assert said.endswith("请登录民评系统查看。")


def test_n2_a_template_may_say_it_shorter_than_its_subject() -> None:
    facts = {
        "meeting": "m-1", "cycle": "2026-H1", "units": 9, "date": "2026-06-10", "place": "影剧院",
        "starts_at": "2026-06-10T09:00:00+08:00", "speaks": True,
    }  # fmt: skip
    item = WORDING.item("meeting_announced", facts, {}, "zh")
    assert item.short == "2026年6月10日09:00在影剧院召开集中评议大会，你单位口头述职"
    assert "your unit speaks" in WORDING.item("meeting_announced", facts, {}, "en").short
    step = {
        "case": "2026-000001",
        "unit": "tax",
        "kind": "solve",
        "step": "escalation_3",
        "title": "",
        "due": "2026-03-30",
    }
    assert WORDING.item("deadline_escalated", step, {"tax": {"zh": "税务所"}}, "zh").short.startswith("督办：税务所")
    assert (
        WORDING.item("deadline_passed", step, {}, "zh").short == WORDING.item("deadline_passed", step, {}, "zh").subject
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400), name=st.text(min_size=1, max_size=80), many=st.integers(1, 12))
def test_n2_no_message_is_longer_than_its_channel_or_has_a_line_break(
    language: str, text: str, name: str, many: int
) -> None:
    items = [Item(text, "", text)] * many
    said = brief(WORDING, SMS, name, items, [notice("sms", case="2026-000001", due="2026-03-30")] * many, language)
    assert len(said) <= SMS.longest
    assert "\n" not in said and "<" not in said


def test_n2_a_list_that_is_too_long_says_how_many_there_are() -> None:
    items = [Item("", "", f"2026-{n:06d}号事项逾期未办结") for n in range(30)]
    said = brief(WORDING, SMS, "王芳", items, [notice("email")] * 30, "zh")
    assert "30项通知" in said and "…" in said and said.endswith("详见邮件。")
