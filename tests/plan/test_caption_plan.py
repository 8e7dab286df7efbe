"""Captions as they are planned: cues for the frames that a line may reach, in the shot's own time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from films import OWN, SQUARE, YOUTUBE, film, filmed, line
from test_overlays import HEARD, WORLD, said, sentences

from vidbuild.plan.planner import plan
from vidbuild.plan.speaking import keys
from vidbuild.plan.world import Request, World
from vidbuild.spec.model import Captions, Project, When
from vidbuild.words.action import Graph, Place

BURNED = replace(YOUTUBE, captions="burn")
SHOTS = (filmed("a", "20"), filmed("b", "6", in_s=Fraction(8)), filmed("c", "20", in_s=Fraction(4)))
LINES = (
    line("a", "Come in.", shot="a", until="a", at=Fraction(1)),
    line("c", "See you.", shot="c", until="c", at=Fraction(12)),
)
SPOKEN = film(*SHOTS, outputs=(BURNED, SQUARE), lines=LINES, captions=Captions("clean", ("srt", "vtt")))


def graph(project: Project, world: World = WORLD) -> Graph:
    """Plan a project that has no mistakes, as a draft: its voices are local."""
    made = plan(project, world, Request(draft=True))
    assert made.graph is not None, made.problems
    return made.graph


def cues(project: Project, world: World = WORLD) -> dict[Place, Any]:
    """Give the steps that make cues, by place."""
    made = graph(project, world)
    return {
        place: made.nodes[id].action.params["steps"][0]["cues"]
        for id, places in made.places.items()
        for place in places
        if made.nodes[id].action.mnemonic == "Cues"
    }


def test_cues_are_made_only_where_a_line_may_be_heard() -> None:
    """In outputs that burn them, for the pieces that it may reach; times are the shot's own."""
    found = cues(SPOKEN)
    assert {(place.shot, place.output, place.piece) for place in found} == {
        ("a", "youtube", 0), ("a", "youtube", 1), ("a", "youtube", 2), ("c", "youtube", 1), ("c", "youtube", 2),
    }  # fmt: skip
    assert [step["lines"][0]["at"] for step in found.values()] == ["1", "1", "1", "12", "12"]


def test_moving_a_shot_leaves_its_cues_as_they_are() -> None:
    """They hang on nothing but the line and the shot."""
    moved = replace(SPOKEN, shots=SPOKEN.shots[::-1])
    assert sorted(map(str, cues(moved).values())) == sorted(map(str, cues(SPOKEN).values()))


def test_a_line_may_reach_into_all_pieces_up_to_where_it_has_to_end() -> None:
    """Nobody knows how slowly it is spoken, nor where it pauses; over the cut too."""
    long = replace(SPOKEN, lines=(line("film", "word " * 2, at=Fraction(10)),))
    behind = {("a", 1), ("a", 2), ("b", 0), ("c", 0), ("c", 1), ("c", 2)}
    assert {(place.shot, place.piece) for place in cues(long)} == behind
    assert {(place.shot, place.piece) for place in cues(replace(long, lines=(replace(long.lines[0], until="b"),)))} == {
        ("a", 1), ("a", 2), ("b", 0),
    }  # fmt: skip


def test_a_recording_reaches_as_far_as_it_lasts() -> None:
    """However few its letters are: a word may follow a pause; and its last cue stays to be read."""
    own = OWN | {"rec.wav": replace(OWN["song.wav"], probe=replace(OWN["song.wav"].probe, seconds=Fraction("15.5")))}
    recorded = line("film", "Hello. Goodbye.", file="rec.wav", at=Fraction(0))
    found = cues(replace(SPOKEN, lines=(recorded,)), replace(WORLD, own=own))
    assert {(place.shot, place.piece) for place in found} == {("a", 0), ("a", 1), ("a", 2)}
    brief = cues(replace(SPOKEN, lines=(replace(recorded, file="clap.wav"),)))
    assert {(place.shot, place.piece) for place in brief} == {("a", 0)}


def test_a_line_that_times_hang_on_reaches_as_far_as_it_was_spoken() -> None:
    """It is spoken before anything is encoded. What another line needs not is never known that early."""
    after = line("two", "And go.", at=When(Fraction(1, 5), line="one"))
    lines = (line("one", "Come in now", at=Fraction(0)), after)
    project = replace(SPOKEN, lines=lines)
    heard = dict.fromkeys(keys(project, WORLD, True).values(), HEARD)
    found = cues(project, replace(WORLD, spoken=heard))
    numbers = {(place.shot, place.piece): [each["at"] for each in step["lines"]] for place, step in found.items()}
    assert numbers["a", 0] == ["0", "11/5"]
    assert numbers["a", 1] == ["11/5"]
    assert numbers["c", 2] == ["-119/5"]


def test_captions_stand_beside_every_video() -> None:
    """Burned or not."""
    assert [sorted(made.beside) for made in graph(SPOKEN).deliverables] == [["srt", "vtt"], ["srt", "vtt"]]


def test_without_captions_nothing_changes() -> None:
    """Saying how they would look changes no piece where none are burned."""
    plain = replace(SPOKEN, captions=None, outputs=(YOUTUBE, SQUARE))
    unburned = replace(SPOKEN, captions=Captions("pop"), outputs=(YOUTUBE, SQUARE))
    assert set(graph(plain).nodes) == set(graph(unburned).nodes)


def test_a_spoken_line_that_no_font_can_write_is_an_error() -> None:
    """Where it is captioned."""
    japanese = replace(SPOKEN, lines=(line("a", "こんにちは", shot="a"),))
    assert sentences(japanese) == ["no font has all characters of the captions of `a`"]
    assert sentences(replace(japanese, captions=None, outputs=(YOUTUBE,))) == []


def test_a_text_that_began_long_before_a_shot_leaves_its_cues_as_they_are() -> None:
    """It has no time there; how long the shots before are changes none."""
    brief = filmed("z", "4")
    over = film(brief, *SHOTS, outputs=(BURNED,), lines=LINES, captions=Captions("clean"))
    texted = replace(over, texts=(said(shot=None, start="0", end=None),))
    trimmed = replace(texted, shots=(filmed("z", "3"), *SHOTS))
    assert list(cues(over).values()) == list(cues(texted).values()) == list(cues(trimmed).values())
