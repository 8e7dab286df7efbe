"""Edits that must cost nothing: after them, nothing that was bought is asked for again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from films import (
    ANNA,
    CATALOG,
    FINAL,
    MUSIC,
    OWN,
    PORTRAIT,
    SQUARE,
    YOUTUBE,
    Shop,
    cast,
    effect,
    film,
    last_of,
    line,
    shot,
    still_file,
    with_models,
)

from vidbuild.catalog.model import Provider, Route
from vidbuild.packaged import styles
from vidbuild.plan.planner import plan
from vidbuild.spec.load import Vocabulary, load
from vidbuild.spec.model import Budget, CastPicture, Judge, Member, Project, Shot

POUR, CREMA, SERVE, AUTO, ALIAS = (
    shot("pour", "Anna pours", negative=("text",), references=("anna",), takes=2),
    shot("crema", "crema swirls", "5", init=last_of("pour"), options={"mode": "pro"}),
    shot("serve", "she serves", "6", models=("hailuo-3", "kling-3"), end=CastPicture("cup"), fit="speed"),
    shot("look", "she looks up", "6", models=("auto",), needs=("hands",)),
    shot("close", "she closes the door", "4", models=("kling",)),
)
CUP = Member("cup", "", (PORTRAIT,))
WHOLE = film(
    POUR, CREMA, SERVE, AUTO, ALIAS,
    cast=cast(ANNA, CUP), lines=(line(shot="pour"),), effects=(effect(shot="serve"),), music=(MUSIC,),
)  # fmt: skip

Edit = Callable[[Project], Project]


def shots(project: Project, **changed: Shot) -> Project:
    """Exchange shots by id."""
    return replace(project, shots=tuple(changed.get(each.id, each) for each in project.shots))


def renamed(project: Project) -> Project:
    """Give every shot another id."""
    names = {each.id: f"new-{each.id}" for each in project.shots}
    crema = replace(CREMA.source, init=last_of("new-pour"))
    made = shots(project, crema=replace(CREMA, source=crema))
    made = replace(made, shots=tuple(replace(each, id=names[each.id]) for each in made.shots))
    lines = tuple(replace(each, id=names[each.id], shot=names[each.shot or ""]) for each in made.lines)
    effects = tuple(replace(each, label="sfx x", shot=names[each.shot or ""]) for each in made.effects)
    return replace(made, lines=lines, effects=effects)


def recast(project: Project) -> Project:
    """Give the members other names."""
    return shots(
        replace(project, cast=cast(replace(ANNA, name="bella"), replace(CUP, name="mug"))),
        pour=replace(POUR, source=replace(POUR.source, references=("bella",))),
        serve=replace(SERVE, source=replace(SERVE.source, end=CastPicture("mug"))),
    )


def fallback(project: Project) -> Project:
    """Name another model behind the one that is named."""
    return shots(project, pour=replace(POUR, source=replace(POUR.source, models=("kling-3", "hailuo-3"))))


EDITS: Mapping[str, Edit] = {
    "the order of shots": lambda project: replace(project, shots=tuple(reversed(project.shots))),
    "ids": renamed,
    "names of members": recast,
    "grouping": lambda project: shots(project, pour=replace(POUR, groups=("bar",))),
    "notes": lambda project: shots(project, pour=replace(POUR, note="mine")),
    "a shorter shot": lambda project: shots(project, serve=replace(SERVE, duration_s=Fraction(2))),
    "an output": lambda project: replace(project, outputs=(*project.outputs, SQUARE)),
    "an output less": lambda project: replace(project, outputs=(SQUARE,)),
    "the first output": lambda project: replace(project, outputs=(SQUARE, YOUTUBE)),
    "reshoots": lambda project: shots(project, pour=replace(POUR, reshoots=5)),
    "a judge": lambda project: replace(project, judge=Judge(("vision-judge",), ("is it good",))),
    "the judge's threshold": lambda project: replace(project, judge=Judge(("vision-judge",), ("x",), Fraction(9, 10))),
    "a budget": lambda project: replace(project, budget=Budget(Fraction(1))),
    "a fallback": fallback,
    "fewer takes": lambda project: shots(project, pour=replace(POUR, takes=1)),
    "the other take": lambda project: shots(project, pour=replace(POUR, take=2), crema=replace(CREMA, takes=1)),
    "gain and place of a line": lambda project: replace(
        project, lines=(line(shot="pour", at=Fraction(1), gain_db=Fraction(3)),)
    ),
    "gain and fades of music": lambda project: replace(project, music=(replace(MUSIC, gain_db=Fraction(-9)),)),
    "a line less": lambda project: replace(project, lines=()),
    "sound kept": lambda project: shots(project, pour=replace(POUR, sound="keep")),
    "another project's name": lambda project: replace(project, name="other"),
    "reframing": lambda project: replace(project, outputs=(SQUARE,)),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_must_cost_nothing_costs_nothing(name: str) -> None:
    """The lock answers all that is asked after it."""
    shop = Shop()
    shop.build(WHOLE)
    edited = EDITS[name](WHOLE)
    if name == "the other take":
        edited = replace(edited, shots=tuple(each for each in edited.shots if each.id != "crema"))
    assert [ask.params for ask in shop.build(edited)] == []


def better(name: str, **changes: Any) -> Any:
    """Give the catalog with a model changed."""
    return with_models(replace(CATALOG.models[name], **changes))


_KLING = CATALOG.models["kling-3"]
WORLDS: Mapping[str, Mapping[str, Any]] = {
    "routes": {"catalog": better("kling-3", routes=(Route("fal", "other-id", {"any": "x"}),))},
    "a further route": {"catalog": better("kling-3", routes=(*_KLING.routes, Route("fal", "y", {"any": "x"})))},
    "prices": {"catalog": better("kling-3", prices=CATALOG.models["hailuo-3"].prices)},
    "a cheaper model": {
        "catalog": with_models(replace(_KLING, name="cheap", prices=(replace(_KLING.prices[0], usd=Fraction(1, 100)),)))
    },
    "a provider's file": {"catalog": replace(CATALOG, providers={"kling": Provider("kling", "K", "x", (), {})})},
    "an option's default": {"catalog": better("kling-3", options={"mode": {"enum": ["std", "pro"], "default": "pro"}})},
    "an option more": {"catalog": better("kling-3", options={**_KLING.options, "audio": {"enum": ["on", "off"]}})},
    "a mended prompt template": {"catalog": better("kling-3", template="{prompt}, please{avoid}")},
    "a latency": {"catalog": better("kling-3", latency_s=(1.0, 2.0), reshoot_rate=Fraction(9, 10))},
    "how many references it takes": {"catalog": better("kling-3", accepts=replace(_KLING.accepts, references=3))},
    "finer lengths": {"catalog": better("kling-3", lengths=replace(_KLING.lengths, step=Fraction(1, 2)))},
    "strengths": {"catalog": better("kling-3", strengths=("hands", "faces"))},
    "an alias": {"catalog": replace(CATALOG, aliases={"kling": "hailuo-3"})},
    "keys that are missing": {
        "missing": {name: (f"{name.upper()}_KEY",) for name in ("kling", "runway", "fal", "stability", "elevenlabs")}
    },
    "another ffmpeg": {"ffmpeg": "ffmpeg version 10 sha256:1"},
}  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
def test_a_change_of_the_world_costs_nothing(name: str) -> None:
    """Neither vidbuild itself, its catalog, a vendor nor the environment makes anything be bought again."""
    shop = Shop()
    shop.build(WHOLE)
    changed = replace(shop, **WORLDS[name])
    assert [ask.params for ask in changed.build(WHOLE)] == []
    assert {ask.key for ask in shop.bills} == set(changed.lock.asks)


def test_a_shorter_shot_keeps_its_take_with_the_seconds_that_were_bought() -> None:
    """The plan asks for the same."""
    shop = Shop()
    shop.build(film(shot("a", seconds="8")))
    graph = shop.planned(film(shot("a", seconds="3.2")))
    (ask,) = [node.action.params for node in graph.nodes.values() if node.conduct.is_paid]
    assert ask["seconds"] == "8"


def test_checks_are_in_no_ask() -> None:
    """They may hold a take to more or less tomorrow."""
    graph = Shop().planned(WHOLE)
    for node in graph.nodes.values():
        said = json.dumps(node.action.params, default=str)
        assert all(check not in said for check in node.conduct.checks)


def test_a_picture_saved_again_with_equal_pixels_costs_nothing() -> None:
    """The file's digest changes, what models get of it doesn't."""
    shop = Shop()
    shop.build(WHOLE)
    saved = still_file("anna.png, saved again")
    shop.own = {**OWN, "anna.png": saved}
    shop.alike[saved.digest] = OWN["anna.png"].digest
    assert shop.build(WHOLE) == []


TEXT = """\
vidbuild: 1
model: kling-3
negative: text
cast:
  anna: {description: tall Anna, image: {prompt: "portrait of {{ description }}", model: flux-2-pro}}
