"""Layers as they are read: pictures over the picture, frames and blurred regions in it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import Layer, LayerMotion, When

HEAD = "vidbuild: 1\nmodel: kling-3\n"
REGION = (Fraction(1, 10), Fraction(1, 5), Fraction(1, 2), Fraction(1, 4))


def test_layers_are_read_of_shots_groups_and_the_film(desk) -> None:
    """One or a list; times as points or from and to, as of texts."""
    for file in ("logo.png", "clip.mp4"):
        desk.write(file)
    project = desk.project(
        HEAD
        + """\
layers: {file: logo.png, place: top-right, scale: 0.12, opacity: 0.8}
cast: {cup: {image: logo.png, exact: true}}
shots:
  - id: g
    layers: {file: cup, at: 1}
    shots:
      - id: a
        prompt: x
        say: {text: "Come <sign>in.", file: in.wav}
        layers:
          - {file: clip.mp4, in_s: 1.5, shape: circle, at: [sign, end], fade_in_s: 0.3, motion: slide-left}
          - {box: [0.1, 0.2, 0.5, 0.25], colour: ink, width: 0.01, shape: rounded, fade_out_s: 1}
      - {id: b, prompt: y, layers: [{blur: [0.1, 0.2, 0.5, 0.25], at: [1, -0.5]}, {file: logo.png, place: [0.5, 1]}]}
brand: {colours: {ink: "#102030"}}
""".replace("in.wav", "logo.png")
    )
    assert project.layers == (
        Layer("logo.png", place="top-right", scale=Fraction(12, 100), opacity=Fraction(8, 10)),
        Layer(member="cup", shot="a", until="b", start=Fraction(1)),
        Layer("clip.mp4", Fraction(3, 2), shot="a", start=When(line="a", mark="sign"), shape="circle",
              motion=LayerMotion("slide-left", Fraction(1, 2)), fade_in_s=Fraction(3, 10)),
        Layer(box=REGION, shot="a", shape="rounded", fade_out_s=Fraction(1), colour="#102030", width=Fraction(1, 100)),
        Layer(blur=REGION, shot="b", start=Fraction(1), end=When(Fraction(-1, 2), is_end=True)),
        Layer("logo.png", shot="b", place=(Fraction(1, 2), Fraction(1))),
    )  # fmt: skip


def test_the_brand_s_logo_is_a_layer_by_its_name(desk) -> None:
    """Wherever the brand is written down; a picture may be moved over."""
    desk.write("kit/logo.png")
    desk.write("kit/brand.yaml", "brand: {logo: logo.png}\n")
    layer = "{file: brand.logo, motion: {type: push-in, focus: [0, 1], scale: 2, duration_s: 3}}"
    project = desk.project(f"{HEAD}include: [kit/brand.yaml]\nshots: [{{prompt: x, layers: {layer}}}]\n")
    moved = LayerMotion("push-in", Fraction(3), (Fraction(0), Fraction(1)), Fraction(2))
    assert project.layers == (Layer("kit/logo.png", shot="shot_01", motion=moved),)


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ("{place: top}", "the layer shows nothing"),
        ("{file: a.png, box: [0, 0, 1, 1]}", "a layer has `file` and `box`, and shows one thing"),
        ("{box: [0, 0, 1, 1], scale: 0.5}", "`scale` says nothing about a layer with `box`"),
        ("{blur: [0, 0, 1, 1], opacity: 0.5}", "`opacity` says nothing about a layer with `blur`"),
        ("{blur: [0, 0, 1, 1], fade_in_s: 1}", "`fade_in_s` says nothing about a layer with `blur`"),
        ("{file: a.png, width: 0.01}", "`width` says nothing about a layer with `file`"),
        ("{file: a.png, in_s: 1}", "`in_s` is for a video, and `a.png` is none"),
        ("{file: a.png, place: full, scale: 0.5}", "a layer that is `full` has no `scale`: it covers the picture"),
        ("{box: [0.5, 0, 0.6, 1]}", "the region reaches out of the picture"),
        ("{box: [0.5, 0, 0, 1]}", "the region is empty"),
        ("{box: [0, 0, 1, 1], colour: ink}", "no colour of the brand is called `ink`"),
        ("{file: a.svg}", "`a.svg` is no picture and no video by its suffix"),
        ("{file: brand.logo}", "the brand has no logo"),
        (
            "{file: a.png, motion: {type: slide-up, scale: 2}}",
            "`slide-up` has no `scale`: what is seen in the layer stands still",
        ),
        ("{file: anna}", "nobody in `cast` is called `anna`"),
        ("{file: bert}", "`bert` has no picture"),
        ("{file: a.png, at: [2, 1]}", "`at` must end after it begins: 2 to 1 is nothing"),
        ("{file: a.png, shape: oval}", '`shape` must be rect, rounded or circle, not "oval"'),
        ("{file: a.png, scale: 1.5}", "`scale` must be at most 1 of the picture's width, not 1.5"),
        ("{avatar: bert}", "`avatar` is not built yet"),
    ],
)
def test_a_mistake_in_a_layer_is_told(desk, layer: str, sentence: str) -> None:
    """No key is ignored, and nothing is drawn that can't be."""
    desk.write("a.png")
    desk.write("a.svg")
    text = f"{HEAD}cast: {{bert: {{description: Bert}}}}\nshots: [{{prompt: x, layers: {layer}}}]\n"
    assert sentence in [told.split(" ", 1)[1] for told in desk.sentences(text)]
