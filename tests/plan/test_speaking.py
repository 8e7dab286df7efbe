"""What hangs on how lines are spoken: `auto` lengths, cuts and times at marks, lines that are too long, two acts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import DRAFT, FINAL, Shop, card, effect, film, footage, line, nodes, said, shot

from vidbuild.media.spoken import Spoken
from vidbuild.plan import speaking
from vidbuild.plan.planner import Plan, plan
from vidbuild.plan.price import Cost, total
from vidbuild.plan.world import Request
from vidbuild.spec.model import Line, Project, Shot, Transition, When
from vidbuild.survey import Memories, survey
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Mark

HALF = Fraction(1, 2)
GREETING = said("3", ("Come", "0", "0.5"), ("in.", "0.5", "1"), ("Now", "1.5", "2"), ("go.", "2", "3"))
SHORT = (("Come", "0", "0.5"), ("in.", "0.5", "1"), ("Now", "1", "1.5"), ("go.", "1.5", "2"))
TEXT = "Come in. Now go."


def auto(made: Shot, pad: str = "0.5") -> Shot:
    """Let a shot be as long as its line."""
    return replace(made, duration_s=None, pad_s=Fraction(pad))


def speech(id: str = "a", text: str = TEXT, shot: str | None = "a", **given: Any) -> Line:
    """Give a line of a shot; it has a mark before `Now`."""
    moments = {"now": text.find("Now")} if "Now" in text else {}
    return replace(line(id, text, shot=shot, until=shot), **{"moments": moments, **given})


def acts(shop: Shop, project: Project, *heard: Spoken, request: Request = FINAL) -> list[Plan]:
    """Plan, hear what is waited for, in the order of the lines, and plan again."""
    plans = [plan(project, shop.world, request)]
    waiting = iter(heard)
    while plans[-1].unheard and (told := next(waiting, None)) is not None:
        shop.spoken |= dict.fromkeys(plans[-1].unheard, told)
        plans.append(plan(project, shop.world, request))
    return plans


def lengths(found: Plan) -> list[int]:
    """Give the frames of every segment, in order."""
    assert found.graph is not None, found.problems
    return [node.action.params["frames"] for node in nodes(found.graph, "Segment")]


def test_an_auto_shot_is_as_long_as_its_line() -> None:
    """Plus its pad, rounded up to whole frames; it is planned of guesses until the line is heard."""
    project = film(auto(card("a")), card("b", "2"), lines=(speech(),))
    first, second = acts(Shop(), project, GREETING)
    assert len(first.unheard) == 1
    assert second.unheard == frozenset()
    assert lengths(second) == [84, 48]


def test_a_first_act_holds_what_makes_the_line() -> None:
    """By the key that it is heard by, and says so."""
    (first,) = acts(Shop(), film(auto(card("a")), lines=(speech(),)))
    assert first.graph is not None
    (made,) = nodes(first.graph, "Speech")
    assert {made.action.params["text"]} == {TEXT}
    assert first.graph.notes == ("lengths and prices are guessed: 1 line is spoken first, and then are known",)


def test_a_guessed_length_is_priced_as_a_range() -> None:
    """Low for the quickest speaker, high for the slowest; the measured one lies between."""
    shop, project = Shop(), film(auto(shot("a", models=("kling-3",))), lines=(speech(),))
    first, second = acts(shop, project, GREETING)

    def footage_cost(found: Plan) -> Cost:
        assert found.graph is not None
        graph = replace(
            found.graph, nodes={id: node for id, node in found.graph.nodes.items() if node.action.mnemonic == "Footage"}
        )
        return total(graph, survey(graph, Memories(lambda bound: None))).cost

    guessed, known = footage_cost(first), footage_cost(second)
    assert guessed.low <= known.low <= known.high <= guessed.high
    assert guessed.low < guessed.high
    assert second.graph is not None
    assert footage(second.graph)


def test_a_mark_cuts_a_groups_shots() -> None:
    """At the frame that is nearest to it; the transition into the shot begins there."""
    said_over = replace(speech("bar"), until="b")
    cut = replace(card("b", "2"), at=When(line="bar", mark="now"))
    found = acts(Shop(), film(card("a"), cut, lines=(said_over,)), GREETING)[-1]
    assert lengths(found) == [36, 48]
    blended = replace(cut, transition=Transition("dissolve", Fraction(1, 4)))
    project = film(card("a"), blended, lines=(said_over,))
    found = acts(Shop(), project, GREETING)[-1]
    assert found.graph is not None
    (deliver,) = nodes(found.graph, "Deliver")
    assert deliver.action.params["frames"] == 36 + 48


def test_the_last_shot_of_a_group_ends_with_its_line() -> None:
    """`auto` there is what is left of it."""
    said_over = replace(speech("bar"), until="b")
    cut = auto(replace(card("b"), at=When(line="bar", mark="now")))
    assert lengths(acts(Shop(), film(card("a"), cut, lines=(said_over,)), GREETING)[-1]) == [36, 48]


@pytest.mark.parametrize(
    ("at", "second"),
    [
        (When(line="a", mark="now"), 1.5),
        (When(Fraction(3, 10), line="a", mark="now"), 1.8),
        (When(-HALF, line="a", mark="now"), 1.0),
        (When(line="a"), 3),
        (When(is_end=True, offset=-HALF), 5.5),
        (When(shot="a", offset=HALF), 0.5),
        (When(shot="b"), 4),
    ],
)
def test_an_effect_sounds_at_its_time(at: When, second: float) -> None:
    """A mark, a line's end, its shot's end, another shot's start."""
    heard = effect(shot="b", until="b", at=at, file="clap.wav", prompt="")
    found = acts(Shop(), film(card("a", "4"), card("b", "2"), lines=(speech(),), effects=(heard,)), GREETING)[-1]
    assert found.graph is not None
    (mix,) = nodes(found.graph, "Mix")
    sounds = {each["from"]: each["at"] for each in mix.action.params["steps"][0]["lay"]["sounds"]}
    assert sounds["{in:e00000}"] == second * 48_000


