"""Verdicts on takes: what is expected of an ask, what is wrong in the user's words, what the next attempt is told."""

from __future__ import annotations

import asyncio
import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidbuild.media.checks import Fault, expected, judged, sharpened, verdict
from vidbuild.media.measures import measure_action
from vidbuild.runners import ffmpeg
from vidbuild.runners.base import Workspace
from vidbuild.runners.local_engine import LocalRunner
from vidbuild.runners.measuring import MeasuringRunner
from vidbuild.testing.vendors.takes import Studio, Wants
from vidbuild.words.action import BoundAction, Conduct
from vidbuild.words.digest import Digest, digest_of
from vidbuild.words.errors import AttemptFailed

FFMPEG = ffmpeg.find({})
ASK = {"kind": "footage", "prompt": "she pours espresso", "seconds": "6", "aspect": "16:9", "seed": 0, "take": 0}
FACTS: dict[str, Any] = {
    "kind": "footage",
    "frames": 144,
    "seconds": "6",
    "rate": "24",
    "width": 1280,
    "height": 720,
    "has_sound": True,
    "brightness": "0.4",
    "black": [],
    "frozen": [],
    "cuts": [],
    "sound": {"seconds": "6", "silent": [], "loudness_lufs": "-18", "peak": "0.5", "clipped": "0"},
}


def sentences(facts: dict[str, Any], ask: dict[str, Any] | None = None, **more: Any) -> list[str]:
    return [fault.sentence for fault in verdict({**FACTS, **facts}, expected({**ASK, **(ask or {})}, **more))]


def test_a_good_take_has_no_fault() -> None:
    """At exactly what was asked for."""
    assert sentences({}) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"seconds": "5.76"}, []),
        ({"seconds": "5.75"}, ["the take is 5.75 s long, 6 s were asked for"]),
        ({"seconds": "60"}, []),
        ({"width": 640, "height": 360}, []),
        ({"width": 426, "height": 240}, ["the picture is only 426x240"]),
        ({"width": 1300, "height": 720}, []),
        ({"width": 720, "height": 1280}, ["the picture is 720x1280, which is not 16:9"]),
        ({"width": 1024, "height": 1024}, ["the picture is 1024x1024, which is not 16:9"]),
        ({"rate": "12"}, []),
        ({"rate": "11.988"}, ["the take has only 11.988 pictures a second"]),
        ({"black": [["0", "0.5"]]}, []),
        ({"black": [["1.2", "3"]]}, ["the take is black from 1.2 s to 3 s"]),
        ({"black": [["0", "0.25"], ["5.5", "6"]]}, ["the take is black from 0 s to 0.25 s and from 5.5 s to 6 s"]),
        ({"black": [["0", "6"]]}, ["the take is black"]),
        ({"frozen": [["1", "4"]]}, []),
        ({"frozen": [["1", "4.25"]]}, ["nothing moves from 1 s to 4.25 s"]),
        ({"frozen": [["0", "6"]]}, ["nothing moves in the take"]),
        ({"cuts": ["2.5"]}, ["the take cuts to another scene at 2.5 s"]),
        ({"cuts": ["1", "2", "3"]}, ["the take cuts to another scene at 1 s, 2 s and 3 s"]),
        ({"cuts": ["1", "2", "3", "4", "5"]}, ["the take cuts to another scene at 1 s, 2 s, 3 s and 2 more"]),
        ({"has_sound": False}, []),
    ],
)
def test_a_fault_is_told_in_the_words_of_the_take(facts: dict[str, Any], said: list[str]) -> None:
    """Where it is, and what was asked for; a threshold is met by what is exactly at it."""
    assert sentences(facts) == said


def test_a_take_with_several_faults_tells_them_all_in_one_order() -> None:
    """By the name of the check."""
    facts = {**FACTS, "black": [["0", "2"]], "cuts": ["2"], "seconds": "4"}
    assert [fault.check for fault in verdict(facts, expected(ASK))] == ["black", "cuts", "length"]


@pytest.mark.parametrize(
    ("prompt", "left_out"),
    [
        ("she pours espresso, slow push-in", set()),
        ("fade in from black to a lamp", {"black"}),
        ("the lights go out, darkness", {"black"}),
        ("a black cat in a dark alley at night", set()),
        ("a still life, nothing moves", {"frozen"}),
        ("STATIC shot of a bottle", {"frozen"}),
        ("a waterfall, statically typed", set()),
        ("a quick montage of hands", {"cuts"}),
        ("shot 1: a door. shot 2: a hand", {"cuts"}),
        ("she cuts the bread, then he cuts the cheese", set()),
        ("cut to: the harbour", {"cuts"}),
        ("one continuous take, no cuts, no fades", set()),
        ("without any transitions, she walks", set()),
        ("a slideshow", {"cuts", "frozen"}),
        ("lightning flashes over the sea", {"cuts"}),
    ],
)
def test_what_the_prompt_may_mean_is_not_held_against_a_take(prompt: str, left_out: set[str]) -> None:
    """A false alarm costs an attempt; a check that does not run costs nothing."""
    assert {"black", "frozen", "cuts"} - set(expected({**ASK, "prompt": prompt})) == left_out


