"""Official documents (N5): the form of GB/T 9704, eleven kinds in two languages, filled from data and nothing else."""

import io
import re
import zipfile
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.shared import Mm, Pt
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.documents.__main__ import templates
from services.notify.documents import KINDS, LANGUAGES, SPECIMENS, Press, number, render
from services.notify.documents.kinds import COMMON
from services.notify.documents.press import HERE
from shared.errors import Refusal
from shared.programme.parts import DocumentKind

BOTH = [(language, kind) for language in LANGUAGES for kind in KINDS]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def opened(language: str, kind: str, **facts: Any) -> Any:
    return docx.Document(io.BytesIO(render(kind, {**SPECIMENS[language][kind], **facts}, language)))


def text_of(document: Any) -> str:
    """All text in the order of the document, cells of tables too."""
    paragraphs = document.element.body.iter(f"{W}p")
    return "\n".join("".join(piece.text or "" for piece in p.iter(f"{W}t")) for p in paragraphs)


def values(given_: Any) -> list[str]:
    if isinstance(given_, str):
        return [given_]
    if isinstance(given_, date):
        return []
    if isinstance(given_, dict):
        return [text for value in given_.values() for text in values(value)]
    if isinstance(given_, list | tuple):
        return [text for value in given_ for text in values(value)]
    return []


def test_n5_every_kind_of_the_domain_is_there_and_has_a_series_of_its_own() -> None:
    """The kinds are those a rule may name; no two series have the same character."""
    assert set(KINDS) == set(DocumentKind.__args__)  # type: ignore[attr-defined]  # a Literal
    assert len({kind.series for kind in KINDS.values()}) == len(KINDS)
    assert number("民评", KINDS["circular"].series, 2026, 7) == "民评通〔2026〕7号"


@pytest.mark.parametrize(("language", "kind"), BOTH)
def test_n5_a_document_says_what_it_was_filled_with(language: str, kind: str) -> None:
    """Every text of the facts stands in it, its days in words, and nothing of the template's language is left."""
    facts = SPECIMENS[language][kind]
    found = text_of(opened(language, kind))
    unused = {"office"} if kind in ("transfer_card", "commitment", "letter_of_appointment") else set()
    unused |= {"supervisors_briefing": {"office", "addressee"}}.get(kind, set())
    unused |= {"transfer_card": {"office", "addressee", "copies", "due"}, "commitment": {"office", "copies"}}.get(
        kind, set()
    )
    unused |= {"letter_of_appointment": {"office", "addressee", "copies"}}.get(kind, set())
    unused |= {"recommendation_letter": {"card", "topic", "lead_unit", "territorial_unit", "period"}}.get(kind, set())
    for name, value in facts.items():
        for text in values(value) if name not in unused else []:
            assert text in found, (name, text)
        if isinstance(value, date) and name not in unused and name != "printed_on":
            worded = f"{value.year}年{value.month}月{value.day}日" if language == "zh" else f"{value.day} {value:%B %Y}"
            assert worded in found, name
    assert not re.search(r"[{}]|%[}p]", found)


@pytest.mark.parametrize(("language", "kind"), BOTH)
def test_n5_the_page_is_that_of_gb_t_9704(language: str, kind: str) -> None:
    """A4, 37 mm above, 28 mm to the left, 156 × 225 mm of text in 22 lines of 28, page numbers on the outer side."""
    document = opened(language, kind)
    page = document.sections[0]

    def close(length: Any, mm: float) -> bool:
        return abs(length - Mm(mm)) < Mm(0.1)

    assert close(page.page_width, 210) and close(page.page_height, 297)
    assert close(page.top_margin, 37) and close(page.left_margin, 28)
    assert close(page.page_width - page.left_margin - page.right_margin, 156)
    assert close(page.page_height - page.top_margin - page.bottom_margin, 225)
    normal = document.styles["Normal"]
    line = normal.paragraph_format.line_spacing
    assert 28.9 <= line.pt <= 29 and line * 22 <= Mm(225) < line * 23
    assert document.settings.odd_and_even_pages_header_footer
    odd, even = page.footer.paragraphs[0], page.even_page_footer.paragraphs[0]
    assert (odd.style.name, even.style.name) == ("页码 单页", "页码 双页")
    assert odd.text == even.text == "— 1 —"
    if language == "zh":
        grid = page._sectPr.find(f"{W}docGrid")
        pitch = Pt(16) + int(grid.get(f"{W}charSpace")) / 4096 * Pt(1)
        assert grid.get(f"{W}type") == "linesAndChars" and int(grid.get(f"{W}linePitch")) == line.twips
        assert Mm(156) - Pt(0.2) < 28 * pitch < Mm(156) + Pt(0.2)
        assert normal.font.size == Pt(16)