@pytest.mark.parametrize(
    ("end", "room"), [(Fraction(2), "2 s"), (When(shot="b"), "4 s"), (When(Fraction(-1), is_end=True), "3 s")]
)
def test_a_line_has_to_be_over_when_it_says(end: Fraction | When, room: str) -> None:
    """`at: [from, to]`: what is longer is an error, and is stretched into it where that is allowed."""
    shots, project = (card("a", "4"), card("b", "2")), speech(end=end, fit="stretch")
    long = replace(GREETING, seconds=Fraction(6))
    found = acts(Shop(), film(*shots, lines=(project,)), long)[-1]
    assert [problem.sentence for problem in found.problems] == [
        f"the line `a` is 6 s long, and its `at` has {room} for it"
    ]
    fitting = replace(GREETING, seconds=Fraction(room.removesuffix(" s")) * Fraction(105, 100))
    assert acts(Shop(), film(*shots, lines=(project,)), fitting)[-1].graph is not None


def test_an_effect_is_heard_until_it_says() -> None:
    """From the mark to the end of its shot, however long it is."""
    heard = effect(
        shot="a", until="a", at=When(line="a", mark="now"), end=When(is_end=True), file="clap.wav", prompt=""
    )
    found = acts(Shop(), film(card("a", "2"), card("b"), lines=(speech(),), effects=(heard,)), said("2", *SHORT))[-1]
    assert found.graph is not None
    (mix,) = nodes(found.graph, "Mix")
    (laid,) = (each for each in mix.action.params["steps"][0]["lay"]["sounds"] if each["from"] == "{in:e00000}")
    assert (laid["at"], laid["samples"]) == (48_000, 48_000)


def test_what_hangs_on_no_line_needs_no_first_act() -> None:
    """Seconds, ends and shots are known; and a line that is sure to fit is bought beside all else."""
    heard = effect(shot="a", until="a", at=When(is_end=True, offset=-HALF))
    (found,) = acts(Shop(), film(card("a", "5"), lines=(speech(),), effects=(heard,)))
    assert found.unheard == frozenset()


