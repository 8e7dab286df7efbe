"""Edits that must cost: what is made anew is exactly what they touch, and why a plan says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import (
    ANNA,
    MUSIC,
    OWN,
    PORTRAIT,
    Shop,
    cast,
    effect,
    film,
    filmed,
    last_of,
    line,
    shot,
    still_file,
)

from vidbuild.spec.model import FilePicture, Member, MomentOf, Project, Shot

CUP = Member("cup", "", (PORTRAIT,))
ALONE = shot("alone", "nobody else", "5")
POUR = shot("pour", "Anna pours", references=("anna",))
CREMA = shot("crema", "crema swirls", init=last_of("pour"))
FIXED = shot("fixed", "from a moment", "4", init=MomentOf("pour", Fraction(3, 2)))
SERVE = shot("serve", "a cup is served", references=("cup",))
WHOLE = film(
    ALONE, POUR, CREMA, FIXED, SERVE, cast=cast(ANNA, CUP), lines=(line(),), effects=(effect(),), music=(MUSIC,)
)

Edit = Callable[[Project], Project]


def on(id: str, **said: Any) -> Edit:
    """Say something else of one shot."""
    fields = {name: value for name, value in said.items() if name in Shot.__dataclass_fields__}
    rest = {name: value for name, value in said.items() if name not in fields}

    def edited(project: Project) -> Project:
        found = [
            replace(each, source=replace(each.source, **rest), **fields) if each.id == id else each
            for each in project.shots
        ]
        return replace(project, shots=tuple(found))

    return edited


def bought(shop: Shop, project: Project) -> list[str]:
    """Build, and name what was bought by its prompt or text."""
    return [ask.params.get("prompt", ask.params.get("text", "")) for ask in shop.build(project)]


EDITS: Mapping[str, tuple[Edit, list[str]]] = {
    "a prompt": (on("alone", prompt="somebody"), ["somebody"]),
    "a negative": (on("alone", negative=("text",)), ["nobody else"]),
    "a seed": (on("alone", seed=1), ["nobody else"]),
    "a model": (on("alone", models=("hailuo-3",)), ["nobody else"]),
    "an option": (on("alone", options={"mode": "pro"}), ["nobody else"]),
    "another take": (on("alone", take=2), ["nobody else"]),
    "more takes": (on("alone", takes=3), ["nobody else", "nobody else"]),
    "silence": (on("alone", sound="drop"), ["nobody else"]),
    "a longer shot than was bought": (on("alone", duration_s=Fraction(7)), ["nobody else"]),
    "a cast picture's pixels": (lambda project: project, ["Anna pours", "crema swirls", "from a moment"]),
    "a member more": (on("alone", references=("cup",)), ["nobody else"]),
    "another order of mention": (
        on("pour", references=("cup", "anna")), ["Anna pours", "crema swirls", "from a moment"]
    ),
    "a generated member": (
        lambda project: replace(project, cast=cast(ANNA, replace(CUP, images=(replace(PORTRAIT, seed=9),)))),
        ["portrait of Anna", "a cup is served"],
    ),
    "a shot that others start from": (
        on("pour", prompt="Anna pours tea"), ["Anna pours tea", "crema swirls", "from a moment"]
    ),
    "the length of a shot that is continued": (on("pour", duration_s=Fraction(5)), ["crema swirls"]),
    "a line": (lambda project: replace(project, lines=(line(text="Go."),)), ["Go."]),
    "a voice": (lambda project: replace(project, lines=(line(voice=replace(line().voice, id="Bill")),)), ["Come in."]),
    "an effect": (lambda project: replace(project, effects=(effect(prompt="wind"),)), ["wind"]),
    "an effect's length": (lambda project: replace(project, effects=(effect(duration_s=Fraction(2)),)), ["rain"]),
    "music": (lambda project: replace(project, music=(replace(MUSIC, prompt="cold guitar"),)), ["cold guitar"]),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_costs_what_it_touches(name: str) -> None:
    """And nothing besides."""
    edit, expected = EDITS[name]
    shop = Shop()
    shop.build(WHOLE)
    if name == "a cast picture's pixels":
        shop.own = {**OWN, "anna.png": still_file("another Anna")}
    assert bought(shop, edit(WHOLE)) == expected


@pytest.mark.parametrize("name", EDITS)
def test_going_back_costs_nothing(name: str) -> None:
    """What was bought is kept."""
    edit, _ = EDITS[name]
    shop = Shop()
    shop.build(WHOLE)
    shop.build(edit(WHOLE))
    assert bought(shop, WHOLE) == []


def test_the_aspect_is_in_every_picture_that_is_asked_for() -> None:
    """Sounds have none."""
    shop = Shop()
    shop.build(WHOLE)
    again = shop.build(replace(WHOLE, aspect=(9, 16)))
    assert {ask.params["kind"] for ask in again} == {"footage", "picture"}
    assert len(again) == 6


def test_a_description_is_in_the_prompts_that_hold_it() -> None:
    """The reader renders it into them, and so does a style: other prompts cost nothing."""
    shop = Shop()
    shop.build(film(shot("a", "tall Anna waits"), shot("b", "a cup")))
    assert bought(shop, film(shot("a", "small Anna waits"), shot("b", "a cup"))) == ["small Anna waits"]


def test_own_footage_that_changed_moves_what_starts_from_it() -> None:
    """Its digest is in the question."""
    project = film(filmed("plate", "2"), shot("a", init=last_of("plate")), shot("b", "x"))
    shop = Shop()
    shop.build(project)
    shop.own = {**OWN, "a.mp4": replace(OWN["a.mp4"], digest=still_file("another").digest)}
    assert bought(shop, project) == ["a cup"]


def test_a_second_picture_of_a_member_is_given_too() -> None:
    """A member's list is front and profile: who is given one is given all."""
    shop = Shop()
    shop.build(WHOLE)
    both = replace(ANNA, images=(*ANNA.images, FilePicture("profile.png")))
    found = bought(shop, replace(WHOLE, cast=cast(both, CUP)))
    assert found == ["Anna pours", "crema swirls", "from a moment"]
