"""The cast: members described once, named in prompts, given to models."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import CastPicture, FilePicture, FrameOf, Member, MomentOf, Project, Prompted, Still, Voice

HEAD = """\
vidbuild: 1
model: kling-3
vars: {hair: short grey hair}
cast:
  barista:
    description: "a woman,
      {{ hair }}"
    image: {model: flux-2-pro, prompt: "portrait of {{ description }}, neutral background"}
    voice: {model: elevenlabs, id: Rachel, options: {stability: 0.5}}
  guest: {image: [guest.png, side.png]}
  cup: {description: a white cup, image: {file: cup.png}, exact: true}
  street: {description: a wet street}
"""
WOMAN = "a woman, short grey hair"


@pytest.fixture
def read(desk):
    """Read a project with this cast and the shots that are given."""
    for name in ("guest.png", "side.png", "cup.png", "a.png"):
        desk.write(name)
    return lambda shots: desk.project(HEAD + "shots:\n" + shots)


def sources(project: Project) -> list[Prompted]:
    """Give what is generated."""
    return [shot.source for shot in project.shots if isinstance(shot.source, Prompted)]


def test_a_member_has_words_pictures_and_a_voice(read) -> None:
    """Its picture's prompt sees `description` and the variables; a file may stand in a mapping."""
    cast = read("  - {prompt: x}\n").cast
    assert list(cast) == ["barista", "guest", "cup", "street"]
    portrait = Still(f"portrait of {WOMAN}, neutral background", models=("flux-2-pro",), label="barista")
    assert cast["barista"] == Member(
        "barista", WOMAN, (portrait,), voice=Voice(("elevenlabs",), "Rachel", {"stability": Fraction(1, 2)})
    )
    assert cast["guest"] == Member("guest", "", (FilePicture("guest.png"), FilePicture("side.png")))
    assert cast["cup"] == Member("cup", "a white cup", (FilePicture("cup.png"),), exact=True)
    assert str(cast["barista"].marks["image"]) == "project.yaml:8:12"


def test_a_member_in_a_prompt_is_its_description_and_is_given_to_the_model(read) -> None:
    """In the order of first mention; a member without a description is its name; exact ones are never given."""
    (source,) = sources(
        read("  - {prompt: '{{ cast.guest }} and {{ cast.barista }}, {{ cast.guest }}, {{ cast.cup }}'}\n")
    )
    assert source.prompt == source.words == f"guest and {WOMAN}, guest, a white cup"
    assert source.references == ("guest", "barista")


@pytest.mark.parametrize(
    ("written", "words", "references"),
    [
        ("{{ cast['barista'] }}", WOMAN, ("barista",)),
        ("{{ cast.barista | upper }}", WOMAN.upper(), ("barista",)),
        ("{% if cast.guest %}x{% endif %}", "x", ("guest",)),
        ("{% for who in cast %}{{ who }} {% endfor %}", "barista guest cup street", ()),
        ("{{ cast }}", "barista, guest, cup, street", ()),
        ("{{ cast | length }}", "4", ()),
        ("{{ cast.street }}", "a wet street", ()),
    ],
)
def test_templates_see_the_cast_by_name(read, written: str, words: str, references: tuple[str, ...]) -> None:
    """Whatever looks a member up gives it to the model, if it has a picture."""
    (source,) = sources(read(f'  - {{prompt: "{written}"}}\n'))
    assert (source.words, source.references) == (words, references)


@pytest.mark.parametrize("name", ["items", "get", "keys", "_named", "cast"])
def test_no_name_of_a_member_is_a_method(desk, name: str) -> None:
    """A member may be called anything that an id may."""
    text = (
        f"vidbuild: 1\ncast: {{{name}: {{description: someone}}}}\nshots: [{{prompt: \"{{{{ cast['{name}'] }}}}\"}}]\n"
    )
    (source,) = sources(desk.project(text))
    assert source.prompt == "someone"


