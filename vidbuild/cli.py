"""The command line. Each command's body imports what it needs, so that starting costs little."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from vidbuild import __version__, cli_looking, cli_spending, cli_storing, completing, sections
from vidbuild.options import (
    DRAFT,
    JSON,
    OUT,
    OUTPUT,
    PROFILE,
    PROJECT,
    STORE,
    a_shot,
    request_options,
    settings_of,
)
from vidbuild.settings import DEFAULT_PROJECT, Settings, store_folder
from vidbuild.words.errors import Exit, SpecError, VidbuildError
from vidbuild.words.errors import clean as clean_text


@click.group(cls=sections.Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-C", "folder", metavar="DIR", expose_value=False, callback=sections.go, help="Work in this folder.")
@click.option(
    "--no-color", is_flag=True, expose_value=False, callback=sections.without_colour, help="No colours (or NO_COLOR=1)."
)
@click.version_option(__version__, prog_name="vidbuild")
@click.pass_context
def cli(context: click.Context) -> None:
    """vidbuild: a build system for AI video."""
    context.ensure_object(list).append(context.invoked_subcommand)


@cli.command()
@request_options
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="How many things to make at once (default: cores).")
@click.option("--keep-going/--fail-fast", default=True, help="After a failure, finish what does not depend on it.")
@click.option("--no-wait", is_flag=True, help="Exit 4 when another build holds the project, instead of waiting.")
@click.option("--yes", is_flag=True, help="Consent to what the plan costs at most.")
@click.option("--max-cost", type=click.FloatRange(0), metavar="USD", help="Spend at most this much in this build.")
@click.option("--allow-unknown-price", is_flag=True, help="Buy what has no known price too.")
@click.option("--retry-refused", is_flag=True, help="Send again what a vendor's moderation refused before.")
@click.option("--locked", is_flag=True, help="Take what is generated from the lock; exit 6 where anything has drifted.")
@click.option("--frozen", is_flag=True, help="Like --locked, and ask no vendor for anything whatever happens.")
@click.option("--plan", metavar="FILE", help="Build what this plan (`plan -o`) says, at its price; exit 6 if it moved.")
@JSON
def build(**told: Any) -> None:
    """Build the finished videos of PROJECT."""
    settings = settings_of(told)
    if not settings.rehash and told["plan"] is None:
        from vidbuild.stores import trace, uses

        place = store_folder(settings.store, os.environ)
        path = trace.trace_path(place, settings.asked("build"))
        known = trace.unchanged(path, os.environ)
        if known is not None:
            uses.touch(place, path.name)
            _nothing_to_do(known, told["as_json"])
            return
    from vidbuild.commands import build as command

    sys.exit(command.run(settings, told))


def _nothing_to_do(known: Any, as_json: bool) -> None:
    """Tell that nothing changed, as a build that made nothing would."""
    if as_json:
        _last_word(Exit.BUILT, known["hits"], known["deliverables"])
        return
    for warning in known["warnings"]:
        print(warning, file=sys.stderr)
    print(f"built: nothing to do, {known['hits']} kept", file=sys.stderr)
    for file in known["deliverables"]:
        size = f"{file['width']}x{file['height']}, {file['fps']} fps, " if file["frames"] else ""
        print(f"{clean_text(file['path'])}  {size}{file['seconds']:g} s")


def _last_word(code: Exit, hits: int = 0, deliverables: Sequence[Any] = ()) -> None:
    """Write the last line of a `build --json` in which nothing ran; it imports nothing that may be half imported."""
    import json

    ended = {"event": "build_ended", "status": code.status, "exit": int(code), "ran": [], "failed": []}
    print(json.dumps({**ended, "hits": hits, "deliverables": list(deliverables)}))


@cli.command()
@PROJECT
@STORE
@PROFILE
@click.option("--prune", is_flag=True, help="Forget what nothing in the project uses any more.")
@click.option(
    "--adopt",
    metavar="ID",
    shell_complete=completing.attempts,
    help="Let what was bought stand for the changed recipe in its place.",
)
@click.option(
    "--update",
    metavar="SHOT",
    multiple=True,
    shell_complete=completing.shots,
    help="Ask this shot (or `say ID`, `cast NAME`, `audio`) anew: what was bought is judged again (repeatable).",
)
@click.option("--toolchain", is_flag=True, help="Say that the project is made with the tools that are here (`verify`).")
@click.option("--resolve", is_flag=True, help="Make one lock of a merge conflict: all that both sides bought is kept.")
@JSON
def lock(
    project: Path, store: str | None, profile: str | None, prune: bool, adopt: str | None, update: tuple[str, ...],
    toolchain: bool, resolve: bool, as_json: bool,
) -> None:  # fmt: skip
    """Tell what PROJECT's lock holds, and what of it is unused.

    Also what is lacking, or known otherwise here: then exit 6.
    """
    from vidbuild.commands import anew, resolving
    from vidbuild.commands import lock as command

    settings = Settings(project, store=store, profile=profile)
    if prune + (adopt is not None) + bool(update) + toolchain + resolve > 1:
        raise click.UsageError("--prune, --adopt, --update, --toolchain and --resolve are five things to do: name one")
    if as_json and (adopt is not None or update or toolchain or resolve):
        raise click.UsageError("--json tells what the lock holds: it changes nothing, but for --prune")
    if not (prune or adopt is not None or update or toolchain or resolve):
        sys.exit(command.check(settings, False, as_json))
    with command.alone(settings):
        if toolchain:
            sys.exit(command.toolchain(settings))
        if resolve:
            sys.exit(resolving.resolve(settings))
        if update:
            sys.exit(anew.update(settings, update))
        sys.exit(command.check(settings, prune, as_json) if adopt is None else command.adopt(settings, adopt))


@cli.command("verify")
@request_options
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="How many things to make at once (default: cores).")
@JSON
def verify_project(**told: Any) -> None:
    """Make PROJECT's videos once more in a clean store; compare.

    Exit 1 where anything differs. What was bought is taken from the store, and nothing is bought. What differs in the
    tools is told, too.
    """
    from vidbuild.commands import verify as command

    sys.exit(command.run(settings_of(told), told))


@cli.command()
@PROJECT
@STORE
@PROFILE
@JSON
def outdated(project: Path, store: str | None, profile: str | None, as_json: bool) -> None:
    """Tell which models of PROJECT's lock have moved on since.

    They have retired, or have another price.
    """
    from vidbuild.commands import lock as command

    sys.exit(command.outdated(Settings(project, store=store, profile=profile), as_json))


@cli.command()
@request_options
def push(**told: Any) -> None:
    """Send what is here of PROJECT to the store that it shares."""
    from vidbuild.commands import share as command

    sys.exit(command.push(settings_of(told), os.environ))


@cli.command()
@request_options
def pull(**told: Any) -> None:
    """Fetch what the store that PROJECT shares holds of it.

    The project then builds without that store.
    """
    from vidbuild.commands import share as command

    sys.exit(command.pull(settings_of(told), os.environ))


@cli.command()
@request_options
@click.option("--show", is_flag=True, help="Print what will run: argv and asks.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 0 with nothing to do, 10 with something.")
@click.option("-o", "into", metavar="FILE", help="Write the plan to FILE, for `build --plan`.")
@click.option("--against", metavar="REF", help="Tell what is otherwise than at this git revision.")
@click.option(
    "--format", type=click.Choice(["text", "markdown"]), default="text", help="For people, or a pull request."
)
@JSON
def plan(**told: Any) -> None:
    """Show what a build of PROJECT would do, and what it would cost."""
    from vidbuild.commands import plan as command

    sys.exit(command.run(settings_of(told), told))


@cli.command()
@request_options
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Also write a report as CI reads it.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="How many things to make at once (default: cores).")
@JSON
def test(**told: Any) -> None:
    """Measure PROJECT's finished videos against its `tests`.

    Exit 1 where one is not so. What is free and lacks is made for it; nothing is bought.
    """
    from vidbuild.commands import test as command

    sys.exit(command.run(settings_of(told), told))


@cli.command()
@request_options
@click.option(
    "--format", "form", type=click.Choice(["svg", "dot", "mermaid", "json"]), default="svg", help="A picture, or text."
)
@click.option("--full", "is_full", is_flag=True, help="Every action by itself; needs another --format than svg.")
@click.option("-o", "into", metavar="FILE", help="Write it to FILE.")
def graph(form: str, is_full: bool, into: str | None, **told: Any) -> None:
    """Draw what a build of PROJECT would do.

    A card a shot and a finished file: what is kept, what would be made or bought, and what it would cost.
    """
    from vidbuild.commands import graph as command

    sys.exit(command.run(settings_of(told), form, is_full, into))


@cli.command()
@click.argument("was", metavar="A")
@click.argument("now", metavar="[B]", required=False)
@click.option("--project", type=click.Path(path_type=Path), default=DEFAULT_PROJECT, help="Of which revisions are.")
@DRAFT
@OUTPUT
@PROFILE
@OUT
@STORE
@click.option("-o", "sheet", metavar="FILE.html", help="Where the sheet goes, a PNG beside it (default: diff.html).")
@JSON
def diff(was: str, now: str | None, sheet: str | None, as_json: bool, **told: Any) -> None:
    """Show what of finished videos is otherwise in B than in A.

    Each is a file, a folder, or a git revision, whose videos are made again of what the store holds; without B it is
    the finished files of the project. Exit 0: nothing that is seen or heard differs; 1: something does; 2: trouble.
    """
    from vidbuild.commands import diff as command

    settings = settings_of({**told, "only": None, "rehash": False})
    sys.exit(command.run(settings, was, now, sheet, as_json))


@cli.command()
@click.argument("what", metavar="SHOT|OUTPUT|ACTION", shell_complete=completing.shots_and_outputs)
@request_options
@JSON
def why(what: str, as_json: bool, **told: Any) -> None:
    """Say what changed since the last build, in the author's words."""
    from vidbuild.commands import plan as command

    sys.exit(command.why(settings_of(told), what, as_json))


