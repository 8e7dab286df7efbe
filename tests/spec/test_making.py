"""How things are made: models by name or need, takes, the judge, caps on spending, profiles."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from vidbuild.spec.load import load
from vidbuild.spec.model import Budget, Judge, Project, Reframe
from vidbuild.words.errors import SpecError, UsageError

HEAD = "vidbuild: 1\n"


@pytest.mark.parametrize(
    ("written", "models", "needs", "most"),
    [
        ("", (), (), None),
        ("model: auto", (), (), None),
        ("model: kling-3", ("kling-3",), (), None),
        ("model: [kling-3, hailuo-3]", ("kling-3", "hailuo-3"), (), None),
        ("model: {needs: [hands, close-up], max_usd_per_s: 0.2}", (), ("hands", "close-up"), Fraction(1, 5)),
        ("model: {max_usd_per_s: 1}", (), (), 1),
    ],
)
def test_a_model_is_named_or_routed(desk, written: str, models: object, needs: object, most: object) -> None:
    """By a name, a list in order, what it must be good at and may cost, or not at all."""
    source = desk.project(HEAD + f"shots: [{{prompt: x, {written}}}]\n").shots[0].source
    assert (source.models, source.needs, source.max_usd_per_s) == (models, needs, most)


def test_a_nearer_model_drops_needs_and_options(desk) -> None:
    """As `model` is inherited whole."""
    text = """\
vidbuild: 1
model: {needs: [hands], max_usd_per_s: 1}
options: {cfg: 7}
shots:
  - {prompt: x}
  - {prompt: x, model: kling-3}
  - {prompt: x, model: auto, options: {cfg: 8}}
"""
    found = [shot.source for shot in desk.project(text).shots]
    assert [(each.models, each.needs, each.max_usd_per_s, each.options) for each in found] == [
        ((), ("hands",), 1, {"cfg": 7}),
        (("kling-3",), (), None, {}),
        ((), (), None, {"cfg": 8}),
    ]


def test_takes_and_reshoots_are_inherited_and_a_take_is_the_shots_own(desk) -> None:
    """A number, or an attempt's id."""
    text = """\
vidbuild: 1
takes: 3
shots:
  - {prompt: x}
  - reshoots: 0
    shots: [{prompt: x, takes: 2, take: 5}, {prompt: x, take: k7e31, reshoots: 4}]
  - {card: {title: x}}
"""
    shots = desk.project(text).shots
    assert [(each.takes, each.take, each.reshoots) for each in shots] == [
        (3, None, 1),
        (2, 5, 0),
        (3, "k7e31", 4),
        (1, None, 1),
    ]


def test_a_judge_asks_questions(desk) -> None:
    """One or several; half is enough unless it is said otherwise."""
    text = HEAD + "judge: {model: [kling-3], questions: [is it  sharp, any text], threshold: 0.8, options: {a: 1}}\n"
    judge = desk.project(text + "shots: [{prompt: x}]\n").judge
    assert judge == Judge(("kling-3",), ("is it sharp", "any text"), Fraction(4, 5), {"a": 1})
    assert desk.project(HEAD + "judge: {questions: ok}\nshots: [{prompt: x}]\n").judge == Judge((), ("ok",))
    assert desk.project(HEAD + "shots: [{prompt: x}]\n").judge is None


def test_a_budget_has_three_caps(desk) -> None:
    """In USD, exact; a storyboard may have one."""
    text = "budget: {max_usd: 6, total_usd: 20.5, per_shot_usd: 0}\nshots: [{prompt: x}]\n"
    assert desk.project(text).budget == Budget(Fraction(6), Fraction(41, 2), Fraction(0))
    assert desk.project(HEAD + "shots: [{prompt: x}]\n").budget == Budget()