def test_members_that_only_cast_names_are_described_behind_the_prompt(read) -> None:
    """So that models without pictures know them; who is named or described already is not described again."""
    first, second, third, fourth = sources(
        read(
            """\
  - {prompt: a door opens, cast: [barista, guest, cup]}
  - {prompt: "{{ cast.guest }} waits.", cast: [barista, guest]}
  - {prompt: "a woman,  short grey hair waits", cast: [barista]}
  - {prompt: a woman waits, cast: [street]}
"""
        )
    )
    assert first.prompt == f"a door opens. {WOMAN}. a white cup"
    assert first.words == "a door opens"
    assert first.references == ("barista", "guest")
    assert (second.prompt, second.references) == (f"guest waits. {WOMAN}", ("guest", "barista"))
    assert (third.prompt, third.references) == (f"{WOMAN} waits", ("barista",))
    assert (fourth.prompt, fourth.references) == ("a woman waits. a wet street", ())


def test_a_style_stands_before_and_descriptions_behind(desk) -> None:
    """The order of a prompt: style, prompt, cast."""
    text = "vidbuild: 1\nstyle: {text: grainy film}\ncast: {a: {description: Anna}}\nshots: [{prompt: x, cast: [a]}]\n"
    assert sources(desk.project(text))[0].prompt == "grainy film x. Anna"


def test_cast_is_inherited_and_an_empty_list_refuses(read) -> None:
    """The nearest wins; what the prompt says stays said."""
    project = read(
        """\
  - cast: [barista]
    shots:
      - {prompt: x}
      - {prompt: x, cast: [guest]}
      - {prompt: "{{ cast.barista }}", cast: []}
      - {card: {title: x}}
"""
    )
    inherited, own, refused = sources(project)
    assert (inherited.prompt, inherited.references) == (f"x. {WOMAN}", ("barista",))
    assert (own.prompt, own.references) == ("x", ("guest",))
    assert (refused.prompt, refused.references) == (WOMAN, ())
    assert str(project.shots[0].marks["cast"]) == "project.yaml:14:11"


def test_a_prompt_in_a_storyboard_names_nobody(desk) -> None:
    """Nothing in it is a template, but `cast` lists members."""
    text = "cast: {a: {description: Anna}}\nshots: [{prompt: '{{ cast.a }}', model: kling-3, cast: [a]}]\n"
    loaded = desk.load(text)
    assert sources(loaded.project)[0].prompt == "{{ cast.a }}. Anna"
    assert len(loaded.warnings) == 1


def test_pictures_may_be_of_the_cast(read) -> None:
    """By the member's name alone; a background may be exact, since no model is given it."""
    project = read(
        "  - {id: a, prompt: x, init_image: barista, end_image: guest}\n  - {card: {title: x, background: cup}}\n"
    )
    assert (project.shots[0].source.init, project.shots[0].source.end) == (CastPicture("barista"), CastPicture("guest"))
    assert project.shots[1].source.background == CastPicture("cup")


def test_a_members_picture_is_any_picture(desk) -> None:
    """A shot's frame, a moment, another member, a still with members of its own."""
    desk.write("a.png")
    text = """\
vidbuild: 1
model: kling-3
cast:
  a: {image: s.last_frame}
  b: {image: [s@1.5, a, a.png]}
  c: {description: c, image: {prompt: "{{ cast.b }} beside {{ description }}", cast: [a]}}
shots: [{id: s, prompt: x}]
"""
    cast = desk.project(text).cast
    assert cast["a"].images == (FrameOf("s", last=True),)
    assert cast["b"].images == (MomentOf("s", Fraction(3, 2)), CastPicture("a"), FilePicture("a.png"))
    assert cast["c"].images == (Still("b beside c", cast=("b", "a"), label="c"),)


def test_files_of_members_are_files_of_the_project(desk) -> None:
    """They are looked for beside the file that names them."""
    desk.write("brand/cup.png")
    desk.write("brand/brand.yaml", "cast: {cup: {image: cup.png}}\n")
    loaded = desk.load("vidbuild: 1\ninclude: [brand/brand.yaml]\nmodel: kling-3\nshots: [{prompt: x}]\n")
    assert loaded.project.cast["cup"].images == (FilePicture("brand/cup.png"),)
    assert "brand/cup.png" in loaded.accepted


def test_a_description_sees_no_cast(desk) -> None:
    """Members are described by variables, not by each other."""
    told = desk.mistakes(
        "vidbuild: 1\ncast: {a: {description: x}, b: {description: '{{ cast.a }}'}}\nshots: [{prompt: x}]\n"
    )
    assert "nobody in `cast` is called `a`" in told