def test_lines_of_a_list_follow_each_other() -> None:
    """The second begins where the first ends."""
    lines = (speech(), speech("a.2", "And then?", at=When(Fraction(1, 5), line="a")))
    found = acts(Shop(), film(card("a", "6"), lines=lines), GREETING)[-1]
    assert found.graph is not None
    (mix,) = nodes(found.graph, "Mix")
    assert [each["at"] for each in mix.action.params["steps"][0]["lay"]["sounds"]] == [0, 3.2 * 48_000]


def test_a_line_that_is_longer_than_its_shot_is_an_error_with_the_ways_out() -> None:
    """With both numbers; it is heard before anything else is bought."""
    project = film(shot("a", seconds="2"), lines=(speech(),))
    found = acts(Shop(), project, GREETING)[-1]
    (problem,) = found.problems
    assert problem.sentence == "the line `a` is 3 s long, and `a` has 2 s for it"
    assert problem.hint == "make the shot longer (`duration_s: auto`), or the line shorter"


@pytest.mark.parametrize(("seconds", "fits"), [("2.8", True), ("2.75", False)])
def test_a_line_is_stretched_by_eight_in_a_hundred_at_most(seconds: str, fits: bool) -> None:
    """It is then heard so much faster that it ends with its shot."""
    project = film(card("a", seconds), lines=(speech(fit="stretch"),))
    found = acts(Shop(), project, GREETING)[-1]
    assert (found.problems == []) == fits
    if fits:
        assert found.graph is not None
        (heard,) = nodes(found.graph, "Sound")
        assert "atempo=1.074627" in " ".join(heard.action.params["steps"][0]["argv"])
    else:
        assert found.problems[0].facts == ("`fit: stretch` speaks it at most 8 % faster, which is not enough",)
        return
    plain = film(card("a", seconds), lines=(speech(),))
    shop = Shop()
    shop.spoken |= dict.fromkeys(speaking.keys(plain, shop.world, False).values(), GREETING)
    assert "`fit: stretch`" in str(plan(plain, shop.world, FINAL).problems[0].hint)


def test_a_draft_only_notes_a_line_that_is_too_long() -> None:
    """The final voice may be quicker."""
    found = acts(Shop(), film(card("a", "2"), lines=(speech(fit="stretch"),)), GREETING, request=DRAFT)[-1]
    assert found.graph is not None
    assert found.graph.notes == ("the line `a` is 3 s as a draft speaks it; `a` has 2 s for it",)


@pytest.mark.parametrize(
    ("letters", "fit", "is_told"), [(39, None, False), (40, None, True), (39, "stretch", False), (43, "stretch", True)]
)
@pytest.mark.parametrize("request_", [FINAL, DRAFT])
def test_a_line_that_is_too_long_for_a_quick_voice_is_told_before_it_is_spoken(
    letters: int, fit: str | None, is_told: bool, request_: Request
) -> None:
    """As estimated, by more than voices differ; where it is written."""
    mark = Mark("project.yaml", 7, 9)
    lines = (speech(text="a" * letters, moments={}, fit=fit, marks={"text": mark}),)
    made = plan(film(card("a", "2"), lines=lines), Shop().world, request_)
    assert (made.problems, [one.warning for one in made.warnings]) == ([], [True] * is_told)
    assert [one.mark for one in made.warnings] == [mark] * is_told
    assert all("(estimated)" in one.sentence and "`a` has 2 s for it" in one.sentence for one in made.warnings)


def test_what_is_guessed_of_a_line_is_not_told_where_its_shot_is_as_long_as_it_is() -> None:
    """Nor once it was spoken."""
    lines = (speech(text="a" * 400, moments={}),)
    assert plan(film(auto(card("a")), lines=lines), Shop().world, FINAL).warnings == []
    first, second = acts(Shop(), film(card("a", "2"), lines=lines), said("1.9"))
    assert (len(first.warnings), second.warnings) == (1, [])


