"""The progress bar on a terminal: what is made here, jobs and what they came to; the terminal stays whole."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

from vidbuild.console import Bar
from vidbuild.testing.studio import wait_until
from vidbuild.words.digest import digest_of
from vidbuild.words.events import ActionEnded, ActionStarted, BuildStarted, JobMoved

COLUMNS = 60
SHOWN_CURSOR, HIDDEN_CURSOR, ERASED = "\x1b[?25h", "\x1b[?25l", "\x1b[2K"


class Terminal(io.StringIO):
    """A terminal that keeps all that was ever written to it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


@pytest.fixture
def bar(terminal: Terminal) -> Iterator[Bar]:
    """A bar of a build of nine actions, with a bought one begun."""
    bar = Bar(terminal)
    bar(BuildStarted("p", 9, 1, False))
    bar(ActionStarted(digest_of("pour"), "Footage", ("pour",), (), is_bought=True))
    yield bar
    bar.close()


def moved(shot: str, state: str, progress: float | None = None, usd: float | None = None, why: str = "") -> JobMoved:
    return JobMoved(digest_of(shot), f"shot {shot}", "kling-3", state, progress, usd, why or None)


def drawn(terminal: Terminal) -> list[str]:
    """Wait until all was drawn anew, and give its lines without colour."""
    for _ in range(2):
        before = len(terminal.getvalue())
        assert wait_until(lambda before=before: len(terminal.getvalue()) > before, 10)
    last = terminal.getvalue().rpartition(ERASED)[2]
    return [line.rstrip() for line in re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", last).splitlines() if line.strip()]


def test_every_job_that_is_out_has_a_line(bar: Bar, terminal: Terminal) -> None:
    """Whose it is, the model, how far it is, for how long; its action is not told a second time."""
    bar(moved("pour", "running", 0.38))
    bar(moved("serve", "queued"))
    lines = drawn(terminal)
    assert lines[0].split()[:2] == ["━" * 24, "0/9"]
    assert [line.split()[:-1] for line in lines[1:]] == [
        ["shot", "pour", "kling-3", "running", "38%"],
        ["shot", "serve", "kling-3", "queued"],
    ]


def test_what_is_made_here_stands_beside_the_bar(bar: Bar, terminal: Terminal) -> None:
    """Until it ends."""
    piece = digest_of("piece")
    bar(ActionStarted(piece, "Segment", ("pour",), ("tall",)))
    assert drawn(terminal)[0].endswith("Segment · pour · tall")
    bar(ActionEnded(piece, "Segment", ("pour",), ("tall",), 1.0, None))
    assert drawn(terminal)[0].split()[1] == "1/9"


def test_of_many_jobs_the_first_have_lines_and_the_rest_is_counted(bar: Bar, terminal: Terminal) -> None:
    """However many there are, it stays small; so are those that wait for the vendor to take more, and the money."""
    for number in range(100):
        bar(moved(f"s{number}", "queued" if number < 20 else "waiting"))
    bar(moved("s0", "done", usd=0.84))
    lines = drawn(terminal)
    assert len(lines) == 8
    assert lines[-1] == "  13 more jobs, 80 wait for a place, $0.84 so far"


def test_what_ends_is_told_above_it_with_the_reason(bar: Bar, terminal: Terminal) -> None:
    """And has no line any more."""
    bar(moved("pour", "running"))
    bar(moved("pour", "failed", why="it went wrong"))
    assert "shot pour: kling-3 failed: it went wrong" in terminal.getvalue()
    assert len(drawn(terminal)) == 1


def test_no_line_is_wider_than_the_terminal(bar: Bar, terminal: Terminal) -> None:
    """A line that wraps could not be taken back."""
    bar(ActionStarted(digest_of("piece"), "Segment", ("a-very-long-name-of-a-shot" * 3,), ("tall",)))
    bar(moved("a-very-long-name-of-a-shot" * 3, "running", 0.5))
    assert all(len(line) <= COLUMNS for line in drawn(terminal))


def test_nothing_is_drawn_before_the_first_action(terminal: Terminal) -> None:
    """Until then the user may be asked for consent."""
    bar = Bar(terminal)
    bar(BuildStarted("p", 9, 1, False))
    assert terminal.getvalue() == ""


def test_closed_it_gives_the_terminal_back(bar: Bar, terminal: Terminal) -> None:
    """However the build ends; closing twice is no mistake."""
    assert HIDDEN_CURSOR in terminal.getvalue()
    bar.close()
    bar.close()
    written = terminal.getvalue()
    assert written.rfind(SHOWN_CURSOR) > written.rfind(HIDDEN_CURSOR)
