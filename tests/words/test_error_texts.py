"""How errors look."""

from __future__ import annotations

from vidbuild.words.errors import Mark, Problem, VidbuildError, clean, shown

SOURCE = "vidbuild: 1\nshots:\n  - promt: she pours\n"


def test_a_problem_points_into_the_text() -> None:
    """Place, sentence, the line with a caret, the fact, the hint."""
    problem = Problem(
        Mark("p.yaml", 3, 5), "unknown key `promt`", ("a shot has no such key",), "did you mean `prompt`?"
    )
    expected = (
        "p.yaml:3:5: unknown key `promt`\n"
        "   3 |   - promt: she pours\n"
        "     |     ^\n"
        "  a shot has no such key\n"
        "hint: did you mean `prompt`?"
    )
    assert shown(problem, {"p.yaml": SOURCE}) == expected


def test_a_caret_stands_under_wide_characters_too() -> None:
    """East Asian characters take two cells."""
    text = shown(Problem(Mark("p", 1, 3), "x"), {"p": "日本x"})
    assert text.splitlines()[2] == "     |     ^"


def test_a_long_line_is_shown_from_near_the_place() -> None:
    """A window of a hundred columns, with the caret in it."""
    lines = shown(Problem(Mark("p", 1, 501), "x"), {"p": "a" * 500 + "b" + "c" * 500}).splitlines()
    assert lines[1][len(lines[2]) - 1] == "b"


def test_an_error_has_facts_in_a_column_and_a_hint() -> None:
    """Sentence, labelled facts, hint."""
    error = VidbuildError("it is too long", {"asked": "7 s", "takes at most": "5 s"}, "make it shorter")
    assert error.text() == "it is too long\n  asked          7 s\n  takes at most  5 s\nhint: make it shorter"


def test_nobodys_text_drives_the_terminal() -> None:
    """Escapes, carriage returns and direction marks are shown, not obeyed."""
    assert clean("a\x1b[31mb\rc\u202ed") == "a\\x1b[31mb\\x0dc\\x202ed"
