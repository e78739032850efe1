"""What an exchange over HTTP says of a message: certain is told apart from unknown (N3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.exchange import Answer, Exchange, verdict

YES = Exchange(200, b'{"errcode": 0}')


@pytest.mark.parametrize(
    ("exchange", "kind"),
    [
        (Exchange(fault="connect", name="gaierror"), "unreachable"),
        (Exchange(fault="silence", name="ReadTimeout"), "uncertain"),
        (Exchange(200, b"ok"), "sent"),
        (Exchange(204), "sent"),
        (Exchange(200, b'{"errcode": 45009}'), "temporary"),
        (Exchange(200, b'{"errcode": 310000}'), "unreachable"),
        (Exchange(200, b'{"errcode": 40035}'), "refused"),
        (Exchange(200, b'{"code": 19021, "msg": "sign match fail"}'), "unreachable"),
        (Exchange(200, b'{"StatusCode": 0, "code": 0}'), "sent"),
        *((Exchange(status), "temporary") for status in (408, 425, 429, 503)),
        *((Exchange(status), "unreachable") for status in (301, 302, 307, 401, 403, 404, 405, 407, 410)),
        *((Exchange(status), "uncertain") for status in (500, 502, 504)),
        *((Exchange(status), "refused") for status in (400, 413, 415, 422, 501, 505)),
    ],
)
def test_n3_one_exchange_and_what_it_means(exchange: Exchange, kind: str) -> None:
    assert verdict(exchange.status in (200, 204), [exchange]).kind == kind


def test_n3_a_yes_of_the_library_does_not_overrule_a_robots_no() -> None:
    assert verdict(True, [Exchange(200, b'{"errcode": 93000}')]).kind == "unreachable"


def test_n3_of_several_requests_some_taken_nobody_knows() -> None:
    assert verdict(False, [YES, Exchange(400)]).kind == "uncertain"
    assert verdict(False, [Exchange(fault="connect"), Exchange(fault="silence")]).kind == "uncertain"
    assert verdict(True, [YES, YES]).kind == "sent"


def test_n3_without_an_exchange_only_a_yes_is_believed() -> None:
    assert verdict(True, []).kind == "sent"
    assert verdict(False, []).kind == "uncertain"


def test_n3_a_gateway_that_drops_second_copies_may_be_asked_again() -> None:
    assert verdict(False, [Exchange(fault="silence")], recognises=True).kind == "temporary"


def test_n2_a_gateways_own_code_counts_where_the_channel_names_it() -> None:
    own = Answer(("Code",), ("OK",))
    assert verdict(True, [Exchange(200, b'{"Code": "OK"}')], own).kind == "sent"
    assert verdict(True, [Exchange(200, b'{"Code": "isv.MOBILE_NUMBER_ILLEGAL"}')], own).kind == "refused"
    assert verdict(True, [Exchange(200, b'{"code": 1}')], Answer()).kind == "sent"


@given(st.integers(0, 999), st.binary(max_size=300), st.booleans())
def test_n3_whatever_comes_back_is_never_quoted(status: int, body: bytes, said: bool) -> None:
    outcome = verdict(said, [Exchange(status, b'{"errcode": 7, "errmsg": "s3cret"' + body)])
    assert len(outcome.reply) <= 300
    assert "s3cret" not in outcome.reply
