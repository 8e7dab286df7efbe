"""Texts over the picture: which pieces they touch in which output, and what is told before anything is made."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from films import CATALOG, FFMPEG, OWN, SQUARE, YOUTUBE, film, filmed, line
from films import said as said_line

from vidbuild.media.fonts import Face, FontFile, Typeface, faces
from vidbuild.plan.planner import mistakes, plan
from vidbuild.plan.speaking import keys
from vidbuild.plan.world import Request, World
from vidbuild.spec.model import Brand, Output, Project, Text, Transition, When
from vidbuild.words.action import Action
from vidbuild.words.digest import Digest

FOLDER = Path(__file__).parents[2] / "vidbuild" / "fonts"
FILES = tuple(
    FontFile(Digest(name), faces((FOLDER / f"VidbuildSans-{name}.ttf").read_bytes())) for name in ("Regular", "Bold")
)
CJK = FontFile(Digest("cjk"), (Face("Own CJK", False, 1000, dict.fromkeys(range(0x4E00, 0x9FFF), 1000)),))
WORLD = World(CATALOG, OWN, FFMPEG, typefaces={"text": Typeface(FILES), "title": Typeface(FILES)})
TIKTOK = Output("tiktok", "tiktok")
Key = tuple[str, str | None, str | None, int | None]


def said(words: str = "Hello", shot: str | None = "a", start: str = "1", end: str | None = "3", **more: Any) -> Text:
    """Give a text from a time to a time."""
    return Text(words, shot, Fraction(start), None if end is None else Fraction(end), **more)


def before_end(seconds: str) -> When:
    """Give a time before the end of what holds it."""
    return When(Fraction(f"-{seconds}"), is_end=True)


def drawn(project: Project, world: World = WORLD) -> dict[Key, Action]:
    """Plan a project, and give its pieces and joins by place."""
    made = plan(project, world, Request())
    assert made.graph is not None, made.problems
    return {
        (node.action.mnemonic, place.shot, place.output, place.piece): node.action
        for id, node in made.graph.nodes.items()
        for place in made.graph.places[id]
        if node.action.mnemonic in ("Segment", "Join")
    }


def changed(before: Project, after: Project) -> set[Key]:
    """Name the pieces and joins that are encoded again."""
    old, new = drawn(before), drawn(after)
    known = {action.id for action in old.values()}
    return {place for place, action in new.items() if action.id not in known}


def sentences(project: Project, world: World = WORLD) -> list[str]:
    """Give what is wrong with a project."""
    return [problem.sentence for problem in mistakes(project, world, Request())]


LONG = film(filmed("a", "20"), filmed("b", "6", in_s=Fraction(8)), outputs=(YOUTUBE, SQUARE))
DISSOLVED = replace(LONG, shots=(LONG.shots[0], replace(LONG.shots[1], transition=Transition("dissolve", Fraction(1)))))


def test_a_text_touches_only_the_pieces_that_show_it() -> None:
    """From 7 to 9 s of a shot that is cut at 8 and 16 s."""
    texted = replace(LONG, texts=(said(start="7", end="9"),))
    assert changed(LONG, texted) == {
        ("Segment", "a", name, piece) for name in ("youtube", "square") for piece in (0, 1)
    }


def test_an_edit_of_one_text_leaves_the_pieces_of_others() -> None:
    """Two texts, in the first and in the last piece."""
    before = replace(LONG, texts=(said(start="1"), said("Bye", start="17", end="19")))
    after = replace(LONG, texts=(said("Hallo", start="1"), said("Bye", start="17", end="19")))
    assert changed(before, after) == {("Segment", "a", "youtube", 0), ("Segment", "a", "square", 0)}


def test_moving_a_shot_with_its_texts_costs_nothing() -> None:
    """Their times are the shot's own."""
    texted = replace(LONG, texts=(said(start="7", end="9"), said("Bye", "b", "0", None)))
    assert changed(texted, replace(texted, shots=texted.shots[::-1])) == set()


def test_a_preset_makes_again_what_is_drawn_with_it() -> None:
    """And nothing that is drawn with another."""
    before = replace(LONG, texts=(said(), said("Anna", start="17", end=None, preset="lower-third")))
    after = replace(before, brand=Brand(presets={"lower-third": {"like": "lower-third", "colour": "#ff0000"}}))
    assert changed(before, after) == {("Segment", "a", "youtube", 2), ("Segment", "a", "square", 2)}


def test_a_font_is_an_input_only_of_what_it_draws() -> None:
    """By digest; another font for ideographs makes again what shows some."""
    project = replace(LONG, texts=(said(), said("日本", start="17", end=None)))
    faced = {role: Typeface((*FILES, CJK)) for role in ("text", "title")}
    actions = drawn(project, replace(WORLD, typefaces=faced))
    inputs = {place[3]: set(action.inputs) for place, action in actions.items() if place[1:3] == ("a", "youtube")}
    assert inputs == {0: {"clip", "font0"}, 1: {"clip"}, 2: {"clip", "font0"}}
    assert actions["Segment", "a", "youtube", 0].inputs["font0"] == "Bold"
    assert actions["Segment", "a", "youtube", 2].inputs["font0"] == "cjk"


