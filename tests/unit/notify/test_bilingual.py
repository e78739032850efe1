"""Reasons that the system words are told in the reader's language alone."""

import pytest

from services.notify.domain.bilingual import in_language


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (
            "末位且低于80分（第6名） · Last and below 80 (rank 6)",
            "末位且低于80分（第6名）",
            "Last and below 80 (rank 6)",
        ),
        ("整改不力", "整改不力", "整改不力"),
        ("甲 · 乙 · 丙", "甲 · 乙 · 丙", "甲 · 乙 · 丙"),
    ],
)
def test_n2_a_reason_in_two_languages_is_told_in_one(text: str, zh: str, en: str) -> None:
    assert (in_language(text, "zh"), in_language(text, "en")) == (zh, en)
