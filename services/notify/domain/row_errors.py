"""What is wrong with a row of a table, and headings compared as people write them."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowError:
    """An error of a row; `row` as the spreadsheet shows it."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str


def folded(text: str) -> str:
    """A word without its spaces, widths and capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
