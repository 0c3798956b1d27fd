import pytest
from django.utils import translation


@pytest.fixture
def english():
    """The source strings, to match what a refusal says."""
    with translation.override("en"):
        yield
