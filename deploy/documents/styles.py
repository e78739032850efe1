"""Styles of official documents, by name as an office sees them in Word, and the parts around the text."""

from dataclasses import dataclass

from deploy.documents.ooxml import (
    BLACK,
    BODY,
    CHARACTER,
    CLOSER,
    FONTS,
    HEADER,
    KAI,
    LATIN,
    LINE,
    MARK,
    OFFICE,
    PACKAGE,
    RED,
    SONG,
    TEXT_WIDTH,
    TITLE,
    WORD,
    W,
    document,
    footer,
    package,
)

MM_PT = 72 / 25.4
SIZES = {"initial": 84, "2": 44, "3": 32, "4": 28, "small4": 24}
"""Half-points of the Chinese sizes."""


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style. Spacing in twips, indents in characters of the body."""

    id: str
    name: str
    font: str = ""
    size: str = ""
    bold: bool = False
    color: str = ""
    align: str = ""
    before: int = 0
    line: int = 0
    first: float = 0
    left: float = 0
    right: float = 0
    hanging: float = 0
    border: str = ""
    keep_next: bool = False
    outline: int | None = None
    tabs: str = ""

    def xml(self, language: str) -> str:
        """The style, its elements in the order of the schema. In English all is in one face, headings in bold."""
        size, chinese = SIZES.get(self.size, 0), language == "zh"
        look = (
            (f'<w:rFonts w:eastAsia="{self.font}"/>' if self.font and chinese else "")
            + ("<w:b/>" if self.bold or (self.font in (BLACK, KAI) and not chinese) else "")
            + (f'<w:color w:val="{self.color}"/>' if self.color else "")
            + (f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>' if size else "")
        )
        place = (
            ("<w:keepNext/>" if self.keep_next else "")
            + (f"<w:pBdr>{self.border}</w:pBdr>" if self.border else "")
            + (f"<w:tabs>{self.tabs}</w:tabs>" if self.tabs else "")
            + self._spacing()
            + self._indent()
            + (f'<w:jc w:val="{self.align}"/>' if self.align else "")
            + (f'<w:outlineLvl w:val="{self.outline}"/>' if self.outline is not None else "")
        )
        return (
            f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{self.id}"><w:name w:val="{self.name}"/>'
            f'<w:basedOn w:val="Normal"/><w:qFormat/>{f"<w:pPr>{place}</w:pPr>" if place else ""}'
            f"{f'<w:rPr>{look}</w:rPr>' if look else ''}</w:style>"
        )

    def _spacing(self) -> str:
        if not self.before and not self.line:
            return ""
        before = f' w:before="{self.before}"' if self.before else ""
        line = f' w:line="{self.line}" w:lineRule="exact"' if self.line else ""
        return f"<w:spacing{before}{line}/>"

    def _indent(self) -> str:
        named = {"left": self.left, "right": self.right, "hanging": self.hanging, "firstLine": self.first}
        return _indents({side: count for side, count in named.items() if count})


def _indents(counts: dict[str, float]) -> str:
    if not counts:
        return ""
    inner = "".join(
        f' w:{side}Chars="{round(count * 100)}" w:{side}="{round(count * CHARACTER)}"' for side, count in counts.items()
    )
    return f"<w:ind{inner}/>"


RED_LINE = f'<w:bottom w:val="single" w:sz="12" w:space="11" w:color="{RED}"/>'
"""11 pt = 4 mm under the number."""

RIGHT_TAB = f'<w:tab w:val="right" w:pos="{TEXT_WIDTH - round(CHARACTER)}"/>'
FULL_TAB = f'<w:tab w:val="right" w:pos="{TEXT_WIDTH}"/>'
STYLES = (
    Style("Mark", "发文机关标志", MARK, "initial", color=RED, align="center", before=round(35 * MM_PT * 20), line=1158),
    Style("Number", "发文字号", align="center", before=2 * LINE, border=RED_LINE),
    Style("NumberUp", "发文字号 上行文", before=2 * LINE, border=RED_LINE, tabs=RIGHT_TAB),
    Style("BriefMark", "简报标志", MARK, "initial", color=RED, align="center", before=LINE, line=1158),
    Style("BriefLine", "简报期号", before=LINE, border=RED_LINE, tabs=RIGHT_TAB),
    Style("DocTitle", "公文标题", TITLE, "2", align="center", before=2 * LINE, line=700, keep_next=True, outline=0),
    Style("FormTitle", "表格标题", TITLE, "2", align="center", line=700, keep_next=True, outline=0),
    Style("Addressee", "主送机关", before=LINE),
    Style("Body", "公文正文", align="both", first=2),
    Style("Heading1st", "一级标题", BLACK, first=2, keep_next=True, outline=1),
    Style("Heading2nd", "二级标题", KAI, first=2, keep_next=True, outline=2),
    Style("Heading3rd", "三级标题", bold=True, first=2, keep_next=True, outline=3),
    Style("Enclosed", "附件说明", before=LINE, left=5, hanging=3),
    Style("EnclosedMore", "附件说明 续", left=6, hanging=1),
    Style("Issuer", "发文机关署名", align="center", before=2 * LINE, left=10, keep_next=True),
    Style("Dated", "成文日期", align="center", left=10, keep_next=True),
    Style("Imprint", "版记", BODY, "4", line=480, tabs=RIGHT_TAB),
    Style("Anchor", "版记定位", line=20),
    Style("Label", "表格栏目", BLACK, "4", align="center", line=440),
    Style("Cell", "表格内容", BODY, "4", line=440),
    Style("CellBody", "表格正文", BODY, "4", align="both", line=440, first=2),
    Style("CellCentre", "表格内容 居中", BODY, "4", align="center", line=440),
    Style("FormLine", "表格编号行", BODY, "4", line=440, tabs=FULL_TAB),
    Style("Note", "说明文字", KAI, "4", line=440),
    Style("Stamp", "草稿标记", BLACK, "4", color=RED, align="center", line=440),
    Style("Certificate", "聘书标题", MARK, "initial", color=RED, align="center", before=4 * LINE, line=1400),
    Style("PageOdd", "页码 单页", SONG, "4", align="right", right=1),
    Style("PageEven", "页码 双页", SONG, "4", left=1),
)


def styles(language: str) -> str:
    """styles.xml: the body is size 3 仿宋, 28 characters to the line, on lines of 28.95 pt."""
    # the page's grid holds 22 lines of 28; paragraphs keep to it by themselves, as LibreOffice cannot press characters
    size, closer = (32, f'<w:spacing w:val="{CLOSER}"/>') if language == "zh" else (28, "")
    lang = '<w:lang w:val="en-GB" w:eastAsia="zh-CN"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="{LATIN}" '
        f'w:eastAsia="{BODY if language == "zh" else LATIN}" w:hAnsi="{LATIN}" '
        f'w:cs="{LATIN}"/><w:sz w:val="32"/><w:szCs w:val="32"/>{lang}'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    )
    normal = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        '<w:pPr><w:widowControl w:val="0"/><w:snapToGrid w:val="0"/>'
        f'<w:spacing w:line="{LINE}" w:lineRule="exact"/></w:pPr>'
        f'<w:rPr>{closer}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr></w:style>'
    )
    tables = (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    )
    named = "".join(style.xml(language) for style in STYLES)
    return f'{HEADER}<w:styles xmlns:w="{W}">{defaults}{normal}{tables}{named}</w:styles>'


def fonts() -> str:
    """fontTable.xml: fonts by name, each with another that a machine may have instead."""
    named = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/>'
        f'<w:charset w:val="{charset}"/><w:family w:val="{family}"/>'
        f'<w:pitch w:val="{pitch}"/></w:font>'
        for name, (other, charset, family, pitch) in FONTS.items()
    )
    return f'{HEADER}<w:fonts xmlns:w="{W}">{named}</w:fonts>'


SETTINGS = (
    f'{HEADER}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:bordersDoNotSurroundHeader/>'
    '<w:bordersDoNotSurroundFooter/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
    '<w:drawingGridHorizontalSpacing w:val="158"/><w:drawingGridVerticalSpacing w:val="579"/>'
    '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:spaceForUL/>'
    "<w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:doNotExpandShiftReturn/>"
    '<w:adjustLineHeightInTable/><w:useFELayout/><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-US" '
    'w:eastAsia="zh-CN"/></w:settings>'
)
CORE = (
    f'{HEADER}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
)
TYPES = (
    f'{HEADER}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{WORD}.styles+xml"/>'
    f'<Override PartName="/word/settings.xml" ContentType="{WORD}.settings+xml"/>'
    f'<Override PartName="/word/fontTable.xml" ContentType="{WORD}.fontTable+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{WORD}.footer+xml"/>'
    f'<Override PartName="/word/footer2.xml" ContentType="{WORD}.footer+xml"/>'
    '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    "</Types>"
)


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    inner = "".join(f'<Relationship Id="{key}" Type="{kind}" Target="{to}"/>' for key, (kind, to) in targets.items())
    return f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def template(language: str, *content: str) -> bytes:
    """A whole .docx with this content."""
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": _relations(
            {
                "rId1": (f"{OFFICE}/officeDocument", "word/document.xml"),
                "rId2": (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            }
        ),
        "word/document.xml": document(*content, characters=language == "zh"),
        "word/_rels/document.xml.rels": _relations(
            {
                "rId1": (f"{OFFICE}/styles", "styles.xml"),
                "rId2": (f"{OFFICE}/settings", "settings.xml"),
                "rId3": (f"{OFFICE}/fontTable", "fontTable.xml"),
                "rId4": (f"{OFFICE}/footer", "footer1.xml"),
                "rId5": (f"{OFFICE}/footer", "footer2.xml"),
            }
        ),
        "word/styles.xml": styles(language),
        "word/settings.xml": SETTINGS,
        "word/fontTable.xml": fonts(),
        "word/footer1.xml": footer("PageEven"),
        "word/footer2.xml": footer("PageOdd"),
        "docProps/core.xml": CORE,
    }
    return package(parts)
