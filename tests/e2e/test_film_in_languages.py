"""A film in two languages by the real command: what they share is made once, what is a language's own is its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidbuild.testing.studio import Ran, Studio

PROFILE = "name: {name}\nsize: [160, 90]\nvideo: {{preset: ultrafast, crf: 30}}\n"
PROJECT = """\
vidbuild: 1
fps: 10
languages: [en, de]
audio: {voice: {model: local/voice, id: {en: en, de: de}}, music: {file: song.mp4, gain_db: -20}}
captions: {preset: clean, sidecar: [srt], languages: [en, de]}
outputs: [{platform: wide, captions: burn}]
shots:
  - {id: bare, file: grey.png, duration_s: 1, text: "{{ project.name }}"}
  - id: told
    file: grey.png
    duration_s: longest
    say:
      en: "Come in, please, all of you. <sign>The first one is free."
      de: "Kommen Sie doch bitte herein. <sign>Der erste ist umsonst."
    text: {text: "{{ t.free }}", at: [sign, end]}
name: small
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """That film, built once."""
    studio = Studio(tmp_path_factory.mktemp("languages") / "project")
    studio.write("platforms/wide.yaml", PROFILE.format(name="wide"))
    studio.write("strings/en.yaml", "free: Free\n")
    studio.write("strings/de.yaml", "free: Umsonst\n")
    studio.still("grey.png", "0x606060", "160x90")
    studio.film("song.mp4", 3)
    studio.write("project.yaml", PROJECT)
    studio.build()
    return studio


@pytest.fixture
def studio(base: Studio, tmp_path: Path) -> Studio:
    """That film, to be edited."""
    return base.copy(tmp_path / "copy")


def test_each_language_has_its_files(base: Studio) -> None:
    """In a folder of its own: the video, its poster, its captions in each language that was asked for."""
    build = base.folder / "build"
    found = sorted(path.relative_to(build).as_posix() for path in build.rglob("*.*"))
    assert found == sorted(f"{own}/wide.{end}" for own in ("de", "en") for end in ("mp4", "jpg", "en.srt", "de.srt"))


def test_captions_are_in_their_language_at_the_times_of_the_one_that_is_heard(base: Studio) -> None:
    """Sentence by sentence."""
    told = {own: (base.folder / "build" / own / "wide.de.srt").read_text() for own in ("en", "de")}
    assert all("Kommen Sie doch bitte herein." in text and "Der erste ist umsonst." in text for text in told.values())
    first = {own: text.split(" --> ")[1].split("\n")[0] for own, text in told.items()}
    assert first["en"] != first["de"]
    own = (base.folder / "build" / "en" / "wide.en.srt").read_text()
    assert [line for line in own.splitlines() if "-->" in line][-1].split(" --> ")[0] == [
        line for line in told["en"].splitlines() if "-->" in line
    ][-1].split(" --> ")[0]


def test_a_shot_is_as_long_as_the_longest_language(base: Studio) -> None:
    """In both."""
    lengths = [line.rpartition(", ")[2] for line in base.run("build").stdout.splitlines()]
    assert len(lengths) == 2
    assert lengths[0] == lengths[1]


def test_what_languages_share_is_built_once(studio: Studio) -> None:
    """A third language makes its own: what it says, shows and hears; the shot without words is there."""
    studio.write("strings/fr.yaml", "free: Offert\n")
    studio.edit("languages: [en, de]\n", "languages: [en, de, fr]\n")
    studio.edit("id: {en: en, de: de}", "id: {en: en, de: de, fr: fr}")
    studio.edit('erste ist umsonst."\n', 'erste ist umsonst."\n      fr: "Entrez. <sign>Offert."\n')
    assert studio.build().counted == {
        Ran("Speech", ("told",), ()), Ran("Segment", ("told",), ("wide",)), Ran("Mix", (), ("wide",)),
    }  # fmt: skip


def test_a_line_of_one_language_leaves_the_others(studio: Studio) -> None:
    """The German one alone is spoken, shown and mixed again; nothing of the English film is."""
    before = (studio.folder / "build" / "en" / "wide.mp4").stat().st_mtime_ns
    studio.edit("erste ist umsonst", "erste ist gratis")
    assert studio.build().counted == {
        Ran("Speech", ("told",), ()), Ran("Segment", ("told",), ("wide",)), Ran("Mix", (), ("wide",)),
    }  # fmt: skip
    assert (studio.folder / "build" / "en" / "wide.mp4").stat().st_mtime_ns == before


def test_a_string_is_its_languages_own(studio: Studio) -> None:
    """The file is looked at: its edit encodes the piece that shows it."""
    studio.write("strings/de.yaml", "free: Gratis\n")
    assert studio.build().counted == {Ran("Segment", ("told",), ("wide",))}


def test_a_string_that_is_missing_is_told_with_its_language(studio: Studio) -> None:
    """At the place that needs it."""
    studio.write("strings/de.yaml", "fre: Gratis\n")
    said = studio.run("plan").stderr
    assert "the string `free` is missing in `de`" in said
    assert "project.yaml:15:" in said


def test_show_prints_a_language(base: Studio) -> None:
    """The source, or the one that is named."""
    assert "Free" in base.run("show").stdout
    assert "Umsonst" in base.run("show", "--variant", "de").stdout
    assert "no variant is called `xx`" in base.run("show", "--variant", "xx").stderr