def test_times_that_hang_on_themselves_are_an_error() -> None:
    """Two lines, each at the other's mark; a shot that is as long as a line at its own end."""
    one = speech(at=When(line="b", mark="now"))
    other = speech("b", at=When(line="a", mark="now"))
    assert "this time hangs on itself" in Shop().sentences(film(card("a", "9"), lines=(one, other)))
    ending = film(auto(card("a")), lines=(speech(at=When(is_end=True, offset=-HALF)),))
    assert "this time hangs on itself" in Shop().sentences(ending)


def test_an_auto_shot_needs_something_said() -> None:
    """Else nobody knows how long it is."""
    assert Shop().sentences(film(auto(card("a")))) == ["nothing is said in `a` that it could be as long as"]


def test_how_far_before_the_film_is_told_in_seconds() -> None:
    """Whatever the project's frames are."""
    late = replace(card("b", "2"), transition=Transition("dissolve", Fraction(3)))
    for fps in (24, 30):
        told = Shop().sentences(film(card("a", "2"), late, lines=(line("a"),), fps=Fraction(fps)))
        assert "this is 1 s before the film begins" in told


def test_a_cut_before_its_shot_is_an_error() -> None:
    """A mark at the line's very start leaves nothing of the shot before it."""
    cut = replace(card("b", "2"), at=When(line="bar", mark="come"))
    line_over = replace(speech("bar"), until="b", moments={"come": 0})
    found = acts(Shop(), film(card("a"), cut, lines=(line_over,)), GREETING)[-1]
    assert [problem.sentence for problem in found.problems] == ["`b` would begin at 0 s, before `a` does"]


def test_a_line_that_an_unmade_thing_hangs_on_is_spoken_whatever_is_asked_for() -> None:
    """One shot by itself may be as long as a line of another makes it."""
    said_over = replace(speech("bar"), until="b")
    cut = auto(replace(card("b"), at=When(line="bar", mark="now")))
    project = film(card("a"), cut, lines=(said_over,))
    first, second = acts(Shop(), project, GREETING, request=Request(only="b"))
    assert first.graph is not None
    assert len(nodes(first.graph, "Speech")) == 1
    assert lengths(second) == [48]


def test_a_moved_mark_asks_for_no_other_speech() -> None:
    """Only what hangs on it moves."""
    shop = Shop()
    project = film(card("a", "5"), lines=(speech(),), effects=(effect(at=When(line="a", mark="now")),))
    before = acts(shop, project, GREETING)[-1]
    moved = film(card("a", "5"), lines=(speech(moments={"now": 5}),), effects=(effect(at=When(line="a", mark="now")),))
    after = plan(moved, shop.world, FINAL)
    assert before.graph is not None
    assert after.graph is not None
    assert after.unheard == frozenset()
    changed: set[Digest] = after.graph.nodes.keys() - before.graph.nodes.keys()
    assert {after.graph.nodes[id].action.mnemonic for id in changed} == {"Mix", "Deliver"}


def test_an_own_recording_is_as_long_as_its_file() -> None:
    """Nothing is spoken for it; a shot may be as long as it is."""
    (found,) = acts(Shop(), film(auto(card("a")), lines=(speech(file="song.wav", text="One two."),)))
    assert found.unheard == frozenset()
    assert lengths(found) == [132]
    assert found.graph is not None
    assert nodes(found.graph, "Speech") == []


def test_marks_of_an_own_recording_come_of_its_alignment() -> None:
    """Free, of the file and its text alone."""
    heard = effect(at=When(line="a", mark="now"), file="clap.wav", prompt="")
    project = film(card("a", "6"), lines=(speech(file="song.wav"),), effects=(heard,))
    first, second = acts(Shop(), project, replace(GREETING, seconds=Fraction(0)))
    assert first.graph is not None
    (align,) = nodes(first.graph, "Align")
    assert align.action.params == {"text": TEXT}
    assert not align.conduct.is_paid
    assert second.graph is not None
    assert align.action.id in second.graph.nodes
    (mix,) = nodes(second.graph, "Mix")
    assert [each["at"] for each in mix.action.params["steps"][0]["lay"]["sounds"]] == [0, 72_000]
