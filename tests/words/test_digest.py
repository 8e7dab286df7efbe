"""The canonical form, and what it keeps apart."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from vidbuild.words.action import Action, BoundAction, Ref
from vidbuild.words.digest import Digest, canonical, digest_of, is_digest

A, B = Digest("a" * 64), Digest("b" * 64)
BOUND = BoundAction("Footage", {"prompt": "é", "seed": 0, "cfg": Decimal("0.50")}, {"init": A}, {"video": "v"}, "m@1")


def test_the_canonical_form_and_the_keys_that_rest_on_it_are_those_of_the_golden(
    golden: Callable[[str, Any], None],
) -> None:
    """A change of one byte in the form would move every key: it must be a conscious act."""
    value = {"b": [1, True, None, "ü\n"], "a": {"x": Decimal("1.0"), "y": Fraction(24000, 1001), "z": Decimal("0.10")}}
    planned = Action("Segment", {"steps": []}, {"clip": Ref(A, "video"), "logo": B}, {"video": "v"}, "ffmpeg")
    golden(
        "keys.json",
        {
            "form": canonical(value).decode(),
            "digest": digest_of(value),
            "bound form": canonical(BOUND.record()).decode(),
            "key": BOUND.key,
            "id": planned.id,
        },
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": Decimal("0.5")}, {"a": "0.5"}),
        ({"a": None}, {}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": True}, {"a": 1}),
        ({"a": ""}, {"a": None}),
    ],
)
def test_values_that_differ_have_forms_that_differ(one: Any, other: Any) -> None:
    """Nothing that a vendor would see differently is hashed alike."""
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": Decimal("1.0")}, {"a": 1}),
        ({"a": Decimal("0.50")}, {"a": Decimal("0.5")}),
        ({"a": (1, 2)}, {"a": [1, 2]}),
    ],
)
def test_values_that_are_the_same_have_one_form(one: Any, other: Any) -> None:
    """Order of keys and spelling of numbers change nothing."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize("value", [0.5, float("nan"), object(), {1: 2}, {"a": {"b": 1.5}}, Decimal("NaN")])
def test_what_has_no_exact_form_is_refused(value: Any) -> None:
    """A float in a key would be a key that two machines write differently."""
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize(
    "other",
    [
        BoundAction("Picture", BOUND.params, BOUND.inputs, BOUND.outputs, BOUND.tool),
        BoundAction(BOUND.mnemonic, {**BOUND.params, "seed": 1}, BOUND.inputs, BOUND.outputs, BOUND.tool),
        BoundAction(BOUND.mnemonic, BOUND.params, {"init": B}, BOUND.outputs, BOUND.tool),
        BoundAction(BOUND.mnemonic, BOUND.params, {"end": A}, BOUND.outputs, BOUND.tool),
        BoundAction(BOUND.mnemonic, BOUND.params, BOUND.inputs, {"video": "v", "more": "v"}, BOUND.tool),
        BoundAction(BOUND.mnemonic, BOUND.params, BOUND.inputs, BOUND.outputs, "m@2"),
    ],
    ids=["mnemonic", "params", "input", "slot", "outputs", "tool"],
)
def test_every_field_of_a_bound_action_is_in_its_key(other: BoundAction) -> None:
    """The key is the whole record."""
    assert other.key != BOUND.key


def test_a_pool_is_in_no_id() -> None:
    """Where something runs does not decide what it makes."""
    ids = {Action("X", {}, {}, {"o": "t"}, "t", pool).id for pool in ("cpu", "kling")}
    assert len(ids) == 1


def test_a_digest_is_64_lower_case_hex_digits() -> None:
    """Anything else names no file in a store."""
    assert [is_digest(text) for text in (A, "A" * 64, "a" * 63, "../" + "a" * 61, None)] == [
        True,
        False,
        False,
        False,
        False,
    ]
