"""Title and end cards as the brand has them: how each looks in each output, and what is told before one is drawn.

It makes no actions: `sources` plans the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.media import cards
from vidbuild.media.cards import Block, Layout
from vidbuild.media.fonts import FAMILY
from vidbuild.media.text import Area, Preset
from vidbuild.plan.lettering import listed, preset_of, safe_area, uncovered
from vidbuild.plan.world import World, output_size
from vidbuild.spec.model import Card, Output, Project, Shot
from vidbuild.words.errors import Problem


def areas(output: Output, project: Project, world: World) -> tuple[tuple[int, int], Area]:
    """Give the picture size of an output, and where a card's text may stand in it."""
    size = output_size(output, project, world.catalog)
    return size, cards.room(safe_area(world.catalog.profiles[output.platform], size), size)


def whole(size: tuple[int, int]) -> Area:
    """Give where a card's text may stand in a picture that is no platform's."""
    return cards.room(Area(0, 0, *size), size)


def layout(card: Card, project: Project, world: World, size: tuple[int, int], area: Area) -> Layout | None:
    """Lay out a card; `None` where it doesn't fit."""
    logo = world.own[card.logo].probe if card.logo is not None else None
    blocks = [Block(text, preset, world.typefaces[preset.font]) for text, preset in _texts(card, project)]
    return cards.laid(blocks, (logo.width, logo.height) if logo else None, area, size)


def words(card: Card, project: Project, world: World) -> dict[str, Any]:
    """Give what a card is in the author's words: what it shows, and what the brand says of how."""
    said: dict[str, Any] = {"title": card.title}
    if card.subtitle:
        said["subtitle"] = card.subtitle
    if isinstance(card.background, str):
        said["background"] = card.background
    brand = project.brand
    presets = {name: _plain(brand.presets[name]) for name in cards.PRESETS if name in brand.presets}
    files = dict.fromkeys(file for role in ("text", "title") for file in world.typefaces[role].files)
    fonts = [file.digest for file in files if all(face.family != FAMILY for face in file.faces)]
    return said | ({"presets": presets} if presets else {}) | ({"fonts": fonts} if fonts else {})


def problems(project: Project, world: World, outputs: Iterable[Output]) -> list[Problem]:
    """Tell cards with characters that no font has, and those that don't fit in an output."""
    found = []
    for shot in project.shots:
        if isinstance(shot.source, Card) and (shot.source.logo is None or shot.source.logo in world.own):
            found += _uncovered(shot, shot.source, project, world) or _small(shot, shot.source, project, world, outputs)
    return found


def _uncovered(shot: Shot, card: Card, project: Project, world: World) -> list[Problem]:
    missing = {
        char: None for text, preset in _texts(card, project) for char in world.typefaces[preset.font].uncovered(text)
    }
    return [Problem(_mark(shot), *uncovered(f"the card `{shot.id}`", tuple(missing)))] if missing else []


def _small(shot: Shot, card: Card, project: Project, world: World, outputs: Iterable[Output]) -> list[Problem]:
    small = [o.name for o in outputs if layout(card, project, world, *areas(o, project, world)) is None]
    if not small:
        return []
    sentence = f"the text of the card `{shot.id}` doesn't fit in {listed(small)}"
    return [Problem(_mark(shot), sentence, hint="shorten it, or give its presets a smaller `size`")]


def _mark(shot: Shot) -> Any:
    return shot.marks.get("card") or shot.marks.get("")


def _texts(card: Card, project: Project) -> list[tuple[str, Preset]]:
    """Give a card's texts with their looks: such that they can be read on its ground, unless the brand says how."""
    ground = card.background if isinstance(card.background, str) else None
    edge = cards.EDGE if card.background is not None and ground is None else Fraction(0)
    found = []
    for name, text, ink in zip(cards.PRESETS, (card.title, card.subtitle), cards.inks(ground), strict=True):
        said = project.brand.presets.get(name, {})
        usual: dict[str, Any] = {"colour": ink, "edge_width": edge}
        found.append((text, replace(preset_of(name, project.brand), **{k: usual[k] for k in usual.keys() - said})))
    return found


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: str(value) for key, value in said.items()}
