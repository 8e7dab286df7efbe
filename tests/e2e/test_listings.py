"""What can be named, for people and programs: styles, models, platforms; and what `check` and `why` find as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from vidbuild import packaged
from vidbuild.testing.studio import Studio

FILM = """\
vidbuild: 1
style: {template: styles/own.j2, with: {light: dim}}
shots: [{id: a, model: local/animatic, duration_s: 1, prompt: x}]
"""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A project with styles of its own, good ones and bad ones."""
    studio = Studio(tmp_path / "project")
    studio.write("project.yaml", FILM)
    studio.write(
        "styles/own.j2", "{#- My look. -#}\nA {{ light }} room{% if lens is defined %}, {{ lens }}{% endif %}.\n"
    )
    studio.write("styles/broken.j2", "{% if %}\n")
    studio.write(
        "styles/endless.j2", "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}"
    )
    (studio.folder / "styles/outside.j2").symlink_to("/etc/hostname")
    return studio


def read(studio: Studio, *words: str) -> Mapping[str, Any]:
    """Give what a command prints for programs."""
    told = studio.run_bare(*words, "--json")
    found: Mapping[str, Any] = json.loads(told.stdout)
    return found


def test_styles_are_listed_with_what_they_take_and_say(studio: Studio) -> None:
    """Packaged ones, own ones with what they need; a bad one is told and hides no other."""
    found = {style["name"]: style for style in read(studio, "styles")["styles"]}
    assert "35mm" in found["cinematic@1"]["sample"]
    assert {"light", "lens", "mood"} <= set(found["cinematic@1"]["parameters"])
    own = found["styles/own.j2"]
    assert (own["said"], own["sample"], own["needs"]) == ("My look.", "A <light> room.", ["light"])
    assert own["parameters"] == ["lens", "light"]
    assert "can't be rendered" in found["styles/broken.j2"]["error"]
    assert "can't be rendered" in found["styles/endless.j2"]["error"]
    assert found["styles/outside.j2"]["error"]
    assert found["styles/outside.j2"]["sample"] == ""
    said = studio.run_bare("styles").stdout
    assert "styles/own.j2  (this project's own)\n    My look.\n    parameters: lens, light (needed)\n" in said


def test_styles_need_no_project(tmp_path: Path) -> None:
    """Nor do models and platforms."""
    studio = Studio(tmp_path / "empty")
    assert [style["name"] for style in read(studio, "styles")["styles"]] == list(packaged.styles())
    assert {row["name"] for row in read(studio, "platforms")["platforms"]} == set(packaged.catalog().profiles)
    assert {row["name"] for row in read(studio, "models")["models"]} == set(packaged.catalog().models)


def test_own_platforms_and_models_are_listed_too(studio: Studio) -> None:
    """With what programs choose by."""
    studio.write("platforms/wall.yaml", "name: wall\ntitle: Our wall\nsize: [640, 360]\nfps: {max: 30}\n")
    (wall,) = [row for row in read(studio, "platforms")["platforms"] if row["name"] == "wall"]
    assert (wall["width"], wall["height"], wall["fps_max"]) == (640, 360, 30)
    assert "wall " in studio.run_bare("platforms").stdout
    studio.environ["KLING_ACCESS_KEY"] = studio.environ["KLING_SECRET_KEY"] = "a-secret-of-mine"
    (kling,) = [row for row in read(studio, "models")["models"] if row["name"] == "kling-3"]
    assert {way["name"]: way["keys_present"] for way in kling["providers"]}["kling"] is True
    assert {way["name"]: way["keys_present"] for way in kling["providers"]}["replicate"] is False
    assert kling["kind"] == "footage"
    assert kling["prices"][0]["usd"] > 0


def test_check_tells_programs_every_mistake_and_its_place(studio: Studio) -> None:
    """With the exit codes that it has for people."""
    studio.edit("styles/own.j2, with: {light: dim}", "cinematic")
    told = studio.run("check", "--json")
    document = json.loads(told.stdout)
    jsonschema.validate(document, packaged.schema("check"))
    assert (told.returncode, document["ok"], document["problems"]) == (0, True, [])
    studio.edit("prompt: x", "promt: x, seed: y")
    told = studio.run("check", "--json")
    document = json.loads(told.stdout)
    jsonschema.validate(document, packaged.schema("check"))
    assert (told.returncode, document["ok"], told.stderr) == (2, False, "")
    places = [(row["line"], row["column"], row["hint"]) for row in document["problems"]]
    assert (3, 55, "did you mean `prompt`?") in places
    assert len(places) >= 2


def test_why_tells_programs(studio: Studio) -> None:
    """Action by action."""
    studio.edit("styles/own.j2, with: {light: dim}", "cinematic")
    rows = json.loads(studio.run_bare("why", "a", "--json").stdout)["actions"]
    assert rows[0]["what"] == "Footage of `a`"
    assert (rows[0]["standing"], rows[0]["why"]) == ("run", ["it was never built"])


def test_check_refuses_a_voice_that_nobody_has_here(studio: Studio) -> None:
    """Wherever it stands; beside a vendor's model an id is the vendor's."""
    ids = [
        ("local/voice", "anna"),
        ("local/voice", "en+f3"),
        ("elevenlabs", "anna"),
        ("[elevenlabs, local/voice]", "x"),
    ]
    members = ", ".join(f"m{at}: {{voice: {{model: {model}, id: {id}}}}}" for at, (model, id) in enumerate(ids))
    studio.write("voices.yaml", f"vidbuild: 1\ncast: {{{members}}}\nshots: [{{card: {{title: x}}, duration_s: 1}}]\n")
    told = studio.run_bare("check", "voices.yaml")
    assert (told.returncode, told.stderr.count("voices.yaml:")) == (2, 1)
    assert "voices.yaml:2:45: `local/voice` has no voice `anna`" in told.stderr
    assert "en-gb" in told.stderr
