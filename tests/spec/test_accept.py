"""The quick judge: it never accepts what jsonschema refuses."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidbuild.spec.accept import accepting
from vidbuild.spec.validate import _Judge

SHOT = {
    "id": "a",
    "prompt": "x",
    "model": ["kling-3"],
    "duration_s": Decimal("2.5"),
    "reframe": {"mode": "crop", "focus": [0, Decimal("0.5")]},
    "negative": ["text"],
    "sound": {"gain_db": -3},
    "card": {"title": "x"},
    "style": {"with": {"light": "warm"}},
    "init_image": "a.png",
    "seed": 3,
    "when": "a == 1",
    "options": {"any": [1, None]},
    "cast": ["anna"],
    "takes": 2,
    "take": "k7e31",
    "reshoots": 0,
    "voice": {"model": ["elevenlabs"], "id": "x"},
    "end_image": {"model": {"needs": ["hands"], "max_usd_per_s": Decimal("0.2")}, "prompt": "x", "cast": []},
    "say": [{"text": "x", "by": "anna", "at": Decimal("1.5"), "gain_db": -3}, "y"],
    "sfx": {"model": "x", "prompt": "y", "duration_s": 2, "at": 1},
}
ODD = [
    None,
    True,
    0,
    1,
    -1,
    2,
    Decimal("0.5"),
    Decimal("1e30"),
    "",
    "x",
    "auto",
    "native",
    "crop",
    "a b",
    "keep",
]
VALUES = st.recursive(
    st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["model", "mode", "focus", "title", "gain_db", "with", "prompt", "needs", "at", "text", "id", "zzz"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def judge(schema: Mapping[str, Any]) -> _Judge:
    """Both judges of one schema."""
    return _Judge(schema)


@settings(max_examples=300, deadline=None)
@given(key=st.sampled_from([*SHOT, "fill", "zzz"]), value=VALUES)
def test_what_it_accepts_jsonschema_accepts(judge: _Judge, key: str, value: object) -> None:
    """One key of a good shot is replaced by anything."""
    shot = {**copy.deepcopy(SHOT), key: value}
    if judge.accepts["shot"](shot):
        part = judge.schema["$defs"]["shot"]
        assert list(judge.validator.evolve(schema=part).iter_errors(shot)) == []


def test_a_whole_shot_is_accepted_at_once(judge: _Judge) -> None:
    """Right projects never wait for jsonschema."""
    assert judge.accepts["shot"](SHOT) is True


def test_a_whole_project_is_accepted_at_once(judge: _Judge) -> None:
    """And so are the parts of the language that stand on the project alone."""
    project = {
        "vidbuild": 1,
        "cast": {"a": {"description": "x", "image": ["a.png", {"prompt": "x"}], "voice": {"model": "x", "id": "y"}}},
        "audio": {"music": {"model": "auto", "prompt": "x", "at": 1}, "vo": None, "voice": {"model": "x", "id": "y"}},
        "judge": {"questions": ["x"], "threshold": Decimal("0.5")},
        "budget": {"max_usd": 6},
        "profiles": {"preview": {"model": "x", "outputs": ["y"], "cast": []}},
        "shots": [],
    }
    assert judge.accepts[""](project) is True


def test_a_keyword_that_it_does_not_know_is_refused() -> None:
    """Then jsonschema decides."""
    assert accepting({"uniqueItems": True}, {"$defs": {}})([1]) is False
