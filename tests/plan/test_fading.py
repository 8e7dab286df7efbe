"""Fades from and to black: which pieces, joins and sounds they touch, and what can't fade."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import CATALOG, FFMPEG, FINAL, OWN, YOUTUBE, film, filmed

from vidbuild.plan.planner import mistakes, plan
from vidbuild.plan.world import World
from vidbuild.spec.model import Fades, Kept, Project, Transition
from vidbuild.words.action import Action
from vidbuild.words.errors import Mark

WORLD = World(CATALOG, OWN, FFMPEG)
Key = tuple[str, str | None, int | None]
LONG = film(filmed("a", "20"), filmed("b", "6", in_s=Fraction(8)), filmed("c", "3", in_s=Fraction(20)))
KEYS = ("fade_in_s", "fade_out_s")


def fades(*shots: str, come: str = "0", go: str = "0", line: int = 3) -> Fades:
    """Give the fades of a shot, a group, or without shots the film."""
    whose = "the film" if not shots else f"the shot `{shots[0]}`" if len(shots) == 1 else "the group `bar`"
    marks = {key: Mark("project.yaml", line, 5) for key, said in zip(KEYS, (come, go), strict=True) if said != "0"}
    return Fades(shots, Fraction(come), Fraction(go), whose, marks)


def faded(*found: Fades, of: Project = LONG) -> Project:
    """Give the film with fades."""
    return replace(of, fades=found)


def dissolved(shot: str, project: Project = LONG) -> Project:
    """Let a shot come in by a dissolve of 1 s."""
    over = Transition("dissolve", Fraction(1))
    return replace(
        project, shots=tuple(replace(each, transition=over) if each.id == shot else each for each in project.shots)
    )


def actions(project: Project, *mnemonics: str) -> dict[Key, Action]:
    """Plan a project, and give its actions of some kinds by place."""
    made = plan(project, WORLD, FINAL)
    assert made.graph is not None, made.problems
    return {
        (node.action.mnemonic, place.shot, place.piece): node.action
        for id, node in made.graph.nodes.items()
        for place in made.graph.places[id]
        if node.action.mnemonic in mnemonics
    }


def changed(before: Project, after: Project) -> set[Key]:
    """Name what is encoded again."""
    known = {action.id for action in actions(before, "Segment", "Join", "Sound").values()}
    found = actions(after, "Segment", "Join", "Sound").items()
    return {place for place, action in found if action.id not in known}


def laid(project: Project) -> dict[str, Any]:
    """Give what is said of fades in the mix: of the whole, and of each sound by its first sample in seconds."""
    (mix,) = actions(project, "Mix").values()
    (lay,) = [step["lay"] for step in mix.params["steps"] if "lay" in step]
    found = {f"{each['at'] / 48_000:g}": each["fades"] for each in lay["sounds"] if "fades" in each}
    return found | ({"film": lay["fades"]} if "fades" in lay else {})


def way(name: str, at: float, seconds: float) -> dict[str, Any]:
    """Give a fade as the mix says it."""
    return {"way": name, "at": round(at * 48_000), "samples": round(seconds * 48_000)}


@pytest.mark.parametrize(
    ("said", "touched"),
    [
        (fades("a", come="1"), {("a", 0)}),
        (fades("a", come="9"), {("a", 0), ("a", 1)}),
        (fades("a", come="8"), {("a", 0)}),
        (fades("a", go="4"), {("a", 2)}),
        (fades("a", go="4.05"), {("a", 1), ("a", 2)}),
        (fades("b", "c", come="7"), {("b", 0), ("c", 0)}),
        (fades("b", "c", come="6", go="1"), {("b", 0), ("c", 0)}),
        (fades("b", "c", come="6"), {("b", 0)}),
        (fades(come="1", go="4"), {("a", 0), ("b", 0), ("c", 0)}),
    ],
)
def test_a_fade_touches_only_the_pieces_that_it_lies_over(said: Fades, touched: set[tuple[str, int]]) -> None:
    """The first shot is cut at 8 and 16 s; a group's fade may reach over several shots."""
    assert changed(LONG, faded(said)) == {("Segment", *place) for place in touched}


def test_a_fade_that_crosses_a_piece_goes_on_where_it_was() -> None:
    """Of 216 pictures the 193rd is the first of the second piece."""
    pieces = actions(faded(fades("a", come="9")), "Segment")
    graphs = [str(pieces["Segment", "a", piece].params["steps"]) for piece in (0, 1)]
    assert r"max(0\\,floor((N*65536+65536)/217))" in graphs[0]
    assert r"max(0\\,floor((N*65536+12648448)/217))" in graphs[1]
    assert 12648448 == 193 * 65536


def test_a_group_s_fade_goes_on_in_both_sides_of_a_join() -> None:
    """And in nothing that lies behind it."""
    found = changed(dissolved("c"), faded(fades("b", "c", come="5.5"), of=dissolved("c")))
    assert found == {("Segment", "b", 0), ("Join", "b", None), ("Join", "c", None)}


def test_moving_a_shot_with_its_fades_costs_nothing() -> None:
    """They are on the shot's own clock."""
    project = faded(fades("a", come="1", go="4"), fades("c", go="2"))
    assert changed(project, replace(project, shots=project.shots[::-1])) == set()


