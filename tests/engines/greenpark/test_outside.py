"""The same parks solved by PyPSA 1.4.0 have the same optimum."""

import json
from pathlib import Path

import pytest

from bihuan.engines.greenpark import dispatch
from tests.engines.greenpark.parks import outside_cases

PYPSA = json.loads(Path(__file__).with_name("pypsa_1_4_0.json").read_text())


@pytest.mark.parametrize(("name", "park"), list(outside_cases()), ids=list(PYPSA))
def test_pypsa_agrees(name, park):
    result = dispatch(park)
    assert result.is_ok, result.report()
    assert result.value == pytest.approx(PYPSA[name], rel=1e-7)
