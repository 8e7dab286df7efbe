"""`vidbuild lock --resolve`: a lock with a merge conflict, or one that contradicts itself, made whole again.

The project isn't read: it may hold a conflict, too. Where git still has both sides they are taken from there: it merges
lines, and of an entry that one side replaced and the other left it may put the one's ask above the other's attempts.
"""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import replace
from pathlib import Path

from vidbuild.console import say
from vidbuild.settings import Settings, lock_name
from vidbuild.spec import files, reader
from vidbuild.stores import durable, lock_merge
from vidbuild.stores.lock_text import parsed, written
from vidbuild.words.digest import Digest, digest_stream
from vidbuild.words.errors import Exit, SpecError, UsageError, clean


def resolve(settings: Settings) -> int:
    """Keep all that both sides bought; tell where they answered one question in two ways, and which answer stands."""
    path = settings.home / lock_name(settings.file)
    try:
        data = files.taken(path, reader.MOST_BYTES)
    except FileNotFoundError:
        raise UsageError(f"there is no `{path.name}` here", hint="a build that buys something writes it") from None
    text, problems = reader.decode(data, path.name)
    if problems:
        raise SpecError(problems, {path.name: text})
    if _holds(text, path.name):
        say(f"`{path.name}` holds no conflict")
        return int(Exit.BUILT)
    if (sides := _sides(path)) is not None:
        made = lock_merge.merged(*(parsed(side, path.name, is_contradictory=True) for side in sides))
    else:
        made = lock_merge.resolved(text, path.name)
    theirs = {name: digest for name, digest in made.files.items() if _digest(settings, name) == digest}
    after = written(replace(made.lock, files={**made.lock.files, **theirs}))
    durable.write_bytes(path, after.encode())
    for told in made.told:
        say(clean(told))
    say(f"`{path.name}` holds what both sides bought; `git add` it; `vidbuild plan` shows what has to be made")
    return int(Exit.BUILT)


def _sides(path: Path) -> tuple[str, str] | None:
    """Give both sides of a file whose merge git has not been told the end of."""
    found = []
    for stage in (2, 3):
        argv = ("git", "-C", str(path.parent), "cat-file", "blob", f":{stage}:./{path.name}")
        try:
            done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, check=True)
            found.append(done.stdout.decode())
        except (OSError, subprocess.CalledProcessError, UnicodeDecodeError):
            return None
    return found[0], found[1]


def _holds(text: str, file: str) -> bool:
    with contextlib.suppress(SpecError):
        parsed(text, file)
        return True
    return False


def _digest(settings: Settings, name: str) -> Digest | None:
    """Give the digest of an own file; a lock may name any path, so of a regular file inside of the project alone."""
    try:
        with open(files.confined(files.root_of(settings.file), settings.home, name), "rb") as stream:
            return digest_stream(stream)
    except (OSError, ValueError, SpecError):
        return None