def test_a_text_goes_with_its_shot_through_a_transition() -> None:
    """It is drawn on its shot's side, in its shot's time."""
    texted = replace(DISSOLVED, texts=(said(start="18", end=None), said("Next", "b", "0", "2")))
    assert changed(DISSOLVED, texted) == {
        (mnemonic, shot, name, piece)
        for name in ("youtube", "square")
        for mnemonic, shot, piece in (
            ("Segment", "a", 2),
            ("Join", "a", None),
            ("Join", "b", None),
            ("Segment", "b", 0),
        )
    }
    steps = drawn(texted)["Join", "b", "youtube", None].params["steps"]
    times = {
        step["text"]["name"]: [line.split(",")[1:3] for line in step["text"]["lines"] if line.startswith("Dialogue")]
        for step in steps[:2]
    }
    assert times == {  # 2 cs a picture: the window is 456..480 and 0..24, movements are whole
        "before.ass": [["0:00:09.11", "0:00:09.47"], ["0:00:09.47", "0:00:09.61"]],
        "after.ass": [["0:00:00.00", "0:00:00.13"], ["0:00:00.13", "0:00:00.47"]],
    }


def test_a_text_of_the_film_lies_over_every_shot() -> None:
    """In the film's time, and once over a transition."""
    texted = replace(DISSOLVED, texts=(said("@us", None, "0", None, preset="callout"),))
    actions = drawn(texted)
    assert changed(DISSOLVED, texted) == set(actions)
    lines = actions["Join", "b", "youtube", None].params["steps"][0]["text"]["lines"]
    assert sum(line.startswith("Dialogue") for line in lines) == 1


THREE = film(filmed("a", "6"), filmed("b", "20"), filmed("c", "3"), outputs=(YOUTUBE,))


@pytest.mark.parametrize("until", [None, "c"])
def test_a_shot_that_is_trimmed_leaves_the_pieces_behind_it_under_a_long_text(until: str | None) -> None:
    """Of the film or of a group: where it stands it doesn't know how long it has stood, nor how long it will."""
    over = replace(THREE, texts=(said(shot="a" if until else None, start="0", end=None, until=until),))
    trimmed = replace(over, shots=(filmed("a", "5"), *over.shots[1:]))
    assert changed(over, trimmed) == {("Segment", "a", "youtube", 0)}


def test_a_long_texts_end_makes_the_pieces_again_that_it_goes_in() -> None:
    """Those in which it stands, before and behind, are kept."""
    over = replace(THREE, texts=(said(start="1", end="15", shot="b"),))
    assert changed(over, replace(over, texts=(said(start="1", end="14", shot="b"),))) == {
        ("Segment", "b", "youtube", 1)
    }


def test_a_text_that_comes_over_a_cut_goes_on_behind_it() -> None:
    """From two pictures before the shot on: the file's clock, which has no time before 0, begins with it."""
    over = replace(THREE, texts=(said(shot=None, start="5.92", end=None),))
    steps = drawn(over)["Segment", "b", "youtube", 0].params["steps"]
    lines = [line.split(",") for line in steps[0]["text"]["lines"] if line.startswith("Dialogue")]
    assert [line[1:3] for line in lines] == [["0:00:00.00", "0:00:00.13"], ["0:00:00.13", "0:00:03.87"]]
    assert any("setpts=N+2" in part for part in steps[-1]["argv"])


def test_texts_lie_over_each_other_as_they_begin() -> None:
    """In pieces in which they both stand too, and while the lower one goes."""
    texts = (said("Under", "b", "1", "15"), said("Above", "b", "2", "15.1"))
    for piece in (0, 1):
        steps = drawn(replace(THREE, texts=texts[::-1]))["Segment", "b", "youtube", piece].params["steps"]
        lines = [
            line.split(",")[0][-1] + line[-5:] for line in steps[0]["text"]["lines"] if line.startswith("Dialogue")
        ]
        assert lines == ["0Under", "0Under", "1Above", "1Above"]


def test_without_texts_nothing_is_drawn() -> None:
    """Fonts at hand change no key."""
    assert {action.id for action in drawn(LONG).values()} == {
        action.id for action in drawn(LONG, replace(WORLD, typefaces={})).values()
    }


def test_times_count_from_the_end_too() -> None:
    """Negative ones; what is left out is the end."""
    text = Text("Hello", "a", before_end("3"), before_end("1"))
    assert changed(LONG, replace(LONG, texts=(text,))) == {
        ("Segment", "a", "youtube", 2), ("Segment", "a", "square", 2),
    }  # fmt: skip
    assert drawn(replace(LONG, texts=(text,))) == drawn(replace(LONG, texts=(said(start="17", end="19"),)))


