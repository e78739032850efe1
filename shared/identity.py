"""Who may what: bearer tokens (EdDSA JWT) and the roles of the domain. Nothing here is a cookie or a password."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.errors import Refusal

PEOPLE = (
    "clerk",
    "office",
    "approver",
    "custodian",
    "inspector",
    "discipline",
    "handler",
    "leader",
    "supervisor",
    "evaluator",
    "teller",
    "scrutineer",
    "witness",
    "guidance",
    "higher_office",
    "auditor",
    "operator",
)
MACHINES = ("source", "terminal")
ROLES = (*PEOPLE, *MACHINES)
OF_A_UNIT = ("handler", "leader")
ISSUER = "minping"
HOUSE_SOURCES = ("web", "desk", "inspection", "supervisor", "meeting")
"""Names under which intake keeps what came to it by other ways: no outside source may bear one of them."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `sub` is stable and unique to a person or machine, `unit` is set for roles of a unit."""

    sub: str
    role: str
    name: str = ""
    unit: str | None = None


def issue_token(
    key: Ed25519PrivateKey,
    *,
    role: str,
    sub: str,
    now: datetime,
    days: int,
    name: str = "",
    unit: str | None = None,
) -> str:
    """A signed bearer token for `sub` in `role`, valid `days` days from `now`. Raises Refusal."""
    if role not in ROLES:
        raise Refusal("role", role, "no such role", f"use one of {', '.join(ROLES)}")
    if role in OF_A_UNIT and not unit:
        raise Refusal("unit", unit, f"a {role} belongs to a unit", "name the unit")
    if role == "source" and sub in HOUSE_SOURCES:
        raise Refusal("sub", sub, "reports of the house itself stand under this name", "name the source otherwise")
    if days < 1:
        raise Refusal("days", days, "a token lasts at least a day", "give 1 or more")
    claims = {
        "iss": ISSUER,
        "sub": sub,
        "role": role,
        "name": name,
        "unit": unit,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=days)).timestamp()),
    }
    return jwt.encode(claims, key, algorithm="EdDSA")


def cookie_name(key: Ed25519PublicKey) -> str:
    """The cookie in which a browser keeps its token for the house of this key.

    A browser gives the cookies of a host to every port of it: so several offices on one host have names of their own.
    """
    return f"minping_token_{hashlib.sha256(key.public_bytes_raw()).hexdigest()[:12]}"


def read_token(key: Ed25519PublicKey, token: str) -> Actor:
    """The actor a token names. Raises Refusal (401) if it is forged, expired, or names no role of ours."""
    actor, expires = _checked(key.public_bytes_raw(), token)
    if expires <= datetime.now(UTC).timestamp():
        raise _invalid("Signature has expired")
    return actor


@lru_cache(4096)
def _checked(raw: bytes, token: str) -> tuple[Actor, int]:
    """Actor and expiry of a token whose signature holds; checked once, since that is most of a request's cost."""
    key = Ed25519PublicKey.from_public_bytes(raw)
    try:
        claims = jwt.decode(token, key, algorithms=["EdDSA"], issuer=ISSUER, options={"require": ["exp", "sub", "iss"]})
    except jwt.PyJWTError as error:
        raise _invalid(str(error)) from error
    role = claims.get("role")
    if role not in ROLES:
        raise Refusal("Authorization", "…", "the token names no role of ours", "ask the operator", 401)
    actor = Actor(sub=claims["sub"], role=role, name=claims.get("name") or "", unit=claims.get("unit"))
    return actor, int(claims["exp"])


def _invalid(why: str) -> Refusal:
    remedy = "sign in again or ask the operator for a new token"
    return Refusal("Authorization", "…", f"the token is not valid: {why}", remedy, 401)
