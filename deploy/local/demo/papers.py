"""What comes with a report besides its text: a photo, a card's number, an inspector's record."""

import io
from datetime import datetime
from typing import Any

from PIL import Image

from deploy.local.demo.script import Matter
from shared.programme.oversight import EIGHT_INSTITUTIONS

UPLOAD = "/api/v1/evidence?kind=photo"


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
    return {
        "unit": matter.lead_unit,
        "place": "window",
        "kind": "covert",
        "on": at.date().isoformat(),
        "answers": {item.key: {"answer": "yes"} for item in EIGHT_INSTITUTIONS},
        "findings": [{"text": matter.text, "title": matter.title, "topic": matter.topic}],
    }
