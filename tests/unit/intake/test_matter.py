"""Repeats are found whatever a copy changes, and join only a matter that is still alive (I5, R6)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain import matter
from services.intake.domain.matter import Matter, joined, may_join, petitioners

DAY = timedelta(days=1)
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
WINDOW = 90 * DAY
TEXT = "清河镇便民中心三号窗口每天下午四点就没有人了，跑了三趟都没有办成营业执照，希望尽快解决。"


@pytest.mark.parametrize(
    "copy",
    [
        f"\n\t\t\t{TEXT}\n\t\t",
        TEXT.replace("，", ", "),
        TEXT.replace("三号", "\u00a0三号 "),
        TEXT.replace("。", "!!!"),
        TEXT.replace("，", "\u3000"),
    ],
)
def test_a_copy_has_the_same_key_whatever_happened_to_its_spaces_and_punctuation(copy: str) -> None:
    assert matter.matter_key("窗口没人", copy) == matter.matter_key("另一个标题", TEXT)


def test_full_width_and_case_do_not_matter() -> None:
    assert matter.matter_key("", "Ａ市Ｂ区１２号窗口长期无人值守请处理") == matter.matter_key(
        "", "a市b区12号窗口长期无人值守请处理"
    )


def test_another_text_has_another_key() -> None:
    assert matter.matter_key("", TEXT) != matter.matter_key("", TEXT.replace("三号", "四号"))


def test_a_body_that_says_nothing_counts_with_its_title() -> None:
    assert matter.matter_key("路灯不亮", "请尽快处理！") != matter.matter_key("水管漏水", "请尽快处理！")
    assert matter.matter_key("路灯不亮", "请尽快处理！") == matter.matter_key("路灯不亮。", "请尽快处理")


def test_a_text_of_punctuation_alone_has_a_key() -> None:
    assert matter.matter_key("", "？？？") != matter.matter_key("", "！！！")


def test_an_edited_copy_shares_a_band_and_another_matter_does_not() -> None:
    mine = set(matter.bands("窗口没人", TEXT))
    edited = TEXT.replace("三趟", "四趟").replace("希望尽快解决", "请领导过问")
    other = "东风路十字路口红绿灯坏了半个月，早晚高峰堵得厉害，至今没有人来修理。"
    assert mine & set(matter.bands("窗口无人", edited))
    assert not mine & set(matter.bands("红绿灯坏了", other))
    assert matter.likeness(matter.normalised(TEXT), matter.normalised(edited)) >= matter.ALIKE
    assert matter.likeness(matter.normalised(TEXT), matter.normalised(other)) < matter.ALIKE


def test_bands_are_the_same_on_every_machine() -> None:
    assert matter.bands("窗口没人", TEXT)[:2] == matter.bands("窗口没人", TEXT)[:2]
    assert all(0 <= band < 2**63 for band in matter.bands("", "太短了"))
    assert matter.bands("", "短") == ()
    assert len(matter.bands("", "字" * 100_000)) == matter.BANDS


def lead(**changes: object) -> Matter:
    values: dict[str, object] = {
        "lead": "2026-000001", "unit": None, "has_ended": False, "closed_at": None, **changes,
    }  # fmt: skip
    return Matter(**values)  # type: ignore[arg-type]  # made from a dictionary for short


@pytest.mark.parametrize(
    ("earlier", "unit", "joins"),
    [
        (lead(), None, True),
        (lead(closed_at=NOW - 90 * DAY), None, True),
        (lead(closed_at=NOW - 90 * DAY - timedelta(seconds=1)), None, False),
        (lead(closed_at=NOW + DAY), None, True),
        (lead(has_ended=True), None, False),
        (lead(unit="tax"), "tax", True),
        (lead(unit="tax"), None, True),
        (lead(unit="tax"), "police", False),
    ],
)
def test_a_repeat_joins_an_open_or_lately_closed_matter_of_the_same_unit(
    earlier: Matter, unit: str | None, joins: bool
) -> None:
    assert may_join(earlier, unit, NOW, WINDOW) is joins


def test_the_first_matter_alive_leads() -> None:
    old = lead(lead="2026-000001", closed_at=NOW - 200 * DAY)
    new = lead(lead="2026-000009")
    assert joined([old, new], None, NOW, WINDOW) == "2026-000009"
    assert joined([old], None, NOW, WINDOW) is None


def test_one_person_who_writes_often_is_one_petitioner() -> None:
    assert petitioners(["a", "a", None, None, "b"]) == 4
