"""What comes with a report besides its text: a photo, a card's number, an inspector's record."""

import io
from datetime import datetime
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
