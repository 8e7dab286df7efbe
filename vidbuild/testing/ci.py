"""A machine of CI: a checkout of a project in git, and scripts run in it as CI runs them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from vidbuild.share import PACKAGE
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import starter

_CALL = """\
#!{python} -IS
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({line!r})
asked = dict(words=sys.argv[1:], folder=os.getcwd(), environ=dict(os.environ))
line.sendall(json.dumps(asked).encode() + b"\\n")
code, out, errors = json.load(line.makefile())
sys.stdout.write(out)
sys.stderr.write(errors)
sys.exit(code)
"""
"""The command as scripts find it: it has itself started warm, by the process of the tests."""


def _answered(line: socket.socket) -> None:
    """Run commands that are asked for, one after the other."""
    while True:
        asking, _ = line.accept()
        with asking, tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            asked = json.loads(asking.makefile().readline())
            running = starter().start(asked["words"], Path(asked["folder"]), asked["environ"], errors)
            assert running.stdout is not None
            out, code = running.stdout.read(), running.wait()
            errors.seek(0)
            asking.sendall(json.dumps([code, out, errors.read()]).encode())


@dataclass
class Machine:
    """A machine of CI with a checkout.

    Args:
        shop: whose folder is the checkout.
        folder: for what is the machine's own.
    """

    shop: Shop
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir(parents=True)
        vidbuild = self.folder / "bin" / "vidbuild"
        vidbuild.write_text(_CALL.format(python=sys.executable, line=str(self.folder / "line")))
        vidbuild.chmod(0o755)
        line = socket.socket(socket.AF_UNIX)
        line.bind(str(self.folder / "line"))
        line.listen()
        threading.Thread(target=_answered, args=(line,), daemon=True).start()
        home = {"HOME": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        mine = {"PATH": f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}", **home}
        self.environ = {**self.shop.environ, **mine, "VIDBUILD_CI_OUT": str(self.out), **self.environ}

    @property
    def out(self) -> Path:
        """Where plans and reports go."""
        return self.folder / "out"

    @property
    def told(self) -> dict[str, str]:
        """What was told to later steps."""
        path = self.folder / "output"
        return dict(line.split("=", 1) for line in path.read_text().splitlines()) if path.exists() else {}

    def on_github(self, event: str, **more: str) -> Machine:
        """Be GitHub, at an event."""
        files = {
            name: str(self.folder / name.rpartition("_")[2].lower())
            for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        }
        self.environ |= {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_EVENT_NAME": event, **files, **more}
        return self

    def without_keys(self) -> Machine:
        """Have no vendor's key."""
        keys = [name for name in self.environ if name.endswith("_KEY")]
        assert keys
        self.environ = {name: value for name, value in self.environ.items() if name not in keys}
        return self

    def bash(self, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run lines of bash in the checkout."""
        return self._run(["bash", "-euo", "pipefail", "-c", script], environ)

    def script(self, name: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run one of our scripts in the checkout."""
        path = PACKAGE.parent / "ci" / name
        return self._run([*(["bash"] if path.suffix == ".sh" else [sys.executable]), str(path), *words], environ)

    def git(self, *words: str) -> str:
        """Run git in the checkout."""
        done = self._run(["git", *words], {})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, text: str) -> None:
        """Commit all that is there."""
        self.git("add", "-A")
        self.git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", text)

    def _run(self, argv: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv,
            cwd=self.shop.folder,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
