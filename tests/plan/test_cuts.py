"""Other cuts of the same footage: what an output with `shots` of its own shows, what it shares, what is heard in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import DRAFT, FINAL, MUSIC, SQUARE, YOUTUBE, Shop, asked, card, effect, film, filmed, line, nodes, said, shot

from vidbuild.plan.planner import plan
from vidbuild.plan.why import describe, label
from vidbuild.plan.world import Request
from vidbuild.spec.model import Kept, Music, Output, Project, Text, Transition, When
from vidbuild.words.action import Graph
from vidbuild.words.digest import Digest

DISSOLVE = Transition("dissolve", Fraction(1, 2))
TITLE, PLATE, END = card("title", "2"), filmed("plate", "20"), card("end", "4", subtitle="bye")
FILM = (TITLE, PLATE, END)


def short(*kept: str | tuple[str, str], **more: Any) -> Output:
    """Give a square output with a cut of its own: shots by their ids, or ids with seconds."""
    pairs = [(each, None) if isinstance(each, str) else (each[0], Fraction(each[1])) for each in kept]
    return replace(SQUARE, name="short", shots=tuple(Kept(id, seconds) for id, seconds in pairs), **more)


def encoded(graph: Graph, output: str) -> dict[tuple[str | None, int | None], Digest]:
    """Give the pieces of an output by shot and number, in the order in which they are shown."""
    (made,) = [each for each in graph.deliverables if each.output == output]
    pieces = [
        ref.action for slot, ref in graph.nodes[made.source.action].action.inputs.items() if slot != "mix"  # type: ignore[union-attr]
    ]  # fmt: skip
    places = {id: [place for place in graph.places[id] if place.output == output] for id in pieces}
    return {(places[id][0].shot, places[id][0].piece): id for id in pieces}


def sounds(graph: Graph, output: str) -> list[tuple[str, float, float]]:
    """Give what is laid in an output's mix: the kind, and from when to when, in seconds."""
    (id,) = [
        id for id in graph.nodes if any(place.output == output for place in graph.places[id]) and is_mix(graph, id)
    ]
    (lay,) = [step["lay"] for step in graph.nodes[id].action.params["steps"] if "lay" in step]
    return [
        (kind(each), each["at"] / 48_000, (each["at"] + each["samples"]) / 48_000)
        for each in lay["sounds"]
    ]  # fmt: skip


def is_mix(graph: Graph, id: Digest) -> bool:
    return graph.nodes[id].action.mnemonic == "Mix"


def kind(sound: Mapping[str, Any]) -> str:
    """Name what is laid by its stem."""
    return {"s": "own", "l": "line", "e": "effect", "m": "music"}[sound["from"].removeprefix("{in:")[0]]


def notes(project: Project, request: Request = FINAL) -> tuple[str, ...]:
    return Shop().planned(project, request).notes


def test_a_cut_of_its_own_shows_the_shots_it_names_in_its_order() -> None:
    """And is as long as they are."""
    graph = Shop().planned(film(*FILM, outputs=[YOUTUBE, short("end", "title")]))
    whole, own = graph.deliverables
    assert (whole.seconds, own.seconds) == (26, 6)
    assert [shot for shot, _ in encoded(graph, "short")] == ["end", "title"]


def test_pieces_that_are_equal_to_the_films_are_the_same_actions() -> None:
    """Another order and a left out shot encode nothing; of a shorter shot only its last piece is its own."""
    films = film(*FILM, outputs=[SQUARE, short("end", ("plate", "10"), "title")])
    graph = Shop().planned(films)
    whole, own = encoded(graph, "square"), encoded(graph, "short")
    assert {place for place, id in own.items() if whole.get(place) != id} == {("plate", 1)}
    longer = Shop().planned(film(*FILM, outputs=[SQUARE, short(("plate", "18"))]))
    assert encoded(longer, "short")["plate", 0] == whole["plate", 0]


def test_an_output_with_its_own_cut_changes_nothing_of_the_others() -> None:
    """An output is added: what is its own."""
    made = film(shot("a"), *FILM, music=(MUSIC,), lines=(line(shot="end"),))
    before = Shop().planned(replace(made, outputs=(YOUTUBE,)))
    after = Shop().planned(replace(made, outputs=(YOUTUBE, short("plate", "a"))))
    assert set(before.nodes) <= set(after.nodes)
    assert asked(before) == asked(after)


def test_footage_that_no_cut_shows_is_not_bought() -> None:
    """A shot of the film that every output leaves out."""
    graph = Shop().planned(film(shot("a"), shot("b", "a plate"), outputs=[short("b")]))
    assert [params["prompt"] for params in asked(graph)] == ["a plate"]


