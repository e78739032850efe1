"""The programme file: schema, loader, check, and the bundled programmes and demo data."""

from shared.programme.loader import bundled, fingerprint, load
from shared.programme.parts import CycleDates
from shared.programme.schema import Programme
from shared.programme.values import Label

__all__ = ["CycleDates", "Label", "Programme", "bundled", "fingerprint", "load"]