shots:
  - id: a
    duration_s: 5
    prompt: "{{ cast.anna }} waits, in the rain"
  - {id: b, prompt: y, init_image: a.last_frame, cast: [anna]}
outputs: [youtube]
"""
TEXTS: Mapping[str, Callable[[str], str]] = {
    "comments": lambda text: text.replace("\n", "  # a comment\n"),
    "a wrapped prompt": lambda text: text.replace("waits, in the rain", "waits,\n      in   the rain"),
    "a wrapped negative": lambda text: text.replace("negative: text", "negative: ['  text ']"),
    "the order of keys": lambda text: text.replace("model: kling-3\nnegative: text", "negative: text\nmodel: kling-3"),
    "a shot's id": lambda text: text.replace("id: a\n", "id: z\n").replace("a.last_frame", "z.last_frame"),
    "a group": lambda text: text.replace("shots:\n", "shots:\n- id: g\n  shots:\n"),
    "a note": lambda text: text.replace("{id: b,", "{id: b, note: [1, 2],"),
    "a shorter shot at the end": lambda text: text.replace("{id: b,", "{id: b, duration_s: 2,"),
    "outputs": lambda text: text.replace("[youtube]", "[square, {platform: youtube, fps: 30}]"),
    "a cap": lambda text: f"{text}budget: {{max_usd: 3}}\n",
    "reshoots": lambda text: text.replace("model: kling-3", "model: kling-3\nreshoots: 4"),
    "a fallback": lambda text: text.replace("model: kling-3", "model: [kling-3, hailuo-3]"),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Project]:
    """Read a project from its text."""
    folder = tmp_path_factory.mktemp("projects")
    schema = json.loads((Path(__file__).parents[2] / "schemas/project.schema.json").read_text())
    names = frozenset((*CATALOG.models, *CATALOG.aliases))
    known = Vocabulary(names, frozenset(CATALOG.profiles), styles())

    def project(text: str) -> Project:
        path = folder / "project.yaml"
        path.write_text(text)
        return load(path, known, schema).project

    return project


@pytest.mark.parametrize("name", TEXTS)
def test_an_edit_of_the_text_that_says_nothing_new_costs_nothing(name: str, read: Callable[[str], Project]) -> None:
    """From the file to the key."""
    shop = Shop()
    shop.build(read(TEXT))
    edited = TEXTS[name](TEXT)
    assert edited != TEXT
    assert [ask.params for ask in shop.build(read(edited))] == []


def test_everything_locked_is_planned_without_a_key_in_the_environment() -> None:
    """A clean clone rebuilds without an account."""
    shop = Shop()
    shop.build(WHOLE)
    shop.missing = {route.provider: ("KEY",) for model in CATALOG.models.values() for route in model.routes}
    assert plan(WHOLE, shop.world, FINAL).problems == []


def test_labels_are_the_first_by_sort_whatever_the_order_of_shots() -> None:
    """So that the same lock is written for either order."""
    for order in (("b", "a"), ("a", "b")):
        shop = Shop()
        shop.build(film(*(shot(id) for id in order)))
        assert list(shop.lock.made) == ["shot a"]
