"""A request as Open311 posts it → a report. What is unknown is refused by name: nothing that was sent is dropped."""

import math
import re
from typing import Literal

from services.intake.api.open311_wire import Form
from services.intake.models import IdentityIn, ReportIn
from services.intake.rules import Rules
from services.intake.usecases.publish import topic_of
from shared.errors import Refusal

_PERSON = ("first_name", "last_name", "phone", "email")
_KNOWN = {
    "api_key", "jurisdiction_id", "service_code", "lat", "long", "address_string", "address_id", "device_id",
    "account_id", "description", "media_url", *_PERSON,
}  # fmt: skip
_ATTRIBUTE = re.compile(r"attribute\[([^\]]+)\](?:\[\])?")
_ATTRIBUTES = ("unit", "identity", "publish_consent")
MOST_TEXT = 4_000
Kind = Literal["named", "confidential", "anonymous"]


def report_of(rules: Rules, form: Form) -> ReportIn:
    """The report that a form holds. `device_id` and `account_id` are not kept. Raises Refusal (400, 404)."""
    attributes = _attributes(form)
    code = form.get("service_code")
    if code is None:
        raise _bad("service_code", "it was not provided", "use a code of the service list")
    topic = topic_of(rules.programme, code)
    text = form.get("description")
    if text is None:
        raise _bad("description", "it was not provided", "say what happened, in at most 4,000 characters")
    lat, long = _coordinate(form, "lat", 90), _coordinate(form, "long", 180)
    if (lat is None) != (long is None):
        raise _bad("lat", "lat and long come together", "send both, or an address_string")
    place = form.get("address_string") or form.get("address_id")
    if lat is None and place is None:
        raise _bad("address_string", "a location was not provided", "send lat and long, address_string or address_id")
    person = _person(form)
    return ReportIn(
        channel=rules.web_channel,
        text=_short(form, "description", text, MOST_TEXT),
        topic=topic,
        unit=_short(form, "attribute[unit]", attributes.get("unit"), 64),
        place=_short(form, "address_string", place, 200),
        lat=lat,
        long=long,
        media_url=_media(form.get("media_url")),
        publish_consent=_consent(attributes.get("publish_consent")),
        identity=_identity(attributes.get("identity"), person),
        person=person,
    )


def _bad(field: str, reason: str, remedy: str) -> Refusal:
    return Refusal(field, "…", reason, remedy, 400)


def _attributes(form: Form) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in form.items():
        if match := _ATTRIBUTE.fullmatch(name):
            if match[1] not in _ATTRIBUTES:
                raise _bad(name[:80], "there is no such attribute", "see the service definition")
            found[match[1]] = value
        elif name not in _KNOWN:
            raise _bad(name[:80], "there is no such field", "see the specification, GeoReport v2")
    return found


def _coordinate(form: Form, name: str, most: int) -> float | None:
    given = form.get(name)
    if given is None:
        return None
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not -most <= value <= most:
        raise _bad(name, "it is no coordinate", f"give degrees from -{most} to {most}, WGS 84")
    return value


def _short(form: Form, name: str, value: str | None, most: int) -> str | None:
    if value is not None and len(value) > most:
        raise _bad(name, f"it has {len(value)} characters", f"at most {most:,} are taken")
    return value


def _media(url: str | None) -> str | None:
    if url is not None and not re.fullmatch(r"https?://\S{1,990}", url):
        raise _bad("media_url", "it is no web address", "send an https address of at most 1,000 characters")
    return url


def _consent(given: str | None) -> bool:
    if given not in (None, "yes", "no"):
        raise _bad("attribute[publish_consent]", "it is neither yes nor no", "leave it out for no")
    return given == "yes"


def _person(form: Form) -> IdentityIn | None:
    if not any(name in form for name in _PERSON):
        return None
    family, given = form.get("last_name", ""), form.get("first_name", "")
    latin = (family + given).isascii()
    name = f"{given} {family}".strip() if latin else family + given
    address = f"e-mail: {form['email']}" if "email" in form else ""
    for field, value in (("last_name", name), ("phone", form.get("phone", "")), ("email", address)):
        if len(value) > 200:
            raise _bad(field, "it is too long", "at most 200 characters are taken")
    return IdentityIn(name=name, phone=form.get("phone", ""), address=address)


def _identity(given: str | None, person: IdentityIn | None) -> Kind:
    """Confidential unless said otherwise, where somebody gives a name: the more careful reading."""
    match given:
        case None:
            return "confidential" if person else "anonymous"
        case "anonymous" if person is None:
            return "anonymous"
        case "anonymous":
            raise _bad("attribute[identity]", "anonymous, but a person is given", "leave out name, phone and email")
        case "named" | "confidential" if person:
            return "named" if given == "named" else "confidential"
        case "named" | "confidential":
            raise _bad("attribute[identity]", f"a {given} request says who complains", "send a name, phone or email")
        case _:
            raise _bad("attribute[identity]", "there is no such choice", "use named, confidential or anonymous")
