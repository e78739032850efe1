"""What everybody may take away of a published result: table, signed data, and a pack for the media (S14)."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asked

from services.scoring.usecases import exports, outcome
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.embargo import in_form
from services.scoring.usecases.outcome import Outcome
from shared.pages import Pages
from shared.pages.house import HEADERS
from shared.spreadsheet import MEDIA_TYPE
from shared.web import Query, public_read

Version = Annotated[int | None, Asked(ge=1)]
_ASSET = re.compile(r'"/assets/[0-9a-f]+/([^"]+)"')
README = """{cycle} 评议结果 第 {version} 版 · results, version {version}

result.html       结果页（与网站相同） the page as on the site
result.xlsx       表格 the table
result.json       数据，规范 JSON data, canonical JSON
result.json.note  系统签名：第三行是 result.json 的 SHA-256 the system's signature; its third line is the file's SHA-256
checkpoint-*.txt  各场大会的封存校验点和签名 each meeting's signed checkpoint

核验 check it: minping verify result.json （旁边放 result.json.note with its note beside it）
封存包和核验方法 bundle and how to check it: /results/{cycle}
"""


def router(house: Pages, desk: Desk, whole: Callable[[Request, Outcome], Response]) -> APIRouter:
    """The endpoints of these files. Public from the publication on; before it they are not found.

    whole: the page of a whole result.
    """
    api = APIRouter(include_in_schema=False)

    def file(data: bytes | str, name: str, kind: str) -> Response:
        headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(data, headers=headers, media_type=kind)

    @api.get("/results/{cycle}/result.json")
    async def as_json(cycle: str, version: Version = None, ask: Query = public_read) -> Response:
        """The data that the note signs, byte for byte."""
        in_form(desk, cycle, "public")
        data, _ = await ask.run(lambda session: exports.signed(desk, session, cycle, version))
        return file(data, "result.json", "application/json")

    @api.get("/results/{cycle}/result.json.note")
    async def note(cycle: str, version: Version = None, ask: Query = public_read) -> Response:
        """The system's signed note over the data."""
        in_form(desk, cycle, "public")
        _, text = await ask.run(lambda session: exports.signed(desk, session, cycle, version))
        return file(text, "result.json.note", "text/plain; charset=utf-8")

    @api.get("/results/{cycle}/result.xlsx")
    async def as_table(cycle: str, version: Version = None, ask: Query = public_read) -> Response:
        """The table."""
        in_form(desk, cycle, "public")
        data = await ask.run(lambda session: exports.workbook(desk, session, cycle, version))
        return file(data, "result.xlsx", MEDIA_TYPE)

    @api.get("/results/{cycle}/media.zip")
    async def pack(cycle: str, request: Request, version: Version = None, ask: Query = public_read) -> Response:
        """Page, table, signed data and checkpoints in one file."""
        in_form(desk, cycle, "media_pack")
        found = await ask.run(lambda session: outcome.outcome(session, cycle, version))
        data, text = await ask.run(lambda session: exports.signed(desk, session, cycle, found.version))
        table = await ask.run(lambda session: exports.workbook(desk, session, cycle, found.version))
        files = await ask.run(lambda session: exports.checkpoints(session, found))
        page = bytes(whole(request, found).body).decode()
        files |= {"result.json": data, "result.json.note": text.encode(), "result.xlsx": table}
        files["README.txt"] = README.format(cycle=cycle, version=found.version).encode()
        for name in set(_ASSET.findall(page)):
            files[f"assets/{name}"] = house.content(name)
        files["result.html"] = _ASSET.sub(r'"assets/\1"', page).encode()
        return file(packed(files), "media.zip", "application/zip")

    return api


def packed(files: dict[str, bytes]) -> bytes:
    """A zip that is the same whenever it is made."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(files):
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return target.getvalue()
