"""The examples of matching, path and routing run, hold, and can be drawn."""

import pytest

from bihuan.engines import cli, registry, wire


@pytest.mark.parametrize("name", ["matching", "path", "routing"])
def test_every_example_runs_and_is_drawn(name: str) -> None:
    engine = registry.engine(name)
    files = cli.examples(name)
    assert files
    for file in files:
        data = wire.read_file(file)
        task = engine.tasks[data.pop("task")]
        result = task.run(wire.read(task.problem, data, base=file.parent))
        assert result.is_ok
        assert result.report("zh")
        figure = registry.function(task.picture)(result, "en")
        assert figure.axes
