"""`vidbuild test`: what a project asserts of its videos holds for a sound film, and fails for each planted defect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from one_shot import write_one_shot
from PIL import Image

from vidbuild import packaged
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio, run_ffmpeg

ASSERTED = {
    "duration_s": [2.5, 3.5],
    "frames": 72,
    "size": "640x360",
    "fps": 24,
    "codec": "h264",
    "loudness_lufs": -16,
    "true_peak_db": -3,
    "captions": 0.95,
    "black_s": 0.1,
    "frozen_s": 0.6,
    "silent_s": 1.5,
    "size_mb": 0.3,
    "contrast": 4.5,
    "text_size": 0.05,
    "safe_area": {"bottom": 0.1},
}
MEANT = [
    {"name": "meant", "black_s": {"most": 0, "except": ["one"]}, "silent_s": {"most": 1.5, "except": [[-4.5, "end"]]}}
]
PROFILE = """\
name: {0}
size: [{1}]
video: {{preset: ultrafast, crf: {2}}}
audio: {{kbps: 128, lufs: {3}, peak_db: {4}}}
safe_area: {{bottom: {5}}}
"""
FILM = """\
vidbuild: 1
name: {name}
fps: 24
cast: {{anna: {{voice: {{model: local/voice, id: en}}}}}}
brand:
  presets:
    plain: {{like: title, size: 0.09}}
    faint: {{like: title, size: 0.04, colour: "#777777", edge: "#777777"}}
{captions}
shots:
  - id: one
    file: {file}
    duration_s: {seconds}
    sound: drop
    {says}
    text: [{{text: Words, preset: {preset}, place: {place}, at: [0.5, 1.5]}}]
outputs: [{output}]
tests: {tests}
"""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Two films with the same tests: `good.yaml`, and `bad.yaml`, in which everything asserted is not so."""
    studio = Studio(tmp_path_factory.mktemp("films") / "project")
    studio.write("platforms/fine.yaml", PROFILE.format("fine", "640, 360", 30, -16, -4, 0.12))
    studio.write("platforms/odd.yaml", PROFILE.format("odd", "640, 352", 1, -7, 0, 0))
    studio.film("good.mp4", 3, size="640x360", tone=None)
    spoilt = "drawbox=t=fill:c=black:enable='between(t,2,2.5)',loop=loop=48:size=1:start=12"
    spoilt += ",noise=alls=40:allf=t:enable='gt(t,4.6)'"
    source = ["-f", "lavfi", "-i", "testsrc=size=640x352:rate=24", "-vf", spoilt, "-t", "5"]
    run_ffmpeg(
        [*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", f"file:{studio.folder}/bad.mp4"]
    )
    tests = json.dumps([ASSERTED])
    says = "say: {by: anna, text: Choose a cup and press this button now.}"
    good = {"captions": "captions: {preset: clean, sidecar: [srt]}", "seconds": 3, "says": says, "preset": "plain"}
    good |= {"place": "top-left", "output": "{platform: fine, captions: burn}"}
    loud = "say: {by: anna, text: Choose a cup.}"
    bad = {"captions": "", "seconds": 5, "says": loud, "preset": "faint", "place": "bottom"}
    bad |= {"output": "{platform: odd, fps: 12, codec: h265}"}
    studio.write("good.yaml", FILM.format(name="good", file="good.mp4", tests=tests, **good))
    studio.write("bad.yaml", FILM.format(name="bad", file="bad.mp4", tests=tests, **bad))
    return studio


def build(studio: Studio, file: str = "project.yaml") -> None:
    done = studio.run_bare("build", file)
    assert done.returncode == 0, done.stdout + done.stderr


def run_tests(studio: Studio, file: str, *options: str, ends: int) -> Any:
    done = studio.run_bare("test", "--json", *options, file)
    assert done.returncode == ends, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def sound(films: Studio) -> Any:
    build(films, "good.yaml")
    return run_tests(films, "good.yaml", ends=0)


@pytest.fixture(scope="module")
def spoilt(films: Studio) -> Any:
    build(films, "bad.yaml")
    return run_tests(films, "bad.yaml", ends=1)


def test_the_report_keeps_to_its_schema(sound: Any, spoilt: Any) -> None:
    """For programs."""
    for found in (sound, spoilt):
        assert list(Draft202012Validator(packaged.schema("tests")).iter_errors(found)) == []


@pytest.mark.parametrize("key", ASSERTED)
def test_an_assertion_holds_for_a_sound_film_and_fails_for_its_defect(key: str, sound: Any, spoilt: Any) -> None:
    """Each key by itself: what was found is told with what is needed, and where it stands."""
    (good,) = (one for one in sound["tests"] if one["key"] == key)
    (bad,) = (one for one in spoilt["tests"] if one["key"] == key)
    assert (good["passed"], bad["passed"]) == (True, False), (good, bad)
    assert (good["error"], bad["error"]) == (None, None)
    assert good["found"] != bad["found"]
    assert bad["at"].startswith("bad.yaml:")


def test_what_is_meant_is_no_defect(films: Studio, spoilt: Any) -> None:
    """Shots and times that an entry excepts aren't looked at; what was measured once is not measured again."""
    films.edit(json.dumps([ASSERTED]), json.dumps(MEANT), "bad.yaml")
    before = sorted(films.store.glob("ac/*/*"))
    found = run_tests(films, "bad.yaml", ends=0)
    assert [(one["name"], one["passed"]) for one in found["tests"]] == [
        ("meant: black_s", True),
        ("meant: silent_s", True),
    ]
    assert sorted(films.store.glob("ac/*/*")) == before
    films.edit(json.dumps(MEANT), json.dumps([ASSERTED]), "bad.yaml")


def test_ci_reads_what_failed_and_where(films: Studio, spoilt: Any) -> None:
    """JUnit: a suite for each video, a case for each assertion, with file and line."""
    films.write("old.xml", "<?xml version='1.0' encoding='UTF-8'?>\n<testsuites/>\n")
    assert films.run_bare("test", "--junit", "old.xml", "bad.yaml").returncode == 1
    done = films.run_bare("test", "--junit", "reports/of/it.xml", "bad.yaml")
    assert done.returncode == 1
    assert "FAILED  build/bad/odd.mp4  duration_s: 5 s; needed: 2.5 to 3.5 s" in done.stdout
    assert "bad.yaml:18:10" in done.stdout
    assert done.stdout.splitlines()[-1] == f"0 passed, {len(ASSERTED)} failed"
    root = ElementTree.parse(films.folder / "reports/of/it.xml").getroot()
    assert (films.folder / "old.xml").read_bytes() == (films.folder / "reports/of/it.xml").read_bytes()
    (suite,) = root.findall("testsuite")
    assert (root.tag, suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("testsuites", "15", "15", "0")
    case = next(case for case in suite.findall("testcase") if case.get("name") == "black_s")
    assert (case.get("classname"), case.get("file"), case.get("line")) == ("build/bad/odd.mp4", "bad.yaml", "18")
    assert (failure := case.find("failure")) is not None
    assert "from 4 s to 4.583 s" in str(failure.text)


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("fine.mp4", b"garbage", "is not what the project makes now"),
        ("fine.srt", b"1\n", "is not what the project makes now"),
        ("fine.mp4", None, "is not there"),
    ],
)
def test_the_file_at_its_place_is_the_one_that_is_tested(
    films: Studio, sound: Any, name: str, other: bytes | None, why: str
) -> None:
    """Another one, or none, passes no test: what to do is told, and nothing is written."""
    path = films.folder / "build/good" / name
    held = path.read_bytes()
    path.unlink()
    if other is not None:
        path.write_bytes(other)
    errors = {one["error"] for one in run_tests(films, "good.yaml", ends=1)["tests"]}
    assert errors == {f"`build/good/{name}` {why}: build again"}
    assert path.exists() == (other is not None)
    path.write_bytes(held)
    assert run_tests(films, "good.yaml", ends=0) == sound


