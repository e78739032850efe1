"""From a template and facts to a .docx: the same facts give the same bytes (N5).

The templates' language is docxtpl's (`{{ field }}`, `{%p if … %}`, `{%tr for … %}`), in a sandbox; a template is
read and compiled once, which makes a document in milliseconds.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from services.notify.documents.filling import ISO_DAY, Facts, clean, filled
from services.notify.documents.kinds import KINDS
from services.notify.documents.specimens import SPECIMENS
from shared.errors import Refusal

HERE = Path(__file__).parent / "templates"
LANGUAGES = ("zh", "en")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
WRITTEN = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
PROPERTIES = "docProps/core.xml"
LARGEST_TEMPLATE = 5_000_000


@dataclass(frozen=True, slots=True)
class Plate:
    """A template, ready to print: its parts in order, those that are filled in compiled."""

    parts: tuple[tuple[str, bytes | Template], ...]


class Press:
    """Prints documents. Templates of an office's own folder, `<language>/<kind>.docx`, go before the delivered ones.

    Raises Refusal at once for a template of that folder that is not of a known kind or uses an unknown field.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._plates: dict[tuple[str, str], Plate] = {}
        self._own = _found(folder) if folder is not None else {}
        for kind, language in self._own:
            try:
                self.render(kind, SPECIMENS[language][kind], language)
            except Refusal as error:
                raise Refusal(
                    f"documents_dir.{language}/{kind}.docx", error.value, error.reason, error.remedy
                ) from None

    def render(self, kind: str, facts: Facts, language: str) -> bytes:
        """A document. Raises Refusal for a field that is missing or not known to the kind or the template."""
        if kind not in KINDS:
            raise Refusal("kind", kind, "no such document", f"use one of: {', '.join(sorted(KINDS))}")
        plate = self._plates.get((kind, language))
        if plate is None:
            plate = self._plates[kind, language] = _plate(self._path(kind, language))
        context = filled(kind, facts, language)
        try:
            return _printed(plate, context, _properties(kind, facts, context, language))
        except (TemplateError, SyntaxError, ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise Refusal(
                f"{language}/{kind}.docx", kind, f"cannot be filled in: {error}", "mend the template"
            ) from error

    def _path(self, kind: str, language: str) -> Path:
        return self._own.get((kind, language)) or HERE / language / f"{kind}.docx"


def _found(folder: Path) -> dict[tuple[str, str], Path]:
    if not folder.is_dir():
        raise Refusal(
            "documents_dir", str(folder), "no such folder", "make it, with zh/ and en/ in it, or leave it out"
        )
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.glob("*/*.docx")):
        language, kind = path.parent.name, path.stem
        if path.name.startswith("~$"):  # Word has it open
            continue
        if language not in LANGUAGES or kind not in KINDS:
            raise Refusal(
                "documents_dir", f"{language}/{path.name}", "not the template of any document",
                f"name it zh/ or en/ and one of: {', '.join(sorted(KINDS))}",
            )  # fmt: skip
        found[kind, language] = path
    return found


def _shown(value: object) -> object:
    """Text as XML: never markup, its line breaks as Word has them."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return Markup(str(escape(value)).replace("\n", '</w:t><w:br/><w:t xml:space="preserve">'))
    return value


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_shown)


def _plate(path: Path) -> Plate:
    """Read and compile a template. Raises Refusal if it is no .docx or its fields cannot be read."""
    from docxtpl import DocxTemplate  # here: 20 MB that a service which prints nothing does not need

    from services.notify.documents.composing import unclosed

    environment = _environment()
    parts: list[tuple[str, bytes | Template]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_TEMPLATE:
                raise Refusal(path.name, path.name, "larger than 5 MB", "take large pictures out of it")
            for name in archive.namelist():
                body = archive.read(name)
                if WRITTEN.fullmatch(name):
                    if (words := unclosed(body)) is not None:
                        raise Refusal(path.name, words[:80], "a field cannot be read: not closed", "write {{ field }}")
                    text = DocxTemplate.patch_xml(None, body.decode())
                    fields = "{{" in text or "{%" in text
                    parts.append((name, environment.from_string(text) if fields else body))
                else:
                    parts.append((name, body))
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, SyntaxError) as error:
        raise Refusal(path.name, path.name, f"not a .docx: {error}", "save it as a Word document (.docx)") from error
    except TemplateError as error:
        raise Refusal(path.name, path.name, f"a field cannot be read: {error}", "mend it: {{ field }}") from error
    return Plate(tuple(parts))


def _printed(plate: Plate, context: Mapping[str, Any], properties: bytes) -> bytes:
    from services.notify.documents.composing import composed  # here, as docxtpl: lxml is large

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, part in plate.parts:
            if name == PROPERTIES:
                _write(archive, name, properties)
            else:
                _write(archive, name, part if isinstance(part, bytes) else composed(part.render(context)))
    return made.getvalue()


def _write(archive: zipfile.ZipFile, name: str, body: bytes) -> None:
    entry = zipfile.ZipInfo(name, FIXED_TIME)
    entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
    archive.writestr(entry, body)


def _properties(kind: str, facts: Facts, context: Mapping[str, Any], language: str) -> bytes:
    """docProps/core.xml: from the facts, never from the clock."""
    day = str(facts["signed_on"])[:10]
    at = f"{day}T00:00:00Z" if ISO_DAY.fullmatch(day) else ""
    stamp = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{at}</dcterms:{name}>' for name in ("created", "modified") if at
    )
    title = clean(context.get("title") or KINDS[kind].name(language), language)
    said = {
        "dc:title": title,
        "dc:creator": context["issuer"],
        "dc:identifier": context["number"],
        "dc:language": "zh-CN" if language == "zh" else "en-GB",
    }
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items() if text)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{inner}{stamp}</cp:coreProperties>'
    ).encode()
