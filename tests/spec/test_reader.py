"""The reader: YAML 1.2 strictly, with places, within bounds."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from vidbuild.spec import reader
from vidbuild.spec.reader import MOST_BYTES, MOST_DEPTH, decode, read
from vidbuild.spec.tree import Node, Style, plain


def value(text: str) -> object:
    """Read a text that has no mistake."""
    reading = read(text, "p.yaml")
    assert [problem.sentence for problem in reading.problems if not problem.warning] == []
    assert reading.root is not None
    return plain(reading.root)


def told(text: str) -> list[str]:
    """Give the mistakes of a text, as `line:column sentence`."""
    return [
        f"{problem.mark.line}:{problem.mark.column} {problem.sentence}"
        for problem in read(text, "p.yaml").problems
        if problem.mark and not problem.warning
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("16:9", "16:9"),
        ("12:30", "12:30"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2026-11-20", "2026-11-20"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("010", 10),
        ("-7", -7),
        ("+7", 7),
        ("0o17", 15),
        ("0xff", 255),
        ("1.10", Decimal("1.10")),
        ("1e3", Decimal("1e3")),
        (".5", Decimal("0.5")),
        ("5.", Decimal("5")),
        ("1.2.3", "1.2.3"),
        ("'7'", "7"),
        ('"null"', "null"),
        ("1" * 40, int("1" * 40)),
    ],
)
def test_plain_scalars_are_those_of_yaml_1_2(written: str, meant: object) -> None:
    """What YAML 1.1 took for times, dates and switches is text; decimals are exact."""
    found = value(f"a: {written}\n")
    assert found == {"a": meant}
    assert type(found["a"]) is type(meant)  # type: ignore[index]


@pytest.mark.parametrize("written", [".nan", ".NaN", ".inf", "-.Inf", "1e41", "1" * 60, "0x" + "f" * 60])
def test_numbers_that_are_none_are_refused(written: str) -> None:
    """NaN, infinities and endless numbers never enter."""
    assert len(told(f"a: {written}\n")) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1 `a` stands here twice: first in line 1, again in line 3"),
        ("1: a\n", "1:1 a key must be text, and `1` is not"),
        ("true: a\n", "1:1 a key must be text, and `true` is not"),
        ("[a]: b\n", "1:1 a key must be text, not a list or a mapping"),
        ("a: !!str 1\n", "1:4 the tag `!!str` can't be used"),
        ("a: !x {b: 1}\n", "1:4 the tag `!x` can't be used"),
        ("<<: {a: 1}\n", "1:1 merge keys (`<<`) can't be used"),
        ("a: 1\n---\nb: 2\n", "2:1 a project is one document; a second one begins here"),
        ("a: &x [*x]\n", "1:8 the alias `*x` stands inside its own anchor"),
        ("", "1:1 the file is empty"),
        ("# nothing\n", "1:1 the file is empty"),
        ("a: b\x07\n", "1:5 the control character U+0007 can't stand in a project"),
        ('a: "\\x07"\n', "1:4 an escape in this text gives a control character"),
        ("a: \ud800\n", "1:4 the control character U+D800 can't stand in a project"),
    ],
)
def test_what_yaml_allows_and_a_project_does_not_is_told(text: str, sentence: str) -> None:
    """Duplicate keys, odd keys, tags, merge keys and second documents have a sentence of their own."""
    assert told(text) == [sentence]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: {{ x }}\n", "1:4 a text that starts with `{{` must be quoted"),
        ("a: {{ x }} y\n", "1:4 a text that starts with `{{` must be quoted"),
        ("a:\n  - {{ x }}\n", "2:5 a text that starts with `{{` must be quoted"),
        ("a: [wide] man\n", "1:4 a text that starts with `[` must be quoted"),
        ("a: *bold* man\n", "1:4 a text that starts with `*` must be quoted"),
        ("a: *bold\n", "1:4 a text that starts with `*` must be quoted"),
        ("a: %50\n", "1:4 a text that starts with `%` must be quoted"),
        ("a: @home\n", "1:4 a text that starts with `@` must be quoted"),
        ("- `x`\n", "1:3 a text that starts with ``` must be quoted"),
        ("a: wide: man\n", "1:8 a text with `: ` in it must be quoted"),
        ("a: x\n  b: y\n", "2:3 this line is indented deeper than its neighbours, whose value ended above"),
        ("a: 1\n\tb: 2\n", "2:1 a tab can't indent"),
        ('a: "x\n', "1:4 the quote that opens here is never closed"),
        ("a: 'it's'\n", "1:4 the quoted text ends before its line does"),
        ("a: {x: 1\n", "1:4 the `{` that opens here lacks a `,` between two entries, or its `}`"),
        ("a: [1, 2\nb: 3\n", "1:4 the `[` that opens here lacks a `,` between two entries, or its `]`"),
        ("a:\n  - b\n c: d\n", "3:2 the indentation doesn't fit the lines above"),
        ('a: "\\q"\n', "1:4 a backslash in double quotes starts an escape that YAML doesn't know"),
    ],
)
def test_a_syntax_error_names_its_likely_cause(text: str, sentence: str) -> None:
    """One slip is one problem, at the place where the hand slipped."""
    assert told(text) == [sentence]


def test_nodes_know_where_their_keys_and_values_stand() -> None:
    """Lines and columns count from 1, in characters."""
    root = read("ä: 1\nb:\n  - {c: x}\n", "p.yaml").root
    assert root is not None
    inner = root.value["b"].value[0].value["c"]  # type: ignore[union-attr, index, call-overload]
    assert isinstance(inner, Node)
    assert (str(inner.key_mark), str(inner.mark)) == ("p.yaml:3:6", "p.yaml:3:9")


def test_a_null_knows_that_a_comment_swallowed_it() -> None:
    """`ink: #10233f` is null, and the node says why."""
    root = read("ink: #10233f\n", "p.yaml").root
    assert root is not None
    assert root.value["ink"].style is Style.HASHED  # type: ignore[index, union-attr, call-overload]


def test_a_key_without_a_colon_in_a_flow_mapping_is_known() -> None:
    """`{text: Fresh, warm}` leaves the bare key `warm`."""
    root = read("{text: Fresh, warm}\n", "p.yaml").root
    assert root is not None
    assert root.value["warm"].style is Style.BARE  # type: ignore[index, union-attr, call-overload]


def test_aliases_are_copies_with_one_warning() -> None:
    """Aliases work; that a group serves better is said once."""
    reading = read("a: &x {c: 1}\nb: *x\nd: &y 2\ne: *y\n", "p.yaml")
    assert reading.root is not None
    assert plain(reading.root) == {"a": {"c": 1}, "b": {"c": 1}, "d": 2, "e": 2}
    assert [problem.warning for problem in reading.problems] == [True]


def test_json_is_read_with_its_own_escapes_and_tabs() -> None:
    """Two halves of one character, slashes, tabs between tokens: as JSON writes them."""
    text = '{\t"a": "\\ud83d\\ude00 \\/",\n\t"b": [1, 2.50, true, null],\n\t"c\\\\": "\\\\ud83d"}'
    assert value(text) == {"a": "😀 /", "b": [1, Decimal("2.50"), True, None], "c\\": "\\ud83d"}


def test_a_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    """Editors' habits are no mistakes."""
    assert value("\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n") == {"a": 1, "b": "x\ny\n"}


