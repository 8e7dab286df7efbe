"""Templates: rendered in a child that can't read, remember, flood or hang."""

from __future__ import annotations

import os
import time
from decimal import Decimal
from pathlib import Path

import pytest

from vidbuild.spec import template_child
from vidbuild.spec.template import Answer, Job, Templates

NAMES = {"vars": {"drink": "tea", "price": Decimal("1.50")}, "drink": "tea", "price": Decimal("1.50")}


def rendered(*texts: str, seconds: float = 15.0) -> list[Answer]:
    """Render texts in a child of their own."""
    with Templates(NAMES, seconds) as templates:
        return templates.render([Job("text", text, {"shot": {"id": "pour"}}) for text in texts])


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ("{{ drink }}", "tea"),
        ("{{vars.drink}} at {{ price }}", "tea at 1.50"),
        ("{{ shot.id|upper }}", "POUR"),
        ("{# text #} {{ drink }}", "{# text #} tea"),
        ("{% if price > 1 %}dear{% endif %}", "dear"),
        ("{{ price * 2 }}", "3.00"),
        ("{{ true }}", "True"),
        ("{% raw %}{{ drink }}{% endraw %}", "{{ drink }}"),
        ("a\n{{ drink }}\n", "a\ntea\n"),
    ],
)
def test_a_template_gives_its_text(text: str, gives: str) -> None:
    """Names, filters, exact numbers; comments stay text."""
    assert rendered(text)[0] == Answer(text=gives)


def test_a_value_is_not_rendered_again() -> None:
    """What a variable holds is text, braces and all."""
    with Templates({"a": "{{ b }}", "b": "x"}) as templates:
        assert templates.render([Job("text", "{{ a }}"), Job("text", "{{ a|lower }}")])[0].text == "{{ b }}"


@pytest.mark.parametrize("text", ["{{ drnk }}", "{{ drnk.x }}", "{{ drnk|upper }}", "{% if drnk %}{% endif %}"])
def test_an_undefined_name_is_an_error_that_names_it(text: str) -> None:
    """Nothing renders as nothing."""
    answer = rendered(text)[0]
    assert (answer.error, answer.name) == ("undefined", "drnk")


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ '{0.__class__}'.format(drink) }}",
        "{{ lipsum() }}",
        "{{ cycler('a') }}",
        "{{ [1, 2]|random }}",
        "{{ drink.__init__.__globals__ }}",
        "{{ self.__init__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ open('/etc/passwd') }}",
        "{{ 'a' * 10**9 }}",
        "{{ 'a'|center(10**9) }}",
        "{{ '%2000000000d' % 1 }}",
        "{{ '%*d' % (2000000000, 1) }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ range(10**9) }}",
        "{% for i in range(9999) %}{{ 'a' * 1000 }}{% endfor %}",
        "{% set ns = [[]] %}{% set _ = ns[0].append(1) %}",
    ],
)
def test_what_a_template_may_not_do_is_an_error(text: str) -> None:
    """No way into Python, to files, to chance; no floods."""
    start = time.monotonic()
    answer, after = rendered(text, "{{ drink }}")
    assert answer.error is not None
    assert after.text == "tea"
    assert time.monotonic() - start < 5


def test_an_endless_template_ends_and_the_next_one_is_rendered() -> None:
    """A template has three seconds of computing, each."""
    endless = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    answer, after = rendered(endless, "{{ drink }}")
    assert (answer.error, answer.message) == ("limit", "takes more than 3 s of computing")
    assert after.text == "tea"


def test_a_child_that_does_not_answer_is_ended() -> None:
    """The wall clock counts too; what was not reached is skipped without an error of its own."""
    endless = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    start = time.monotonic()
    answers = rendered("{{ drink }}", endless, "{{ drink|upper }}", seconds=1.0)
    assert [answer.error for answer in answers] == [None, "limit", "skipped"]
    assert time.monotonic() - start < 4


def test_the_child_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in our environment is in none of the child's files."""
    monkeypatch.setenv("FAL_KEY", "sk-planted-value")
    with Templates(NAMES) as templates:
        templates.render([Job("text", "{{ drink|upper }}")])
        child = templates._child
        assert child is not None
        environ = Path(f"/proc/{child.pid}/environ")
        if environ.exists():
            assert environ.read_bytes() == b""
        command = Path(f"/proc/{child.pid}/cmdline")
        if command.exists():
            assert b"planted" not in command.read_bytes()


def test_the_child_ends_with_its_parent_object() -> None:
    """No process is left behind."""
    with Templates(NAMES) as templates:
        templates.render([Job("text", "{{ drink }}")])
        child = templates._child
        assert child is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_no_child_is_started_for_nothing() -> None:
    """A project without templates costs no process."""
    with Templates(NAMES) as templates:
        assert templates.render([]) == []
        assert templates._child is None


@pytest.mark.parametrize(("text", "stands"), [("drink == 'tea'", True), ("price > 2", False), ("false", False)])
def test_a_when_is_a_bare_expression(text: str, stands: bool) -> None:
    """It is judged, not rendered."""
    with Templates(NAMES) as templates:
        assert templates.render([Job("when", text)]) == [Answer(value=stands)]


def test_a_when_that_is_neither_true_nor_false_is_odd() -> None:
    """The text "no" is not false."""
    with Templates(NAMES) as templates:
        assert templates.render([Job("when", "drink")]) == [Answer(error="odd", message="tea")]


def test_a_style_tells_what_it_asks_for() -> None:
    """So that a misspelt parameter can be told."""
    with Templates(NAMES) as templates:
        answer = templates.render([Job("style", "{# x #}{{ light }}, {{ lens|default('35mm') }}", {"light": "warm"})])
    assert answer == [Answer(text="warm, 35mm", names=("lens", "light"))]


@pytest.mark.parametrize(
    "text",
    [
        "{{ drink }}",
        "{{ vars.drink }} {{vars.price}}",
        "a {{ shot.id }}\n",
        "}} {{ drink }} %}",
        "{#{{ drink }}#}",
    ],
)
def test_the_short_way_gives_what_jinja_gives(text: str) -> None:
    """Texts that only name values are filled in without compiling, to the same end."""
    child = template_child.Child(NAMES)
    names = {**NAMES, "shot": {"id": "pour"}}
    assert child._simple(text, names) == child._text("text", text, names)


@pytest.mark.parametrize("text", ["{{ nope }}", "{{ vars.items }}", "{{ true }}", "{{ not }}", "{{ a|b }}", "{% x %}"])
def test_the_short_way_leaves_all_else_to_jinja(text: str) -> None:
    """What it doesn't know for sure, it doesn't do."""
    child = template_child.Child({**NAMES, "not": "x"})
    assert child._simple(text, child.names) is None
