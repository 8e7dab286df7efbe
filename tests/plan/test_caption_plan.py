"""Captions as they are planned: cues for the frames that a line may reach, in the shot's own time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from films import SQUARE, YOUTUBE, film, filmed, line
from test_overlays import WORLD, sentences

from vidbuild.plan.planner import plan
from vidbuild.plan.world import Request
from vidbuild.spec.model import Captions, Project
from vidbuild.words.action import Graph, Place

BURNED = replace(YOUTUBE, captions="burn")
SHOTS = (filmed("a", "20"), filmed("b", "6", in_s=Fraction(8)), filmed("c", "20", in_s=Fraction(4)))
LINES = (line("a", "Come in.", shot="a", at=Fraction(1)), line("c", "See you.", shot="c", at=Fraction(12)))
SPOKEN = film(*SHOTS, outputs=(BURNED, SQUARE), lines=LINES, captions=Captions("clean", ("srt", "vtt")))


def graph(project: Project) -> Graph:
    """Plan a project that has no mistakes, as a draft: its voices are local."""
    made = plan(project, WORLD, Request(draft=True))
    assert made.graph is not None, made.problems
    return made.graph


def cues(project: Project) -> dict[Place, Any]:
    """Give the steps that make cues, by place."""
    made = graph(project)
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
        ("a", "youtube", 0), ("c", "youtube", 1), ("c", "youtube", 2),
    }  # fmt: skip
    assert [step["lines"][0]["at"] for step in found.values()] == ["1", "12", "12"]


def test_moving_a_shot_leaves_its_cues_as_they_are() -> None:
    """They hang on nothing but the line and the shot."""
    moved = replace(SPOKEN, shots=SPOKEN.shots[::-1])
    assert sorted(map(str, cues(moved).values())) == sorted(map(str, cues(SPOKEN).values()))


def test_a_long_line_reaches_into_the_pieces_behind_it() -> None:
    """As long as it may last, however slowly it is spoken; over the cut too."""
    long = replace(SPOKEN, lines=(line("film", "word " * 20, at=Fraction(10)),))
    assert {(place.shot, place.piece) for place in cues(long)} == {("a", 1), ("a", 2), ("b", 0), ("c", 0)}


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
