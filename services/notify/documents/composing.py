"""What a template cannot say by itself: names that fit their line, titles in lines alike, as many columns as needed."""

import math
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MARKS = {"Mark": 84, "BriefMark": 84, "Certificate": 84}
"""Styles in which a name fills the line: half-points at most; a longer name is made narrower, then smaller."""

LINE_HALF_POINTS = 884
"""156 mm."""

NARROWEST = 0.6
TITLE, TITLE_HALF_POINTS = "DocTitle", 44


def unclosed(part: bytes) -> str | None:
    """A paragraph of a template with a field that is begun and not ended, which docxtpl would swallow; None if none."""
    tree = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    for paragraph in tree.iter(f"{W}p"):
        text = "".join(piece.text or "" for piece in paragraph.iter(f"{W}t"))
        if any(text.count(begin) != text.count(end) for begin, end in (("{{", "}}"), ("{%", "%}"))):
            return text
    return None


def composed(text: str) -> bytes:
    """A part that was filled in: whole XML, marks that fit their line, tables whose grid has all their columns."""
    tree = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    for paragraph in tree.iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        named = style.get(f"{W}val") if style is not None else None
        if named in MARKS:
            _fit(paragraph, MARKS[named])
        elif named == TITLE:
            _balance(paragraph)
    for table in tree.iter(f"{W}tbl"):
        _widen(table)
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


def _ems(*texts: Any) -> float:
    chars = "".join(piece.text or "" for text in texts for piece in text.iter(f"{W}t"))
    return sum(1.0 if ord(char) > 0x2E7F else 0.55 for char in chars)


def _balance(paragraph: Any) -> None:
    """A title that takes several lines breaks where its words do: between the runs of the template, if that gives
    lines that fit; else it is set in by its sides, so that its lines are about alike (7.3.1)."""
    ems, fitting = _ems(paragraph), LINE_HALF_POINTS / TITLE_HALF_POINTS
    if ems <= fitting:
        return
    runs = paragraph.findall(f"{W}r")
    cuts = [(_ems(*runs[:place]), place) for place in range(1, len(runs))]
    fair = [(abs(first - ems / 2), place) for first, place in cuts if max(first, ems - first) <= fitting]
    if fair:
        _, place = min(fair)
        runs[place].insert(0 if runs[place].find(f"{W}rPr") is None else 1, etree.Element(f"{W}br"))
        return
    side = int((fitting - math.ceil(ems / math.ceil(ems / fitting)) - 1) / 2 * TITLE_HALF_POINTS * 10)
    about = paragraph.find(f"{W}pPr")
    if side > 0 and about is not None and about.find(f"{W}ind") is None:
        indent = etree.SubElement(about, f"{W}ind")
        indent.set(f"{W}left", str(side))
        indent.set(f"{W}right", str(side))


def _fit(paragraph: Any, largest: int) -> None:
    ems = _ems(paragraph)
    if ems * largest <= LINE_HALF_POINTS:
        return
    size = min(largest, int(LINE_HALF_POINTS / (ems * NARROWEST)))
    narrow = LINE_HALF_POINTS / (ems * size)
    for run in paragraph.iter(f"{W}r"):
        look = run.find(f"{W}rPr")
        if look is None:
            look = etree.Element(f"{W}rPr")
            run.insert(0, look)
        for name, value in (("w", int(narrow * 100)), ("sz", size), ("szCs", size)):
            for old in look.findall(f"{W}{name}"):
                look.remove(old)
            etree.SubElement(look, f"{W}{name}").set(f"{W}val", str(value))


def _widen(table: Any) -> None:
    """A table with a column for each entry has as many columns in its grid, all alike."""
    grid = table.find(f"{W}tblGrid")
    rows = [row.findall(f"{W}tc") for row in table.findall(f"{W}tr")]
    columns = max((len(cells) for cells in rows), default=0)
    spans = table.find(f".//{W}gridSpan") is not None
    if grid is None or spans or columns == len(grid) or not columns:
        return
    whole = sum(int(column.get(f"{W}w", "0")) for column in grid)
    for column in list(grid):
        grid.remove(column)
    for _ in range(columns):
        etree.SubElement(grid, f"{W}gridCol").set(f"{W}w", str(whole // columns))
    for cells in rows:
        for cell in cells:
            width = cell.find(f"{W}tcPr/{W}tcW")
            if width is not None:
                width.set(f"{W}w", str(whole // columns))
