"""Nodes -> texts over the picture, and the brand whose fonts, colours and presets they are drawn with. Pure.

It knows the names of places and presets, not what they look like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.spec.inherit import number
from vidbuild.spec.languages import languages_of
from vidbuild.spec.model import Brand, Captions, Text
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.speech import Anchors
from vidbuild.spec.times import Times, to_its_end
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Mark
from vidbuild.words.names import closest

TEXT_PRESETS = ("title", "lower-third", "callout")
CARD_PRESETS = ("card-title", "card-subtitle")
CAPTION_PRESETS = ("clean", "boxed", "karaoke", "pop")
_COLOURS = ("colour", "edge", "back", "accent")


def texts_of(root: Node, anchors: Anchors, times: Times, brand: Brand, resolution: Resolution) -> tuple[Text, ...]:
    """Give all texts: the film's, then those of groups and shots in the author's order."""
    found = []
    for owner, name, shot in ((root, None, None), *((node, name, shot) for node, name, shot, _ in anchors.owners)):
        written = owner.get("text")
        if written is None:
            continue
        for node in written.members() if type(written.value) is list else [written]:
            text = _text(node, brand, resolution)
            if text is not None:
                start, end = times.span(node.get("at"), name) if type(node.value) is dict else (Fraction(0), None)
                last = anchors.lasts[name] if name is not None else None
                until = last if last != shot else None
                found.append(replace(text, shot=shot, until=until, start=start, end=to_its_end(end)))
    return tuple(found)


def _text(node: Node, brand: Brand, resolution: Resolution) -> Text | None:
    words = node if type(node.value) is str else node.get("text")
    if words is None:
        return None
    if not str(words.value).strip():
        resolution.tell(words.mark, "the text is empty", "write what is shown")
        return None
    place, box, preset, fit = (node.get(key) for key in ("place", "box", "preset", "fit"))
    if place is not None and box is not None:
        resolution.tell(box.key_mark, "a text has `place` or `box`, not both", "remove one of them")
    name = str(preset.value) if preset else _usual(str(place.value) if place else None)
    own = [each for each, said in brand.presets.items() if said.get("like") in TEXT_PRESETS]
    known = (*TEXT_PRESETS, *own)
    if name not in known:
        hint = closest(name, known)
        resolution.tell((preset or node).mark, f"no preset for text is called `{name[:80]}`", hint)
        return None
    area = tuple(number(side) for side in box.members()) if box else None
    return Text(
        text=str(words.value),
        place=str(place.value) if place else None,
        box=(area[0], area[1], area[2], area[3]) if area and len(area) == 4 else None,
        preset=name,
        fit=str(fit.value) if fit else "shrink",
        marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
    )


def _usual(place: str | None) -> str:
    """Give the preset of a text that names none, by its place."""
    return {None: "title", "center": "title", "lower-third": "lower-third"}.get(place, "callout")


def captions_of(root: Node, brand: Brand, resolution: Resolution) -> Captions | None:
    """Give how spoken words are shown; outputs that burn them need it said."""
    node = root.get("captions")
    if node is None:
        outputs = root.get("outputs")
        for output in outputs.members() if outputs else ():
            burns = output.get("captions") if type(output.value) is dict else None
            if burns is not None and burns.value == "burn":
                hint = "say how they look: `captions: clean`, at the top of the project"
                resolution.tell(burns.mark, "the project says nothing of captions", hint)
        return None
    preset, sidecar = (node, None) if type(node.value) is str else (node.get("preset"), node.get("sidecar"))
    name = str(preset.value) if preset else CAPTION_PRESETS[0]
    own = [each for each, said in brand.presets.items() if said.get("like") in CAPTION_PRESETS]
    if name not in (*CAPTION_PRESETS, *own):
        resolution.tell((preset or node).mark, f"no preset for captions is called `{name[:80]}`",
                        closest(name, (*CAPTION_PRESETS, *own)))  # fmt: skip
        name = CAPTION_PRESETS[0]
    kinds = [str(each.value) for each in sidecar.members()] if sidecar else []
    asked = node.get("languages")
    if asked is not None:
        known = languages_of(root)
        for each in asked.members():
            if each.value not in known:
                hint = closest(str(each.value), known) or "name it in `languages`, at the top of the project"
                resolution.tell(each.mark, f"the project is in no language `{str(each.value)[:40]}`", hint)
    spoken = [str(each.value) for each in asked.members()] if asked else []
    return Captions(name, tuple(dict.fromkeys(kinds)), tuple(dict.fromkeys(spoken)))


def brand_of(root: Node, resolution: Resolution) -> Brand:
    """Give the brand: own fonts as files of the project, colours by name, presets with their colours looked up."""
    node = root.get("brand")
    if node is None:
        return Brand()
    colours = {name: str(child.value).lower() for name, child in _entries(node.get("colours")).items()}
    fonts: dict[str, tuple[str, ...]] = {}
    marks: dict[str, Mark] = {}
    for role, child in _entries(node.get("fonts")).items():
        files = child.members() if type(child.value) is list else [child]
        fonts[role] = tuple(resolution.path(file) for file in files)
        marks |= {path: file.mark for path, file in zip(fonts[role], files, strict=True)}
    presets = {name: _preset(name, child, colours, resolution) for name, child in _entries(node.get("presets")).items()}
    logo = node.get("logo")
    return Brand(colours, fonts, presets, resolution.logo(logo) if logo else None, marks)


def _preset(name: str, node: Node, colours: Mapping[str, str], resolution: Resolution) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, child in node.entries().items():
        value = child.value
        if key in _COLOURS and isinstance(value, str):
            colour = "none" if value == "none" else colour_of(child, colours, resolution)
            found |= {key: colour} if colour is not None else {}
        else:
            found[key] = number(child) if key in ("size", "edge_width") else value
    found.setdefault("like", name if name in (*TEXT_PRESETS, *CAPTION_PRESETS, *CARD_PRESETS) else "title")
    return found


def colour_of(node: Node, colours: Mapping[str, str], resolution: Resolution) -> str | None:
    """Read a colour, or the name of one of the brand's."""
    value = str(node.value)
    if not value.startswith("#") and value not in colours:
        hint = closest(value, colours) or "write a colour as #rrggbb, or name it in `brand: {colours: ...}`"
        resolution.tell(node.mark, f"no colour of the brand is called `{value[:40]}`", hint)
        return None
    return colours.get(value, value).lower()


def _entries(node: Node | None) -> Mapping[str, Node]:
    return node.entries() if node is not None and type(node.value) is dict else {}
