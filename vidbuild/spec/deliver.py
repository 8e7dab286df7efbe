"""Nodes -> the outputs that are made, by platform and profile.

Pure: of platforms it knows the names only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from vidbuild.spec.inherit import Held, amount, number, reframe_of
from vidbuild.spec.model import Kept, MomentOf, Output
from vidbuild.spec.outline import Entry
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Mark
from vidbuild.words.names import closest, did_you_mean
from vidbuild.words.rationaltime import exact_rate

MASTER = "master"

Playing = Mapping[str, tuple[str, ...]]
"""The shots that play of each shot and group, by its id: none of what is muted."""


def playing(entries: Iterable[Entry], held: Mapping[Entry, Held]) -> Playing:
    """Say which shots each id stands for."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        around: Entry | None = entry
        while around is not None:
            if around.id is not None:
                plays = entry.is_shot and not held[entry].muted
                found[around.id] = (*found.get(around.id, ()), *((str(entry.id),) if plays else ()))
            around = around.parent
    return found


def _marks(node: Node) -> dict[str, Mark]:
    return {"": node.mark, **{key: child.mark for key, child in node.entries().items()}}


def outputs_of(
    root: Node,
    stands: Mapping[int, bool],
    platforms: frozenset[str],
    resolution: Resolution,
    profile: Node | None = None,
    plays: Playing | None = None,
) -> tuple[Output, ...]:
    """Give the outputs that take part and that the profile keeps; without `outputs` there is one, `master`."""
    written = root.get("outputs")
    if written is None and root.has("outputs"):
        return ()
    made = (Output(MASTER, MASTER),) if written is None else _made(written, stands, platforms, resolution, plays or {})
    known = [MASTER] if written is None else list(dict.fromkeys(map(name_of, written.members())))
    _check_kept(root, known, resolution)
    kept = profile.get("outputs") if profile is not None else None
    if kept is None:
        return made
    names = {str(node.value) for node in kept.members()}
    left = tuple(output for output in made if output.name in names)
    if made and not left and names <= set(known):
        why = "keeps none of those that take part" if names else "keeps none"
        resolution.tell(kept.mark, f"there is no output: the profile {why}", "name one of them")
    return left


def name_of(node: Node) -> str:
    """Give what an output is called, right or wrong."""
    own = node if type(node.value) is str else node.get("name") or node.get("platform")
    return str(own.value) if own else ""


def _check_kept(root: Node, known: list[str], resolution: Resolution) -> None:
    """Tell outputs that a profile keeps and nobody has."""
    profiles = root.get("profiles")
    for profile in profiles.entries().values() if profiles else ():
        kept = profile.get("outputs")
        for node in kept.members() if kept else ():
            if node.value not in known:
                hint = closest(str(node.value), known)
                resolution.tell(node.mark, f"no output is called `{str(node.value)[:80]}`", hint)


def _made(
    written: Node, stands: Mapping[int, bool], platforms: frozenset[str], resolution: Resolution, plays: Playing
) -> tuple[Output, ...]:
    found: list[Output] = []
    first: dict[str, Mark] = {}
    for node in written.members():
        output = _output(node, platforms, resolution, plays) if stands.get(id(node), True) else None
        if output is None:
            continue
        found.append(output)
        if output.platform not in platforms or (node.has("name") and node.get("name") is None):
            continue  # what it is called is a mistake that is told
        if (known := first.setdefault(output.name.casefold(), node.mark)) != node.mark:
            sentence = f"two outputs are called `{output.name}`: in line {known.line} and in line {node.line}"
            resolution.tell(node.mark, sentence, f"give one a name: `{{platform: {output.platform}, name: ...}}`")
    if not found and resolution.language is None and not any(node.is_broken for node in _all(written)):
        why = "`when` mutes all of them" if written.members() else "the list is empty"
        resolution.tell(written.mark, f"there is no output: {why}", "leave `outputs` out for one, `master`")
    return tuple(found)


def _all(written: Node) -> list[Node]:
    return written.value if type(written.value) is list else []


def _output(node: Node, platforms: frozenset[str], resolution: Resolution, plays: Playing) -> Output | None:
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
        captions=_text(node.get("captions")),
        codec=_text(node.get("codec")),
        shots=_cut(cut, str(own.value) if own else name, resolution, plays) if (cut := node.get("shots")) else (),
        max_s=amount(node.get("max_s")),
        marks=_marks(node),
    )


def _text(node: Node | None) -> str | None:
    return None if node is None else str(node.value)


def _cut(written: Node, output: str, resolution: Resolution, plays: Playing) -> tuple[Kept, ...]:
    """Read another cut: shots and groups by their ids, groups as the shots that play of them."""
    found: dict[str, Kept] = {}
    is_told = not _all(written)
    for node in written.members():
        named, length = (node, None) if type(node.value) is str else (node.get("id"), node.get("duration_s"))
        is_told = is_told or named is None or str(named.value) not in plays
        if named is None:
            continue
        id = str(named.value)
        if id not in plays:
            resolution.tell(named.mark, f"no shot and no group is called `{id[:80]}`", did_you_mean(id, plays))
            continue
        if length is not None and plays[id] not in ((), (id,)):
            hint = "name the group's shots, each with its own"
            resolution.tell(length.mark, f"`{id}` is a group, and is as long as its shots", hint)
        for shot in plays[id]:
            if shot in found:
                resolution.tell(named.mark, f"the shot `{shot}` stands twice in the cut of `{output}`", "remove one")
            found.setdefault(shot, Kept(shot, number(length) if length else None, (length or named).mark))
    if not found and not is_told:
        resolution.tell(written.mark, f"there is nothing in the cut of `{output}`", "leave `shots` out for the film")
    return tuple(found.values())


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
