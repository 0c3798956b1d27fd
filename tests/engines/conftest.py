"""Engines' tests need nothing of the platform, not even its conftest; see scripts/engines-alone."""

from hypothesis import settings

settings.register_profile("engines", deadline=None)  # a busy machine is no failure
settings.load_profile("engines")