def test_a_given_first_picture_decides_the_aspect() -> None:
    """Models follow it."""
    assert sentences({"width": 1024, "height": 1024}, has_init=True) == []
    assert sentences({"width": 300, "height": 300}, has_init=True) == ["the picture is only 300x300"]


@pytest.mark.parametrize("option", ["aspect_ratio", "aspectRatio", "ratio", "image_size"])
def test_an_option_for_the_shape_wins_over_the_aspect(option: str) -> None:
    """The author said it to the model."""
    assert sentences({"width": 1024, "height": 1024}, {"options": {option: "1:1"}}) == []


def test_sound_is_missed_only_where_it_was_asked_for() -> None:
    """By an option of the model, and not where the shot drops it."""
    mute, silent = {"has_sound": False}, {"sound": {**FACTS["sound"], "silent": [["0", "5.9"]]}}
    for options in ({"generate_audio": True}, {"sound": "on"}):
        assert sentences(mute, {"options": options}) == ["the take has no sound"]
        assert sentences(silent, {"options": options}) == ["nothing is heard"]
    assert sentences(mute, {"options": {"sound": True}, "silent": True}) == []
    assert sentences(mute, {"options": {"generate_audio": False}}) == []
    assert sentences(silent) == []


def test_several_shots_asked_for_by_an_option_are_no_cuts() -> None:
    """Some models make them."""
    assert sentences({"cuts": ["2"]}, {"options": {"multi_shots": True}}) == []


@pytest.mark.parametrize(
    ("kind", "sound", "said"),
    [
        ("music", {}, []),
        ("music", {"seconds": "20"}, ["the take is 20 s long, 30 s were asked for"]),
        ("music", {"silent": [["0", "29"]]}, ["nothing is heard"]),
        ("music", {"silent": [["0", "4"], ["20", "28"]]}, []),
        ("effect", {"clipped": "0.09"}, []),
        ("effect", {"clipped": "0.4"}, ["the sound is overdriven"]),
    ],
)
def test_sounds_have_their_own_checks(kind: str, sound: dict[str, Any], said: list[str]) -> None:
    """Length, silence, clipping: nothing of pictures."""
    heard = {"seconds": "30", "silent": [], "loudness_lufs": "-14", "peak": "1", "clipped": "0", **sound}
    facts = {"kind": kind, "has_sound": True, "sound": heard}
    held = expected({"kind": kind, "prompt": "guitar", "seconds": "30"})
    assert [fault.sentence for fault in verdict(facts, held)] == said


def test_speech_has_no_length_of_its_own() -> None:
    """It is as long as it is spoken."""
    held = expected({"kind": "speech", "text": "Come in.", "voice": "Rachel"})
    sound = {"seconds": "0.9", "silent": [], "loudness_lufs": "-14", "peak": "1", "clipped": "0"}
    assert verdict({"kind": "speech", "has_sound": True, "sound": sound}, held) == ()


def test_pictures_have_their_own_checks() -> None:
    """A picture of one colour is none."""
    held = expected({"kind": "picture", "prompt": "portrait", "aspect": "1:1"})
    facts = {"kind": "picture", "width": 1024, "height": 1024, "is_uniform": False, "is_black": False}
    assert verdict(facts, held) == ()
    assert [fault.sentence for fault in verdict({**facts, "is_uniform": True}, held)] == [
        "the picture is of one colour"
    ]
    assert [fault.sentence for fault in verdict({**facts, "is_black": True}, held)] == ["the picture is black"]
    assert [fault.check for fault in verdict({**facts, "width": 800}, held)] == ["size"]


def test_checks_are_plain_values() -> None:
    """They can be written down, though they reach no key."""
    for ask in (ASK, {"kind": "music", "prompt": "x", "seconds": "30"}, {"kind": "picture", "aspect": "1:1"}):
        held = expected(ask)
        assert json.loads(json.dumps(held)) == held
        digest_of(held)


def test_a_check_that_is_not_known_is_passed_over() -> None:
    """An older vidbuild may read what a newer one wrote."""
    assert verdict(FACTS, {"sharpness": {"least": "3"}}) == ()


def test_a_negative_is_sharpened_for_just_what_was_wrong() -> None:
    """What it says already isn't said twice, and the order is always the same."""
    black, frozen, cuts, length = (Fault(name, "") for name in ("black", "frozen", "cuts", "length"))
    assert sharpened(("text",), [frozen]) == ("text", "frozen picture", "still image", "slideshow")
    assert sharpened((), [cuts, black]) == ("black frames", "fade to black", "cuts", "scene change", "montage")
    assert sharpened(("Montage", "cuts"), [cuts]) == ("Montage", "cuts", "scene change")
    assert sharpened(("text",), [length]) == ("text",)
    once = sharpened(("text",), [frozen])
    assert sharpened(once, [frozen]) == once


