"""Pictures of the documents for docs/, as LibreOffice prints them: `python -m deploy.documents.pictures`.

Needs LibreOffice, poppler-utils and Chinese fonts; where the fonts of official documents are not there, others show.
"""

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from services.notify.documents import KINDS, SPECIMENS, render
from services.notify.pdf import Converter

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
ENGLISH = ("transfer_card", "recommendation_letter")
DOTS_PER_INCH = 60
GAP = 8
COLORS = 24
"""Black, red and what lies between them and white: a picture of some ten kilobytes."""


def main() -> None:
    """Write docs/pictures/document-<kind>.png, and two kinds in English."""
    if shutil.which("pdftoppm") is None:
        raise SystemExit("no pdftoppm here: apt-get install poppler-utils")
    wanted = {f"document-{kind}": ("zh", kind) for kind in KINDS} | {
        f"document-{kind}-en": ("en", kind) for kind in ENGLISH
    }
    files = {name: render(kind, SPECIMENS[language][kind], language) for name, (language, kind) in wanted.items()}
    made = asyncio.run(Converter().convert(files))
    with tempfile.TemporaryDirectory() as folder:
        for name, body in made.items():
            pdf = Path(folder) / f"{name}.pdf"
            pdf.write_bytes(body)
            command = ["pdftoppm", "-r", str(DOTS_PER_INCH), "-png", str(pdf), str(pdf.with_suffix(""))]
            subprocess.run(command, check=True)
            _side_by_side(sorted(Path(folder).glob(f"{name}-?.png"))).save(FOLDER / f"{name}.png", optimize=True)


def _side_by_side(pages: list[Path]) -> Image.Image:
    shown = [Image.open(page).convert("RGB") for page in pages]
    width = sum(page.width + GAP for page in shown) + GAP
    sheet = Image.new("RGB", (width, shown[0].height + 2 * GAP), "#999999")
    left = GAP
    for page in shown:
        sheet.paste(page, (left, GAP))
        left += page.width + GAP
    return sheet.quantize(COLORS)


if __name__ == "__main__":
    main()
