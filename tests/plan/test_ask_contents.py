"""What an ask holds, exactly: what the author said, and never what a default or the catalog filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from films import (
    ANNA,
    CATALOG,
    DRAFT,
    MUSIC,
    OWN,
    PORTRAIT,
    SQUARE,
    Shop,
    asked,
    card,
    cast,
    effect,
    film,
    filmed,
    footage,
    last_of,
    line,
    nodes,
    shot,
)

from vidbuild.packaged import catalog
from vidbuild.plan import asks, attempts
from vidbuild.spec.model import CastPicture, FilePicture, Member, MomentOf, Output, Project, Shot, Voice
from vidbuild.survey import Memories, survey
from vidbuild.words.action import ActionResult, BoundAction, Conduct, Graph, Hire, Judging, Node, Ref, bind
from vidbuild.words.digest import Digest, digest_of
from vidbuild.words.locked import Pin

BARE = {"kind": "footage", "prompt": "a cup", "seed": 0, "take": 0, "seconds": "6", "aspect": "16:9"}


def ask_of(shot: Shot, **said: Any) -> Mapping[str, Any]:
    """Give the ask of one shot by itself."""
    (node,) = nodes(Shop().planned(film(shot, **said)), "Footage")
    return node.action.params


def inputs_of(node: Node, project: Project) -> list[tuple[str, Any]]:
    """Give an ask's pictures by slot, as what was drawn as a frame."""
    graph = Shop().planned(project)
    found = []
    for slot, ref in node.action.inputs.items():
        assert isinstance(ref, Ref)
        frame = graph.nodes[ref.action].action
        source = frame.inputs["clip"]
        found.append((slot, source if isinstance(source, str) else graph.nodes[source.action].action.params["prompt"]))
    return found


def test_a_bare_footage_ask_holds_seven_things() -> None:
    """Keys that aren't used are absent."""
    assert dict(ask_of(shot("a"))) == BARE


