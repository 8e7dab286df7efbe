"""Languages: one project for each, maps by language, strings, marks; what one needs and lacks names both."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import Captions
from vidbuild.spec.show import shown_project

HEAD = "vidbuild: 1\nmodel: kling-3\nlanguages: [en, de]\n"


def test_each_language_is_a_project(desk) -> None:
    """The source first; what is no map by language is the same in all."""
    loaded = desk.load(HEAD + "shots: [{id: a, prompt: x, text: {en: Hello, de: Hallo}}, {id: b, prompt: y}]\n")
    assert [project.language for project in loaded.projects] == ["en", "de"]
    assert [project.texts[0].text for project in loaded.projects] == ["Hello", "Hallo"]
    assert loaded.projects[0].shots[1] == loaded.projects[1].shots[1]
    assert loaded.project is loaded.projects[0]


def test_without_languages_there_is_one_project(desk) -> None:
    """And it has none."""
    loaded = desk.load(
        "vidbuild: 1\nmodel: kling-3\nshots: [{prompt: x, say: y}]\naudio: {voice: {model: elevenlabs, id: N}}\n"
    )
    assert len(loaded.projects) == 1
    assert loaded.project.language is None
    assert loaded.project.lines[0].language is None


def test_any_text_voice_or_file_may_be_a_map(desk) -> None:
    """Lines and their marks, voices, footage, cards, prompts; lists and mappings too."""
    for name in ("en.mp4", "de.mp4"):
        desk.write(name)
    text = """\
audio: {voice: {model: elevenlabs, id: {en: Rachel, de: Anna}}}
cast: {anna: {description: {en: a woman, de: eine Frau}}}
pronounce: {GDPR: {en: G D P R}, CEO: C E O}
shots:
  - {id: a, file: {en: en.mp4, de: de.mp4}, say: {en: "The <law>GDPR, CEO.", de: "Die <law>GDPR, CEO."}}
  - id: b
    card: {en: {title: End}, de: {title: Ende, subtitle: Danke}}
    text: {en: [One, Two], de: [Eins]}
  - {id: c, prompt: "{{ cast.anna }}"}
"""
    en, de = desk.load(HEAD + text).projects
    assert [line.text for line in en.lines + de.lines] == ["The G D P R, C E O.", "Die GDPR, C E O."]
    assert [line.voice.id for line in en.lines + de.lines] == ["Rachel", "Anna"]
    assert [line.language for line in en.lines + de.lines] == ["en", "de"]
    assert [one.shots[0].source.file for one in (en, de)] == ["en.mp4", "de.mp4"]
    assert [(one.shots[1].source.title, one.shots[1].source.subtitle) for one in (en, de)] == [
        ("End", ""),
        ("Ende", "Danke"),
    ]
    assert [[text.text for text in one.texts] for one in (en, de)] == [["One", "Two"], ["Eins"]]
    assert [one.shots[2].source.prompt for one in (en, de)] == ["a woman", "eine Frau"]


def test_names_of_the_authors_own_are_no_languages(desk) -> None:
    """A member or a preset may be called like one; variables and options are left alone."""
    text = """\
vars: {hello: {en: Hello, de: Hallo}}
options: {de: 1}
cast: {en: {description: somebody}}
brand: {presets: {de: {like: title}}, colours: {en: "#ffffff"}}
shots: [{prompt: "{{ cast.en }} {{ hello[language] }}"}]
"""
    en, de = desk.load(HEAD + text).projects
    assert [one.shots[0].source.words for one in (en, de)] == ["somebody Hello", "somebody Hallo"]
    assert en.shots[0].source.options == {"de": 1}
    assert set(de.brand.presets) == {"de"}


def test_strings_are_found_by_key(desk) -> None:
    """The project's own file wins over the shared one; both may hold groups of keys."""
    desk.write("strings/en.yaml", "title: Coffee\nmenu: {first: Espresso, second: Tea}\n")
    desk.write("strings/de.yaml", "title: Kaffee\nmenu: {first: Espresso, second: Tee}\n")
    desk.write("strings/project/de.yaml", "title: Bohnen\nmenu: {second: '{{ not }} a template'}\n")
    shots = 'shots: [{prompt: x, text: ["{{ t.title }}", "{{ t.menu.first }}", "{{ t.menu.second }}"]}]\n'
    loaded = desk.load(HEAD + shots)
    assert [[text.text for text in project.texts] for project in loaded.projects] == [
        ["Coffee", "Espresso", "Tea"],
        ["Bohnen", "Espresso", "{{ not }} a template"],
    ]
    assert {path.as_posix() for path in loaded.read} >= {
        "strings/en.yaml", "strings/de.yaml", "strings/project/de.yaml",
    }  # fmt: skip
    assert [path.as_posix() for path in loaded.sought] == ["strings/project/en.yaml"]