def test_n5_the_fonts_and_sizes_are_those_of_the_standard() -> None:
    """Body 3号仿宋, title 2号小标宋 in the middle, headings 黑体 and 楷体, the head in red, numbers 4号宋体."""
    document = opened("zh", "circular")

    def look(name: str) -> tuple[str | None, float | None, str | None]:
        style = document.styles[name].element
        run = style.rPr
        font = (
            run.find(f"{W}rFonts").get(f"{W}eastAsia")
            if run is not None and run.find(f"{W}rFonts") is not None
            else None
        )
        size = run.find(f"{W}sz") if run is not None else None
        color = run.find(f"{W}color") if run is not None else None
        return (
            font,
            int(size.get(f"{W}val")) / 2 if size is not None else None,
            color.get(f"{W}val") if color is not None else None,
        )

    assert look("公文标题") == ("方正小标宋简体", 22, None)
    assert look("发文机关标志")[::2] == ("方正小标宋简体", "E60000")
    assert look("一级标题")[0] == "黑体" and look("二级标题")[0] == "楷体_GB2312"
    assert look("版记")[:2] == ("仿宋_GB2312", 14) and look("页码 单页")[:2] == ("宋体", 14)
    defaults = document.styles.element.find(f"{W}docDefaults").find(f".//{W}rFonts")
    assert defaults.get(f"{W}eastAsia") == "仿宋_GB2312"


def test_n5_a_name_fills_its_line_and_a_title_has_lines_alike() -> None:
    """A long office is made narrower until it fits; a title of two lines is set in by its sides."""
    long = "某某市纠正部门和行业不正之风工作领导小组民主评议办公室"
    document = opened("zh", "circular", office=long, title="关于" + "很长的标题" * 6)
    mark = next(p for p in document.paragraphs if p.style.name == "发文机关标志")
    look = mark.runs[0]._r.rPr
    size, narrow = (int(look.find(f"{W}{name}").get(f"{W}val")) for name in ("sz", "w"))
    assert mark.text == long + "文件" and len(mark.text) * size / 2 * narrow / 100 <= Mm(156).pt
    title = next(p for p in document.paragraphs if p.style.name == "公文标题")
    assert title.paragraph_format.left_indent == title.paragraph_format.right_indent > Pt(22)


@pytest.mark.parametrize(("language", "kind"), BOTH)
def test_n5_the_same_facts_are_the_same_bytes(language: str, kind: str) -> None:
    """Whenever and by whichever press it is printed."""
    facts = SPECIMENS[language][kind]
    assert render(kind, facts, language) == Press().render(kind, deepcopy(facts), language)


def test_n5_the_templates_are_those_that_the_script_makes() -> None:
    """`python -m deploy.documents` gives the committed files, byte for byte, and there are no others."""
    made = templates()
    assert {str(path.relative_to(HERE)) for path in HERE.rglob("*.docx")} == set(made)
    for name, body in made.items():
        assert (HERE / name).read_bytes() == body, f"{name}: run python -m deploy.documents"


NASTY = "{{ office }} {% for x in y %} <w:p/> & ]]> \u202etxt.exe\u2066 =1+1 \x00\x07\ud800 {_{ a }_}"


@pytest.mark.parametrize("kind", KINDS)
def test_x9_what_people_wrote_is_text_and_nothing_else(kind: str) -> None:
    """Templates, markup, controls and overrides of the direction in the data change neither template nor page."""
    facts = {name: _with(value, NASTY) for name, value in SPECIMENS["zh"][kind].items()}
    body = render(kind, facts, "zh")
    found = text_of(docx.Document(io.BytesIO(body)))
    assert "{{ office }} {% for x in y %} <w:p/> & ]]> txt.exe =1+1" in found
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", found)
    before, after = (len(list(document.element.body.iter(f"{W}p"))) for document in (
        opened("zh", kind), docx.Document(io.BytesIO(body))
    ))  # fmt: skip
    assert before == after


