"""`bihuan`: everything an operator does without a browser."""

import importlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click
import django
from django.utils import translation

import bihuan
import bihuan.config.sqlite
from bihuan.config.speech import LANGUAGE, SPOKEN
from bihuan.config.speech import gettext as _
from bihuan.core.refusals import Refused
from bihuan.engines.cli import engine

T = TypeVar("T")
DEMO_MARK = "this-is-a-demo"  # a folder without it is never thrown away
FOLDER = click.Path(file_okay=False, path_type=Path)

# What the library that reads the command line says, so that the catalogue has it.
OF_CLICK = (
    _("Usage:"),
    _("Options"),
    _("Commands"),
    _("Show this message and exit."),
    _("Show the version and exit."),
    _("Error: {message}"),
    _("Try '{command} {option}' for help."),
    _("No such command {name!r}."),
    _("No such option {name!r}."),
    _("Missing command."),
    _("Missing argument"),
    _("Missing option"),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("default: {default}"),
    _("Aborted!"),
)


def product(dotted: str) -> Callable[..., Any]:
    """Set the product up and return the function that "module:name" names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    django.setup()
    translation.activate("zh-hans" if LANGUAGE == "zh" else "en")
    module, _colon, name = dotted.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def plainly(function: Callable[..., T], *arguments: object, **options: object) -> T:
    """Call a function of the product; its refusal is a sentence, not a traceback."""
    try:
        return function(*arguments, **options)
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal


def speaking(lines: Iterable[T]) -> Iterator[T]:
    """Yield what the product yields; its refusal is a sentence, not a traceback."""
    try:
        yield from lines
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal


@click.group(
    help=_("The operations platform of a development zone."),
    context_settings={
        "help_option_names": ["-h", "--help"],
        "default_map": {"engine": {"language": LANGUAGE}},
    },
)
@click.option("--lang", type=click.Choice(SPOKEN), help=_("Language of the messages."))
@click.version_option(bihuan.__version__, prog_name="bihuan")
def main(lang: str | None) -> None:
    pass


PORT = click.option("--port", default=8000, show_default=True, help=_("Port to listen on."))
ADDRESS = click.option(
    "--address", default="127.0.0.1", show_default=True, help=_("Address to listen on.")
)


@main.command(help=_("Make the demo where it is missing, and serve it."))
@ADDRESS
@PORT
@click.option("--fresh", is_flag=True, help=_("Throw the demo away first and make it anew."))
def demo(address: str, port: int, fresh: bool) -> None:
    os.environ["BIHUAN_DEMO"] = "1"
    folder = Path(os.environ.setdefault("BIHUAN_DATA", "var/demo"))
    if fresh and folder.exists():
        if not (folder / DEMO_MARK).exists():
            raise click.ClickException(_("{folder} holds no demo.").format(folder=folder))
        shutil.rmtree(folder)
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / DEMO_MARK).touch()
    plainly(product("bihuan.config.demo:show"), address=address, port=port, say=click.echo)


@main.command(help=_("Serve the platform."))
@ADDRESS
@PORT
@click.option("--workers", default=2, show_default=True, help=_("Number of server processes."))
@click.option("--with-worker", is_flag=True, help=_("Run the background jobs beside it."))
def serve(address: str, port: int, workers: int, with_worker: bool) -> None:
    start = product("bihuan.config.serving:serve")
    plainly(start, address=address, port=port, workers=workers, with_worker=with_worker)


@main.command("found", help=_("Found a zone with its first administrator."))
@click.argument("slug")
@click.argument("name")
@click.option("--administrator", required=True, help=_("Sign-in name of the administrator."))
@click.option("--division", default="", help=_("Administrative division code, six digits."))
def found_(slug: str, name: str, administrator: str, division: str) -> None:
    found = product("bihuan.config.founding:found")
    given = {"slug": slug, "name": name, "division": division, "administrator": administrator}
    for line in speaking(found(**given)):
        click.echo(line)


@main.command("import", help=_("Import a spreadsheet; shows what it would do until confirmed."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", required=True, help=_("What the sheet holds, such as enterprises."))
@click.option("--zone", required=True, help=_("Short name of the zone."))
@click.option("--person", required=True, help=_("Sign-in name of the person who imports."))
@click.option("--confirm", is_flag=True, help=_("Write what is new or changed."))
def import_(file: Path, kind: str, zone: str, person: str, confirm: bool) -> None:
    bring_in = product("bihuan.config.desk:bring_in")
    for line in speaking(
        bring_in(path=file, kind=kind, zone=zone, person=person, confirmed=confirm)
    ):
        click.echo(line)


@main.command("export", help=_("Write a list, such as enterprises, as a spreadsheet."))
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--zone", required=True, help=_("Short name of the zone."))
@click.option("--person", required=True, help=_("Sign-in name of the person who exports."))
def export_list(name: str, file: Path, zone: str, person: str) -> None:
    take_out = product("bihuan.config.desk:take_out")
    click.echo(plainly(take_out, code=name, zone=zone, person=person, target=file))


@main.command(help=_("Run background jobs and schedules until stopped."))
def worker() -> None:
    product("bihuan.config.background:work")()


@main.command(help=_("Do now what is due: deadlines, escalation, waiting jobs."))
def tick() -> None:
    for line in speaking(product("bihuan.config.background:tick")()):
        click.echo(line)


@main.command(help=_("Examine this installation and say what is wrong."))
def doctor() -> None:
    findings = product("bihuan.config.doctor:examine")()
    for finding in findings:
        click.echo(finding.line())
    if not all(finding.is_ok for finding in findings):
        raise SystemExit(1)


@main.command(help=_("Back up the database and the stored files, and check the copy."))
@click.argument("folder", type=FOLDER)
def backup(folder: Path) -> None:
    click.echo(plainly(product("bihuan.config.backup:back_up"), folder))


@main.command(help=_("Restore a backup into an empty data folder, and check it."))
@click.argument("folder", type=FOLDER)
def restore(folder: Path) -> None:
    click.echo(plainly(product("bihuan.config.backup:restore"), folder))


@main.group(help=_("The record of every move and decision."))
def ledger() -> None:
    pass


@ledger.command(help=_("Verify the ledger of every zone, or of one."))
@click.option("--zone", help=_("Short name of the zone."))
@click.option(
    "--held",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help=_("A checkpoint that was kept elsewhere; may be given again."),
)
@click.option("--evidence", is_flag=True, help=_("Read every stored file, too, and compare it."))
def verify(zone: str | None, held: tuple[Path, ...], evidence: bool) -> None:
    lines_of = product("bihuan.config.ledgers:lines_of")
    verdicts = product("bihuan.config.ledgers:verdicts")
    is_whole = True
    for name, verdict in speaking(verdicts(slug=zone, held=held, with_evidence=evidence)):
        is_whole &= verdict.is_whole
        click.echo("\n".join(lines_of(name, verdict)))
    if not is_whole:
        raise SystemExit(1)


@ledger.command(help=_("Write a zone's ledger as a zip that anyone can check without us."))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--zone", required=True, help=_("Short name of the zone."))
@click.option("--evidence", is_flag=True, help=_("Put the stored files in, too."))
def export(file: Path, zone: str, evidence: bool) -> None:
    bundle = product("bihuan.config.ledgers:bundle")
    click.echo(plainly(bundle, slug=zone, target=file, with_evidence=evidence))


engine.short_help = _("Run an engine on a problem file.")
main.add_command(engine)

if __name__ == "__main__":
    main()
