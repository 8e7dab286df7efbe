"""`fmt`: whatever is laid out says the same, in the same order, with every comment; once laid out it stays."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slip_projects import SLIPS
from test_fuzz import PIECES

from vidbuild.spec import layout, reader
from vidbuild.spec.clauses import clauses
from vidbuild.spec.layout import WIDTH, laid_out
from vidbuild.spec.show import shown_project
from vidbuild.spec.tree import plain
from vidbuild.words.errors import SpecError

HOUSE = Path(__file__).parents[2]
SHIPPED = sorted(
    path for top in ("vidbuild/catalog", "templates", "projects") for path in (HOUSE / top).rglob("*.yaml")
)
HEAD = "vidbuild: 1\nshots:\n"


def laid(text: str) -> str:
    """Lay a text out; what came out stays as it is when it is laid out again, and says the same."""
    made = laid_out(text, "p")
    assert laid_out(made, "p") == made
    before, after = reader.read(text, "p"), reader.read(made, "p")
    assert before.root is not None
    assert after.root is not None
    assert repr(plain(before.root)) == repr(plain(after.root))
    return made


def refusal(text: str) -> str:
    """Say why a text can't be laid out; nothing where it can."""
    try:
        laid(text)
    except SpecError as error:
        return error.text()
    return ""


CASES = {
    "brackets of shots are opened": (
        "shots: [{id: a, prompt: x}, {id: b, shots: [{id: c, prompt: y}]}]\n",
        "shots:\n  - id: a\n    prompt: x\n  - id: b\n    shots:\n      - id: c\n        prompt: y\n",
    ),
    "small ones stay": (
        "outputs: [ youtube,tiktok ]\nstyle: { template: cinematic , with: {light: warm} }\n",
        "outputs: [youtube, tiktok]\nstyle: {template: cinematic, with: {light: warm}}\n",
    ),
    "lists of mappings are opened": (
        "layers: [{file: a.png}, {file: b.png}]\npath: [[0.1, 0.2], [0.3, 0.4]]\ntext: [{text: one}]\n",
        "layers:\n  - {file: a.png}\n  - {file: b.png}\npath: [[0.1, 0.2], [0.3, 0.4]]\ntext: [{text: one}]\n",
    ),
    "two spaces, also for lists below their key": (
        "shots:\n- id: a\n  say:\n      - x\n      -   - y\n          - z\n",
        "shots:\n  - id: a\n    say:\n      - x\n      - - y\n        - z\n",
    ),
    "a long prompt is a clause a line": (
        "prompt: a barista pours espresso into a cup, slow push-in, steam curling. Then she looks up at all of us\n",
        "prompt:\n  a barista pours espresso into a cup,\n  slow push-in,\n  steam curling.\n"
        "  Then she looks up at all of us\n",
    ),
    "what stands in several lines stays in several": (
        "prompt: a cup,\n      steam\n   curling; and 3.5 s later, e.g. tea\n",
        "prompt:\n  a cup,\n  steam curling;\n  and 3.5 s later,\n  e.g. tea\n",
    ),
    "a quoted one too": (
        f'prompt: "x: {"slow, " * 16}end"\n',
        'prompt:\n  "x: slow,\n' + "  slow,\n" * 15 + '  end"\n',
    ),
    "a folded text": ("p: >-\n    a, b\n    c\n\n    d, e\n", "p: >-\n  a,\n  b c\n\n  d, e\n"),
    "a literal text keeps its lines": (
        "p: |+\n      a, b\n        c \n\n\nq: 1\n",
        "p: |+\n  a, b\n    c \n\n\nq: 1\n",
    ),
    "an indentation that is told": ("p: |4\n      a\n    b\n", "p: |2\n    a\n  b\n"),
    "no break in a template": (
        f"prompt: {'x ' * 30}{{{{ say(a, b, c) }}}} and then, some more of it\n",
        f"prompt:\n  {'x ' * 30}{{{{ say(a, b, c) }}}} and then,\n  some more of it\n",
    ),
    "comments": (
        "# a\na: 1   # b\n\n\n\n# c\nl:        # d\n# e\n- x\n# f\nm:\n  n: 1\n  # g\n# h\n",
        "# a\na: 1   # b\n\n# c\nl:        # d\n  # e\n  - x\n# f\nm:\n  n: 1\n  # g\n# h\n",
    ),
    "comments of shots": (
        "shots:\n# one\n- id: a  # b\n  # c\n  prompt: x\n\n# two\n-   # d\n    id: e\n# - id: f\n- id: g\n",
        "shots:\n  # one\n  - id: a  # b\n    # c\n    prompt: x\n\n"
        "  # two\n  # d\n  - id: e\n  # - id: f\n  - id: g\n",
    ),
    "comments in brackets open them": (
        "a: [1, 2, # two\n 3] # end\nb: { # first\n  c: 1 }\nd: [ # none\n]\n",
        "a:  # end\n  - 1\n  - 2  # two\n  - 3\nb:\n  # first\n  c: 1\nd: []\n# none\n",
    ),
    "columns of comments": (
        "a:\n    b: 1      # one\n    cc: 2     # two\n",
        "a:\n  b: 1        # one\n  cc: 2       # two\n",
    ),
    "windows": ("a:   1\r\nb: [1,2]\r\n", "a: 1\r\nb: [1, 2]\r\n"),
    "a mark at the top": ("# x\n---\na:   1\n", "# x\n---\na: 1\n"),
    "anchors": ("a: &x {b:   1}\nc: *x\nd:\n- &y\n  e: 1\n", "a: &x {b: 1}\nc: *x\nd:\n  - &y\n    e: 1\n"),
    "no end of line": ("a:   1", "a: 1\n"),
    "no end of line behind a text": ("prompt: |\n    hello", "prompt: |-\n  hello\n"),
    "nor behind one that is folded, and kept": ("- >+\n   a\n   b, c", "- >-\n  a b,\n  c\n"),
    "spaces at the end of a text": ("a: |\n x\n   \n \nb: 1\n", "a: |\n  x\n    \n\nb: 1\n"),
    "spaces at the end, and no gap": ("a: >-\n x\n  \nb: 1\n", "a: >-\n  x\n   \nb: 1\n"),
    "only spaces": ("a: |\n   \nb: 1\n", "a: |\n\nb: 1\n"),
    "a far comment comes near": (
        f"prompt: {'steam, ' * 20}end{' ' * 9}# note\nb: 1{' ' * 110}# far\nc: 1{' ' * 60}# near\n",
        "prompt:\n" + "  steam,\n" * 20 + f"  end  # note\nb: 1  # far\nc: 1{' ' * 60}# near\n",
    ),
    "a text of one clause behind an anchor": ('a: &x "\tx\n  y"\n', 'a: &x "\tx y"\n'),
    "a long one of one clause": (f'a: "{"x" * 60}\n {"y" * 36}"\n', f'a: "{"x" * 60} {"y" * 36}"\n'),
    "nothing": ("{}", "{}\n"),
    "two escapes of JSON": ('{"a": "\\ud83d\\ude00"}\n', '"a": "\\U0001f600"\n'),
}


