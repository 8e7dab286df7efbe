"""What a shell may complete on a command line: the project's own shots, outputs, profiles and takes.

It reads the project's text and its lock, plans nothing, and never complains: what can't be read has no names.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vidbuild.settings import DEFAULT_PROJECT, Settings, lock_name

if TYPE_CHECKING:
    from vidbuild.spec.tree import Node

MOST_LOCK = 16 * 2**20
_SAFE = re.compile(r"[A-Za-z0-9_.@+-]+\Z")
_ATTEMPT = re.compile(r"\{id: ([g-z][0-9a-f]+),")
_LABEL = re.compile(r"^  (?P<label>\S.*):$", re.MULTILINE)
Completion = Callable[[click.Context, click.Parameter, str], list[str]]


def _named(names: Callable[[click.Context], Iterator[str]]) -> Completion:
    """Make a completion of what gives all names: those that begin so, and that mean nothing to a shell."""

    def complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
        found: dict[str, None] = {}
        with contextlib.suppress(Exception):
            for name in names(context):
                found[name] = None
        return [name for name in found if name.startswith(begun) and _SAFE.match(name)]

    return complete


def _shots(context: click.Context) -> Iterator[str]:
    from vidbuild.spec.outline import outline

    root = _tree(context)
    yield from (str(entry.id) for entry in (outline(root) if root is not None else ()) if entry.is_shot)


def _outputs(context: click.Context) -> Iterator[str]:
    root = _tree(context)
    listed = root.get("outputs") if root is not None else None
    for member in listed.members() if listed is not None else ():
        named = member.get("name") or member.get("platform") or member
        if isinstance(named.value, str):
            yield named.value
    if root is not None and listed is None:
        yield "master"


def _shots_and_outputs(context: click.Context) -> Iterator[str]:
    yield from _shots(context)
    yield from _outputs(context)


def _profiles(context: click.Context) -> Iterator[str]:
    root = _tree(context)
    listed = root.get("profiles") if root is not None else None
    yield from listed.entries() if listed is not None else ()


def _takes(context: click.Context) -> Iterator[str]:
    """Give the takes of a shot: by number, and those that were bought by their ids."""
    from vidbuild.spec.outline import outline

    shot, root = str(context.params.get("shot")), _tree(context)
    for entry in outline(root) if root is not None else ():
        takes = entry.node.get("takes") if entry.is_shot and entry.id == shot else None
        if takes is not None and isinstance(takes.value, int):
            yield from map(str, range(1, min(takes.value, 99) + 1))
    yield from _ATTEMPT.findall(_section(_lock(context), f"shot {shot}"))


def _attempts(context: click.Context) -> Iterator[str]:
    yield from _ATTEMPT.findall(_lock(context))


def _schemas(context: click.Context) -> Iterator[str]:
    from vidbuild.share import share

    yield from (path.name.removesuffix(".schema.json") for path in sorted(share("schemas").glob("*.schema.json")))


def _templates(context: click.Context) -> Iterator[str]:
    from vidbuild.share import share

    yield from (path.name for path in sorted(share("templates/projects").iterdir()) if path.is_dir())


shots = _named(_shots)
outputs = _named(_outputs)
shots_and_outputs = _named(_shots_and_outputs)
profiles = _named(_profiles)
takes = _named(_takes)
attempts = _named(_attempts)
schemas = _named(_schemas)
templates = _named(_templates)


def _file(context: click.Context) -> Path:
    return Settings(Path(context.params.get("project") or DEFAULT_PROJECT)).file


def _tree(context: click.Context) -> Node | None:
    """Read the project as one tree, as far as it can be read."""
    from vidbuild.spec.files import confined, root_of, taken
    from vidbuild.spec.include import Assembly
    from vidbuild.spec.reader import MOST_BYTES, decode, read

    project = _file(context)

    def read_from(path: Path, name: str) -> Node | None:
        return read(decode(taken(path, MOST_BYTES), name)[0], name).root

    def included(named: Any) -> Node | None:
        with contextlib.suppress(Exception):
            path = confined(root_of(project), Path(named.file).parent, str(named.value))
            return read_from(path, str(path))
        return None

    root = read_from(project, str(project))
    return None if root is None else Assembly(included).assembled(root)


def _lock(context: click.Context) -> str:
    file = _file(context)
    with open(file.with_name(lock_name(file)), "rb") as stream:
        return stream.read(MOST_LOCK).decode(errors="replace")


def _section(lock: str, label: str) -> str:
    """Cut out of a lock what stands under a label."""
    marks = [*_LABEL.finditer(lock)]
    for number, found in enumerate(marks):
        if found["label"].strip("\"'") == label:
            return lock[found.end() : marks[number + 1].start() if number + 1 < len(marks) else None]
    return ""


def script(cli: click.Command, shell: str) -> str:
    """Give the text that a shell reads to complete our commands."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    return kind(cli, {}, "vidbuild", "_VIDBUILD_COMPLETE").source()
