"""Generated stills: pictures that a model makes for a shot or a member."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.spec.model import Card, FilePicture, Still

HEAD = """\
vidbuild: 1
model: kling-3
options: {cfg: 7}
seed: 5
negative: [text]
style: {text: grainy film}
cast:
  anna: {description: Anna, image: anna.png}
"""


def test_a_still_is_written_where_a_picture_may_be(desk) -> None:
    """With the style in front, its own model and options, and members as a shot has them."""
    desk.write("anna.png")
    project = desk.project(
        HEAD
        + """\
shots:
  - id: a
    prompt: x
    seed: 6
    negative: hands
    init_image: {model: [flux-2-pro], prompt: "{{ cast.anna }}  waves", options: {quality: high}}
    end_image: {prompt: a door, cast: [anna], seed: 9, negative: blur}
"""
    )
    source = project.shots[0].source
    assert source.init == Still(
        "grainy film Anna waves",
        models=("flux-2-pro",),
        options={"quality": "high"},
        negative=("text",),
        seed=5,
        cast=("anna",),
        label="a",
    )
    assert source.end == Still("grainy film a door. Anna", negative=("text", "blur"), seed=9, cast=("anna",), label="a")
    assert str(source.init.marks["model"]) == "project.yaml:14:25"
    assert source.references == ()


def test_a_still_may_be_routed(desk) -> None:
    """By needs and price; without a model, among all."""
    text = HEAD.replace("anna.png", "{prompt: x, model: {needs: [faces, faces], max_usd_per_s: 0.1}}")
    still = desk.project(text + "shots: [{prompt: x}]\n").cast["anna"].images[0]
    assert isinstance(still, Still)
    assert (still.prompt, still.models, still.needs, still.max_usd_per_s) == ("x", (), ("faces",), Fraction(1, 10))


def test_a_cards_background_may_be_generated(desk) -> None:
    """Behind the style of where the card stands, even if no shot with a prompt has that style."""
    desk.write("s.j2", "light is {{ light }}")
    text = """\
vidbuild: 1
style: {template: s.j2, with: {light: warm}}
shots:
  - style: {with: {light: cold}}
    shots: [{id: a, card: {title: Fin, background: {prompt: sky}}}]
"""
    assert desk.project(text).shots[0].source == Card("Fin", background=Still("light is cold sky", label="a"))


def test_a_picture_may_be_a_mapping_with_a_file(desk) -> None:
    """As the page's example writes it."""
    desk.write("anna.png")
    project = desk.project(HEAD + "shots: [{prompt: x, init_image: {file: anna.png}}]\n")
    assert project.shots[0].source.init == FilePicture("anna.png")