@cli.command()
@click.argument("projects", metavar="[PROJECT]...", nargs=-1, type=click.Path(path_type=Path))
@DRAFT
@STORE
@JSON
def check(projects: tuple[Path, ...], draft: bool, store: str | None, as_json: bool) -> None:
    """Tell every mistake in PROJECTs.

    They are read and planned, and nothing is made; keys that a build would need are named.
    """
    from vidbuild.commands import inspect

    named = projects or (Path(DEFAULT_PROJECT),)
    sys.exit(inspect.check([Settings(project, draft, store=store) for project in named], as_json))


@cli.command()
@PROJECT
@STORE
@click.option("--variant", metavar="KEY", help="Which of its languages; the source without it.")
def show(project: Path, store: str | None, variant: str | None) -> None:
    """Print PROJECT as it was understood.

    Templates are rendered, groups and includes are gone.
    """
    from vidbuild.commands import inspect

    sys.exit(inspect.show(Settings(project, draft=True, store=store), variant))


@cli.command()
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", "only_checks", is_flag=True, help="Write nothing; exit 1 where something would change.")
@click.option("--diff", "shows", is_flag=True, help="Write nothing; print what would change.")
def fmt(files: tuple[Path, ...], only_checks: bool, shows: bool) -> None:
    """Lay out a project's YAML.

    Block style, two spaces, a clause of a prompt a line; values, their order and comments stay. Without FILE it is
    project.yaml; `-` reads standard input and writes standard output.
    """
    from vidbuild.commands import fmt as command

    sys.exit(command.run(files or (Path(DEFAULT_PROJECT),), only_checks, shows))


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), default=".")
@click.option(
    "--template",
    metavar="NAME",
    default="starter",
    shell_complete=completing.templates,
    help="What it starts as (default: starter).",
)
@click.option("--list", "is_listed", is_flag=True, help="List the templates.")
def init(folder: Path, template: str, is_listed: bool) -> None:
    """Start a project in DIR that builds at once, without a key."""
    from vidbuild.commands import start

    sys.exit(start.templates() if is_listed else start.init(folder, template))


