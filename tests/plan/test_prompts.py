"""How an ask is put to one model: none of it is in a key."""

from __future__ import annotations

import pytest

from vidbuild.catalog.model import Accepts, Model
from vidbuild.plan import prompts
from vidbuild.plan.prompts import Sent

PLAIN = Model("plain", "footage")
APART = Model("apart", "footage", accepts=Accepts(negative=True))
TAGGED = Model("tagged", "footage", accepts=Accepts(references=2, form="tag"))
GIVEN = Model("given", "footage", accepts=Accepts(references=2))
PUT = Model("put", "footage", template="Film: {prompt}{references}. Never{avoid}")


@pytest.mark.parametrize(
    ("model", "prompt", "negative", "references", "sent"),
    [
        (PLAIN, "a cup", (), 0, Sent("a cup", "")),
        (PLAIN, "a cup", ("text", "logo"), 0, Sent("a cup. Avoid: text, logo.", "")),
        (PLAIN, "a cup.", ("text",), 0, Sent("a cup. Avoid: text.", "")),
        (PLAIN, "a cup!", ("text",), 0, Sent("a cup! Avoid: text.", "")),
        (APART, "a cup", ("text", "logo"), 0, Sent("a cup", "text, logo")),
        (APART, "a cup", (), 0, Sent("a cup", "")),
        (TAGGED, "a cup", (), 1, Sent("a cup (@ref1)", "")),
        (TAGGED, "a cup", (), 5, Sent("a cup (@ref1, @ref2)", "")),
        (TAGGED, "a cup", ("text",), 1, Sent("a cup (@ref1). Avoid: text.", "")),
        (GIVEN, "a cup", (), 2, Sent("a cup", "")),
        (PLAIN, "a cup", (), 2, Sent("a cup", "")),
        (PUT, "a cup", ("text",), 0, Sent("Film: a cup. Never. Avoid: text.", "")),
    ],
)
def test_a_prompt_is_written_as_its_model_takes_it(
    model: Model, prompt: str, negative: tuple[str, ...], references: int, sent: Sent
) -> None:
    """Negatives folded in where there is no field for them, references named where they are by tag."""
    assert prompts.sent(model, prompt, negative, references) == sent


@pytest.mark.parametrize("prompt", ["a {prompt} of {avoid}", "{references}", "{{ x }}", "{\0"])
def test_braces_of_a_prompt_are_the_authors(prompt: str) -> None:
    """A template is filled in once."""
    assert prompts.sent(PUT, prompt, ("text",), 2).prompt.startswith(f"Film: {prompt}.")


@pytest.mark.parametrize(
    ("unit", "text", "counted"), [("characters", "añ😀", 3), ("utf16", "añ😀", 4), ("utf16", "abc", 3)]
)
def test_a_prompt_is_counted_as_its_model_counts(unit: str, text: str, counted: int) -> None:
    """In characters, or in UTF-16."""
    assert prompts.length(Model("m", "footage", prompt_unit=unit), text) == counted


def test_a_prompt_over_the_limit_is_told_by_its_length() -> None:
    """It is never cut."""
    model = Model("m", "footage", prompt_limit=3)
    assert [prompts.over(model, text) for text in ("abc", "abcd")] == [None, 4]
    assert prompts.over(PLAIN, "a" * 99999) is None
