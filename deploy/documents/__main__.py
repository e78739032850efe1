"""Writes the templates that the project delivers: `python -m deploy.documents`."""

from pathlib import Path

from deploy.documents.en import CONTENTS as ENGLISH
from deploy.documents.styles import template
from deploy.documents.zh import CONTENTS as CHINESE

FOLDER = Path(__file__).parents[2] / "services" / "notify" / "documents" / "templates"


def templates() -> dict[str, bytes]:
    """Every template by its path under the folder: the same bytes whenever and wherever it is made."""
    contents = {"zh": CHINESE, "en": ENGLISH}
    return {
        f"{language}/{kind}.docx": template(language, content)
        for language, kinds in contents.items()
        for kind, content in kinds.items()
    }


def main() -> None:
    """Write them."""
    for path, body in templates().items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


if __name__ == "__main__":
    main()
