"""What the office tells and shows (N2, N4–N9): circulars, bulletin, documents, proof of letters, leaders' papers."""

import hashlib
import io
import zipfile
from datetime import datetime, timedelta
from functools import partial

from docx import Document
from python_calamine import CalamineWorkbook

from deploy.local.simulate.story import Story, begin, years
from deploy.local.simulate.world import World

ANNOUNCED, CONTRIBUTED, FORESEEN, DOCUMENTS = 8, 58, 66, 101
"""Days after a year's beginning."""

QUARTER_ENDS = ((4, 1), (7, 1), (10, 1))
NEVER_SHOWN = ("来访人", "13800", "13900")
"""What would be a complainant's on a public page: names and telephone numbers of this play."""


class Notices:
    """What an office does besides its cases, every year."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan it, and the papers of the end."""
        world = self._world
        for year, opens, closes in years(world):
            for after, way in (
                (ANNOUNCED, self._announced), (CONTRIBUTED, self._contributed), (FORESEEN, self._foreseen),
                (DOCUMENTS, self._documents),
            ):  # fmt: skip
                at = world.at(world.roll(opens + timedelta(days=after)), 15)
                begin(world, at, f"notices {year} {after}", partial(way, year))
            for month, day in QUARTER_ENDS:
                first = world.roll(closes.replace(year=year, month=month, day=day) + timedelta(days=12))
                world.plan(world.at(first, 16), "circulars", self._circulars)
        last = world.day(world.ends)
        world.plan(world.at(world.roll(last - timedelta(days=12)), 16), "circulars", self._circulars)
        world.plan(world.at(last - timedelta(days=2), 16), "papers", self._papers)

    async def _circulars(self, at: datetime) -> None:
        """Drafts wait: one is returned and worded anew, then all are approved, numbered and issued."""
        world = self._world
        office, approver = world.person("office"), world.person("approver")
        waiting = (await office.get("notify", "/api/v1/circulars", state="draft"))["circulars"]
        for one in sorted(waiting, key=lambda row: (row["first"], row["key"])):
            path = f"/api/v1/circulars/{one['key']}"
            if one["period"].endswith("Q2"):
                back = {"reason": "请写明未完成规定动作的单位"}
                await approver.post("notify", f"{path}/return", back, at=at)
                whole = await office.get("notify", path)
                words = {name: whole[name] for name in ("title", "title_en", "text", "text_en")}
                words["text"] += "\n未按时完成规定动作的单位见附表，限十个工作日内补报。"
                words["text_en"] += "\nUnits that missed a duty are listed; they have ten working days." * bool(
                    words["text_en"]
                )
                await office.put("notify", f"{path}/text", words, at=at)
            await approver.post("notify", f"{path}/approval", at=at)
            await office.post("notify", f"{path}/issue", at=at)

    async def _announced(self, year: int, at: datetime) -> Story:
        """The year's announcement has a wrong telephone number: corrected; another one was premature: withdrawn."""
        office = self._world.person("office")
        words = {"title": f"{year}年评议工作安排", "text": "评议工作自即日起开始，监督电话 0500-1234568。"}
        made = await office.post("notify", "/api/v1/bulletin/announcements", words, at=at)
        early = {"title": "评议大会时间", "text": "大会定于下月召开。"}
        soon = await office.post("notify", "/api/v1/bulletin/announcements", early, at=at)
        at = yield self._later(at, 2)
        right = {"text": "评议工作自即日起开始，监督电话 0500-1234567。", "reason": "电话号码有误"}
        await office.post("notify", f"/api/v1/bulletin/{made['id']}/corrections", right, at=at)
        gone = {"reason": "时间尚未确定，以正式公告为准"}
        await office.post("notify", f"/api/v1/bulletin/{soon['id']}/withdrawal", gone, at=at)

    async def _contributed(self, year: int, at: datetime) -> Story:
        """Units write for the bulletin: one is published, one praises itself and is refused."""
        world = self._world
        first, second = world.chance("contributes", year).sample([unit.key for unit in world.cast.units], 2)
        good = {"title": "上门办理暖民心", "text": "为行动不便群众上门办理三百余件次。"}
        vain = {"title": "我单位工作成绩突出", "text": "各项工作名列前茅，群众一致好评。"}
        made = [
            await world.person("leader", unit=unit).post("notify", "/api/v1/contributions", words, at=at)
            for unit, words in ((first, good), (second, vain))
        ]
        at = yield self._later(at, 1)
        office = world.person("office")
        await office.post("notify", f"/api/v1/contributions/{made[0]['number']}/approval", at=at)
        no = {"reason": "没有事实和数据，请补充后再报"}
        await office.post("notify", f"/api/v1/contributions/{made[1]['number']}/refusal", no, at=at)

    async def _foreseen(self, year: int, at: datetime) -> Story:
        """The operator asks what the rules would do before he trusts them."""
        world = self._world
        unit = world.cast.units[0].key
        roles = ["handler", "main_leader"]
        event = {
            "specversion": "1.0", "id": f"preview-{year}", "source": "minping.rectification",
            "type": "minping.rectification.deadline.passed.v1", "time": at.isoformat(), "subject": f"{year}-999999",
            "datacontenttype": "application/json",
            "data": {
                "case": f"{year}-999999", "unit": unit, "kind": "solve", "step": "expired", "title": "",
                "due": world.day(at).isoformat(), "expires_at": at.isoformat(), "roles": roles,
            },
        }  # fmt: skip
        found = await world.person("operator").post("notify", "/api/v1/notices/preview", {"event": event})
        told = "、".join(f"{one['role']} {one['state']}" for one in found["notices"])
        world.saw("N2", f"预演“期限届满”：将告知 {len(found['notices'])} 人（{told}），未发出任何通知")
        yield at

    async def _documents(self, year: int, at: datetime) -> Story:
        """The register of documents: one is opened, one made by hand is corrected and at last withdrawn."""
        world = self._world
        office = world.person("office")
        listed = (await office.get("notify", "/api/v1/documents", limit=1000))["documents"]
        name = world.cast.holder("office", "supervisor").name
        day = world.day(at)
        facts = {
            "name": name, "role": "政风行风监督员", "since": day.isoformat(),
            "until": day.replace(year=year + 2, day=1).isoformat(),
        }  # fmt: skip
        made = await office.post(
            "notify", "/api/v1/documents", {"kind": "letter_of_appointment", "facts": facts}, at=at
        )
        body = await office.get("notify", f"/api/v1/documents/{made['id']}.docx")
        words = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(body)).paragraphs)
        if name not in words or hashlib.sha256(body).hexdigest() != made["sha256"]:
            raise AssertionError(f"{made['number']} does not name {name}: {words}")
        kinds = len({one["kind"] for one in listed})
        world.saw("N5", f"公文 {kinds} 种；{made['number']} 打开核对无误")
        at = yield self._later(at, 1)
        right = {"facts": {"until": day.replace(year=year + 3, day=1).isoformat()}, "reason": "聘期应为三年"}
        again = await office.post("notify", f"/api/v1/documents/{made['id']}/correction", right, at=at)
        at = yield self._later(at, 5)
        gone = {"reason": "本人因工作调动不再受聘"}
        await office.post("notify", f"/api/v1/documents/{again['id']}/withdrawal", gone, at=at)

    async def _papers(self, at: datetime) -> None:
        """At the end: the public page and feed, the proof of a case's letters, and the leaders' papers."""
        world = self._world
        office = world.person("office")
        await self._public()
        cases = await office.every("rectification", "/api/v1/cases", limit=500)
        if cases:
            case = min(one["case"] for one in cases)
            found = await office.get("notify", "/api/v1/trace", case=case, limit=1000)
            notices = [one for cause in found["causes"] for one in cause["notices"]]
            people = len({one["person"] for one in notices})
            says = f"{case}：{len(found['causes'])} 个起因，{len(notices)} 件通知，告知 {people} 人，每次投递有据"
            world.saw("N8", says)
        for year, _, closes in years(world):
            sheets = {
                "一页台账": await office.get("notify", "/api/v1/papers/ledger"),
                "月表": await office.get("notify", "/api/v1/papers/monthly", month=f"{closes:%Y-%m}"),
                "年终档案": await office.get(
                    "notify", "/api/v1/papers/dossier", unit=world.cast.worst, year=closes.year
                ),
            }
            told = "；".join(f"{name} {_rows(body)} 行" for name, body in sheets.items())
            package = await office.get("notify", "/api/v1/papers/archive", year=year)
            with zipfile.ZipFile(io.BytesIO(package)) as archive:
                files = len(archive.namelist())
            world.saw("N9", f"{year}年：{told}；归档包 {files} 个文件")

    async def _public(self) -> None:
        """Nobody who complained is on the page or in the feed. Raises AssertionError."""
        anybody = self._world.anybody()
        page = (await anybody.get("notify", "/bulletin")).decode()
        feed = (await anybody.get("notify", "/bulletin/feed.atom")).decode()
        shown = [word for word in NEVER_SHOWN if word in page or word in feed]
        if shown:
            raise AssertionError(f"the bulletin shows {shown}")
        self._world.saw("N7", f"公开栏和订阅源（{feed.count('<entry>')} 条）里没有投诉人")

    def _later(self, at: datetime, working_days: int) -> datetime:
        return self._world.at(self._world.after(self._world.day(at), working_days), 10)


def _rows(body: bytes) -> int:
    """Rows of all sheets of a workbook that hold anything."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return sum(any(cell != "" for cell in row) for sheet in sheets for row in sheet)