@pytest.mark.parametrize(
    ("said", "adds"),
    [
        ({"negative": ("text", "logo")}, {"negative": ["text", "logo"]}),
        ({"seed": 7}, {"seed": 7}),
        ({"take": 3}, {"take": 2}),
        ({"options": {"mode": "pro"}}, {"options": {"mode": "pro"}}),
        ({"sound": "drop"}, {"silent": True}),
        ({"sound": "keep"}, {}),
        ({"gain_db": Fraction(3)}, {}),
        ({"reshoots": 5}, {}),
        ({"note": {"who": "me"}}, {}),
        ({"groups": ("g",)}, {}),
        ({"words": "cup"}, {}),
        ({"needs": ("hands",), "models": ()}, {}),
        ({"max_usd_per_s": Fraction(1), "models": ()}, {}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_an_ask_holds_what_was_said_and_nothing_else(said: dict[str, Any], adds: dict[str, Any]) -> None:
    """Each key of the language, with what it adds."""
    assert dict(ask_of(shot("a", **said))) == {**BARE, **adds}


@pytest.mark.parametrize(
    "said",
    [
        {"fps": Fraction(30)},
        {"outputs": (Output("square", "square"),)},
        {"name": "other"},
        {"music": (MUSIC,)},
        {"profile": "final"},
    ],
    ids=lambda said: next(iter(said)),
)
def test_an_ask_holds_nothing_of_its_project_but_the_aspect(said: dict[str, Any]) -> None:
    """Neither rate nor size, outputs nor names."""
    assert dict(ask_of(shot("a"), **said)) == BARE


def test_the_aspect_is_always_there() -> None:
    """Resolved, as authors write it."""
    assert ask_of(shot("a"), aspect=(9, 16)) == {**BARE, "aspect": "9:16"}


def test_a_default_of_the_catalog_is_in_no_ask() -> None:
    """An option left out is left out, and the prompt is before the model's template."""
    changed = replace(
        CATALOG.models["kling-3"],
        options={"mode": {"enum": ["std", "pro"], "default": "pro"}},
        template="{prompt}, film grain{avoid}",
    )
    shop = Shop(catalog=replace(CATALOG, models={**CATALOG.models, "kling-3": changed}))
    (node,) = nodes(shop.planned(film(shot("a"))), "Footage")
    assert dict(node.action.params) == BARE


def test_the_tool_of_an_ask_is_the_models_name_and_revision() -> None:
    """No route and no vendor's id; of several models the first."""
    nodes_ = footage(Shop().planned(film(shot("a"), shot("b", "x", models=("hailuo-3", "kling-3")))))
    assert [node.action.tool for node in nodes_.values()] == ["kling-3@1", "hailuo-3@1"]


def test_a_vendors_model_stays_at_its_revision() -> None:
    """A release that bumped one would have every take of it bought again."""
    assert {model.name for model in catalog().models.values() if not model.is_local and model.revision != 1} == set()


def test_a_picture_of_a_shot_is_an_input_by_slot() -> None:
    """Each as a frame."""
    project = film(
        filmed("f"), shot("a", init=last_of("f"), end=FilePicture("cup.png")), shot("b", "x", init=CastPicture("anna")),
        cast=cast(ANNA),
    )  # fmt: skip
    found = footage(Shop().planned(project))
    assert inputs_of(found["a"], project) == [("init", OWN["a.mp4"].digest), ("end", OWN["cup.png"].digest)]
    assert inputs_of(found["b"], project) == [("init", OWN["anna.png"].digest)]


def test_references_are_inputs_in_order_of_first_mention_without_names() -> None:
    """All of them, however many the model takes: kling-3 takes none."""
    cup = Member("cup", "", (FilePicture("cup.png"),))
    for models in (("kling-3",), ("hailuo-3",)):
        project = film(shot("a", references=("cup", "anna"), models=models), cast=cast(ANNA, cup))
        (node,) = nodes(Shop().planned(project), "Footage")
        given = [("reference0", OWN["cup.png"].digest), ("reference1", OWN["anna.png"].digest)]
        assert inputs_of(node, project) == given
        assert dict(node.action.params) == BARE


def test_every_members_first_picture_comes_before_anybodys_second() -> None:
    """A model that takes few takes the first of them."""
    anna = replace(ANNA, images=(FilePicture("anna.png"), FilePicture("profile.png")))
    cup = Member("cup", "", (FilePicture("cup.png"),))
    project = film(shot("a", references=("anna", "cup")), cast=cast(anna, cup))
    (node,) = nodes(Shop().planned(project), "Footage")
    assert inputs_of(node, project) == [
        ("reference0", OWN["anna.png"].digest),
        ("reference1", OWN["cup.png"].digest),
        ("reference2", OWN["profile.png"].digest),
    ]


def test_a_picture_ask_holds_prompt_aspect_seed_and_what_was_said() -> None:
    """Of a cast member's generated picture, with the members given to it."""
    cup = Member("cup", "", (FilePicture("cup.png"),))
    plain, full = PORTRAIT, replace(
        PORTRAIT, prompt="with a cup", negative=("text",), seed=3, cast=("cup",), options={"resolution": "720p"},
    )  # fmt: skip
    members = cast(Member("one", "", (plain,)), Member("two", "", (full,)), cup)
    project = film(shot("a", references=("one", "two")), cast=members)
    one, two = nodes(Shop().planned(project), "Picture")
    base = {"kind": "picture", "seed": 0, "take": 0, "aspect": "16:9"}
    assert dict(one.action.params) == {**base, "prompt": "portrait of Anna"}
    assert dict(two.action.params) == {
        **base, "prompt": "with a cup", "negative": ["text"], "seed": 3, "options": {"resolution": "720p"}
    }  # fmt: skip
    assert (dict(one.action.inputs), inputs_of(two, project)) == ({}, [("reference0", OWN["cup.png"].digest)])


def test_a_speech_ask_holds_text_and_voice() -> None:
    """No place, gain, speaker's name or model's setting that wasn't written."""
    said = line(at=Fraction(2), gain_db=Fraction(-3), by="anna", shot="a")
    styled = replace(line("x", "Go."), seed=4, voice=Voice(("elevenlabs",), "Bill", {"stability": Decimal("0.5")}))
    first, second = nodes(Shop().planned(film(shot("a"), lines=(said, styled))), "Speech")
    assert dict(first.action.params) == {"kind": "speech", "text": "Come in.", "voice": "Rachel", "seed": 0, "take": 0}
    assert dict(second.action.params) == {
        "kind": "speech", "text": "Go.", "voice": "Bill", "seed": 4, "take": 0, "options": {"stability": Decimal("0.5")}
    }  # fmt: skip


def test_a_music_ask_holds_prompt_and_seconds() -> None:
    """Neither gain nor fades, in-point nor ducking."""
    heard = replace(MUSIC, gain_db=Fraction(-6), fade_out_s=Fraction(1), seed=2, options={"steps": 30})
    (node,) = nodes(Shop().planned(film(shot("a"), music=(heard,))), "Music")
    base = {"kind": "music", "prompt": "warm guitar", "take": 0, "seconds": "30"}
    assert dict(node.action.params) == {**base, "seed": 2, "options": {"steps": 30}}


def test_an_effect_ask_holds_seconds_only_where_they_are_written() -> None:
    """Else the model decides."""
    cues = (effect(), effect("sfx two", "steps", duration_s=Fraction(5, 2), at=Fraction(1)))
    first, second = nodes(Shop().planned(film(shot("a"), effects=cues)), "Effect")
    assert dict(first.action.params) == {"kind": "effect", "prompt": "rain", "seed": 0, "take": 0}
    assert dict(second.action.params) == {"kind": "effect", "prompt": "steps", "seed": 0, "take": 0, "seconds": "2.5"}


def test_local_asks_add_rate_and_size() -> None:
    """What is made here is made to fit; `silent` and references mean nothing to it."""
    made = ask_of(
        shot("a", models=("local/animatic",), sound="drop", references=("anna",)), cast=cast(ANNA), outputs=(SQUARE,)
    )
    assert made == {**BARE, "fps": "24", "size": [1280, 720], "slate": "a cup"}


def test_a_drafts_ask_holds_no_options() -> None:
    """They belong to the model that the draft stands in for."""
    (node,) = nodes(Shop().planned(film(shot("a", options={"mode": "pro"}, negative=("text",))), DRAFT), "Footage")
    assert set(node.action.params) == {*BARE, "negative", "fps", "size", "slate"}


def test_an_attempt_holds_the_ask_the_model_and_what_is_sent() -> None:
    """The ask's whole record, so that an attempt is of one ask alone."""
    (node,) = nodes(Shop().planned(film(shot("a", seed=5, take=2, models=("kling-3", "hailuo-3")))), "Footage")
    ask = bind(node.action, {})
    first, second = node.conduct.hires
    made = attempts.attempt(ask, second, 2, ("text",))
    assert (made.mnemonic, made.tool, dict(made.inputs), dict(made.outputs)) == (
        "Footage", "hailuo-3@1", {}, {"video": "video/mp4"},
    )  # fmt: skip
    assert made.params == {
        "ask": {"mnemonic": "Footage", "params": ask.params, "inputs": {}, "tool": "kling-3@1"},
        "seed": 5 + 1000 + 2,
        "negative": ["text"],
    }
    assert attempts.attempt(ask, first, 0, ()).params["seed"] == 1005


def test_the_first_attempt_of_the_first_take_sends_the_seed_as_written() -> None:
    """And 0 where none is."""
    seeds = []
    for said in ({}, {"seed": 884412}):
        (node,) = nodes(Shop().planned(film(shot("a", **said))), "Footage")
        seeds.append(attempts.attempt(bind(node.action, {}), node.conduct.hires[0], 0, ()).params["seed"])
    assert seeds == [0, 884412]


def test_a_draft_asks_no_vendor_for_anything() -> None:
    """Whatever the project has."""
    project = film(
        shot("a", references=("anna",), takes=3), lines=(line(),), effects=(effect(),), music=(MUSIC,), cast=cast(ANNA)
    )
    graph = Shop().planned(project, DRAFT)
    assert asked(graph) == []
    assert {node.action.tool for node in nodes(graph, "Footage", "Music", "Picture")} == {
        "local/animatic@1", "local/bed@1"
    }  # fmt: skip
    assert len(nodes(graph, "Footage")) == 1


def spanning() -> Project:
    """Give a film in which every kind of ask stands, with every key that an ask may have, and every question."""
    cup = Member("cup", "", (FilePicture("cup.png"),))
    seen = Member("seen", "", (last_of("pour"),))
    anna = Member("anna", "tall Anna", (replace(PORTRAIT, cast=("cup",), options={"resolution": "720p"}),))
    title = card("title", subtitle="and more", logo="logo.png", background=FilePicture("cup.png"))
    local = shot("local", "a wave", "3", models=("local/animatic",))
    shots = (
        shot("plain"),
        shot("pour", "Anna pours", "5.5", negative=("text",), seed=7, takes=2, options={"mode": "pro"}, sound="drop",
             references=("anna", "cup")),
        shot("on", "it goes on", init=last_of("pour"), end=FilePicture("cup.png"), take=3),
        shot("fixed", "from a moment", init=MomentOf("pour", Fraction("1.5"))),
        filmed("plate", "2", in_s=Fraction(1)),
        shot("filmed", "from a plate", init=last_of("plate")),
        title,
        shot("titled", "from a card", init=last_of("title")),
        local,
        shot("waved", "from a wave", init=last_of("local")),
        shot("again", "as he was seen", references=("seen",), models=("hailuo-3", "kling-3")),
    )  # fmt: skip
    lines = (line("pour", seed=2), replace(line("on"), voice=Voice(("elevenlabs",), "Bill", {"stability": 1})))
    cues = (effect(), effect("sfx two", "steps", duration_s=Fraction(5, 2), options={"loop": True}, seed=1))
    music = replace(MUSIC, options={"steps": 30}, seed=3)
    return film(*shots, lines=lines, effects=cues, music=(music,), cast=cast(anna, cup, seen))


JUDGING = Judging((Hire("vision-judge", "vision-judge@1", "fal"),), ("is it a cup", "is it whole"), Fraction(7, 10))


def judgements() -> dict[str, BoundAction]:
    """Give a judge's asks: a plain one, and one with options."""
    frames = {f"frame{number}": digest_of(number) for number in range(6)}
    strict = replace(JUDGING, options={"mode": "strict"})
    return {"judge": asks.judgement(JUDGING, frames), "judge, with options": asks.judgement(strict, frames)}


def test_a_judges_ask_holds_its_questions_and_the_pictures() -> None:
    """No threshold: what an answer must reach may change, and nothing is asked again."""
    plain, strict = judgements().values()
    said = {"kind": "judge", "questions": ["is it a cup", "is it whole"], "seed": 0, "take": 0}
    assert (plain.mnemonic, plain.params, plain.tool) == ("Judge", said, "vision-judge@1")
    assert strict.params == {**said, "options": {"mode": "strict"}}
    assert set(plain.inputs) == {f"frame{number}" for number in range(6)}
    easy = replace(JUDGING, threshold=Fraction(1, 10))
    assert asks.judgement(easy, plain.inputs).key == plain.key


def test_paid_keys_stay_as_they_are(golden: Any) -> None:
    """Keys of asks, of asks without seconds, of attempts and of questions, each kind with every key that it may have.

    This golden spans releases: locks of users hold these digests. When a line of it changes, everything that was ever
    bought under such a key is bought again, unless the release ships the mapping from the old keys to the new ones.
    """
    shop, project = Shop(), spanning()
    shop.build(project)
    graph = shop.planned(project)
    known: dict[str, dict[str, str]] = {"asks": {}, "without seconds": {}, "attempts": {}, "questions": {}}
    for bound, conduct in _bound(shop, graph):
        name = f"{conduct.label}: {bound.params['kind']} {bound.params.get('prompt', bound.params.get('text'))}"
        name += f", take {bound.params['take'] + 1}" if bound.params["take"] else ""
        assert name not in known["asks"]
        known["asks"][name] = bound.key
        known["without seconds"][name] = attempts.unsized(bound)
        first, last = conduct.hires[0], conduct.hires[-1]
        known["attempts"][f"{name}, first"] = attempts.attempt(bound, first, 0, bound.params.get("negative", ())).key
        known["attempts"][f"{name}, third by {last.model}"] = attempts.attempt(bound, last, 2, ("text", "cuts")).key
    for name, bound in judgements().items():
        known["asks"][name] = bound.key
        known["attempts"][f"{name}, first"] = attempts.attempt(bound, JUDGING.hires[0], 0, ()).key
        known["attempts"][f"{name}, again"] = attempts.attempt(bound, JUDGING.hires[0], 1, ()).key
    for label, entries in shop.lock.made.items():
        pins = [entry.question for entry in entries if isinstance(entry, Pin)]
        known["questions"] |= {f"{label}, {number}": question for number, question in enumerate(pins, 1)}
    assert {"footage", "picture", "speech", "music", "effect"} == {params["kind"] for params in asked(graph)}
    golden("paid_keys.json", known)


def _bound(shop: Shop, graph: Graph) -> list[tuple[BoundAction, Conduct]]:
    """Bind every paid action as the shop's lock answers it."""

    def locked(key: Digest) -> ActionResult | None:
        known = shop.lock.asks.get(key)
        return ActionResult(known.answer.outputs) if known and known.answer else None

    def pinned(question: Digest) -> ActionResult | None:
        pin = shop.lock.pins.get(question)
        return ActionResult(pin.outputs) if pin else None

    standings = survey(graph, Memories(lambda bound: None, locked=locked, pinned=pinned))
    found = []
    for id, node in graph.nodes.items():
        if node.conduct.is_paid:
            bound = standings[id].bound
            assert bound is not None
            found.append((bound, node.conduct))
    return found


def test_the_golden_holds_every_key_that_an_ask_may_have() -> None:
    """So that none of them changes unseen."""
    graph = Shop().planned(spanning())
    held = {params["kind"]: set[str]() for params in asked(graph)}
    for params in asked(graph):
        held[params["kind"]] |= set(params)
    common = {"kind", "seed", "take"}
    assert held["footage"] == common | {"prompt", "negative", "options", "silent", "seconds", "aspect"}
    assert held["picture"] == common | {"prompt", "options", "aspect"}
    assert held["speech"] == common | {"text", "voice", "options"}
    assert held["music"] == held["effect"] == common | {"prompt", "seconds", "options"}
    slots = {slot for node in nodes(graph, "Footage", "Picture") for slot in node.action.inputs}
    assert slots >= {"init", "end", "reference0", "reference1", "logo", "background"}