@cli.command()
@a_shot
@PROJECT
@OUT
@STORE
@JSON
def takes(shot: str, project: Path, out: str | None, store: str | None, as_json: bool) -> None:
    """List the takes of SHOT and draw them side by side."""
    from vidbuild.commands import takes as command

    sys.exit(command.takes(Settings(project, out=out, store=store), shot, as_json))


@cli.command()
@a_shot
@click.argument("take", metavar="N|ID", shell_complete=completing.takes)
@PROJECT
@STORE
def pick(shot: str, take: str, project: Path, store: str | None) -> None:
    """Circle a take of SHOT.

    By its number, or by an attempt's id as `takes` lists it: `take:` is written into the project.
    """
    from vidbuild.commands import takes as command

    sys.exit(command.pick(Settings(project, store=store), shot, take))


@cli.command()
@PROJECT
@OUT
@STORE
def clean(project: Path, out: str | None, store: str | None) -> None:
    """Remove PROJECT's finished files.

    The store keeps everything they were made from.
    """
    from vidbuild.commands import start

    sys.exit(start.clean(Settings(project, out=out, store=store)))


for _command in (
    cli_spending.jobs,
    cli_spending.cost,
    cli_spending.trust,
    cli_looking.models,
    cli_looking.doctor,
    cli_looking.completion,
    cli_looking.platforms,
    cli_looking.styles,
    cli_looking.schema,
    cli_storing.store,
):
    cli.add_command(_command)


