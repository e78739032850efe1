"""WordprocessingML of official documents: the page, the styles and the parts of GB/T 9704-2012, as text.

Measures are twips (1/20 pt) unless a name says otherwise. A template is a file that Word or WPS opens: what is
filled in stands in it as `{{ field }}`.
"""

import io
import zipfile
from collections.abc import Mapping
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"

MM = 1440 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838
TOP, LEFT = round(37 * MM), round(28 * MM)
TEXT_WIDTH, TEXT_HEIGHT = round(156 * MM), round(225 * MM)
RIGHT, BOTTOM = PAGE_WIDTH - LEFT - TEXT_WIDTH, PAGE_HEIGHT - TOP - TEXT_HEIGHT
LINES, CHARACTERS = 22, 28
LINE = TEXT_HEIGHT // LINES
"""One line: 28.95 pt, so that 22 fill the 225 mm."""

CHARACTER = TEXT_WIDTH / CHARACTERS
"""One character: 15.79 pt of the 16 pt of size 3, so that 28 fill the 156 mm."""

CHARACTER_SPACE = round((CHARACTER / 20 - 16) * 4096)
"""What the grid takes off each character, in 1/4096 pt."""

CLOSER = -6
"""Twips taken off each character of the body: 28 of 15.7 pt fit the line, also by LibreOffice's rounding."""

FOOTER = round(24.8 * MM)
"""From the page's edge to the footer's: the dash beside the number then stands 7 mm under the text."""

RED = "E60000"
SONG, MARK, TITLE = "宋体", "方正小标宋简体", "方正小标宋简体"
BODY, BLACK, KAI = "仿宋_GB2312", "黑体", "楷体_GB2312"
LATIN = "Times New Roman"

FONTS = {
    BODY: ("仿宋", "86", "modern", "fixed"),
    KAI: ("楷体", "86", "modern", "fixed"),
    BLACK: ("SimHei", "86", "modern", "fixed"),
    MARK: ("方正小标宋_GBK", "86", "script", "variable"),
    SONG: ("SimSun", "86", "auto", "variable"),
    LATIN: ("Liberation Serif", "00", "roman", "variable"),
}
"""By name: a machine without one takes the second name, or what it has."""

HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def run(text: str, *, font: str = "", half_points: int = 0, bold: bool = False, color: str = "") -> str:
    """A run; without anything it looks as its paragraph's style says."""
    face = f'<w:rFonts w:eastAsia="{font}"/>' if font else ""
    size = f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>' if half_points else ""
    look = face + ("<w:b/>" if bold else "") + (f'<w:color w:val="{color}"/>' if color else "") + size
    about = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{about}<w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'


def p(style: str, *runs: str, tabs: str = "") -> str:
    """A paragraph of a style; a string without a tag is a run."""
    inner = "".join(piece if piece.startswith("<w:r>") else run(piece) for piece in runs)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{tabs}</w:pPr>{inner}</w:p>'


def tag(words: str) -> str:
    """A paragraph that is not printed: `for …`, `if …`, `endif`, `endfor`."""
    return p("Body", f"{{%p {words} %}}")


def cell(width: int, *paragraphs: str, span: int = 1, grey: bool = False, middle: bool = True) -> str:
    """A cell of a table."""
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    fill = '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>' if grey else ""
    place = f'<w:vAlign w:val="{"center" if middle else "top"}"/>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}{fill}{place}</w:tcPr>{"".join(paragraphs)}</w:tc>'
    )


def row(*cells: str, height: int = 0, whole: bool = True, head: bool = False) -> str:
    """A row of a table. whole: not cut by the end of a page. head: repeated on the next page."""
    about = ("<w:cantSplit/>" if whole else "") + (
        f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else ""
    )
    about += "<w:tblHeader/>" if head else ""
    return f"<w:tr>{f'<w:trPr>{about}</w:trPr>' if about else ''}{''.join(cells)}</w:tr>"


def table(widths: tuple[int, ...], *rows: str) -> str:
    """A table as wide as the text, with thin lines."""
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{sides}'
        f'</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def imprint(style: str, anchor: str, *lines: str) -> str:
    """版记 at the foot of the page of what follows: first and last line thick (0.35 mm), between them thin (0.25 mm).

    A table that floats, set off from the page's edge: LibreOffice lets no table float that it takes to be as wide as
    the text. It hangs on a paragraph of one point.
    """
    thick = 'w:val="single" w:sz="8" w:space="0" w:color="000000"'
    thin = 'w:val="single" w:sz="6" w:space="0" w:color="000000"'
    rows = "".join(
        '<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="500" w:hRule="atLeast"/></w:trPr><w:tc><w:tcPr>'
        f'<w:tcW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p></w:tc></w:tr>'
        for runs in lines
    )
    return (
        '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:vertAnchor="margin" w:horzAnchor="page" '
        f'w:tblpX="{LEFT}" w:tblpYSpec="bottom"/><w:tblOverlap w:val="never"/>'
        f'<w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/>'
        f"<w:tblBorders><w:top {thick}/><w:bottom {thick}/><w:insideH {thin}/></w:tblBorders>"
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/>'
        f'</w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="{TEXT_WIDTH}"/></w:tblGrid>{rows}</w:tbl>'
        f'<w:p><w:pPr><w:pStyle w:val="{anchor}"/></w:pPr></w:p>'
    )


def document(*content: str, characters: bool = True) -> str:
    """document.xml: the content on official paper. characters: its grid holds the characters too (Chinese)."""
    grid = f'w:type="linesAndChars" w:linePitch="{LINE}" w:charSpace="{CHARACTER_SPACE}"'
    if not characters:
        grid = f'w:type="lines" w:linePitch="{LINE}"'
    section = (
        f'<w:sectPr><w:footerReference w:type="even" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/>'
        f'<w:pgSz w:w="{PAGE_WIDTH}" w:h="{PAGE_HEIGHT}"/>'
        f'<w:pgMar w:top="{TOP}" w:right="{RIGHT}" w:bottom="{BOTTOM}" w:left="{LEFT}" '
        f'w:header="851" w:footer="{FOOTER}" w:gutter="0"/>'
        f"<w:docGrid {grid}/></w:sectPr>"
    )
    return f'{HEADER}<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{"".join(content)}{section}</w:body></w:document>'


def footer(style: str) -> str:
    """— 1 —: size 4 half-width Song, to the right on odd pages, to the left on even ones."""
    number = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>'
        '1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    dashes = f"{run('— ')}{number}{run(' —')}"
    return f'{HEADER}<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{dashes}</w:p></w:ftr>'


def package(parts: Mapping[str, str]) -> bytes:
    """A .docx of these parts: entries in order, with a fixed time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, text.encode())
    return made.getvalue()
