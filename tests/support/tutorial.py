"""The programme that the tutorial writes: the YAML blocks of the page, one below the other."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "programme-tutorial.md"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def tutorial_yaml() -> str:
    """The whole programme file."""
    return "\n".join(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))
