"""Puts a plan on a pull request, in the place of the one that stands there: `python ci/comment.py plan.md`.

Its first line, which nobody sees, says which comment is its own. GitHub's environment says where; the standard library
is all it needs. A pull request from a fork may write nothing: that is told, and no failure.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

API = os.environ.get("GITHUB_API_URL", "https://api.github.com")
PAGE = 100
MOST_PAGES = 30
MOST_LETTERS = 65_000
TIMEOUT_S = 30


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the token is for one host."""

    def redirect_request(self, *told: Any) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect)


def asked(method: str, url: str, body: dict[str, str] | None = None) -> Any:
    """Ask GitHub."""
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "User-Agent": "vidbuild",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with OPENER.open(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def standing(url: str, first: str) -> Iterator[str]:
    """Find comments that begin with a line, written by a machine or by whom the token belongs to."""
    for page in range(1, MOST_PAGES + 1):
        comments = asked("GET", f"{url}?per_page={PAGE}&page={page}")
        for comment in comments:
            if str(comment.get("body") or "").splitlines()[:1] == [first] and is_ours(comment.get("user") or {}):
                yield str(int(comment["id"]))
        if len(comments) < PAGE:
            return


def is_ours(user: dict[str, Any]) -> bool:
    """Say whether we may have written as a user: anybody can write our first line."""
    return user.get("type") == "Bot" or (user.get("login") is not None and user.get("login") == login())


@cache
def login() -> str | None:
    """Name whom the token belongs to; nobody where it is a machine's."""
    try:
        found = asked("GET", f"{API}/user")["login"]
    except urllib.error.HTTPError:
        return None
    return str(found)


def put(repository: str, number: int, text: str) -> str:
    """Change our own comment, or write one; say what was done."""
    api = f"{API}/repos/{repository}/issues"
    for id in standing(f"{api}/{number}/comments", text.splitlines()[0]):
        try:
            asked("PATCH", f"{api}/comments/{id}", {"body": text})
            return "changed"
        except urllib.error.HTTPError as error:
            if error.code not in (403, 404):
                raise
    asked("POST", f"{api}/{number}/comments", {"body": text})
    return "written"


def main() -> int:
    """Put a plan on the pull request that GitHub's event is about."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = event.get("pull_request", {}).get("number")
    if number is None:
        print("this run is about no pull request")
        return 0
    if not text.startswith("<!-- "):
        print("error: the plan has no first line that tells whose it is", file=sys.stderr)
        return 2
    try:
        done = put(os.environ["GITHUB_REPOSITORY"], int(number), text[:MOST_LETTERS])
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            print(f"::warning::the plan is in this run's summary: the token may write no comment ({error.code})")
            return 0
        print(f"error: GitHub answered with {error.code}; the plan is in this run's summary", file=sys.stderr)
        return 1
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(
            f"error: GitHub can't be reached ({type(error).__name__}); the plan is in this run's summary",
            file=sys.stderr,
        )
        return 1
    print(f"the comment is {done}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
