"""What pages say: one YAML file a service, each key in Chinese and English, on top of what all pages say."""

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from shared.language import LANGUAGES, Language

SHARED = Path(__file__).parent / "wording.yaml"


class Wording:
    """Texts by key. Raises ValueError at once for a key that lacks a language, and LookupError for an unknown key."""

    def __init__(self, *files: Path) -> None:
        self._texts: dict[Language, dict[str, str]] = {language: {} for language in LANGUAGES}
        for file in (SHARED, *files):
            for key, texts in YAML(typ="safe").load(file.read_text(encoding="utf-8")).items():
                for language in LANGUAGES:
                    if not isinstance(texts, dict) or not texts.get(language):
                        raise ValueError(f"{file.name}: {key} says nothing in {language}")
                    self._texts[language][key] = str(texts[language])

    def keys(self) -> set[str]:
        """All keys."""
        return set(self._texts["zh"])

    def say(self, language: Language, key: str, /, **values: object) -> str:
        """The text of a key, with `{name}` filled in."""
        return self._texts[language][key].format_map(values) if values else self._texts[language][key]

    def of(self, language: Language) -> Mapping[str, str]:
        """All texts of a language."""
        return self._texts[language]
