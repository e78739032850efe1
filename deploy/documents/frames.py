"""What several documents share: the red head, the sections, the signature with its seal's place, 版记."""

from deploy.documents.ooxml import TEXT_WIDTH, cell, imprint, p, row, run, table, tag
from deploy.documents.styles import RIGHT_TAB

TAB = "<w:r><w:tab/></w:r>"
THREE = (TEXT_WIDTH // 3,) * 3


def draft(text: str) -> str:
    """A red line above everything, as long as it is a draft."""
    return tag("if draft") + p("Stamp", text) + tag("endif")


def red_head(mark: str, number: str = "{{ number }}") -> str:
    """The mark of who issues it, the number, the red line; whom to sign for where it goes upward."""
    upward = p("NumberUp", "　" + number, TAB, run("签发人："), run("{{ signatory }}", font="楷体_GB2312"))
    return p("Mark", mark) + tag("if signatory") + upward + tag("else") + p("Number", number) + tag("endif")


def optional(field: str, *content: str) -> str:
    """Only where the field has something."""
    return tag(f"if {field}") + "".join(content) + tag("endif")


def each(field: str, style: str = "Body", words: str = "{{ line }}") -> str:
    """A paragraph an entry."""
    return tag(f"for line in {field}") + p(style, words) + tag("endfor")


def sections() -> str:
    """Headings with their paragraphs, and a table where the section has one."""
    head = row(
        cell(THREE[0], p("Label", "{%tc for name in section.table.head %}")),
        cell(THREE[1], p("Label", "{{ name }}"), grey=True),
        cell(THREE[2], p("Label", "{%tc endfor %}")),
        head=True,
    )
    start = row(cell(THREE[0], p("Cell", "{%tr for entry in section.table.rows %}")))
    entry = row(
        cell(THREE[0], p("CellCentre", "{%tc for value in entry %}")),
        cell(THREE[1], p("CellCentre", "{{ value }}")),
        cell(THREE[2], p("CellCentre", "{%tc endfor %}")),
    )
    end = row(cell(THREE[0], p("Cell", "{%tr endfor %}")))
    shown = table(THREE, head, start, entry, end) + p("Note")
    return (
        tag("for section in sections")
        + optional("section.heading", p("Heading1st", "{{ section.heading }}"))
        + each("section.paragraphs")
        + optional("section.table", shown)
        + tag("endfor")
    )


def enclosed(word: str) -> str:
    """附件说明: one name, or a numbered list."""
    first = f"{word}{{% if attachments|length > 1 %}}1. {{% endif %}}{{{{ line }}}}"
    return (
        tag("for line in attachments")
        + tag("if loop.first")
        + p("Enclosed", first)
        + tag("else")
        + p("EnclosedMore", "{{ loop.index }}. {{ line }}")
        + tag("endif")
        + tag("endfor")
    )


def signed() -> str:
    """署名 and 成文日期, one centred on the other, two lines below the text: the seal goes over both."""
    return p("Issuer", "{{ issuer }}") + p("Dated", "{{ signed_on }}")


def foot(copies: str, between: str, full_stop: str, printed: str) -> str:
    """版记 at the foot of the last page: copies to, printed by and when."""
    cc = run(f"　{copies}{{{{ copies|join('{between}') }}}}{full_stop}")
    at = run("　{{ issuer }}") + TAB + run(printed)
    return (
        tag("if copies")
        + imprint("Imprint", "Anchor", cc, at)
        + tag("else")
        + imprint("Imprint", "Anchor", at)
        + tag("endif")
    )


__all__ = ["RIGHT_TAB", "TAB", "draft", "each", "enclosed", "foot", "optional", "red_head", "sections", "signed"]