PROFILES = """\
vidbuild: 1
model: kling-3
options: {cfg: 7}
seed: 1
negative: [text]
takes: 3
voice: {model: elevenlabs, id: N}
style: {template: s.j2, with: {light: warm, lens: 35mm}}
cast: {anna: {description: Anna, image: anna.png}}
shots:
  - {id: a, prompt: "{{ cast.anna }}", say: hello, init_image: {prompt: y}}
  - {model: kling-2, takes: 4, sound: drop, shots: [{id: b, prompt: x, seed: 2, options: {cfg: 8}, reframe: blur}]}
outputs: [youtube, {platform: tiktok, name: tall}, square]
profiles:
  preview: {model: hailuo-3, takes: 1, reshoots: 0, outputs: [tall, square]}
  far: {options: {mode: "{{ 'std' }}"}, seed: 9, negative: blur, style: {with: {lens: 85mm}}, cast: [],
        sound: keep, reframe: pad, voice: {model: elevenlabs, id: P}}
  nothing: {outputs: []}
"""


@pytest.fixture
def under(desk):
    """Read that project under a profile."""
    desk.write("anna.png")
    desk.write("s.j2", "{{ light }} {{ lens }}")
    desk.write("project.yaml", PROFILES)
    return lambda profile: load(Path("project.yaml"), desk.vocabulary, desk.schema, profile).project


def made(project: Project) -> list[tuple[object, ...]]:
    """Give of each shot who makes it how often."""
    return [(shot.source.models, shot.source.options, shot.takes, shot.reshoots) for shot in project.shots]


def test_a_profile_lies_over_everything(under) -> None:
    """As if every shot said it: its model drops the options that others were written for."""
    assert made(under(None)) == [(("kling-3",), {"cfg": 7}, 3, 1), (("kling-2",), {"cfg": 8}, 4, 1)]
    project = under("preview")
    assert project.profile == "preview"
    assert made(project) == [(("hailuo-3",), {}, 1, 0)] * 2
    assert [output.name for output in project.outputs] == ["tall", "square"]
    assert str(project.shots[1].marks["model"]) == "project.yaml:15:20"


def test_a_profile_changes_what_it_names_alone(under) -> None:
    """What merges by key merges, negatives add up; the project's own values follow."""
    project = under("far")
    a, b = project.shots
    assert made(project) == [
        (("kling-3",), {"cfg": 7, "mode": "std"}, 3, 1),
        (("kling-2",), {"cfg": 8, "mode": "std"}, 4, 1),
    ]
    assert [shot.source.seed for shot in (a, b)] == [9, 9]
    assert a.source.negative == ("text", "blur")
    assert (a.source.prompt, a.source.references) == ("warm 85mm Anna", ())
    assert (b.sound, b.reframe, project.reframe) == ("keep", Reframe("pad"), Reframe("pad"))
    assert project.lines[0].voice.id == "P"
    assert (a.source.init.seed, a.source.init.negative) == (9, ("text", "blur"))
    assert [output.name for output in project.outputs] == ["youtube", "tall", "square"]


def test_without_a_profile_nothing_of_it_holds(under) -> None:
    """It is read and checked all the same."""
    project = under(None)
    assert project.profile is None
    assert project.shots[0].source.negative == ("text",)


def test_a_profile_that_keeps_no_output_is_a_mistake(under) -> None:
    """Nothing would be made."""
    with pytest.raises(SpecError, match="there is no output: the profile keeps none"):
        under("nothing")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("previw", "hint: did you mean `preview`?"),
        ("draft", "hint: `--draft` makes everything here, free"),
        ("x", "hint: known are `preview`, `far`, `nothing`"),
    ],
)
def test_an_unknown_profile_is_a_wrong_command(under, name: str, told: str) -> None:
    """It names those that there are."""
    with pytest.raises(UsageError) as raised:
        under(name)
    assert raised.value.text().splitlines() == [
        f"no profile is called `{name}`",
        "  profiles  preview, far, nothing",
        told,
    ]


def test_a_project_without_profiles_says_so(desk) -> None:
    """The hint is another one then."""
    desk.write("project.yaml", HEAD + "shots: [{prompt: x}]\n")
    with pytest.raises(UsageError, match="no profile is called `preview`"):
        load(Path("project.yaml"), desk.vocabulary, desk.schema, "preview")