def test_what_can_not_be_measured_is_an_error_of_its_test(films: Studio) -> None:
    """A video that can't be made fails its tests, and the others are told."""
    films.write("broken.yaml", (films.folder / "good.yaml").read_text().replace("good.mp4", "cut.mp4"))
    whole = (films.folder / "good.mp4").read_bytes()
    films.write("cut.mp4", whole[: len(whole) * 2 // 3])
    done = films.run_bare("test", "--junit", "broken.xml", "broken.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ERROR" in done.stdout
    assert 'errors="15"' in (films.folder / "broken.xml").read_text()


def test_tests_buy_nothing(tmp_path: Path) -> None:
    """What has to be bought is named, and nobody is asked for it."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        shop.edit('"name": "one"', '"name": "one", "tests": [{"duration_s": [0, 9]}]')
        done = shop.run("test")
        assert (done.returncode, "Footage of `pour`" in done.stderr) == (5, True), done.stderr
        assert shop.submits == 0
        assert shop.build("--yes").status == "built"
        assert shop.run("test").returncode == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--only", "one"), "tests are about whole videos"),
        (("--junit", "notes.xml/report.xml"), "notes.xml` is a file, and no folder"),
        (("--junit", "project.yaml"), "`project.yaml` is there, and is no report"),
        (("--junit", "notes.xml"), "`notes.xml` is there, and is no report"),
    ],
)
def test_what_can_not_be_tested_is_told(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    """Exit code 2, and what to do."""
    studio = Studio(tmp_path / "project")
    studio.write("project.yaml", "vidbuild: 1\nshots: [{id: one, card: {title: x}, duration_s: 1}]\n")
    studio.write("notes.xml", "<notes/>")
    done = studio.run("test", *options)
    assert (studio.folder / "notes.xml").read_text() == "<notes/>"
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_a_project_without_tests_passes_and_is_told_so(tmp_path: Path) -> None:
    """As in CI, whose one recipe is for all projects: an empty report, and nothing is made."""
    studio = Studio(tmp_path / "project")
    studio.write("project.yaml", "vidbuild: 1\nshots: [{id: one, card: {title: x}, duration_s: 1}]\n")
    done = studio.run("test", "--junit", "tests.xml")
    assert (done.returncode, done.stdout) == (0, "0 passed, 0 failed\n")
    assert "the project has no `tests`" in done.stderr
    assert ElementTree.parse(studio.folder / "tests.xml").getroot().get("tests") == "0"
    told = json.loads(studio.run("test", "--json").stdout)
    assert (told["tests"], told["passed"], told["failed"]) == ([], 0, 0)
    assert not (studio.folder / "build").exists()


def test_contrast_is_that_of_the_colours_that_meet(tmp_path: Path) -> None:
    """White on #777777 is 4.48 : 1 by the formula; where a word runs over black into white, its worst letter counts."""
    studio = Studio(tmp_path / "project")
    studio.write("platforms/small.yaml", PROFILE.format("small", "640, 360", 20, -16, -1, 0))
    Image.new("RGB", (640, 360), "#777777").save(studio.folder / "grey.png")
    half = Image.new("RGB", (640, 360), "black")
    half.paste("#f0f0f0", (320, 0, 640, 360))
    half.save(studio.folder / "half.png")
    studio.write(
        "project.yaml",
        """\
vidbuild: 1
fps: 12
brand: {presets: {bare: {like: title, size: 0.15, edge_width: 0, motion: none}}}
shots:
  - {id: grey, file: grey.png, duration_s: 0.5, text: [{text: Words, preset: bare, place: center}]}
  - {id: half, file: half.png, duration_s: 0.5, text: [{text: Words here, preset: bare, place: center}]}
outputs: [small]
tests: [{contrast: 21}]
""",
    )
    build(studio)
    (found,) = run_tests(studio, "project.yaml", ends=1)["tests"]
    assert found["places"] == ['"Words" at 0.25 s: 4.5 : 1', '"Words here" at 0.75 s: 1.1 : 1']


def test_every_set_of_captions_is_laid_against_the_lines(tmp_path: Path) -> None:
    """Those drawn into the pieces and windows of a video, and those beside it."""
    studio = Studio(tmp_path / "project")
    studio.write("platforms/small.yaml", PROFILE.format("small", "160, 90", 30, -16, -1, 0))
    studio.write(
        "project.yaml",
        """\
vidbuild: 1
fps: 12
cast: {anna: {voice: {model: local/voice, id: en}}}
captions: {preset: clean, sidecar: [srt]}
say: {by: anna, text: Choose a cup and press this button now.}
shots:
  - {id: one, card: {title: a}, duration_s: 1}
  - {id: two, card: {title: b}, duration_s: 2.5, transition: {type: dissolve, duration_s: 0.5}}
outputs: [{platform: small, name: drawn, captions: burn}, {platform: small, name: beside, captions: none}]
tests: [{captions: 1}]
""",
    )
    build(studio)
    drawn, beside = run_tests(studio, "project.yaml", ends=0)["tests"]
    assert (drawn["found"], beside["found"]) == ("100 % drawn", "100 % in the srt")


def test_every_text_is_looked_at(tmp_path: Path) -> None:
    """However many follow each other, be they as small as they like, and over a transition, too."""
    studio = Studio(tmp_path / "project")
    studio.write("platforms/small.yaml", PROFILE.format("small", "320, 180", 23, -16, -1, 0))
    Image.new("RGB", (320, 180), "#204060").save(studio.folder / "blue.png")
    said = {"preset": "bare", "place": "bottom"}
    texts = [{"text": f"Word {n}", "at": [n / 4, (n + 1) / 4], **said} for n in range(24)]
    texts[2]["preset"] = "tiny"
    studio.write(
        "project.yaml",
        f"""\
vidbuild: 1
fps: 12
brand:
  presets:
    bare: {{like: title, size: 0.15, motion: none}}
    tiny: {{like: title, size: 0.012, motion: none}}
text: {json.dumps(texts)}
shots:
  - {{id: one, file: blue.png, duration_s: 5.5}}
  - {{id: two, file: blue.png, duration_s: 1.5, transition: {{type: dissolve, duration_s: 1}}}}
outputs: [small]
tests: [{{text_size: 0.02, contrast: 3, safe_area: {{bottom: 0.5}}}}]
""",
    )
    build(studio)
    size, contrast, safe = run_tests(studio, "project.yaml", ends=1)["tests"]
    assert (size["passed"], size["places"]) == (False, ['"Word 2" at 0.583 s: 0.011'])
    assert (contrast["passed"], contrast["places"]) == (False, ['"Word 2" at 0.583 s: not to be measured'])
    assert safe["places"][-1] == "and 20 more"
