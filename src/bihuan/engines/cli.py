"""`bihuan engine NAME FILE`: run an engine on a problem file. Needs no platform."""

import sys
from importlib import resources
from pathlib import Path
from typing import Any

import click

from bihuan.engines import outputs, registry, wire
from bihuan.engines.shape import BadProblem, Engine, Progress, Result, Stop, Task, Words

BAD_INPUT, NO_SOLUTION = 2, 1
NOTHING = Words("{} was not written: there is no solution", "未写 {}：没有解")


@click.command(name="engine", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", type=click.Choice(sorted(registry.PACKAGES)))
@click.argument("file", required=False)
@click.option(
    "-o",
    "--output",
    "outputs_to",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write the result here: .json, .csv, .html or .png; may be given again. 结果文件，可重复。",
)
@click.option("--seed", default=0, show_default=True, help="Same seed, same answer. 随机种子。")
@click.option("--max-seconds", type=float, help="Stop after this long. 最长运行秒数。")
@click.option("--gap", default=0.0, help="Stop when within this relative gap. 可接受的相对差距。")
@click.option(
    "--lang",
    "language",
    default="en",
    type=click.Choice(["en", "zh"]),
    help="Language of the report. 报告语言。",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON, nothing else. 仅输出 JSON。"
)
@click.option("--quiet", is_flag=True, help="No progress. 不显示进度。")
@click.option(
    "--schema",
    is_flag=True,
    help="Print the JSON Schema of problem files and stop. 输出问题文件的 JSON Schema。",
)
@click.option("--examples", is_flag=True, help="List the example files and stop. 列出示例文件。")
@click.option("--example", help="Run the example of this name instead of FILE. 运行指定示例。")
def engine(name: str, file: str | None, **options: Any) -> None:
    """Run the engine NAME on the problem in FILE (.toml or .json).

    对 FILE（.toml 或 .json）中的问题运行引擎 NAME。
    """
    language = options["language"]
    try:
        found = registry.engine(name)
        if options["schema"]:
            click.echo(wire.to_json(schema(found), indent=1))
        elif options["examples"]:
            click.echo("\n".join(str(path) for path in examples(name)))
        else:
            path = _example(name, options["example"]) if options["example"] else file
            sys.exit(_run(found, path, options))
    except BadProblem as problem:
        click.echo(
            Words("bad input: ", "输入有误：").text(language) + problem.text(language), err=True
        )
        sys.exit(BAD_INPUT)
    except ModuleNotFoundError as problem:
        click.echo(f"{name}: {problem}", err=True)
        sys.exit(BAD_INPUT)


def schema(found: Engine) -> dict[str, Any]:
    """The JSON Schema of every problem file an engine reads."""
    choices = []
    for number, (key, task) in enumerate(found.tasks.items()):
        one = wire.schema(task.problem)
        one["properties"] = {"task": {"const": key}} | one["properties"]
        one["required"] = one["required"] + (["task"] if number else [])
        choices.append(one)
    return {"title": found.title.en, "oneOf": choices}


def examples(name: str) -> list[Path]:
    """The example problem files which come with an engine."""
    folder = Path(str(resources.files(registry.PACKAGES[name]) / "examples"))
    return sorted(path for path in folder.glob("*") if path.suffix in (".toml", ".json"))


def _example(name: str, wanted: str) -> str:
    for path in examples(name):
        if wanted in (path.stem, path.name):
            return str(path)
    known = ", ".join(path.stem for path in examples(name))
    raise BadProblem(
        "example", Words(f"no {wanted!r}; there are: {known}", f"无 {wanted!r}；可用：{known}")
    )


def read_problem(found: Engine, path: Path) -> tuple[Task, Any]:
    """The task a problem file names, and its checked problem."""
    if path.suffix.lower() in found.files:
        key, reader = found.files[path.suffix.lower()]
        return found.tasks[key], registry.function(reader)(path)
    data = wire.read_file(path)
    key = data.pop("task", next(iter(found.tasks)))
    if not isinstance(key, str) or key not in found.tasks:
        known = ", ".join(found.tasks)
        raise BadProblem(
            "task", Words(f"{key!r} unknown; there are: {known}", f"无 {key!r}；可用：{known}")
        )
    task = found.tasks[key]
    return task, wire.read(task.problem, data, base=path.parent)


def _run(found: Engine, file: str | None, options: dict[str, Any]) -> int:
    if not file:
        raise BadProblem(
            "FILE", Words("give a problem file, or --example", "请给出问题文件或 --example")
        )
    task, problem = read_problem(found, Path(file))
    for path in options["outputs_to"]:
        outputs.check(path, task)
    limit = options["max_seconds"]
    stop = (
        Stop(gap=options["gap"]) if limit is None else Stop(max_runtime_s=limit, gap=options["gap"])
    )
    progress = _silent if options["quiet"] else _tell
    result = task.run(problem, stop=stop, seed=options["seed"], progress=progress)
    if options["as_json"]:
        click.echo(wire.to_json(result, indent=1))
    else:
        _print(result, options["language"])
    for path in options["outputs_to"]:
        made = outputs.write(path, task, result, options["language"])
        for said in made or (NOTHING.text(options["language"]).format(path),):
            click.echo(said, err=options["as_json"])
    return 0 if result.is_ok else NO_SOLUTION


def _print(result: Result, language: str) -> None:
    click.echo(result.report(language))
    for table in outputs.tables(result):
        click.echo("\n" + outputs.text_table(table, language))


def _tell(progress: Progress) -> None:
    done = "" if progress.fraction is None else f" {progress.fraction:.0%}"
    click.echo(f"{progress.elapsed_s:7.1f} s  {progress.stage}{done}", err=True)


def _silent(_: Progress) -> None:
    return
