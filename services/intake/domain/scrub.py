"""What leaves intake is scrubbed: see `shared.scrub`, which rectification's published texts go through as well."""

from shared.scrub import BANK_CARD, E_MAIL, ID_NUMBER, NAME, PHONE, Known, has_valid_checksum, passes_luhn, scrub

__all__ = [
    "BANK_CARD",
    "E_MAIL",
    "ID_NUMBER",
    "NAME",
    "PHONE",
    "Known",
    "has_valid_checksum",
    "passes_luhn",
    "scrub",
]
