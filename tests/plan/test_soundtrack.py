"""The sound of a cut: lines, effects and music lie at their places, in a draft as in a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import (
    CATALOG,
    DRAFT,
    FINAL,
    MUSIC,
    SQUARE,
    YOUTUBE,
    Shop,
    card,
    effect,
    film,
    filmed,
    footage,
    line,
    nodes,
    shot,
)

from vidbuild.plan.world import Request
from vidbuild.spec.model import Music, Output, Project, Transition, Voice
from vidbuild.words.action import Graph, Node, Ref

RATE = 48_000


def laid(graph: Graph) -> list[tuple[str, int, int]]:
    """Give what lies in the mix: what it is, and its first and last sample."""
    (mix,) = nodes(graph, "Mix")
    found = []
    for sound in sounds(mix):
        ref = mix.action.inputs[sound["from"].removeprefix("{in:").removesuffix("}")]
        assert isinstance(ref, Ref)
        source = graph.nodes[ref.action].action.inputs["clip"]
        params = graph.nodes[source.action].action.params if isinstance(source, Ref) else {}
        name = params.get("prompt") or params.get("text") or "file"
        found.append((name, sound["at"], sound["at"] + sound["samples"]))
    return found


def lay(mix: Node) -> Mapping[str, Any]:
    """Give the step that lays the stems of a mix."""
    (step,) = [step["lay"] for step in mix.action.params["steps"] if "lay" in step]
    return step  # type: ignore[no-any-return]


def sounds(mix: Node, stems: str = "sle") -> list[Mapping[str, Any]]:
    """Give what is laid in a mix of some stems: shots' own, lines, effects, music."""
    return [sound for sound in lay(mix)["sounds"] if sound["from"].removeprefix("{in:")[0] in stems]


def music(project: Project, request: Request = FINAL) -> list[Mapping[str, Any]]:
    """Give how cues of music are laid, in seconds where it is time."""
    (mix,) = nodes(Shop().planned(project, request), "Mix")
    return [
        {key: value / RATE if key in _TIMES else value for key, value in sound.items() if key in _SAID}
        for sound in sounds(mix, "m")
    ]


_TIMES = ("at", "samples", "start", "fade_in", "fade_out", "ring")
_SAID = (*_TIMES, "gain_db", "duck_db", "bar")
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
    (mix,) = nodes(Shop().planned(film(*SHOTS, effects=(cue,))), "Mix")
    (laid,) = sounds(mix)
    assert (laid["start"], laid["samples"], laid["fade_out"]) == (12_000, 24_000, 4_800)


def test_which_part_of_an_effect_is_heard_is_the_mixs_alone() -> None:
    """Its PCM stands, so the mix alone is made again."""
    whole, part = (effect(file="clap.wav", prompt="", in_s=Fraction(start, 4)) for start in (0, 1))
    one, other = (nodes(Shop().planned(film(*SHOTS, effects=(cue,))), "Sound", "Mix") for cue in (whole, part))
    assert [node.action.id == again.action.id for node, again in zip(one, other, strict=True)] == [True, False]


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
    graph = Shop().planned(film(*SHOTS, music=(MUSIC,), outputs=(YOUTUBE, SQUARE)))
    assert len(nodes(graph, "Music")) == 1
    (mix,) = nodes(graph, "Mix")
    assert [place.output for place in graph.places[mix.action.id]] == ["youtube", "square"]


def test_a_cue_lies_where_it_says() -> None:
    """From `at` on, or over a span; in the film, which it never outlasts."""
    late, span = replace(MUSIC, at=Fraction(4)), replace(MUSIC, at=Fraction(1), end=Fraction(3))
    rings = {"gain_db": "0", "ring": 2.0}
    assert music(film(*SHOTS, music=(late,))) == [{"at": 4, "samples": 6, **rings}]
    assert music(film(*SHOTS, music=(span,))) == [{"at": 1, "samples": 2, **rings}]
    assert music(film(*SHOTS, music=(replace(late, at=Fraction(10)),))) == []


def test_a_cue_without_an_end_hands_over_to_the_next() -> None:
    """It fades out, or rings out, while the next one is there already; one that says where it ends does not."""
    first, second = MUSIC, replace(MUSIC, prompt="drums", label="audio.2", at=Fraction(4))
    given, taken = music(film(*SHOTS, music=(second, first)))
    assert (given["at"], given["samples"], given["ring"]) == (4, 6, 2)
    assert (taken["at"], taken["samples"], taken["fade_out"]) == (0, 6, 2)
    faded, _ = music(film(*SHOTS, music=(replace(first, fade_out_s=Fraction(1)), second)))
    assert (faded["samples"], faded["fade_out"]) == (5, 1)
    ended, _ = music(film(*SHOTS, music=(replace(first, end=Fraction(3)), second)))
    assert (ended["samples"], "fade_out" in ended) == (3, False)


def test_music_that_names_a_tempo_is_looped_by_bars() -> None:
    """Four beats of 90 a minute are 128,000 samples."""
    (cue,) = music(film(*SHOTS, music=(replace(MUSIC, prompt="guitar, 90 bpm"),)))
    assert cue["bar"] == "128000"


