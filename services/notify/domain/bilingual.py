"""Reasons that the system words itself stand in one field in both languages, `中文 · English`."""

BETWEEN = " · "


def in_language(text: str, language: str) -> str:
    """The part in a language; what people wrote has no parts and stays as it is."""
    zh, between, en = text.partition(BETWEEN)
    return text if not between or BETWEEN in en else zh if language == "zh" else en