class Terminated(BaseException):
    """SIGTERM came."""


def main() -> NoReturn:
    """Run the command line and exit with one of `Exit`'s codes."""
    arguments = sys.argv[1:]
    begun: list[str | None] = []
    gc.set_threshold(50_000, 20, 100)  # what is imported, read and planned stays: looking for garbage in it finds none
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(arguments, prog_name="vidbuild", standalone_mode=False, obj=begun)
        code, said = Exit.BUILT, ""
    except click.ClickException as wrong:
        wrong.show()
        code, said = Exit.INVALID, wrong.format_message()
    except (click.exceptions.Abort, KeyboardInterrupt):
        code, said = Exit.INTERRUPTED, "interrupted"
    except Terminated:
        code, said = Exit.TERMINATED, "terminated"
    except VidbuildError as error:
        code, said = error.exit, error.text()
        _complain(said if isinstance(error, SpecError) else f"error: {said}")
    except OSError as error:
        code, said = Exit.FAILED, f"`{error.filename or 'a stream'}`: {error.strerror or error}"
        _complain(f"error: {said}")
    except Exception as bug:
        code, said = Exit.FAILED, f"BUG: {type(bug).__name__}: {bug}"
        _complain(
            f"error: {said}\nhint: this is a mistake in vidbuild, and nothing that was made is lost: please report it"
        )
        if os.environ.get("VIDBUILD_DEBUG"):
            raise
    if code is not Exit.BUILT and begun == ["build"] and "--json" in arguments:
        import json

        print(json.dumps({"event": "told", "text": said}))
        _last_word(code)
    _leave(code)


def _leave(code: Exit) -> NoReturn:
    """End at once: to take all of Python down piece by piece costs a tenth of a second.

    And after ^C in an import it would end by the signal, whatever exit code it is given.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        code = code or Exit.FAILED
        _complain(f"error: what was said can't be written: {error.strerror or error}")
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def _terminate(number: int, frame: object) -> None:
    raise Terminated


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
