"""LibreOffice and poppler for tests of documents. Skipped where they are not.

With MINPING_REQUIRE=libreoffice they must be there: their absence fails the tests.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')


def required() -> None:
    """Skip where there is no LibreOffice; fail where there must be one."""
    missing = [name for name in ("soffice", "pdftotext") if shutil.which(name) is None]
    if not missing:
        return
    said = (
        f"no {', '.join(missing)} here: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils"
    )
    if "libreoffice" in os.environ.get("MINPING_REQUIRE", "").split(","):
        pytest.fail(f"MINPING_REQUIRE=libreoffice, and {said}")
    pytest.skip(said)


def text_of(pdf: Path) -> str:
    """All text of a PDF without white space and page numbers: lines and pages end elsewhere than in the data."""
    made = subprocess.run(["pdftotext", "-raw", pdf, "-"], check=True, capture_output=True, text=True)
    return re.sub(r"—\d+—", "", "".join(made.stdout.split()))


def pages_of(pdf: Path) -> list[list[dict[str, Any]]]:
    """The words of each page with their places: `left`, `top`, `right`, `bottom` in points, `text`."""
    made = subprocess.run(["pdftotext", "-bbox", pdf, "-"], check=True, capture_output=True, text=True)
    return [
        [
            dict(zip(("left", "top", "right", "bottom"), map(float, found.groups()[:4]), strict=True), text=found[5])
            for found in WORD.finditer(page)
        ]
        for page in made.stdout.split("<page ")[1:]
    ]
