"""The files of a project, looked at with care: where the root is, and that nothing outside it is read.

I/O, for the door (`load`). It knows paths, not YAML.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from vidbuild.words.errors import Problem, SpecError


def root_of(path: Path) -> Path:
    """Give the git work tree that holds a project file, else the file's folder."""
    folder = Path(os.path.realpath(path.parent))
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            return above
    return folder


def confined(root: Path, base: Path, written: str) -> Path:
    """Give the path of a file of the project, as written beside `base`.

    Raises:
        SpecError: for absolute paths, ways out of the root by `..` or links, and what is no regular file.
        FileNotFoundError: where nothing is.
    """
    if os.path.isabs(written) or written.startswith("~") or written[1:3] == ":\\":
        hint = "write it relative to this file"
        raise _refused(f"`{written}` is absolute, and files are named from inside the project", hint)
    path = Path(os.path.normpath(base / written))
    top = os.path.realpath(root)
    by_name = os.path.normpath(os.path.join(os.path.realpath(base), written))
    if not _inside(by_name, top):
        raise _refused(f"`{written}` leads out of the project", f"files must lie in {top}")
    try:
        real = os.path.realpath(path, strict=True)
        found = os.stat(real)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(written) from error
    except OSError as error:
        raise _refused(f"`{written}` can't be looked at: {error.strerror}") from error
    if not _inside(real, top):
        raise _refused(f"`{written}` is a link that leads out of the project", "copy the file into the project")
    if not stat.S_ISREG(found.st_mode):
        raise _refused(f"`{written}` is {_kind(found.st_mode)}, not a file")
    return path


def _inside(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device or a socket"


def _refused(sentence: str, hint: str | None = None) -> SpecError:
    return SpecError([Problem(None, sentence, hint=hint)])


def taken(path: Path, most: int) -> bytes:
    """Read at most `most` + 1 bytes of a regular file; it never waits for a pipe.

    Raises:
        OSError: where it is no readable regular file.
    """
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(number, "rb") as stream:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(0, "it is not a file")
        return stream.read(most + 1)


def nearby(path: Path) -> list[str]:
    """List names beside a missing file, for a hint."""
    try:
        with os.scandir(path.parent) as found:
            return [entry.name for _, entry in zip(range(2000), found, strict=False)]
    except OSError:
        return []
