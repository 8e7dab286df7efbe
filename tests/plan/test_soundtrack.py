"""The sound of a cut: lines, effects and music lie at their places; a draft leaves out what it would have to buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import DRAFT, FINAL, MUSIC, SQUARE, YOUTUBE, Shop, card, effect, film, filmed, footage, line, nodes, shot

from vidbuild.plan.world import Request
from vidbuild.spec.model import Music, Project, Voice
from vidbuild.words.action import Graph, Ref

RATE = 48_000


def laid(graph: Graph) -> list[tuple[str, int, int]]:
    """Give what lies in the mix: what it is, and its first and last sample."""
    (mix,) = nodes(graph, "Mix")
    found = []
    for sound in mix.action.params["steps"][0].get("lay", {}).get("sounds", ()):
        ref = mix.action.inputs[sound["from"].removeprefix("{in:").removesuffix("}")]
        assert isinstance(ref, Ref)
        source = graph.nodes[ref.action].action.inputs["clip"]
        params = graph.nodes[source.action].action.params if isinstance(source, Ref) else {}
        name = params.get("prompt") or params.get("text") or "file"
        found.append((name, sound["at"], sound["at"] + sound["samples"]))
    return found


SHOTS = (card("title", "2"), card("middle", "4", subtitle="x"), card("end", "4", subtitle="y"))


@pytest.mark.parametrize(
    ("sound", "first"),
    [
        (line(), 0),
        (line(at=Fraction(3, 2)), 1.5),
        (line(shot="middle"), 2),
        (line(shot="end", at=Fraction(1, 2)), 6.5),
    ],
)
def test_a_line_sounds_at_its_shots_start_and_what_it_says_behind(sound: Any, first: float) -> None:
    """Without a shot at the film's; to its end, or the film's."""
    assert laid(Shop().planned(film(*SHOTS, lines=(sound,)))) == [("Come in.", int(first * RATE), 10 * RATE)]


@pytest.mark.parametrize(
    ("sound", "name", "first"),
    [
        (effect(shot="middle"), "rain", 2),
        (effect(at=Fraction(1)), "rain", 1),
        (effect(shot="end", file="clap.wav", prompt=""), "file", 6),
    ],
)
def test_an_effect_sounds_at_its_place(sound: Music, name: str, first: int) -> None:
    """Generated, or an own file."""
    assert laid(Shop().planned(film(*SHOTS, effects=(sound,)))) == [(name, first * RATE, 10 * RATE)]


def test_what_would_begin_behind_the_film_is_neither_laid_nor_bought() -> None:
    """Nobody would hear it."""
    graph = Shop().planned(film(*SHOTS, lines=(line(at=Fraction(10)),), effects=(effect(shot="end", at=Fraction(4)),)))
    assert (laid(graph), nodes(graph, "Speech", "Effect")) == ([], [])


def test_lines_effects_and_own_sound_lie_together() -> None:
    """Each where its shot begins."""
    project = film(filmed("a", "2"), *SHOTS, lines=(line(shot="middle"),), effects=(effect(shot="a"),))
    assert sorted(laid(Shop().planned(project))) == [
        ("Come in.", 4 * RATE, 12 * RATE),
        ("file", 0, 2 * RATE),
        ("rain", 0, 12 * RATE),
    ]


def test_another_order_of_shots_moves_what_is_anchored_to_them() -> None:
    """And buys nothing."""
    shop, lines = Shop(), (line(shot="end"),)
    shop.build(film(*SHOTS, lines=lines))
    turned = film(*reversed(SHOTS), lines=lines)
    assert laid(shop.planned(turned)) == [("Come in.", 0, 10 * RATE)]
    assert shop.build(turned) == []


def test_a_line_said_twice_is_bought_once() -> None:
    """Equal asks are one."""
    project = film(*SHOTS, lines=(line("a", shot="title"), line("b", shot="end")))
    assert len(nodes(Shop().planned(project), "Speech")) == 1
    assert [at // RATE for _, at, _ in laid(Shop().planned(project))] == [0, 6]


def test_part_of_an_effect_is_heard() -> None:
    """From its in-point, as long as it says, faded."""
    cue = effect(file="clap.wav", prompt="", in_s=Fraction(1, 4), duration_s=Fraction(1, 2), fade_out_s=Fraction(1, 10))
    graph = Shop().planned(film(*SHOTS, effects=(cue,)))
    (sound,) = nodes(graph, "Sound")
    argv = sound.action.params["steps"][0]["argv"]
    told = argv[argv.index("-filter_complex") + 1]
    assert [told.count(word) for word in ("start_sample=12000", "end_sample=24000", "afade")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("model", "said", "sounds"),
    [
        ("kling-3", {}, True),
        ("kling-3", {"sound": "keep"}, True),
        ("kling-3", {"sound": "drop"}, False),
        ("hailuo-3", {}, False),
        ("hailuo-3", {"sound": "keep"}, True),
        ("hailuo-3", {"sound": "drop"}, False),
        ("veo-3.1", {"sound": "keep"}, False),
        ("local/animatic", {"sound": "keep"}, False),
    ],
)
def test_a_takes_own_sound_is_kept_where_it_was_asked_for(model: str, said: Mapping[str, Any], sounds: bool) -> None:
    """By default that of models that make it on request; of those that always do where the shot keeps it."""
    graph = Shop().planned(film(shot("a", models=(model,), **said)))
    assert bool(nodes(graph, "Sound")) == sounds


def test_music_lies_under_the_whole_film() -> None:
    """One bed for all outputs, mixed once for equal rates of sound."""
    graph = Shop().planned(film(*SHOTS, music=MUSIC, outputs=(YOUTUBE, SQUARE)))
    assert len(nodes(graph, "Music")) == 1
    assert all("music" in mix.action.inputs for mix in nodes(graph, "Mix"))


def test_one_shot_by_itself_has_what_is_anchored_to_it_alone() -> None:
    """Neither music nor what belongs to the film."""
    project = film(
        *SHOTS, lines=(line("film"), line("middle", "Here.", shot="middle")), music=MUSIC,
        effects=(effect(shot="end"), effect("sfx m", "steps", shot="middle", at=Fraction(1))),
    )  # fmt: skip
    graph = Shop().planned(project, Request(only="middle"))
    assert laid(graph) == [("Here.", 0, 4 * RATE), ("steps", RATE, 4 * RATE)]
    assert len([node for node in graph.nodes.values() if node.conduct.is_paid]) == 2


TALKING = film(
    *SHOTS, shot("a"), lines=(line(),), effects=(effect(), effect("sfx f", "", file="clap.wav")), music=MUSIC
)


def test_a_draft_leaves_out_what_it_would_have_to_buy() -> None:
    """And says so; own files and spoken lines stay."""
    graph = Shop().planned(TALKING, DRAFT)
    assert sorted(name for name, _, _ in laid(graph)) == ["Come in.", "file"]
    assert nodes(graph, "Effect") == []
    assert graph.notes == ("a draft leaves generated effects out",)


def test_a_draft_speaks_its_lines_here() -> None:
    """Free, never locked, with word times; the vendor's options are left out."""
    said = line(voice=Voice(("elevenlabs",), "A", {"stability": 1}))
    (speech,) = nodes(Shop().planned(film(*SHOTS, lines=(said,)), DRAFT), "Speech")
    assert (speech.action.tool, speech.action.pool, speech.conduct.is_paid) == ("local/voice@1", "cpu", False)
    assert speech.action.params == {"kind": "speech", "text": "Come in.", "voice": "A", "seed": 0, "take": 0}
    assert speech.action.outputs == {"sound": "audio/wav", "words": "application/json"}