def test_when_may_ask_for_the_language(desk) -> None:
    """Of shots and of outputs; a language may be without outputs while another has some."""
    text = "shots: [{id: a, prompt: x}, {id: b, prompt: y, when: language == 'de'}]\n"
    outputs = "outputs: [{platform: youtube, when: language == 'en'}]\n"
    en, de = desk.load(HEAD + text + outputs).projects
    assert [len(one.shots) for one in (en, de)] == [1, 2]
    assert [len(one.outputs) for one in (en, de)] == [1, 0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("shots: [{prompt: x, text: {en: Hello}}]", ["`text` has `en` and no `de`"]),
        ('shots: [{prompt: x, text: "{{ t.hi }}"}]', ["the string `hi` is missing in `de`", "in `de`"]),
        (
            "audio: {voice: {model: elevenlabs, id: N}}\nshots: [{prompt: x, say: {en: a <so>b, de: c}}]",
            ["`<so>` is marked in `en` and not in `de`"],
        ),
        ("shots: [{prompt: x, text: {en: Hello, xx: Ho}}]", ["`text` is said in `xx`, which `languages` doesn't name"]),
        ("captions: {languages: [fr]}\nshots: [{prompt: x}]", ["the project is in no language `fr`"]),
        ("vars: {language: x}\nshots: [{prompt: x}]", ["`language` is a name that templates have of their own"]),
        ("outputs: [{platform: youtube, when: language == 'fr'}]\nshots: [{prompt: x}]", ["no output in any language"]),
    ],
)  # fmt: skip
def test_what_a_language_lacks_is_told_with_both(desk, text: str, told: list[str]) -> None:
    """Once, at its place, and in which language it is."""
    desk.write("strings/en.yaml", "hi: Hello\n")
    problems = desk.problems(HEAD + text + "\n")
    found = "\n".join(f"{problem.sentence} {' '.join(problem.facts)}" for problem in problems)
    assert all(sentence in found for sentence in told), found
    assert len(problems) == 1


@pytest.mark.parametrize("languages", ["[]", "[en, en]", "[English]", "en", "[1]"])
def test_languages_are_a_list_of_codes(desk, languages: str) -> None:
    """Each once."""
    assert desk.problems(f"vidbuild: 1\nmodel: kling-3\nlanguages: {languages}\nshots: [{{prompt: x}}]\n")


def test_a_mistake_in_all_languages_is_told_once(desk) -> None:
    """Without a word of languages."""
    (problem,) = desk.problems(HEAD + "shots: [{prompt: x, txt: y}]\n")
    assert problem.facts == ()


def test_a_shot_may_be_as_long_as_the_longest_language(desk) -> None:
    """Which needs no number."""
    project = desk.project(
        HEAD
        + "audio: {voice: {model: elevenlabs, id: N}}\nshots: [{prompt: x, duration_s: longest, say: {en: a, de: b}}]\n"
    )
    (shot,) = project.shots
    assert (shot.duration_s, shot.pad_s, shot.is_longest) == (None, Fraction(3, 10), True)


def test_captions_may_stand_beside_in_several_languages(desk) -> None:
    """By their codes."""
    project = desk.project(HEAD + "captions: {sidecar: [srt], languages: [de, en]}\nshots: [{prompt: x}]\n")
    assert project.captions == Captions("clean", ("srt",), ("de", "en"))


def test_a_language_is_shown_as_a_project_of_its_own(desk) -> None:
    """With the one language."""
    _, de = desk.load(HEAD + "shots: [{id: a, prompt: x, text: {en: Hello, de: Hallo}}]\n").projects
    again = desk.project(shown_project(de))
    assert again.language == "de"
    assert again.texts == de.texts