def test_music_steps_back_under_lines_where_it_is_asked_to() -> None:
    """The mix says how; without lines, or without `duck_db`, it says nothing of it, and stays as it was."""
    ducked, plain = replace(MUSIC, duck_db=Fraction(-12)), MUSIC
    for cue, lines, steps_back in ((ducked, (line(),), True), (ducked, (), False), (plain, (line(),), False)):
        (mix,) = nodes(Shop().planned(film(*SHOTS, music=(cue,), lines=lines)), "Mix")
        assert ("duck" in lay(mix)) == steps_back
        assert [sound.get("is_voice", False) for sound in sounds(mix, "l")] == [steps_back] * len(lines)
        assert sounds(mix, "m")[0].get("duck_db") == ("-12" if steps_back else None)


def test_own_sound_crosses_where_shots_overlap() -> None:
    """At equal power, for as long as both are seen; the first shot's comes in with its picture."""
    over = Transition("dissolve", Fraction(1, 2))
    shots = [filmed("a"), replace(filmed("b"), transition=over), filmed("c")]
    (mix,) = nodes(
        Shop().planned(film(replace(shots[0], transition=Transition("fade", Fraction(1))), *shots[1:])), "Mix"
    )
    crossed = [(sound["at"], sound.get("cross_in"), sound.get("cross_out")) for sound in sounds(mix)]
    assert crossed == [(0, RATE, RATE // 2), (5.5 * RATE, RATE // 2, None), (11.5 * RATE, None, None)]


def test_platforms_that_are_to_be_equally_loud_share_a_mix() -> None:
    """Another target is another mix; a gain makes each of them again, and nothing but them."""
    quiet = replace(CATALOG.profiles["square"], lufs=Fraction(-23))
    shop = Shop(catalog=replace(CATALOG, profiles={**CATALOG.profiles, "square": quiet}))
    project = film(filmed("a"), music=(MUSIC,), outputs=(YOUTUBE, Output("tiktok", "tiktok"), SQUARE))
    before = shop.planned(project)
    places = [{place.output for place in before.places[mix.action.id]} for mix in nodes(before, "Mix")]
    assert places == [{"youtube", "tiktok"}, {"square"}]
    after = shop.planned(replace(project, music=(replace(MUSIC, gain_db=Fraction(-3)),)))
    new = {after.nodes[id].action.mnemonic for id in set(after.nodes) - set(before.nodes)}
    assert new == {"Mix", "Deliver"}


def test_a_loudness_target_makes_its_own_mix_again() -> None:
    """That of the other platforms stands."""
    project = film(filmed("a"), outputs=(YOUTUBE, SQUARE))
    before, told = Shop().planned(project), []
    for lufs in (-14, -23):
        changed = replace(CATALOG.profiles["square"], lufs=Fraction(lufs), audio_kbps=160)
        graph = Shop(catalog=replace(CATALOG, profiles={**CATALOG.profiles, "square": changed})).planned(project)
        told.append([node.action.mnemonic for id, node in graph.nodes.items() if id not in before.nodes])
    assert told == [["Mix", "Deliver"], ["Mix", "Deliver"]]


def test_one_shot_by_itself_has_what_is_anchored_to_it_alone() -> None:
    """Neither music nor what belongs to the film."""
    project = film(
        *SHOTS, lines=(line("film"), line("middle", "Here.", shot="middle")), music=(MUSIC,),
        effects=(effect(shot="end"), effect("sfx m", "steps", shot="middle", at=Fraction(1))),
    )  # fmt: skip
    graph = Shop().planned(project, Request(only="middle"))
    assert laid(graph) == [("Here.", 0, 4 * RATE), ("steps", RATE, 4 * RATE)]
    assert len([node for node in graph.nodes.values() if node.conduct.is_paid]) == 2


TALKING = film(
    *SHOTS, shot("a"), lines=(line(),), effects=(effect(), effect("sfx f", "", file="clap.wav")), music=(MUSIC,)
)


def test_a_draft_makes_its_effects_here() -> None:
    """Free, never locked, so that nothing is left out of its sound; own files stay what they are."""
    graph = Shop().planned(TALKING, DRAFT)
    assert sorted(name for name, _, _ in laid(graph)) == ["Come in.", "file", "rain"]
    (made,) = nodes(graph, "Effect")
    assert (made.action.tool, made.action.pool, made.conduct.is_paid) == ("local/foley@1", "cpu", False)
    assert (made.action.outputs, graph.notes) == ({"sound": "audio/wav"}, ())


def test_a_draft_speaks_its_lines_here() -> None:
    """Free, never locked, with word times; the vendor's options are left out."""
    said = line(voice=Voice(("elevenlabs",), "A", {"stability": 1}))
    (speech,) = nodes(Shop().planned(film(*SHOTS, lines=(said,)), DRAFT), "Speech")
    assert (speech.action.tool, speech.action.pool, speech.conduct.is_paid) == ("local/voice@2", "cpu", False)
    assert speech.action.params == {"kind": "speech", "text": "Come in.", "voice": "A", "seed": 0, "take": 0}
    assert speech.action.outputs == {"sound": "audio/wav", "words": "application/json"}


def test_a_local_voice_may_speak_the_film_itself() -> None:
    """By its name; no key is needed."""
    graph = Shop().planned(film(*SHOTS, lines=(line(voice=Voice(("local/voice",), "de+f3")),)))
    assert not any(node.conduct.is_paid for node in graph.nodes.values())


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