def test_bytes_that_are_not_utf_8_are_told_at_their_place() -> None:
    """Latin-1 and UTF-16 are named, not guessed."""
    text, problems = decode(b"a: 1\nb: caf\xe9\n", "p.yaml")
    assert [(str(problem.mark), problem.sentence) for problem in problems] == [("p.yaml:2:7", "byte 0xe9 is not UTF-8")]
    assert text.startswith("a: 1")
    assert decode("a: 1".encode("utf-16"), "p.yaml")[1][0].sentence == "the file is UTF-16, not UTF-8"


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [*{last},*{last},*{last},*{last},*{last},*{last},*{last},*{last},*{last}]\n"
    for last, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: " + "&x " * 50_000,
        BOMB,
        "x" * (MOST_BYTES + 1),
        "a: [" + "b," * 60_000 + "] # x",
        "a: '" + "\n" * 100_000,
        "59:" * 200_000,
        "%" * 100_000,
        "!" * 100_000,
        "{" * 50 + "*a" * 10_000,
    ],
    ids=lambda text: text[:6].strip(),
)
def test_hostile_texts_end_with_a_problem(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth, aliases, size and count are bounded, and the parser lives."""
    start = time.process_time()
    monkeypatch.setattr(reader, "MOST_NODES", 50_000)
    assert len(read(text, "p.yaml").problems) >= 1
    assert time.process_time() - start < 5


def test_the_deepest_allowed_nesting_is_read() -> None:
    """Sixty levels are enough for everybody and none too many."""
    assert told("[" * MOST_DEPTH + "]" * MOST_DEPTH) == []
    assert told("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1)) == ["1:61 values are nested deeper than 60 levels"]


def test_reading_takes_time_in_proportion() -> None:
    """Ten times the shots take about ten times the time."""
    spent = []
    for count in (1000, 10_000):
        text = "shots:\n" + "".join(f"  - id: s{i}\n    prompt: a harbour at dawn {i}\n" for i in range(count))
        start = time.process_time()
        assert read(text, "p.yaml").problems == ()
        spent.append(time.process_time() - start)
    assert spent[0] < 0.3
    assert spent[1] < 25 * max(spent[0], 0.02)