@pytest.mark.parametrize("case", CASES)
def test_a_text_is_laid_out_so(case: str) -> None:
    """Block style, two spaces, a clause a line, comments in their places."""
    text, wanted = CASES[case]
    assert laid(text.replace("\r", "")) == wanted.replace("\r", "")
    assert laid_out(text, "p") == wanted


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_everything_shipped_can_be_laid_out(path: Path) -> None:
    """It says the same afterwards, or it would have been refused."""
    assert laid_out(path.read_text(), "p")


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("a: {b\n", "p:", "is not YAML"),
        ("a: 1\na: 2\n", "p:2:1", "stands here twice"),
        ("a: x\u2028  b\n", "p:1:5", "line break"),
        ("a: b\r  c\n", "p:1:5", "line break"),
        ("a: 1\n...\n", "p:2:1", "directives"),
        ("%YAML 1.2\n---\na: 1\n", "p:", ""),
        ("? a\n: 1\n", "p:1:1", "a key with `?`"),
        ("- text\n- {a, b: 1}\n", "p:2:4", "can't be laid out"),
        ("a: 1\nb: [{title: Fresh, warm}]\n", "p:2:20", "the comma before `warm` ends the text"),
        ("- {title:Fresh}\n", "p:1:4", "`title:` lacks its space"),
        ("just text\n", "p:1:1", "only a mapping or a list"),
        ("", "p:1:1", "the file is empty"),
    ],
)
def test_what_cannot_be_laid_out_is_told_with_its_place(text: str, place: str, sentence: str) -> None:
    """Mistakes in the reader's words, and what YAML has that projects have no use for."""
    with pytest.raises(SpecError) as error:
        laid_out(text, "p")
    assert place in error.value.text()
    assert sentence in error.value.text() or sentence == "is not YAML"


def test_what_would_say_something_else_is_refused() -> None:
    """Whatever loses a comment, moves a value or another: the check that stands behind all laying out."""
    text = "a: 1  # b\nc: [x, y]\n"
    root = reader.read(text, "p").root
    assert root is not None
    layout._compare(root, ("# b",), text, "p", text)
    for made in ("a: 1\nc: [x, y]\n", 'a: "1"  # b\nc: [x, y]\n', "c: [x, y]\na: 1  # b\n", "a: 1  # b\nc: [x]\n", "{"):
        with pytest.raises(SpecError, match="without changing"):
            layout._compare(root, ("# b",), made, "p", text)


@pytest.mark.parametrize("name", SLIPS)
def test_slips_lose_nothing(name: str) -> None:
    """A text with a slip is refused, or says the same."""
    assert "without changing" not in refusal(SLIPS[name])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_laid_out_or_refused(text: str) -> None:
    """And what is laid out says the same."""
    assert "without changing" not in refusal(text)