def test_a_shot_comes_in_by_its_transition_over_whatever_is_before_it() -> None:
    """The first of a cut comes in by none, unless it begins the film too."""
    shots = (TITLE, replace(PLATE, transition=DISSOLVE), replace(END, transition=DISSOLVE))
    graph = Shop().planned(film(*shots, outputs=[short("plate", "end", "title")]))
    (join,) = nodes(graph, "Join")
    assert {place.shot for place in graph.places[join.action.id]} == {"plate", "end"}
    risen = film(replace(TITLE, transition=Transition("fade", Fraction(1))), END, outputs=[short("title")])
    assert len(nodes(Shop().planned(risen), "Join")) == 1


def test_everything_in_a_plan_is_told_and_remembered_by_a_name_of_its_own() -> None:
    """The sound of a shot that a cut shows shorter, a line and an effect in it, two beds."""
    beds = (MUSIC, replace(MUSIC, prompt="a march", label="audio.2"))
    made = film(*FILM, outputs=[YOUTUBE, short(("plate", "10"))], music=beds)
    graph = Shop().planned(replace(made, lines=(line(shot="plate"),), effects=(effect("sfx plate", shot="plate"),)))
    told = [describe(graph, id) for id in graph.nodes]
    assert sorted(set(told)) == sorted(told)
    assert {"Sound of `plate`", "Sound of `plate`, cut of short", "Sound of `plate`, say pour", "Music, music.2"} < {
        *told
    }
    labels = [{label(graph.nodes[id].action.mnemonic, place) for place in graph.places[id]} for id in graph.nodes]
    assert sum(map(len, labels)) == len(set().union(*labels))


def test_what_is_said_in_shots_that_are_left_out_is_not_heard() -> None:
    """Lines, effects and own sound lie where their shots stand in the cut."""
    lines = (line("a", shot="title", until="title"), line("b", shot="end", until="end", at=Fraction(1)))
    made = film(*FILM, outputs=[short("end", ("plate", "3"))], lines=lines, effects=(effect(shot="plate"),))
    assert sounds(Shop().planned(made), "short") == [("own", 4, 7), ("line", 1, 7), ("effect", 4, 7)]
    assert notes(made) == ()


def test_what_is_said_over_several_shots_is_heard_where_they_stand_side_by_side() -> None:
    """A group's line goes with its whole group, else the plan says that it is left out."""
    over = line("bar", shot="plate", until="end")
    together = film(*FILM, outputs=[short(("plate", "3"), "end", "title")], lines=(over,))
    assert ("line", 0, 9) in sounds(Shop().planned(together), "short")
    for other in (short("end", "plate"), short("title", "plate"), short("end")):
        apart = film(*FILM, outputs=[other], lines=(over,))
        assert "line" not in {kind for kind, _, _ in sounds(Shop().planned(apart), "short")}
        assert notes(apart) == ("the line `bar` has no place in the cut of `short`: it isn't heard there",)


def test_music_lies_over_the_cut_from_where_its_shot_begins_in_it() -> None:
    """Times that hang on a shot are settled anew; what hangs on one that isn't there is left out, and told."""
    music = (replace(MUSIC, at=When(shot="end")),)
    made = film(*FILM, outputs=[short(("plate", "3"), "end"), short("plate")], music=music)
    first = replace(made, outputs=made.outputs[:1])
    assert sounds(Shop().planned(first), "short") == [("own", 0, 3), ("music", 3, 7)]
    without = replace(made, outputs=made.outputs[1:])
    assert [kind for kind, _, _ in sounds(Shop().planned(without), "short")] == ["own"]
    assert notes(without) == ("the `audio` has no place in the cut of `short`: it isn't heard there",)


def test_music_that_ends_at_a_shot_that_is_left_out_ends_by_itself() -> None:
    """Here with the cut."""
    music = (replace(MUSIC, end=When(shot="end")),)
    made = film(*FILM, outputs=[short("title")], music=music)
    assert sounds(Shop().planned(made), "short") == [("music", 0, 2)]


def test_cuts_share_a_bed_that_is_long_enough_for_the_longest() -> None:
    """It is asked for once."""
    made = film(filmed("a", "20"), filmed("b", "15"), outputs=[short("b"), YOUTUBE], music=(MUSIC,))
    (ask,) = asked(Shop().planned(made))
    assert ask["seconds"] == "60"
    assert asked(Shop().planned(made, Request(outputs=("short",)))) == [ask]


def test_a_line_over_the_film_that_a_cut_is_over_before_is_not_heard_in_it() -> None:
    """Half a sentence is worse than none; how long it is, a first act finds out."""
    lines = tuple(line(f"film.{n}", f"This is sentence number {n} of it.", at=Fraction(3 * n)) for n in range(3))
    made = film(*FILM, outputs=[YOUTUBE, short("title", "end")], lines=lines)
    shop = Shop()
    first = plan(made, shop.world, FINAL)
    shop.spoken |= dict.fromkeys(first.unheard, said("2.9"))
    assert len(first.unheard) == 1, "those that fit for certain, and those behind the end, need no first act"
    graph = shop.planned(made)
    assert [span for kind, *span in sounds(graph, "short") if kind == "line"] == [[0, 6], [3, 6]]
    shop.spoken |= dict.fromkeys(first.unheard, said("3.1"))
    graph = shop.planned(made)
    assert [span for kind, *span in sounds(graph, "short") if kind == "line"] == [[0, 6]]
    assert graph.notes == ("`short` is over before the line `film.1` is: it isn't heard there",)
    assert len([kind for kind, *_ in sounds(graph, "youtube") if kind == "line"]) == 3


