"""Numbers and codes: 80 bits, readable on the telephone, the same again for who holds the key."""

import pytest

from services.intake.domain import codes
from shared.errors import Refusal

KEY = b"k" * 32


def test_a_register_number_carries_year_and_count() -> None:
    assert codes.register_number(2026, 123) == "2026-000123"
    assert codes.register_number(2026, 1_234_567) == "2026-1234567"
    assert codes.is_register_number("2026-000123")
    assert not codes.is_register_number("2026-123")


def test_a_code_is_the_same_again_and_another_with_another_key_purpose_or_number() -> None:
    code = codes.code_for(KEY, "track", "2026-000123")
    assert code == codes.code_for(KEY, "track", "2026-000123")
    assert len({code, codes.code_for(b"x" * 32, "track", "2026-000123"), codes.code_for(KEY, "call", "2026-000123"),
                codes.code_for(KEY, "track", "2026-000124")}) == 4  # fmt: skip


def test_a_code_has_eighty_bits_in_letters_that_cannot_be_confused() -> None:
    for count in range(200):
        plain = codes.code_for(KEY, "track", count).replace("-", "")
        assert len(plain) == 16
        assert not set(plain) & set("ILOU")


def test_a_code_is_read_however_it_was_typed() -> None:
    code = codes.code_for(KEY, "track", "2026-000001")
    assert codes.read_code(code.lower().replace("-", " ")) == code
    assert codes.read_code(code.replace("0", "o").replace("1", "l")) == code


@pytest.mark.parametrize("typed", ["", "12345", "U" * 16, "0" * 17, "x' OR 1=1"])
def test_what_is_no_code_opens_nothing_and_is_not_repeated(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        codes.read_code(typed)
    assert refused.value.status == 404
    assert not typed or typed not in str(refused.value)


def test_a_petitioner_is_known_again_by_id_or_phone_or_name_and_address() -> None:
    def mark(**given: str) -> str | None:
        return codes.petitioner_mark(KEY, **{"phone": "", "id_number": "", "name": "", "address": ""} | given)

    assert mark() is None
    assert mark(phone="138 0000 1111") == mark(phone="+86-13800001111", name="somebody")
    assert mark(phone="13800001111") != mark(phone="13800001112")
    assert mark(name="甲") != mark(name="甲", address="乙")
    assert mark(id_number="11010119900307027x") == mark(id_number="11010119900307027X", phone="13800001111")
