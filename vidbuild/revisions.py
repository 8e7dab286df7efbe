"""A project as a git revision has it, laid out in a folder of the store; work tree and index are left alone.

Of the project's folder texts are written at once; what lies beside it when the project names it. Large files (footage)
keep their names and sizes, and get their bytes when they are first asked for; files that git never had are those of
the work tree. It knows git's trees, and nothing of what a project's files mean.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from vidbuild import assets
from vidbuild.session import Session
from vidbuild.settings import lock_name
from vidbuild.spec.files import confined, root_of
from vidbuild.stores.lockfile import LockFile
from vidbuild.stores.own_files import OwnFilesOnDisk
from vidbuild.stores.remotes.remote import VARIABLE
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.words.digest import Digest
from vidbuild.words.errors import SpecError, UsageError, VidbuildError

TEXTS = (".yaml", ".yml", ".json", ".csv", ".tsv", ".j2", ".txt", ".md", ".lock", ".srt", ".vtt")
AT_ONCE_BYTES = 1 << 20
"""What is larger, and no text, is laid out when it is asked for."""
_POINTER = b"version https://git-lfs.github.com/spec/"
_FILE, _RUNNABLE, _LINK = "100644", "100755", "120000"


@dataclass(frozen=True)
class _Entry:
    mode: str
    object: str
    size: int


class Tree:
    """The tree of a revision, below a folder: what is laid out of it, and more when it is asked for.

    Args:
        root: the work tree that git knows.
        ref: the revision as it was named.
        folder: where it is laid out; empty.

    Raises:
        UsageError: git knows no such revision.
    """

    def __init__(self, root: Path, ref: str, folder: Path):
        self.root, self.ref, self.folder = root, ref, Path(os.path.realpath(folder))
        self.commit = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
        entries = dict(self._listed())
        self._names = sorted(entries)
        self._links = {name for name, entry in entries.items() if entry.mode == _LINK}
        self._files = {name: entry for name, entry in entries.items() if entry.mode != _LINK}
        self._laid: set[str] = set()
        (self.folder / ".git").mkdir()  # so that this folder is the root, which no path leads out of
        if self._links:
            with self._batch() as read:
                for name in sorted(self._links):
                    if (place := self._place(name)) is not None:
                        place.symlink_to(os.fsdecode(read(entries[name].object)))

    def lay_out(self, path: Path) -> None:
        """Write what is at a path or below it, and where links of that lead: texts, and a hole for every other file."""
        wanted, found = [path], list[str]()
        while wanted:
            for name in self._below(self._name(wanted.pop())):
                if name not in self._laid:
                    self._laid.add(name)
                    if name in self._links:
                        wanted.append(self.folder / name)
                    else:
                        found.append(name)
        if not found:
            return
        with self._batch() as read:
            for name in found:
                if (place := self._place(name)) is None:
                    continue
                with open(place, "wb") as stream:
                    if _is_at_once(name, self._files[name]):
                        stream.write(read(self._files[name].object))
                    else:
                        stream.truncate(self._files[name].size)

    def fill(self, path: Path) -> None:
        """Give a file its bytes, if it is one of the tree's that has none yet."""
        path = Path(os.path.realpath(path))
        name = self._name(path)
        entry = self._files.get(name)
        if entry is None:
            return
        if not _is_at_once(name, entry):
            self._write(path, ("cat-file", "blob", entry.object))
        with open(path, "rb") as stream:
            is_pointer = entry.size < 1024 and stream.read(len(_POINTER)) == _POINTER
        if is_pointer:
            self._write(path, ("cat-file", "--filters", f"--path={name}", entry.object))
            if path.stat().st_size == entry.size:
                hint = f"`git lfs fetch origin {self.ref}` brings them"
                raise VidbuildError(f"`{name}` of `{self.ref}` is kept by Git LFS, and its bytes aren't here", {}, hint)
        del self._files[name]

    def _listed(self) -> Iterator[tuple[str, _Entry]]:
        for row in self._git("ls-tree", "-r", "-z", "-l", "--full-tree", self.commit).split("\0"):
            told, _, name = row.partition("\t")
            if not name or any(part in ("", ".", "..") or part.lower() == ".git" for part in name.split("/")):
                continue
            mode, _, object, size = told.split()
            if mode in (_FILE, _RUNNABLE, _LINK):
                yield name, _Entry(mode, object, int(size))

    def _name(self, path: Path) -> str:
        """Name what a path leads to, by links too, as git does; `.` is the whole tree."""
        return Path(os.path.relpath(os.path.realpath(path), self.folder)).as_posix()

    def _below(self, name: str) -> Sequence[str]:
        if name == ".":
            return self._names
        first = bisect_left(self._names, f"{name}/")
        below = self._names[first : bisect_left(self._names, f"{name}0", first)]  # `0` follows `/`
        return [name, *below] if name in self._files else below

    def _place(self, name: str) -> Path | None:
        """Make room for a name; none where a link is in the way, since nothing is written through one."""
        path = self.folder / name
        if Path(os.path.realpath(path)) != path:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def _batch(self) -> Iterator[Callable[[str], bytes]]:
        """Open a way to read objects, one after another."""
        with self._started(("cat-file", "--batch"), subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None

            def read(object: str) -> bytes:
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(f"{object}\n".encode())
                process.stdin.flush()
                head = process.stdout.readline().split()
                if len(head) != 3:
                    raise VidbuildError(f"git can't give the object `{object}`", hint="fetch the whole revision")
                data = process.stdout.read(int(head[2]) + 1)
                return data[:-1]

            yield read
            process.stdin.close()

    def _write(self, path: Path, words: Sequence[str]) -> None:
        with open(path, "wb") as stream, self._started(words, None, stream.fileno()) as process:
            _, said = process.communicate()
        if process.returncode:
            raise VidbuildError(f"git can't give `{path.name}` of `{self.ref}`", {"git": _last(said)})

    def _git(self, *words: str) -> str:
        with self._started(words, None) as process:
            out, said = process.communicate()
        if process.returncode:
            facts = {"git": _last(said)} if said.strip() else {}
            hint = "a clone may lack it: `git fetch` it first (in CI with the whole history)"
            raise UsageError(f"git knows no revision `{self.ref}` here, and no file is called so", facts, hint)
        return os.fsdecode(out)

    def _started(
        self, words: Sequence[str], stdin: int | None, stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        environ = {**os.environ, "LC_ALL": "C.UTF-8", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
        argv = ("git", "-C", str(self.root), *words)
        try:
            return subprocess.Popen(
                argv, stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=environ
            )
        except FileNotFoundError:
            raise UsageError("`git` isn't there, and revisions are read by it", hint="install git") from None


def _is_at_once(name: str, entry: _Entry) -> bool:
    return entry.size <= AT_ONCE_BYTES or name.lower().endswith(TEXTS)


def _last(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "(nothing)"


class _OwnFilesOfTree(OwnFilesOnDisk):
    """Own files whose bytes come when they are asked for; those that git never had are lent by the work tree.

    Args:
        session: on the revision.
        home: the project's folder in the work tree.
    """

    def __init__(self, session: Session, tree: Tree, home: Path):
        super().__init__(session.memory, session.started_ns)
        self._notes, self._settings = session.memory, session.settings
        self._tree, self._home = tree, home
        self._lent: dict[Path, tuple[Path, Path]] = {}
        self.unpinned: dict[str, None] = {}

    def bring(self, path: Path) -> None:
        """See that a file is there which the revision names, if anybody has it; a lent one is a hole at first."""
        self._tree.lay_out(path)
        if path not in self._lent:
            place = Path(os.path.realpath(path))
            if place.exists() or not place.is_relative_to(self._tree.folder) or path.name.lower().endswith(TEXTS):
                return
            try:
                here = confined(self._tree.root, self._home, self._name(path))
            except (SpecError, FileNotFoundError):
                return
            self._lent[path] = (place, here.absolute())
        place, here = self._lent[path]
        place.unlink(missing_ok=True)  # the link to it would lead out of the tree
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "wb") as stream:
            stream.truncate(here.stat().st_size)

    def digest(self, path: Path) -> Digest:
        lent = self._lent.get(Path(os.path.normpath(path)))
        if lent is None:
            self._tree.fill(path)
            return super().digest(path)
        place, here = lent
        name, found = self._name(path), super().digest(here)
        pinned = self._pinned.get(name)
        if pinned is None:
            self.unpinned[name] = None
        if pinned in (None, found):
            place.unlink(missing_ok=True)
            place.symlink_to(here)
            return found
        if not assets.is_probed(pinned, self._notes):
            raise VidbuildError(f"`{name}` isn't in git, and was another file in {self._tree.ref}")
        return pinned

    def _name(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._settings.home)).as_posix()

    @cached_property
    def _pinned(self) -> Mapping[str, Digest]:
        return LockFile(self._settings.home / lock_name(self._settings.file)).value.files


@dataclass(frozen=True)
class Revision:
    """A project at a revision.

    Args:
        session: opened on it; it shares the store with the session that it was opened from.
        has_project: whether the revision has the project file at all.
        unpinned: own files that neither the revision nor its lock has: those of the work tree counted; known once
            it is planned.
    """

    commit: str
    session: Session
    has_project: bool
    unpinned: Collection[str]


@contextlib.contextmanager
def opened(session: Session, ref: str, environ: Mapping[str, str]) -> Iterator[Revision]:
    """Open a session's project as it was at a revision; the session has planned, and lends what is behind its store."""
    settings = session.settings
    root = root_of(settings.file)
    if not (root / ".git").exists():
        raise UsageError(f"`{settings.file}` is in no git work tree, so there is no revision of it")
    place = Path(os.path.realpath(settings.file.parent)).relative_to(root) / settings.file.name
    workspaces = WorkspacesOnDisk(session.store)
    try:
        with workspaces.opened({}, ()) as workspace:
            tree = Tree(root, ref, workspace.folder)
            there = Session(replace(settings, project=workspace.folder / place, out=None), {**environ, VARIABLE: ""})
            tree.lay_out(there.settings.home)
            own = _OwnFilesOfTree(there, tree, settings.home)
            there.own, there.bring = own, own.bring
            there.behind, there.cas, there.cache = session.behind, session.cas, session.cache
            try:
                yield Revision(tree.commit, there, (workspace.folder / place).is_file(), own.unpinned.keys())
            finally:
                there.behind = None  # it is the other session's to stop
                there.close()
    finally:
        workspaces.close()
