"""Outputs with a cut of their own, as they are read."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import Kept

HEAD = """\
vidbuild: 1
model: kling-3
vars: {few: 2, long: false}
shots:
  - {id: hook, prompt: x}
  - id: bar
    shots: [{id: plate, prompt: y}, {id: cup, prompt: z}, {id: steam, prompt: s, when: long}]
  - {id: end, prompt: w}
outputs:
"""


def test_a_cut_names_shots_and_groups_in_its_own_order(desk) -> None:
    """A group is the shots of it that take part; a length may be a template."""
    text = '  - {platform: square, shots: [end, bar, {id: hook, duration_s: "{{ few }}"}, steam], max_s: 9.5}\n'
    (output,) = desk.project(HEAD + text).outputs
    assert output.shots == (Kept("end"), Kept("plate"), Kept("cup"), Kept("hook", Fraction(2)))
    assert output.max_s == Fraction(19, 2)


@pytest.mark.parametrize(
    ("shots", "told"),
    [
        ("[hok]", "no shot and no group is called `hok`"),
        ("[hook, hook]", "the shot `hook` stands twice in the cut of `square`"),
        ("[cup, bar]", "the shot `cup` stands twice in the cut of `square`"),
        ("[{id: bar, duration_s: 2}]", "`bar` is a group, and is as long as its shots"),
        ("[steam]", "there is nothing in the cut of `square`"),
        ("[]", "`shots` is empty"),
        ("[{id: hook, duration_s: 0}]", "`duration_s` must be more than 0"),
        ("[{id: hook, lenght: 2}]", "`lenght` is not a key"),
        ("[{duration_s: 2}]", "needs `id`"),
        ("hook", "`shots` must be a list of shots and groups"),
    ],
)
def test_mistakes_in_a_cut_are_told(desk, shots: str, told: str) -> None:
    """Each once."""
    found = desk.sentences(HEAD + f"  - {{platform: square, shots: {shots}}}\n")
    assert (len(found), told in found[0]) == (1, True), found