def test_a_text_of_a_group_lies_over_its_whole_span() -> None:
    """Over both shots and the transition between them; from its end means from the last shot's."""
    over = replace(DISSOLVED, texts=(said("@us", "a", "0", None, until="b"),))
    assert changed(DISSOLVED, over) == set(drawn(over))
    late = replace(DISSOLVED, texts=(Text("Hello", "a", before_end("2"), None, until="b"),))
    assert changed(DISSOLVED, late) == {("Segment", "b", name, 0) for name in ("youtube", "square")}


def test_moving_a_group_with_its_text_costs_nothing() -> None:
    """Its times are those of its shots."""
    third = filmed("c", "4")
    before = film(*DISSOLVED.shots, third, texts=(said("@us", "a", "1", None, until="b"),))
    assert changed(before, replace(before, shots=(third, *DISSOLVED.shots))) == set()


MARKED = line("a", "Come in now", shot="a", until="a", moments={"sign": 5})
HEARD = said_line("2", ("Come", "0", "0.5"), ("in", "0.5", "0.9"), ("now", "1", "1.5"))


def marked(place: int) -> tuple[Project, World]:
    """Give a film with a text from a mark on, and the world in which its line was heard."""
    spoken = replace(MARKED, moments={"sign": place})
    text = Text("Hello", "a", When(Fraction(8), line="a", mark="sign"), Fraction(10))
    project = replace(LONG, lines=(spoken,), texts=(text,))
    (key,) = keys(project, WORLD, False).values()
    return project, replace(WORLD, spoken={key: HEARD})


def test_a_marks_place_encodes_what_hangs_on_it_and_generates_nothing() -> None:
    """The mark moves from `in` to `now`: the text comes half a second later, in the same piece."""
    (before, world), (after, same) = marked(5), marked(8)
    assert set(world.spoken) == set(same.spoken)
    old, new = drawn(before, world), drawn(after, world)
    assert {place for place, action in new.items() if action != old[place]} == {
        ("Segment", "a", name, 1) for name in ("youtube", "square")
    }
    steps = [each["Segment", "a", "youtube", 1].params["steps"][0]["text"]["lines"] for each in (old, new)]
    times = [next(line for line in lines if line.startswith("Dialogue")).split(",")[1] for lines in steps]
    assert times == ["0:00:04.07", "0:00:04.31"]  # frames 204 and 216


def test_a_text_that_hangs_on_a_line_has_the_line_spoken_first() -> None:
    """Until then the plan is of guesses."""
    project, _ = marked(5)
    assert plan(project, WORLD, Request()).unheard


@pytest.mark.parametrize(
    "texts", [(said(start="20", end="25"),), (said(start="3", end="3"),), (said(start="4", end="2"),)]
)
def test_a_text_that_is_never_seen_is_an_error(texts: tuple[Text, ...]) -> None:
    """Behind the end, without a length, or the wrong way round."""
    assert sentences(replace(LONG, texts=texts)) == ['the text "Hello" is never seen']


def test_a_text_that_does_not_fit_names_the_outputs() -> None:
    """Where its box is too small, or nothing of it is inside of the safe area."""
    box = (Fraction(0), Fraction("0.85"), Fraction(1), Fraction("0.15"))
    project = replace(LONG, outputs=(YOUTUBE, TIKTOK), texts=(said(box=box),))
    assert sentences(project) == ['the text "Hello" doesn\'t fit in `tiktok`']
    wide = said("a very long title indeed, longer than any line of any picture can ever be " * 9)
    assert sentences(replace(project, texts=(wide,))) == [
        f'the text "{wide.text[:40]}..." doesn\'t fit in `youtube` and `tiktok`'
    ]


def test_a_box_that_reaches_out_of_the_safe_area_is_told_and_cut() -> None:
    """The text is set in what is left of it."""
    box = (Fraction(0), Fraction("0.6"), Fraction(1), Fraction("0.4"))
    made = plan(replace(LONG, outputs=(TIKTOK,), texts=(said(box=box),)), WORLD, Request())
    assert made.graph is not None
    assert made.graph.notes == ('the box of the text "Hello" reaches out of the safe area of `tiktok`',)


def test_characters_that_no_font_has_are_an_error_that_lists_them() -> None:
    """Never boxes."""
    (problem,) = mistakes(replace(LONG, texts=(said("日本 and 日 𓀀"),)), WORLD, Request())
    assert problem.sentence == 'no font has all characters of the text "日本 and 日 𓀀"'
    assert problem.facts == ("日 U+65E5, 本 U+672C, 𓀀 U+13000",)
    assert problem.hint == "name a font that has them: `brand: {fonts: {more: [FILE]}}`"