def _with(value: Any, nasty: str) -> Any:
    if isinstance(value, str):
        return value + nasty
    if isinstance(value, list):
        return [_with(entry, nasty) for entry in value]
    if isinstance(value, dict):
        return {name: _with(entry, nasty) for name, entry in value.items()}
    return value


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300), title=st.text(min_size=1, max_size=80))
def test_x9_any_text_at_all_gives_a_document_that_opens(text: str, title: str) -> None:
    """No text breaks the file; its visible characters come out in order."""
    body = render("transfer_card", {**SPECIMENS["zh"]["transfer_card"], "text": text, "title": title}, "zh")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
    docx.Document(io.BytesIO(body))


def test_n5_a_field_that_is_missing_or_not_known_is_refused_by_its_name() -> None:
    """Nothing is filled with emptiness by mistake."""
    facts = dict(SPECIMENS["zh"]["circular"])
    with pytest.raises(Refusal) as missing:
        render("circular", {name: value for name, value in facts.items() if name != "title"}, "zh")
    assert missing.value.field == "facts.title"
    with pytest.raises(Refusal) as unknown:
        render("circular", {**facts, "titel": "x"}, "zh")
    assert unknown.value.field == "facts.titel" and "title" in unknown.value.remedy
    with pytest.raises(Refusal):
        render("poem", facts, "zh")


def edited(tmp_path: Path, kind: str, old: str, new: str) -> Path:
    """An office's folder with a delivered template in which it changed some words."""
    target = tmp_path / "zh" / f"{kind}.docx"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(HERE / "zh" / f"{kind}.docx") as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            made.writestr(name, source.read(name).decode().replace(old, new))
    return tmp_path


def test_n5_an_office_changes_a_template_and_its_words_are_on_the_document(tmp_path: Path) -> None:
    """Its template goes before the delivered one, of that kind only."""
    press = Press(edited(tmp_path, "commitment", "以上承诺向社会公开", "以上承诺张榜公布，单位 {{ issuer }}"))
    document = docx.Document(io.BytesIO(press.render("commitment", SPECIMENS["zh"]["commitment"], "zh")))
    assert "以上承诺张榜公布，单位 清河县市场监督管理局" in text_of(document)
    circular = SPECIMENS["zh"]["circular"]
    assert press.render("circular", circular, "zh") == render("circular", circular, "zh")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("{{ complainant }}", "complainant"),
        ("{{ issuer", "cannot be read"),
        ("{{ issuer.__class__.__mro__ }}", "cannot be filled in"),
        ("{{ ''.join.__globals__ }}", "cannot be filled in"),
    ],
)
def test_n5_a_wrong_template_is_refused_at_the_start_by_its_name(tmp_path: Path, new: str, said: str) -> None:
    """Unknown field, broken syntax, a way out of the sandbox: named before the first document is wanted."""
    with pytest.raises(Refusal) as refusal:
        Press(edited(tmp_path, "commitment", "以上承诺向社会公开", new))
    assert refusal.value.field == "documents_dir.zh/commitment.docx"
    assert said in refusal.value.reason


def test_n5_a_folder_of_templates_is_looked_through_at_the_start(tmp_path: Path) -> None:
    """A name that is no kind's, a file that is no .docx; a lock file of Word is left alone."""
    with pytest.raises(Refusal):
        Press(tmp_path / "nowhere")
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "~$circular.docx").write_bytes(b"lock")
    Press(tmp_path)
    (tmp_path / "zh" / "circular.docx").write_bytes(b"not a zip")
    with pytest.raises(Refusal) as broken:
        Press(tmp_path)
    assert "not a .docx" in broken.value.reason
    (tmp_path / "zh" / "circular.docx").rename(tmp_path / "zh" / "circulaire.docx")
    with pytest.raises(Refusal) as unknown:
        Press(tmp_path)
    assert unknown.value.value == "zh/circulaire.docx"


def test_n5_the_docs_name_every_kind_with_its_series_and_fields() -> None:
    """What an office may use in a template stands in docs/documents.md."""
    docs = (Path(__file__).parents[3] / "docs" / "documents.md").read_text(encoding="utf-8")
    for kind in KINDS.values():
        line = next(line for line in docs.splitlines() if line.startswith(f"| `{kind.key}` |"))
        assert f"| {kind.zh} | {kind.series} |" in line
        for name in kind.fields:
            assert f"`{name}`" in (docs if name in COMMON else line), (kind.key, name)
