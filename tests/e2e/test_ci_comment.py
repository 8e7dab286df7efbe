"""The comment of a pull request: written once, changed in place, over a loopback GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vidbuild.share import PACKAGE

ROOT = PACKAGE.parent
TOKEN = "ghs_sekrit"
MACHINE = {"login": "github-actions[bot]", "type": "Bot"}
FIRST = "<!-- vidbuild plan: one -->"
Answer = tuple[int, Any]


class GitHub:
    """As much of GitHub as a comment needs."""

    def __init__(self) -> None:
        self.comments: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        self.whose = ""
        self.refuses: Callable[[str, str], Answer | None] = lambda method, path: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else {}
                outer.asked.append((self.command, self.path, self.headers.get("Authorization")))
                status, said = outer.refuses(self.command, self.path) or outer.answer(self.command, self.path, body)
                text = json.dumps(said).encode()
                self.send_response(status)
                if status in (301, 307):
                    self.send_header("Location", str(said))
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = _answer

            def log_message(self, *told: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """Be asked."""
        place, _, query = path.partition("?")
        if method == "GET" and place == "/repos/team/films/issues/7/comments":
            page = int(query.rpartition("page=")[2])
            return 200, list(self.comments.values())[(page - 1) * 100 : page * 100]
        if method == "POST" and place == "/repos/team/films/issues/7/comments":
            id = len(self.comments) + 1
            self.comments[id] = {"id": id, "body": body["body"], "mine": True, "user": MACHINE}
            return 201, self.comments[id]
        if method == "PATCH" and place.startswith("/repos/team/films/issues/comments/"):
            found = self.comments[int(place.rpartition("/")[2])]
            if not found["mine"]:
                return 403, {}
            found["body"] = body["body"]
            return 200, found
        return (200, {"login": self.whose}) if path == "/user" and self.whose else (404, {})


@pytest.fixture
def github() -> Iterator[GitHub]:
    github = GitHub()
    yield github
    github.server.shutdown()
    github.server.server_close()


def told(github: GitHub, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Put a plan on pull request 7."""
    (folder / "plan.md").write_text(text)
    (folder / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    environ = {
        "PATH": os.environ["PATH"],
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "team/films",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_TOKEN": TOKEN,
    }
    argv = [sys.executable, str(ROOT / "ci/comment.py"), str(folder / "plan.md")]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60)
    assert TOKEN not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_a_second_plan_takes_the_place_of_the_first(github: GitHub, tmp_path: Path) -> None:
    """One comment, found behind a hundred others; another project's stays."""
    for id in range(1, 131):
        github.comments[id] = {"id": id, "body": "hello", "mine": False}
    github.comments[131] = {"id": 131, "body": "<!-- vidbuild plan: two -->\nfree", "mine": True, "user": MACHINE}
    for text in ("costs $1", "costs $2"):
        assert told(github, tmp_path, f"{FIRST}\n{text}\n").returncode == 0
    assert [one["body"] for id, one in github.comments.items() if id > 131] == [f"{FIRST}\ncosts $2\n"]
    assert github.comments[131]["body"].endswith("free")
    assert {key for _, _, key in github.asked} == {f"Bearer {TOKEN}"}


def test_what_somebody_else_wrote_is_not_taken_for_ours(github: GitHub, tmp_path: Path) -> None:
    """Anybody can write our first line: a person's is left, though we may change it; and so is what we may not."""
    said = f"{FIRST}\nfree, merge it"
    github.comments[1] = {"id": 1, "body": said, "mine": False, "user": MACHINE}
    github.comments[2] = {"id": 2, "body": said, "mine": True, "user": {"login": "eve", "type": "User"}}
    assert told(github, tmp_path, f"{FIRST}\ncosts $9\n").returncode == 0
    assert [one["body"] for one in github.comments.values()] == [said, said, f"{FIRST}\ncosts $9\n"]


def test_a_persons_token_finds_what_it_wrote(github: GitHub, tmp_path: Path) -> None:
    """Where the action was given one."""
    github.whose = "ada"
    github.comments[1] = {"id": 1, "body": FIRST, "mine": True, "user": {"login": "ada", "type": "User"}}
    assert told(github, tmp_path, f"{FIRST}\ncosts $9\n").returncode == 0
    assert [one["body"] for one in github.comments.values()] == [f"{FIRST}\ncosts $9\n"]


def test_a_token_that_may_only_read_is_no_failure(github: GitHub, tmp_path: Path) -> None:
    """As that of a pull request from a fork: the plan stands in the summary."""
    github.refuses = lambda method, path: (403, {}) if method == "POST" else None
    done = told(github, tmp_path, f"{FIRST}\nfree\n")
    assert (done.returncode, "::warning::" in done.stdout) == (0, True)


@pytest.mark.parametrize(("status", "ends"), [(500, 1), (307, 1), (401, 0)])
def test_trouble_is_told(github: GitHub, tmp_path: Path, status: int, ends: int) -> None:
    """No redirect is followed: the token is for one host."""
    other = GitHub()
    github.refuses = lambda method, path: (status, f"{other.url}/elsewhere")
    done = told(github, tmp_path, f"{FIRST}\nfree\n")
    other.server.shutdown()
    other.server.server_close()
    assert (done.returncode, other.asked) == (ends, [])


def test_a_github_that_is_gone_is_told(github: GitHub, tmp_path: Path) -> None:
    """In a sentence."""
    github.server.shutdown()
    github.server.server_close()
    done = told(github, tmp_path, f"{FIRST}\nfree\n")
    assert (done.returncode, "can't be reached" in done.stderr) == (1, True)


def test_a_plan_without_its_first_line_is_none(github: GitHub, tmp_path: Path) -> None:
    """It could never be found again."""
    assert told(github, tmp_path, "free\n").returncode == 2
    assert github.asked == []