def test_a_local_voice_may_speak_the_film_itself() -> None:
    """By its name; no key is needed."""
    graph = Shop().planned(film(*SHOTS, lines=(line(voice=Voice(("local/voice",), "de+f3")),)))
    assert not any(node.conduct.is_paid for node in graph.nodes.values())


def test_a_build_says_nothing_of_what_a_draft_leaves_out() -> None:
    """Nor does a draft that leaves nothing out."""
    assert Shop().planned(TALKING).notes == ()
    assert Shop().planned(film(*SHOTS, effects=(effect("sfx f", "", file="clap.wav"),)), DRAFT).notes == ()


@pytest.mark.parametrize("project", [TALKING, film(shot("a", takes=2), shot("b", "x", "4"))], ids=["sound", "takes"])
def test_a_draft_is_the_same_whatever_the_lock_says(project: Project) -> None:
    """It never uses what was paid for, nor its seconds."""
    shop = Shop()
    fresh = shop.planned(project, DRAFT)
    shop.build(replace(project, shots=tuple(replace(each, duration_s=Fraction(9)) for each in project.shots)))
    shop.build(project)
    assert dict(shop.planned(project, DRAFT).nodes) == dict(fresh.nodes)


def test_labels_group_what_the_lock_keeps() -> None:
    """Shots, members, lines and the film's own sound."""
    graph = Shop().planned(replace(TALKING, effects=(effect(), effect("sfx a", "steps", shot="a"))), FINAL)
    labels = {node.action.mnemonic + node.action.params.get("prompt", ""): node.conduct.label
              for node in graph.nodes.values() if node.conduct.is_paid}  # fmt: skip
    assert labels == {
        "Footagea cup": "shot a", "Speech": "say pour", "Effectrain": "audio", "Effectsteps": "shot a",
        "Musicwarm guitar": "audio",
    }  # fmt: skip


def test_every_sound_is_tied_to_its_place() -> None:
    """So that what is told of it names the shot."""
    graph = Shop().planned(film(*SHOTS, lines=(line(shot="end"),)))
    (speech,) = nodes(graph, "Speech")
    assert [place.shot for place in graph.places[speech.action.id]] == ["end"]
    assert footage(graph) == {}