def test_own_sound_fades_with_its_shot_and_its_group() -> None:
    """In exact samples, on the sound's own clock, in the mix alone."""
    project = faded(fades("a", come="1", go="2"), fades("b", "c", come="7"))
    assert laid(project) == {
        "0": [way("in", 0, 1), way("out", 18, 2)],
        "20": [way("in", 0, 7)],
        "26": [way("in", -6, 7)],
    }


def test_the_film_s_fade_is_of_all_that_is_heard() -> None:
    """Once, over the whole mix."""
    assert laid(faded(fades(come="1", go="2"))) == {"film": [way("in", 0, 1), way("out", 27, 2)]}


def test_a_shot_by_itself_fades_as_in_the_film() -> None:
    """Its pieces are the film's."""
    project = faded(fades("b", "c", come="7"), fades(go="1"))
    alone = plan(project, WORLD, replace(FINAL, only="c"))
    assert alone.graph is not None
    found = {node.action.id for node in alone.graph.nodes.values() if node.action.mnemonic == "Segment"}
    assert found == {actions(project, "Segment")["Segment", "c", 0].id}


def test_a_fade_is_told_in_words() -> None:
    """For `why`."""
    made = plan(faded(fades("a", come="1.5")), WORLD, FINAL)
    assert made.graph is not None
    found = [node.words["fade in"] for node in made.graph.nodes.values() if "fade in" in node.words]
    assert found == ["1.5 s"]


@pytest.mark.parametrize(
    ("said", "sentence", "facts"),
    [
        (
            fades("c", come="2", go="1.5"),
            "the two fades of the shot `c` can't be longer than it, which is 3 s",
            ("`fade_in_s` is 2 s", "`fade_out_s` is 1.5 s"),
        ),
        (
            fades("b", "c", go="9.5"),
            "the fade of the group `bar` can't be longer than it, which is 9 s",
            ("`fade_out_s` is 9.5 s",),
        ),
        (fades("a", come="0.01"), "`fade_in_s` of the shot `a` is shorter than one frame", ()),
    ],
)
def test_what_cannot_fade_so_long_is_an_error(said: Fades, sentence: str, facts: tuple[str, ...]) -> None:
    """At its place, with both lengths."""
    (problem,) = mistakes(faded(said), WORLD, FINAL)
    assert (problem.sentence, problem.facts, problem.mark) == (sentence, facts, Mark("project.yaml", 3, 5))


def test_two_fades_may_meet() -> None:
    """In and out are as long as the shot."""
    assert mistakes(faded(fades("c", come="1.5", go="1.5")), WORLD, FINAL) == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (fades("b", come="1"), "the shot `b` comes in by a `dissolve`, and `fade_in_s` fades it"),
        (fades("b", "c", come="1"), "the group `bar` comes in by a `dissolve`, and `fade_in_s` fades it"),
        (fades("a", go="1"), "the shot `a` goes out under a `dissolve`, and `fade_out_s` fades it"),
    ],
)
def test_a_fade_beside_a_transition_is_an_error(said: Fades, sentence: str) -> None:
    """At that very edge; the other edge may fade."""
    (problem,) = mistakes(faded(said, of=dissolved("b")), WORLD, FINAL)
    assert (problem.sentence, problem.mark) == (f"{sentence} at the same edge", Mark("project.yaml", 3, 5))
    assert problem.hint is not None


def test_a_fade_at_the_other_edge_of_a_transition_is_none_of_its_business() -> None:
    """A shot that comes in by a dissolve may go out to black."""
    assert mistakes(faded(fades("b", go="1"), fades(come="1", go="1"), of=dissolved("b")), WORLD, FINAL) == []


def test_the_film_cannot_come_from_black_twice() -> None:
    """By its first shot's transition and by its own fade."""
    over = Transition("fade-to-black", Fraction(1))
    project = replace(LONG, shots=(replace(LONG.shots[0], transition=over), *LONG.shots[1:]), outputs=(YOUTUBE,))
    assert [problem.sentence for problem in mistakes(faded(fades(come="1"), of=project), WORLD, FINAL)] == [
        "the film comes in by a `fade-to-black`, and `fade_in_s` fades it at the same edge"
    ]


def test_another_cut_fades_what_is_there_of_a_group() -> None:
    """Where it stands side by side; a shot that is too short there for its fades is an error that names the cut."""
    group = fades("a", "b", "c", come="1", go="1")
    own = replace(YOUTUBE, name="own", shots=(Kept("c"), Kept("b")))
    other = replace(own, shots=(Kept("a"), Kept("c")))
    assert laid(replace(faded(group), outputs=(own,))) == {"0": [way("in", 0, 1)], "3": [way("out", 5, 1)]}
    assert laid(replace(faded(fades("b", "c", come="1")), outputs=(other,))) == {"20": [way("in", 0, 1)]}
    assert laid(replace(faded(fades("b", "a", come="1")), outputs=(replace(own, shots=(*own.shots, Kept("a"))),))) == {
        "3": [way("in", 0, 1)]
    }
    short = replace(own, shots=(Kept("a", Fraction(2)),))
    (problem,) = mistakes(replace(faded(fades("a", go="3")), outputs=(short,)), WORLD, FINAL)
    assert problem.facts == ("`fade_out_s` is 3 s", "in the cut of `own`")
