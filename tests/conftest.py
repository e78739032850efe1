"""For all tests: hypothesis without a time limit per example (two cores, several workers: time says nothing)."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
