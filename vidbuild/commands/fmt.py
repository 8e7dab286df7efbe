"""`fmt`: files laid out anew in place, or what that would change."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from vidbuild.console import say
from vidbuild.settings import Settings
from vidbuild.spec.files import taken
from vidbuild.spec.layout import laid_out
from vidbuild.spec.reader import MOST_BYTES, decode
from vidbuild.stores import durable
from vidbuild.words.errors import Exit, SpecError, UsageError, clean

STANDARD_INPUT = Path("-")


def run(files: Sequence[Path], only_checks: bool, shows: bool) -> int:
    """Lay out each file; one that can't be is told, and the others are laid out all the same.

    Args:
        only_checks: write nothing, and fail where something would change.
        shows: print what would change as a patch, and write nothing.
    """
    if files == (STANDARD_INPUT,):
        return _piped(only_checks, shows)
    changed, refused = 0, False
    for given in files:
        file = Settings(given).file
        try:
            text, made = _laid_out(_read(file), str(file))
        except SpecError as error:
            say(error.text(), sys.stderr)
            refused = True
            continue
        if text == made:
            continue
        changed += 1
        if shows:
            _show(text, made, str(file))
        elif only_checks:
            say(f"{clean(str(file))}: `vidbuild fmt` would change it")
        else:
            target = file.resolve()
            durable.write_bytes(target, made.encode(), target.stat().st_mode & 0o777)
            say(f"{clean(str(file))}: laid out")
    if refused:
        return Exit.INVALID
    return Exit.FAILED if changed and (only_checks or shows) else Exit.BUILT


def _piped(only_checks: bool, shows: bool) -> int:
    text, made = _laid_out(sys.stdin.buffer.read(MOST_BYTES + 1), "-")
    if shows:
        _show(text, made, "-")
    elif not only_checks:
        sys.stdout.buffer.write(made.encode())
    return Exit.FAILED if text != made and (only_checks or shows) else Exit.BUILT


def _read(file: Path) -> bytes:
    if file.suffix == ".json":
        raise UsageError(f"`{clean(str(file))}` is JSON", hint="`fmt` lays out YAML; a JSON file stays as it is")
    if file.suffix == ".lock":
        raise UsageError(f"`{clean(str(file))}` is a lock", hint="builds write it, in a form that git merges")
    try:
        return taken(file, MOST_BYTES)
    except FileNotFoundError as error:
        raise UsageError(f"the file `{clean(str(file))}` isn't there") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"the file `{clean(str(file))}` can't be read: {why}") from error


def _laid_out(data: bytes, file: str) -> tuple[str, str]:
    """Give a file's text and what it becomes."""
    text, problems = decode(data, file)
    if problems:
        raise SpecError(problems, {file: text})
    made = laid_out(text, file)
    mark = data.decode()[: len(data.decode()) - len(text)]
    return mark + text, mark + made


def _show(text: str, made: str, file: str) -> None:
    before, after = text.splitlines(keepends=True), made.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, f"a/{file}", f"b/{file}"):
        ends = line.endswith("\n")
        say(clean(line.removesuffix("\n").removesuffix("\r")))
        if not ends:
            say("\\ No newline at end of file")
