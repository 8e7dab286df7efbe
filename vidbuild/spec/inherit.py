"""What each shot holds of what its groups and the project say, and a profile over them.

The nearest wins, negatives add up, `when` is and-ed. It reads nodes that the schema has passed, and
doesn't know what models, styles or pictures are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vidbuild.spec.model import Avatar, LipSync, Reframe, Voice
from vidbuild.spec.outline import Entry
from vidbuild.spec.tree import Node, plain
from vidbuild.words.errors import Mark

AUTO, LONGEST = "auto", "longest"
SPOKEN = (AUTO, LONGEST)
"""Lengths that hang on what is said."""
_MARKED = ("model", "options", "seed", "cast", "takes", "reshoots", "fill", "lipsync")
NONE = "none"
_SPACE = re.compile("[ \t\r\n\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Held:
    """The describing keys at one place of the project.

    Args:
        params: the style's parameters, by name, as nodes.
        groups: the named groups around it, outermost first.
        muted: whether a `when` here or around it is false.
        motion: the nearest `motion`, as a node.
        cast: the members that `cast` lists, as nodes; `None` where nothing is said.
        marks: where `model`, `options`, `seed`, `cast`, `takes`, `reshoots`, `fill` and `lipsync` stand that hold
            here.
    """

    models: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    max_usd_per_s: Fraction | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    negative: tuple[str, ...] = ()
    params: Mapping[str, Node] = field(default_factory=dict)
    sound: str | None = None
    gain_db: Fraction = Fraction(0)
    reframe: Reframe | None = None
    motion: Node | None = None
    cast: tuple[Node, ...] | None = None
    takes: int = 1
    reshoots: int = 1
    fill: str = "error"
    voice: Voice | None = None
    lipsync: LipSync | None = None
    groups: tuple[str, ...] = ()
    muted: bool = False
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


def inherited(
    root: Node, entries: tuple[Entry, ...], stands: Mapping[int, bool], profile: Node | None = None
) -> tuple[Held, dict[Entry, Held]]:
    """Give what the project holds, and what every entry does; the project's own `reframe` is not handed down.

    A profile is nearer than all: as if every shot said it.
    """
    audio = root.get("audio")
    narrator = voice_in(audio) if audio else None
    whole = _nearer(Held(voice=narrator), root, True)
    handed = replace(whole, reframe=None)
    held: dict[Entry, Held] = {}
    for entry in entries:
        around = held[entry.parent] if entry.parent else handed
        here = _nearer(around, entry.node, stands.get(id(entry.node), True))
        if entry.is_group and entry.id:
            here = replace(here, groups=(*here.groups, entry.id))
        held[entry] = here
    if profile is not None:
        whole = _nearer(whole, profile, True)
        held = {entry: _nearer(here, profile, True) for entry, here in held.items()}
    return whole, held


def _nearer(around: Held, node: Node, stands: bool) -> Held:
    """Lay what a node says over what is around it."""
    changes: dict[str, Any] = {}
    own = node.get("options")
    marks = {key: found.mark for key in _MARKED if (found := node.get(key)) is not None}
    if (cast := node.get("cast")) is not None and type(cast.value) is list:
        changes["cast"] = tuple(cast.members())
    else:
        marks.pop("cast", None)  # the project's, which defines members
    if marks:
        changes["marks"] = {**around.marks, **marks}
    if "model" in marks and own is None:
        changes["marks"].pop("options", None)
    if (model := node.get("model")) is not None:
        changes["models"], changes["needs"] = names(model), needs(model)
        changes["max_usd_per_s"] = amount(model.get("max_usd_per_s"))
        changes["options"] = mapping(own)
    elif own is not None:
        changes["options"] = {**around.options, **mapping(own)}
    if (seed := node.get("seed")) is not None:
        changes["seed"] = int(number(seed))
    if (negative := node.get("negative")) is not None:
        changes["negative"] = tuple(dict.fromkeys((*around.negative, *texts(negative))))
    style = node.get("style")
    if style is not None and (given := style.get("with")) is not None:
        changes["params"] = {**around.params, **given.entries()}
    if (sound := node.get("sound")) is not None:
        changes["sound"] = str(sound.value) if type(sound.value) is str else "keep"
        gain = sound.get("gain_db")
        changes["gain_db"] = number(gain) if gain else Fraction(0)
    if (reframe := reframe_of(node.get("reframe"))) is not None:
        changes["reframe"] = reframe
    if (motion := node.get("motion")) is not None:
        changes["motion"] = motion
    if (takes := node.get("takes")) is not None:
        changes["takes"] = int(number(takes))
    if (reshoots := node.get("reshoots")) is not None:
        changes["reshoots"] = int(number(reshoots))
    if (fill := node.get("fill")) is not None:
        changes["fill"] = str(fill.value)
    if (voice := voice_in(node)) is not None:
        changes["voice"] = voice
    if (lipsync := node.get("lipsync")) is not None:
        changes["lipsync"] = lipsync_of(lipsync)
    if not stands and not around.muted:
        changes["muted"] = True
    return replace(around, **changes) if changes else around


def names(node: Node) -> tuple[str, ...]:
    """Give the names of a `model`: one, or a list; none for `auto` and for what it needs."""
    written = (node,) if type(node.value) is str else node.members()
    return tuple(name.value for name in written if type(name.value) is str and name.value != AUTO)


def needs(node: Node) -> tuple[str, ...]:
    """Give what a `model` must be good at, once each."""
    written = node.get("needs")
    return tuple(dict.fromkeys(folded(str(need.value)) for need in written.members())) if written else ()


def voice_in(node: Node) -> Voice | None:
    """Give the `voice` that a node says, with an empty id where its mistake is told; `None` without one."""
    written = node.get("voice")
    if written is None:
        return Voice((), "") if node.has("voice") else None
    model, id_ = written.get("model"), written.get("id")
    return Voice(names(model) if model else (), str(id_.value) if id_ else "", mapping(written.get("options")))


def lipsync_of(node: Node) -> LipSync | None:
    """Give what joins lines with lips: a model's name, or `{model, options}`; `None` for `none`."""
    model = node.get("model")
    if model is not None:
        return LipSync(names(model), mapping(node.get("options")))
    return LipSync((str(node.value),)) if type(node.value) is str and node.value != NONE else None