@given(st.lists(st.sampled_from(["black", "frozen", "cuts", "size", "judge"]), max_size=6))
def test_a_sharpened_negative_depends_on_which_faults_there_are_alone(names: list[str]) -> None:
    """Attempts' keys hold it."""
    faults = [Fault(name, "") for name in names]
    assert sharpened(("blur",), faults) == sharpened(("blur",), sorted(faults, key=lambda fault: fault.check))


def test_a_judge_says_no_below_the_threshold() -> None:
    """Each question stands for itself."""
    questions = ("is a cup seen", "is the woman grey-haired")
    faults = judged({"answers": [0.9, 0.2]}, questions, Fraction(6, 10))
    assert [fault.sentence for fault in faults] == ["the judge says no to `is the woman grey-haired`"]
    assert faults[0].facts == {"answer": "0.2", "needed": "0.6"}
    assert judged({"answers": [0.6, 1]}, questions, Fraction(6, 10)) == ()


@pytest.mark.parametrize(
    "answers",
    [{}, [], None, {"answers": []}, {"answers": [1]}, {"answers": [0.5, "yes"]}, {"answers": [0.5, True]},
     {"answers": [0.5, 1.5]}, {"answers": [0.5, float("nan")]}, {"answers": "ab"},
     {"said": "yes"}],
)  # fmt: skip
def test_a_judge_that_answers_otherwise_has_not_answered(answers: Any) -> None:
    """It is another attempt of the judge, not a fault of the take."""
    with pytest.raises(AttemptFailed, match="did not answer"):
        judged(answers, ("one", "two"), Fraction(1, 2))


def measured(folder: Path, take: bytes | Path, kind: str) -> Any:
    """Measure a take with the real ffmpeg."""
    folder.mkdir()
    path = folder / "take"
    if isinstance(take, bytes):
        path.write_bytes(take)
    else:
        path.symlink_to(take)
    outputs = {"facts": folder / "facts.json"}
    action = measure_action(Digest("0" * 64), kind, "ffmpeg")
    asyncio.run(MeasuringRunner(FFMPEG).run(action, Conduct(), Workspace(folder, {"take": path}, outputs)))
    return json.loads(outputs["facts"].read_text())


@pytest.mark.parametrize(
    ("look", "checks"),
    [
        ("", set()),
        ("black", {"black"}),
        ("frozen", {"frozen"}),
        ("short", {"length"}),
        ("wrong_size", {"size"}),
        ("jumps", {"cuts"}),
        ("silent", {"silence"}),
    ],
)
def test_what_the_vendors_doubles_deliver_is_judged_as_it_is_meant(look: str, checks: set[str], tmp_path: Path) -> None:
    """The whole way from the file to the fault."""
    studio = Studio(tmp_path / "studio", FFMPEG, 360)
    digest = hashlib.sha256(look.encode()).hexdigest()
    wants = Wants("mp4", digest, Fraction(4), (1280, 720), sound=True, look=look)
    facts = measured(tmp_path / "work", studio.make(wants), "footage")
    held = expected({**ASK, "seconds": "4", "options": {"sound": True}})
    assert {fault.check for fault in verdict(facts, held)} == checks


def test_a_double_that_begins_with_a_given_picture_passes(tmp_path: Path) -> None:
    """It dissolves out of it: no cut."""
    studio = Studio(tmp_path / "studio", FFMPEG, 360)
    still = studio.make(Wants("png", "ab" * 32, size=(1280, 720)))
    take = studio.make(Wants("mp4", "cd" * 32, Fraction(4), (1280, 720), init=still, end=still))
    facts = measured(tmp_path / "work", take, "footage")
    assert verdict(facts, expected({**ASK, "seconds": "4"}, has_init=True)) == ()
    picture = measured(tmp_path / "still", still, "picture")
    assert verdict(picture, expected({"kind": "picture", "prompt": "x", "aspect": "16:9"})) == ()


@pytest.mark.parametrize(
    "prompt",
    [
        "a storm over the sea at night",
        "portrait of an old man who smiles",
        "steam over a cup on a table",
        "city lights",
    ],
)
def test_what_the_local_engine_draws_passes(prompt: str, tmp_path: Path) -> None:
    """Its quiet scenes move enough, its dark ones are lit enough."""
    ask = {"kind": "footage", "prompt": prompt, "slate": prompt, "seed": 3, "take": 0, "aspect": "16:9"}
    ask |= {"seconds": "4", "fps": "24", "size": [320, 180]}
    (tmp_path / "local").mkdir()
    made = tmp_path / "local" / "take.mp4"
    action = BoundAction("Footage", ask, {}, {"video": "video/mp4"}, "local/animatic@1")
    asyncio.run(LocalRunner(FFMPEG).run(action, Conduct(), Workspace(tmp_path / "local", {}, {"video": made})))
    facts = measured(tmp_path / "work", made, "footage")
    assert verdict(facts, expected({**ask, "prompt": "x"})) == ()