WORDS = ("a cup", "steam, slow", "she looks up. Then, at us; away", "16:9", "x" * 30, "{{ cast.a }} waits, in the rain")
COMMENTS = re.compile(r"#c[0-9]+")


class Author:
    """Writes random texts as people do: in both styles, any indentation, with comments and blank lines anywhere."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        self.comments = 0

    def comment(self) -> str:
        self.comments += 1
        return f"#c{self.comments} [x: {{"

    def end(self) -> str:
        return f"{' ' * self.chance.randint(1, 9)}{self.comment()}" if self.chance.random() < 0.2 else ""

    def above(self, pad: str) -> Iterator[str]:
        while self.chance.random() < 0.25:
            yield "" if self.chance.random() < 0.5 else f"{pad}{self.comment()}"

    def scalar(self, in_flow: bool) -> str:
        text = " ".join(self.chance.choice(WORDS) for _ in range(self.chance.randint(1, 5)))
        is_plain = not in_flow and text[0] != "{"
        form = self.chance.choice(("plain", "double", "single", "number", "true"))
        if form in ("number", "true"):
            return str(self.chance.choice((1, 2.5, "true", "null", "~")))
        if form == "plain" and is_plain:
            return text
        return f'"{text}\\n\\u00e9"' if form == "double" else f"'{text}, it''s'"

    def flow(self, depth: int) -> str:
        if depth > 2 or self.chance.random() < 0.5:
            return self.scalar(True)
        pieces = [self.flow(depth + 1) for _ in range(self.chance.randint(0, 3))]
        gap = self.chance.choice((", ", ",", f",  {self.comment()}\n           ", ",\n           "))
        if self.chance.random() < 0.5:
            return f"[{gap.join(pieces)}]"
        return f"{{{gap.join(f'k{number}: {piece}' for number, piece in enumerate(pieces))}}}"

    def block(self, indent: int, depth: int) -> Iterator[str]:
        pad, step = " " * indent, self.chance.randint(1, 5)
        is_list = self.chance.random() < 0.4
        for number in range(self.chance.randint(1, 4)):
            yield from self.above(pad)
            lead = (
                "-"
                if is_list
                else self.chance.choice((f"k{number}:", f'"k {number}":', "shots:" if not number else "z:"))
            )
            lead = lead if is_list or lead.strip('":') not in self.seen(depth) else f"q{number}{depth}:"
            kind = self.chance.random()
            if kind < 0.3 and depth < 4:
                yield f"{pad}{lead}{self.end()}"
                yield from self.block(indent + step, depth + 1)
            elif kind < 0.5:
                yield f"{pad}{lead} {self.flow(0)}{self.end()}"
            elif kind < 0.6:
                sign = self.chance.choice(("|", ">", "|-", ">+", ">-"))
                yield f"{pad}{lead} {sign}{self.end()}"
                for _ in range(self.chance.randint(1, 4)):
                    deeper = " " * self.chance.choice((0, 0, 0, 2))
                    yield self.chance.choice(("", f"{pad}{' ' * step}x{deeper}{self.scalar(False)} #t"))
                yield f"{pad}{' ' * step}end"
            elif kind < 0.65:
                yield f"{pad}{lead}{self.end()}"
            else:
                yield f"{pad}{lead} {self.scalar(False)}{self.end()}"
        yield from self.above(pad)

    def seen(self, depth: int) -> tuple[str, ...]:
        return ("z",) if self.chance.random() < 0.9 else ()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_whatever_people_write_keeps_its_comments_and_its_sense(seed: int) -> None:
    """Each comment is there once, and those that stand in blocks are in their order."""
    text = "\n".join(Author(seed).block(0, 0)) + "\n"
    if any(not problem.warning for problem in reader.read(text, "p").problems):
        return
    made = laid(text)
    assert sorted(COMMENTS.findall(made)) == sorted(COMMENTS.findall(text))
    if "[" not in COMMENTS.sub("", text).replace("[x: {", "") and "{" not in text.replace("[x: {", ""):
        assert COMMENTS.findall(made) == COMMENTS.findall(text)


@settings(max_examples=80, deadline=None)
@given(st.text("ab .,;{}%()'", max_size=160), st.integers(10, 60))
def test_clauses_put_together_are_the_text(text: str, width: int) -> None:
    """A break is a space and nothing else."""
    assert " ".join(clauses(text, width)) == text


def test_a_project_is_the_same_project(desk) -> None:
    """What the language makes of it: nothing that is asked for, shown or laid moves."""
    text = (
        (HOUSE / "projects/espresso/project.yaml").read_text().replace("slow push-in", f"slow push-in{', slow' * 20}")
    )
    made = laid(text)
    assert made != text
    assert max(map(len, made.splitlines())) <= WIDTH
    assert shown_project(desk.project(made)) == shown_project(desk.project(text))