def test_a_line_that_a_shortened_shot_is_too_short_for_is_an_error() -> None:
    """It names the cut, and the line is heard first where that isn't sure."""
    spoken = line("end", "Come in, the first one is on us.", shot="end", until="end")
    made = film(*FILM, outputs=[YOUTUBE, short("title", ("end", "2"))], lines=(spoken,))
    shop = Shop()
    first = plan(made, shop.world, FINAL)
    assert len(first.unheard) == 1
    shop.spoken |= dict.fromkeys(first.unheard, said("3"))
    (problem,) = plan(made, shop.world, FINAL).problems
    assert problem.sentence == "the line `end` is 3 s long, and `end` has 2 s for it"
    assert problem.facts == ("in the cut of `short`",)
    stretched = replace(made, lines=(replace(spoken, fit="stretch"),))
    shop.spoken |= dict.fromkeys(first.unheard, said("2.1"))
    assert shop.sentences(stretched) == []


def test_texts_over_the_film_lie_over_the_cut() -> None:
    """From its own end; those of shots go with them."""
    texts = (
        Text("Now", None, When(Fraction(-1), is_end=True)),
        Text("Plate", "plate", Fraction(1), Fraction(12)),
        Text("Both", "title", until="plate"),
        Text("Later", None, When(shot="title")),
    )
    made = film(*FILM, outputs=[short("end", ("plate", "3"))], texts=texts)
    from test_overlays import WORLD

    found = plan(made, WORLD, FINAL)
    assert found.graph is not None, found.problems
    drawn = {
        place.shot: "".join("".join(step["text"]["lines"]) for step in node.action.params["steps"] if "text" in step)
        for id, node in found.graph.nodes.items()
        for place in found.graph.places[id]
        if node.action.mnemonic == "Segment"
    }
    assert ("Now" in drawn["plate"], "Plate" in drawn["plate"], drawn["end"]) == (True, True, "")
    assert found.graph.notes == (
        'the text "Both" has no place in the cut of `short`: it isn\'t seen',
        'the text "Later" has no place in the cut of `short`: it isn\'t seen',
    )


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (short("end", max_s=Fraction(4)), None),
        (short("end", "title", max_s=Fraction("5.5")), "`short` takes 5.5 s, and its cut is 6 s long"),
        (replace(SQUARE, max_s=Fraction(20)), "`square` takes 20 s, and the film is 26 s long"),
        (short(("end", "4.5")), "the cut of `short` asks for 4.5 s of `end`"),
        (short("title", ("end", "0.01")), "shot `end` is shorter than one frame"),
    ],
)
def test_what_a_cut_may_not_be_is_told_before_anything_is_made(output: Output, told: str | None) -> None:
    """Too long for its output, longer than the film has of a shot, a shot of nothing."""
    assert Shop().sentences(film(*FILM, outputs=[output])) == ([told] if told else [])


def test_a_cut_that_is_too_long_says_by_how_much_and_what_to_do() -> None:
    """Both numbers, the difference, the way out."""
    made = film(*FILM, outputs=[short("end", "title", max_s=Fraction(4))])
    (problem,) = plan(made, Shop().world, FINAL).problems
    assert problem.facts == ("2 s too long",)
    assert problem.hint is not None
    assert problem.hint.endswith(": `{platform: square, shots: [end, {id: title, duration_s: 2}]}`")


def test_a_transition_that_a_shortened_shot_has_no_room_for_is_told_of_that_cut() -> None:
    """The film has room for it."""
    shots = (TITLE, replace(END, transition=DISSOLVE))
    made = film(*shots, outputs=[YOUTUBE, short("title", ("end", "0.5"))])
    (problem,) = plan(made, Shop().world, FINAL).problems
    assert problem.facts[-1] == "in the cut of `short`"


def test_a_draft_shows_the_same_cut() -> None:
    """With what is made here."""
    graph = Shop().planned(film(shot("a"), shot("b", "b"), outputs=[short(("b", "2"))], music=(Music("x"),)), DRAFT)
    assert [each.seconds for each in graph.deliverables] == [2]


def test_one_shot_by_itself_is_the_films() -> None:
    """Whatever the cut of the output that shows it."""
    made = film(*FILM, outputs=[short("title", ("plate", "3"))])
    (alone,) = Shop().planned(made, Request(only="plate")).deliverables
    assert alone.seconds == 20
