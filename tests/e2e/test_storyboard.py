"""The storyboard form, unchanged, as JSON and as YAML: `vidbuild build --draft` makes one video of it."""

from __future__ import annotations

import json

import av
import pytest

from vidbuild.testing.studio import Built, Studio

STORYBOARD = {
    "duration_s": 18,
    "fps": 24,
    "aspect": "16:9",
    "style_preamble": "Cinematic, warm light, {not a template}, {{ neither is this }}",
    "seed": 884412,
    "shots": [
        {
            "id": "shot_01",
            "duration_s": 6,
            "model": "kling-2",
            "prompt": "a barista pours espresso into a white cup, slow push-in",
            "negative": "text, watermark",
        },
        {
            "id": "shot_02",
            "duration_s": 6,
            "model": "kling-i2v",
            "prompt": "crema swirling in the cup, pan right",
            "negative": "text",
            "init_image": "shot_01.last_frame",
        },
        {
            "id": "shot_03",
            "duration_s": 6,
            "model": "minimax",
            "prompt": "she slides the cup toward camera, slow pull-out",
            "negative": "",
        },
    ],
    "audio": {"music": {"model": "stable-audio-2", "prompt": "warm acoustic guitar, 90 bpm"}, "vo": None},
}

YAML = """\
duration_s: 1.5
fps: 12
aspect: 16:9
style_preamble: Cinematic, warm light
seed: 884412
shots:
  - {id: shot_01, duration_s: 0.5, model: kling-2, prompt: a barista pours espresso, negative: text}
  - {id: shot_02, duration_s: 0.5, model: kling-i2v, prompt: crema swirling, init_image: shot_01.last_frame}
  - {id: shot_03, duration_s: 0.5, model: minimax, prompt: she slides the cup}
audio:
  music: {model: stable-audio-2, prompt: "warm guitar, 90 bpm"}
  vo: null
"""


def short() -> dict[str, object]:
    """Give the storyboard with shots of half a second, at a small rate."""
    shots = [{**shot, "duration_s": 0.5} for shot in STORYBOARD["shots"]]  # type: ignore[attr-defined]
    return {**STORYBOARD, "duration_s": 1.5, "fps": 12, "shots": shots}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, Built]:
    """The storyboard of 18 s at its real size, built once."""
    studio = Studio(tmp_path_factory.mktemp("storyboard") / "project", file="storyboard.json")
    studio.write("storyboard.json", json.dumps(STORYBOARD, indent=2))
    return studio, studio.build("--draft")


@pytest.mark.slow
def test_a_storyboard_in_json_becomes_one_video_of_18_seconds(whole: tuple[Studio, Built]) -> None:
    """Without `outputs` there is one, `master`: the master aspect at 1080 lines."""
    _, built = whole
    facts = ("output", "variant", "path", "frames", "fps", "width", "height", "seconds")
    assert [tuple(row[fact] for fact in facts) for row in built.last["deliverables"]] == [
        ("master", None, "build/storyboard/draft/master.mp4", 432, 24, 1920, 1080, 18)
    ]


@pytest.mark.slow
def test_the_video_of_a_storyboard_holds_what_was_promised(whole: tuple[Studio, Built]) -> None:
    """Every frame decodes, at constant steps, and the sound is as long as the picture."""
    studio, built = whole
    path = studio.folder / built.last["deliverables"][0]["path"]
    with av.open(str(path)) as film:
        times = [frame.pts * frame.time_base for frame in film.decode(video=0)]
        picture = film.streams.video[0]
        sound = film.streams.audio[0]
        assert (picture.codec_context.name, picture.profile, picture.pix_fmt) == ("h264", "High", "yuv420p")
        assert (sound.codec_context.name, sound.rate) == ("aac", 48000)
        assert [time * 24 for time in times] == list(range(432))
        assert abs(sound.duration * sound.time_base - 18) <= 1 / 24


@pytest.mark.slow
def test_the_second_build_of_a_storyboard_runs_nothing(whole: tuple[Studio, Built]) -> None:
    """Everything is answered, and the last line tells the same files."""
    studio, first = whole
    second = studio.build("--draft")
    assert (second.ran(), second.hits) == (set(), len(first.listed))
    assert second.last["deliverables"] == first.last["deliverables"]


@pytest.mark.slow
def test_a_storyboards_shot_starts_from_the_last_frame_that_it_names(whole: tuple[Studio, Built]) -> None:
    """The picture before the cut and the one after it are nearly the same; at the other cut they are not."""
    studio, built = whole
    with av.open(str(studio.folder / built.last["deliverables"][0]["path"])) as film:
        kept = {index: frame for index, frame in enumerate(film.decode(video=0)) if index in (143, 144, 287, 288)}
    grey = {index: frame.reformat(160, 90, "gray").to_ndarray().astype(int) for index, frame in kept.items()}
    chained, other = (abs(grey[cut] - grey[cut - 1]).mean() for cut in (144, 288))
    assert chained < 4 < other


@pytest.mark.slow
def test_a_storyboard_may_be_yaml(empty: Studio) -> None:
    """The same language: one video, and a second build that runs nothing."""
    empty.file = "storyboard.yaml"
    empty.write("storyboard.yaml", YAML)
    first, second = empty.build("--draft"), empty.build("--draft")
    assert [(row["output"], row["frames"], row["seconds"]) for row in first.last["deliverables"]] == [
        ("master", 18, 1.5)
    ]
    assert (second.ran(), second.hits) == (set(), len(first.listed))


def test_a_storyboards_null_is_as_if_left_out(empty: Studio) -> None:
    """Programs write every key of a shot: `"init_image": null` is no picture."""
    empty.write("project.yaml", json.dumps(short()).replace('"negative": ""', '"init_image": null'))
    assert empty.run("check", "--draft").returncode == 0


def test_a_storyboard_is_not_templated(empty: Studio) -> None:
    """Braces in it are text."""
    empty.write("project.yaml", json.dumps(short()))
    assert "{{ neither is this }}" in empty.run("plan", "--draft", "--show").stdout


def test_a_storyboards_promise_is_kept_or_an_error_names_both_numbers(empty: Studio) -> None:
    """`duration_s` at the top is a promise about the finished cut."""
    empty.write("project.yaml", json.dumps({**short(), "duration_s": 18}, indent=1))
    built = empty.build("--draft", ends=2)
    assert built.status == "invalid"
    assert "18 s" in built.stderr
    assert "1.5 s" in built.stderr


def test_a_storyboard_may_ask_for_outputs(empty: Studio) -> None:
    """Keys of the full language may be added."""
    empty.write("project.yaml", json.dumps({**short(), "outputs": ["wide"]}))
    empty.write("platforms/wide.yaml", "name: wide\nsize: [160, 90]\n")
    assert list(empty.build("--draft").sha256) == ["wide"]


def test_a_storyboard_without_draft_names_the_key_that_is_missing(empty: Studio) -> None:
    """A model that can't be reached is an error that names the key it needs and says `--draft`."""
    empty.write("project.yaml", json.dumps(short()))
    built = empty.build("--yes", ends=1)
    assert "KLING_ACCESS_KEY" in built.stderr
    assert "STABILITY_API_KEY" in built.stderr
    assert "--draft" in built.stderr
