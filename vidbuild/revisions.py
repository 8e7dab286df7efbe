"""A project as a git revision has it, laid out in a folder of the store; work tree and index are left alone.

Texts are written at once. Large files (footage) keep their names and sizes, and get their bytes when they are first
asked for. It knows git's trees, and nothing of what a project's files mean.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vidbuild.session import Session
from vidbuild.spec.files import root_of
from vidbuild.stores.own_files import OwnFilesOnDisk
from vidbuild.stores.remotes.remote import VARIABLE
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.words.digest import Digest
from vidbuild.words.errors import UsageError, VidbuildError

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
    """The tree of a revision, below a folder.

    Args:
        root: the work tree that git knows.
        ref: the revision as it was named.
        folder: where it is laid out; empty.

    Raises:
        UsageError: git knows no such revision.
    """

    def __init__(self, root: Path, ref: str, folder: Path):
        self.root, self.ref, self.folder = root, ref, folder
        self.commit = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
        self._entries = dict(self._listed())
        (folder / ".git").mkdir()  # so that this folder is the root, which no path leads out of
        self._lay_out()

    def fill(self, path: Path) -> None:
        """Give a file its bytes, if it is one of the tree's that has none yet."""
        name = Path(os.path.relpath(path, self.folder)).as_posix()
        entry = self._entries.get(name)
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
        del self._entries[name]

    def _listed(self) -> Iterator[tuple[str, _Entry]]:
        for row in self._git("ls-tree", "-r", "-z", "-l", "--full-tree", self.commit).split("\0"):
            told, _, name = row.partition("\t")
            if not name or any(part in ("", ".", "..") or part.lower() == ".git" for part in name.split("/")):
                continue
            mode, _, object, size = told.split()
            if mode in (_FILE, _RUNNABLE, _LINK):
                yield name, _Entry(mode, object, int(size))

    def _lay_out(self) -> None:
        """Write every text, and a hole for every other file; links last, so that nothing is written through one."""
        with self._batch() as read:
            for name, entry in self._entries.items():
                if entry.mode != _LINK:
                    path = self.folder / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with open(path, "wb") as stream:
                        if _is_at_once(name, entry):
                            stream.write(read(entry.object))
                        else:
                            stream.truncate(entry.size)
            for name, entry in self._entries.items():
                if entry.mode == _LINK:
                    (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (self.folder / name).symlink_to(os.fsdecode(read(entry.object)))
        self._entries = {name: entry for name, entry in self._entries.items() if entry.mode != _LINK}

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
            raise UsageError(f"git knows no revision `{self.ref}` here", facts, hint)
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
    """Own files whose bytes come when they are asked for."""

    def __init__(self, session: Session, tree: Tree):
        super().__init__(session.memory, session.started_ns)
        self._tree = tree

    def digest(self, path: Path) -> Digest:
        self._tree.fill(path)
        return super().digest(path)


@dataclass(frozen=True)
class Revision:
    """A project at a revision.

    Args:
        session: opened on it; it shares the store with the session that it was opened from.
        has_project: whether the revision has the project file at all.
    """

    commit: str
    session: Session
    has_project: bool


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
            there.own = _OwnFilesOfTree(there, tree)
            there.behind, there.cas, there.cache = session.behind, session.cas, session.cache
            try:
                yield Revision(tree.commit, there, (workspace.folder / place).is_file())
            finally:
                there.behind = None  # it is the other session's to stop
                there.close()
    finally:
        workspaces.close()
