"""Tokens: who gets one, and that it says who acts."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from shared.errors import Refusal
from shared.identity import OF_A_UNIT, ROLES, Actor, issue_token, read_token
from tests.support.house import KEY

NOW = datetime.now(UTC)


@pytest.mark.parametrize("role", ROLES)
def test_a_token_names_its_person_role_and_unit(role: str) -> None:
    unit = "unit-1" if role in OF_A_UNIT else None
    token = issue_token(KEY, role=role, sub="p-1", now=NOW, days=30, name="王一", unit=unit)
    assert read_token(KEY.public_key(), token) == Actor(sub="p-1", role=role, name="王一", unit=unit)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": "handler"}, "unit"),
        ({"role": "leader", "unit": ""}, "unit"),
        ({"days": 0}, "days"),
        ({"role": "source", "sub": "web"}, "sub"),
    ],
)
def test_a_token_that_would_not_do_is_not_made(given: dict[str, object], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        issue_token(KEY, **{"role": "clerk", "sub": "p", "now": NOW, "days": 1, **given})  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_token_ends_when_its_days_are_over() -> None:
    token = issue_token(KEY, role="clerk", sub="p", now=NOW - timedelta(days=2, seconds=5), days=2)
    with pytest.raises(Refusal, match="expired") as caught:
        read_token(KEY.public_key(), token)
    assert caught.value.status == 401


def test_no_other_algorithm_is_taken() -> None:
    claims = {"iss": "minping", "sub": "p", "role": "clerk", "exp": int(NOW.timestamp()) + 60}
    for forged in (
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode(claims, KEY.public_key().public_bytes_raw(), algorithm="HS256"),
    ):
        with pytest.raises(Refusal):
            read_token(KEY.public_key(), forged)
