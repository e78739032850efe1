"""The programme file: schema, loader, check, and the bundled programmes and demo data."""

from shared.programme.check import Problem, check
from shared.programme.loader import fingerprint, load
from shared.programme.parts import CycleDates
from shared.programme.schema import Programme
from shared.programme.sources import bundled
from shared.programme.values import Label

__all__ = ["CycleDates", "Label", "Problem", "Programme", "bundled", "check", "fingerprint", "load"]
