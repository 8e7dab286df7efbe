"""Nodes -> layers: pictures over the picture, and marks in it. Pure.

It knows the names of places, not where they are.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from vidbuild.spec.cast import unknown
from vidbuild.spec.inherit import amount, number
from vidbuild.spec.lettering import colour_of
from vidbuild.spec.model import STILL_SUFFIXES, VIDEO_SUFFIXES, Brand, Layer, LayerMotion, suffix_of
from vidbuild.spec.resolve import Resolution, is_spoilt
from vidbuild.spec.speech import Anchors
from vidbuild.spec.times import Times, to_its_end
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Problem

LOGO = "brand.logo"
SOURCES = ("file", "box", "blur")
_STRAYS = {
    "file": ("colour", "width"),
    "box": ("in_s", "place", "scale", "motion"),
    "blur": ("in_s", "place", "scale", "motion", "colour", "width", "opacity", "fade_in_s", "fade_out_s"),
}
"""Keys that say nothing about a kind of layer. What is blurred is so wholly, from its first picture to its last."""
SLIDE_S = Fraction(1, 2)
_USUAL = Layer()


def layers_of(root: Node, anchors: Anchors, times: Times, brand: Brand, resolution: Resolution) -> tuple[Layer, ...]:
    """Give all layers: the film's, then those of groups and shots in the author's order."""
    found = []
    for owner, name, shot in ((root, None, None), *((node, name, shot) for node, name, shot, _ in anchors.owners)):
        written = owner.get("layers")
        if written is None:
            continue
        for node in written.members() if type(written.value) is list else [written]:
            layer = _layer(node, brand, resolution)
            if layer is not None:
                start, end = times.span(node.get("at"), name)
                last = anchors.lasts[name] if name is not None else None
                until = last if last != shot else None
                found.append(replace(layer, shot=shot, until=until, start=start, end=to_its_end(end)))
    return tuple(found)


def _layer(node: Node, brand: Brand, resolution: Resolution) -> Layer | None:
    kind = _kind(node, resolution)
    source = node.get(kind) if kind is not None else None
    if kind is None or source is None:
        return None
    for key in _STRAYS[kind]:
        if (stray := node.get(key)) is not None:
            resolution.tell(stray.key_mark, f"`{key}` says nothing about a layer with `{kind}`", "remove it")
    shape, opacity, width, colour = (node.get(key) for key in ("shape", "opacity", "width", "colour"))
    layer = replace(
        _USUAL,
        shape=str(shape.value) if shape else _USUAL.shape,
        fade_in_s=amount(node.get("fade_in_s")) or Fraction(0),
        fade_out_s=amount(node.get("fade_out_s")) or Fraction(0),
        opacity=number(opacity) if opacity else _USUAL.opacity,
        marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
    )
    if kind == "file":
        return _picture(node, source, layer, brand, resolution)
    region = _region(source, resolution)
    if region is None:
        return None
    if kind == "blur":
        return replace(layer, blur=region)
    found = colour_of(colour, brand.colours, resolution) if colour else _USUAL.colour
    return replace(layer, box=region, colour=found or _USUAL.colour, width=number(width) if width else _USUAL.width)


def _kind(node: Node, resolution: Resolution) -> str | None:
    written = [key for key in SOURCES if node.has(key)]
    if len(written) == 1:
        return written[0]
    if len(written) > 1:
        key = node.get(written[1])
        both = " and ".join(f"`{name}`" for name in written)
        resolution.tell(key.key_mark if key else node.mark, f"a layer has {both}, and shows one thing", "make it two")
    elif not is_spoilt(node):
        resolution.tell(node.mark, "the layer shows nothing", "give it one of `file`, `box` or `blur`")
    return None


def _picture(node: Node, source: Node, layer: Layer, brand: Brand, resolution: Resolution) -> Layer | None:
    """Read a still, a video or a member's picture, and where it lies."""
    suffix = suffix_of(str(source.value))
    start, scale, motion = node.get("in_s"), node.get("scale"), node.get("motion")
    if start is not None and suffix not in VIDEO_SUFFIXES:
        resolution.tell(start.key_mark, f"`in_s` is for a video, and `{source.value}` is none", "remove it")
    place = _place(node.get("place"))
    if place == "full":
        for key in ("scale", "shape"):
            if (stray := node.get(key)) is not None:
                resolution.tell(
                    stray.key_mark, f"a layer that is `full` has no `{key}`: it covers the picture", "remove it"
                )
    layer = replace(
        layer,
        in_s=number(start) if start else Fraction(0),
        place=place,
        scale=number(scale) if scale else _USUAL.scale,
        motion=_motion(motion, resolution) if motion else None,
    )
    if source.value == LOGO:
        if brand.logo is None:
            resolution.tell(source.mark, "the brand has no logo", "name one: `brand: {logo: FILE}`")
            return None
        return replace(layer, file=brand.logo)
    if suffix or "/" in str(source.value):
        known = STILL_SUFFIXES | VIDEO_SUFFIXES
        told = f"`{source.value}` is no picture and no video by its suffix"
        facts = (f"layers are {' '.join(sorted(name[1:] for name in known))}, or cast members",)
        return replace(
            layer, file=resolution.path(source, None if suffix in known else Problem(source.mark, told, facts))
        )
    name = str(source.value)
    if name not in resolution.roster.nodes:
        resolution.problems.append(unknown(source, resolution.roster))
        return None
    if not resolution.roster.has_picture(name):
        resolution.tell(source.mark, f"`{name}` has no picture", "give the member an `image`")
        return None
    return replace(layer, member=name)


def _place(node: Node | None) -> str | tuple[Fraction, Fraction]:
    if node is None:
        return _USUAL.place
    if type(node.value) is list:
        across, down = (number(side) for side in node.members())
        return across, down
    return str(node.value)


def _motion(node: Node, resolution: Resolution) -> LayerMotion | None:
    """Read how a layer moves; a slide takes half a second unless it says otherwise."""
    kind = node if type(node.value) is str else node.get("type")
    if kind is None or kind.value == "none":
        return None
    seconds, focus, scale = (node.get(key) if node is not kind else None for key in ("duration_s", "focus", "scale"))
    made = LayerMotion(str(kind.value), amount(seconds))
    if made.slides:
        for key, stray in (("focus", focus), ("scale", scale)):
            if stray is not None:
                sentence = f"`{kind.value}` has no `{key}`: what is seen in the layer stands still"
                resolution.tell(stray.key_mark, sentence, "remove it")
        return replace(made, seconds=SLIDE_S if made.seconds is None else made.seconds)
    if focus is not None and len(focus.members()) == 2:
        x, y = (number(member) for member in focus.members())
        made = replace(made, focus=(x, y))
    return replace(made, scale=number(scale)) if scale is not None else made


def _region(node: Node, resolution: Resolution) -> tuple[Fraction, Fraction, Fraction, Fraction] | None:
    """Read left, top, width and height; tell what reaches out of the picture."""
    sides = [number(side) for side in node.members()]
    if len(sides) != 4:
        return None
    left, top, width, height = sides
    if not width or not height:
        resolution.tell(node.mark, "the region is empty", "it is left, top, width and height, as parts of the picture")
        return None
    if left + width > 1 or top + height > 1:
        fact = "it is left, top, width and height, as parts of the picture"
        resolution.tell(node.mark, "the region reaches out of the picture", "make it smaller", (fact,))
        return None
    return left, top, width, height
