"""Nodes -> what is delivered beside the shots: the cue of music, and the outputs.

Pure, and ignorant of profiles: it knows platforms' names only.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from vidbuild.spec.inherit import folded, mapping, names, number, reframe_of, seconds
from vidbuild.spec.model import MomentOf, Music, Output
from vidbuild.spec.resolve import Resolution, is_spoilt
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Mark
from vidbuild.words.names import did_you_mean
from vidbuild.words.rationaltime import exact_rate

MASTER = "master"
_PROMPTED_ONLY = ("model", "options", "seed")


def music_of(root: Node, resolution: Resolution) -> Music | None:
    """Give the film's cue of music, if it has one."""
    audio = root.get("audio")
    written = audio.get("music") if audio else None
    if written is None:
        return None
    cues = [written] if type(written.value) is dict else written.members()
    if len(cues) > 1:
        resolution.tell(cues[1].mark, "a second cue of music is not built yet", "leave it out with this version")
    return _cue(cues[0], resolution) if cues else None


def _cue(node: Node, resolution: Resolution) -> Music | None:
    prompt, file, model = node.get("prompt"), node.get("file"), node.get("model")
    if node.has("prompt") and node.has("file"):
        place = file or node
        resolution.tell(place.key_mark, "a cue has `prompt` or `file`, not both", "remove one of them")
    elif not node.has("prompt") and not node.has("file") and not is_spoilt(node):
        resolution.tell(node.mark, "the music has no sound", "give it `model` and `prompt`, or a `file`")
    for key in _PROMPTED_ONLY:
        if file is not None and prompt is None and (stray := node.get(key)) is not None:
            resolution.tell(stray.key_mark, f"`{key}` is for music with a `prompt`, and this is a `file`", "remove it")
    if prompt is not None and not folded(str(prompt.value)):
        resolution.tell(prompt.mark, "the music's prompt is empty")
    seed = node.get("seed")
    return Music(
        prompt=folded(str(prompt.value)) if prompt else "",
        models=names(model) if model else (),
        options=mapping(node.get("options")),
        seed=int(number(seed)) if seed else 0,
        file=resolution.path(file) if file else None,
        in_s=_length(node, "in_s"),
        gain_db=_length(node, "gain_db"),
        fade_in_s=_length(node, "fade_in_s"),
        fade_out_s=_length(node, "fade_out_s"),
        marks=_marks(node),
    )


def _length(node: Node, key: str) -> Fraction:
    return seconds(node.get(key)) or Fraction(0)


def _marks(node: Node) -> dict[str, Mark]:
    return {"": node.mark, **{key: child.mark for key, child in node.entries().items()}}


def outputs_of(
    root: Node, stands: Mapping[int, bool], platforms: frozenset[str], resolution: Resolution
) -> tuple[Output, ...]:
    """Give the outputs that take part; without `outputs` there is one, `master`."""
    written = root.get("outputs")
    if written is None:
        return () if root.has("outputs") else (Output(MASTER, MASTER),)
    found: list[Output] = []
    first: dict[str, Mark] = {}
    for node in written.members():
        output = _output(node, platforms, resolution) if stands.get(id(node), True) else None
        if output is None:
            continue
        found.append(output)
        if output.platform not in platforms or (node.has("name") and node.get("name") is None):
            continue  # what it is called is a mistake that is told
        if (known := first.setdefault(output.name.casefold(), node.mark)) != node.mark:
            sentence = f"two outputs are called `{output.name}`: in line {known.line} and in line {node.line}"
            resolution.tell(node.mark, sentence, f"give one a name: `{{platform: {output.platform}, name: ...}}`")
    if not found and not any(node.is_broken for node in _all(written)):
        why = "`when` mutes all of them" if written.members() else "the list is empty"
        resolution.tell(written.mark, f"there is no output: {why}", "leave `outputs` out for one, `master`")
    return tuple(found)


def _all(written: Node) -> list[Node]:
    return written.value if type(written.value) is list else []


def _output(node: Node, platforms: frozenset[str], resolution: Resolution) -> Output | None:
    """Read one output: a platform's name, or a mapping with changes."""
    platform = node if type(node.value) is str else node.get("platform")
    if platform is None:
        return None
    name = str(platform.value)
    if name not in platforms:
        hint = did_you_mean(name, platforms) or "`vidbuild platforms` lists them"
        resolution.tell(platform.mark, f"no platform is called `{name[:80]}`", hint)
    rate, own = node.get("fps"), node.get("name")
    return Output(
        name=str(own.value) if own else name,
        platform=name,
        reframe=reframe_of(node.get("reframe")),
        fps=_rate(rate) if rate else None,
        poster=_poster(node.get("poster"), resolution),
        marks=_marks(node),
    )


def _poster(node: Node | None, resolution: Resolution) -> MomentOf | None:
    if node is None:
        return None
    told = len(resolution.gallery.problems)
    moment = resolution.gallery.moment(node, "poster", "")
    if moment is None and len(resolution.gallery.problems) == told:
        resolution.tell(node.mark, f'`poster` must be a moment of a shot, like pour@1.0, not "{str(node.value)[:60]}"')
    return moment


def rate_of(node: Node | None) -> Fraction:
    """Give the project's frame rate."""
    return Fraction(24) if node is None else _rate(node)


def _rate(node: Node) -> Fraction:
    assert isinstance(node.value, (int, Decimal)), "BUG: the schema let something else than a number through"
    return exact_rate(node.value)