def avatars_in(node: Node) -> tuple[Avatar, ...]:
    """Give who presents what a member says, each model once; without those whose mistake is told."""
    written = node.get("avatar")
    found: dict[str, Avatar] = {}
    for each in () if written is None else written.members() if type(written.value) is list else (written,):
        model, id_ = each.get("model"), each.get("id")
        if model is not None and id_ is not None:
            name = str(model.value)
            found.setdefault(name, Avatar(name, str(id_.value), mapping(each.get("options"))))
    return tuple(found.values())


def mapping(node: Node | None) -> dict[str, Any]:
    """Give a mapping's plain value, empty where it is absent."""
    found = plain(node) if node is not None else {}
    return found if isinstance(found, dict) else {}


def number(node: Node) -> Fraction:
    """Give a number exactly."""
    assert isinstance(node.value, (int, Decimal)), "BUG: the schema let something else than a number through"
    return Fraction(node.value)


def amount(node: Node | None) -> Fraction | None:
    """Give a number exactly, or `None` where it is absent."""
    return None if node is None else number(node)


def reframe_of(node: Node | None) -> Reframe | None:
    """Give what a `reframe` says."""
    if node is None:
        return None
    if type(node.value) is str:
        return Reframe(mode=node.value)
    mode, focus = node.get("mode"), node.get("focus")
    made = Reframe(mode=str(mode.value) if mode else "crop")
    if focus is None:
        return made
    if type(focus.value) is str:
        return replace(made, follows=focus.value)
    points = focus.members()
    if points and all(type(point.value) is list for point in points):
        return replace(made, path=tuple(tuple(number(part) for part in point.members()) for point in points))
    if len(points) != 2:
        return made
    x, y = (number(point) for point in points)
    return replace(made, focus=(x, y))


def folded(text: str) -> str:
    """Fold white space: what is hashed and sent has single spaces, none at its ends."""
    return _SPACE.sub(" ", text).strip(" ")


def texts(node: Node | None) -> list[str]:
    """Give a text or a list of texts, folded, without empty ones."""
    if node is None:
        return []
    written = [node] if type(node.value) is str else node.members()
    return [text for member in written if (text := folded(str(member.value)))]
