"""What comes with a report besides its text: a photo, a card's number, an inspector's record."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from PIL import Image

from deploy.local.demo.script import Matter
from shared.programme.oversight import EIGHT_INSTITUTIONS

UPLOAD = "/api/v1/evidence?kind=photo"
COURT = {"to": "云溪市人民法院诉讼服务中心", "contact": "云溪市法院路 1 号，工作日 9:00–17:00（虚构）"}
"""Where people are sent with a quarrel about money that is no window's business."""


def photo() -> bytes:
    """A small photo, with a camera's EXIF that must not get through."""
    exif = Image.Exif()
    exif[0x010F] = "demo camera"
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 150)).save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


def particulars(matter: Matter) -> dict[str, str]:
    """What the channel asks for."""
    match matter.channel:
        case "supervisor_card":
            return {"card": f"LXK-{matter.ticket}"}
        case "meeting_question":
            return {"meeting": "清河镇集中评议大会"}
        case _:
            return {}


def inspection(matter: Matter, at: datetime) -> dict[str, Any]:
    """A covert inspection of a window whose one finding is the matter."""
    found = {"text": matter.text, "title": matter.title, "topic": matter.topic}
    return covert(matter.lead_unit, at) | {"findings": [found]}


def covert(unit: str, at: datetime) -> dict[str, Any]:
    """A covert inspection of a window at which nothing was found."""
    return {
        "unit": unit,
        "place": "window",
        "kind": "covert",
        "on": at.date().isoformat(),
        "answers": {item.key: {"answer": "yes"} for item in EIGHT_INSTITUTIONS},
    }


def fulfilment(duty: dict[str, Any]) -> dict[str, Any]:
    """What a unit hands in for a duty: every item answered, with a document, published if it must be."""
    return {
        "answers": {item["key"]: f"{item['label']}：已按要求落实" for item in duty["acceptance"]},
        "documents": [f"{duty['title']}（{duty['period']}）.pdf"],
        "address": f"https://yunxi.example/{duty['unit']}/{duty['period']}" if duty["published"] else "",
    }


def plan(matter: Matter, days: Sequence[date]) -> dict[str, Any]:
    """A plan whose milestones are due on all days but the last, and the promise for the last."""
    *steps, promised = days
    names = ("完成现场勘查并公布方案", "主体工程完工并验收")
    return {
        "measures": "现场勘查后分段清淤、修复渠道，完工后由村民代表验收",
        "responsible": "分管负责人",
        "conditions": "资金和机械到位",
        "milestones": [
            {"name": name, "due": day.isoformat(), "who": "承办科室"} for name, day in zip(names, steps, strict=True)
        ],
        "commitment": {
            "text": f"{promised.month}月{promised.day}日前渠道恢复通水，并建立每季清淤制度",
            "person": "单位负责人",
            "due": promised.isoformat(),
            "to": "反映问题的群众",
        },
    }


def promise_inspection(matter: Matter) -> dict[str, Any]:
    """What was found when the promised day was over."""
    verdict = matter.promise
    findings = {
        "kept": "渠道已通水，清淤制度已上墙公布",
        "late": "渠道通水晚于承诺之日，清淤制度已公布",
        "broken": "渠道已通水，但承诺的每季清淤制度未建立",
    }
    survey = {"satisfied": 8, "basically_satisfied": 5, "dissatisfied": 2}
    return {
        "verdict": verdict, "findings": findings[verdict], "evidence": [f"践诺检查照片-{matter.ticket}"],
        "survey": survey,
    }  # fmt: skip


def explanation(matter: Matter) -> dict[str, Any]:
    """Why what is asked for cannot be done, and what it rests on."""
    return {
        "basis": [{"name": "云溪市居住证管理办法（虚构）", "number": "云政发〔2025〕12号"}],
        "reasoning": "续签须本人到场核验，系文件规定，窗口无权免除；已开通预约上门办理",
        "text": matter.reply,
    }
