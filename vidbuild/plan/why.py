"""Why an action runs, in the author's words: what was said at the last build against what is said today.

Pure. What the last build said is handed in; it serves people alone and decides nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import BoundAction, Graph, Node, Place, Ref
from vidbuild.words.digest import Digest, plain

_LONG = 90


@dataclass(frozen=True)
class Said:
    """What a build said at one place: the key it came to, and the author's words."""

    key: Digest
    words: Mapping[str, str]


Past = Mapping[str, Said]
"""What the last build said, by label of place."""


def label(mnemonic: str, place: Place) -> str:
    """Name a place for the memory of what was said there."""
    parts = (mnemonic, place.shot, place.output, place.variant, place.piece, place.role)
    return " ".join("-" if part is None else str(part) for part in parts)


def describe(graph: Graph, id: Digest) -> str:
    """Name an action for people, each of a plan otherwise: `Segment of pour, 720p, piece 2 for youtube (de)`."""
    mnemonic = graph.nodes[id].action.mnemonic
    places = graph.places.get(id, ())
    shots = _listed(dict.fromkeys(f"`{place.shot}`" for place in places if place.shot))
    outputs = _listed(dict.fromkeys(f"`{place.output}`" for place in places if place.output))
    pieces = {place.piece for place in places if place.piece}
    roles = dict.fromkeys(_role(mnemonic, place) for place in places)
    variants = dict.fromkeys(place.variant for place in places if place.variant)
    is_of_all = variants.keys() >= {deliverable.variant for deliverable in graph.deliverables if deliverable.variant}
    said = mnemonic + (f" of {shots}" if shots else "") + (f", {_listed(roles)}" if all(roles) else "")
    said += f", piece {min(pieces) + 1}" if pieces else ""
    return said + (f" for {outputs}" if outputs else "") + ("" if is_of_all else f" ({_listed(variants)})")


def _role(mnemonic: str, place: Place) -> str:
    """Give what a place's role tells people beside shot and mnemonic: which take, which line, which rendition."""
    role = place.role or ""
    if mnemonic == "Join":
        return role.partition(", ")[2]
    return "" if role == mnemonic.lower() else _short(role.lstrip("."))


def reasons(
    graph: Graph,
    standings: Mapping[Digest, Surveyed],
    id: Digest,
    past: Past,
    recorded: Callable[[Digest], Mapping[str, Any] | None],
) -> list[str]:
    """Say why an action is not answered; nothing for one that is."""
    surveyed, node = standings[id], graph.nodes[id]
    if surveyed.standing is Standing.CACHED:
        return []
    if surveyed.is_anew:
        return ["it is asked anew: what was bought of it is judged again, by the checks of today"]
    said = said_at(graph, id, past)
    if said is None:
        return ["it was never built"]
    found = [*differences(said.words, node.words), *waits_for(graph, surveyed)]
    if surveyed.bound is not None and surveyed.bound.key == said.key:
        found.append("its result is no longer in the store")
    elif not found:
        found += _deeper(graph, node, surveyed.bound, recorded(said.key))
    return found


def said_at(graph: Graph, id: Digest, past: Past) -> Said | None:
    """Give what the last build said of an action, by the first of its places where it said something."""
    mnemonic = graph.nodes[id].action.mnemonic
    for place in graph.places.get(id, ()):
        if (said := past.get(label(mnemonic, place))) is not None:
            return said
    return None


def differences(before: Mapping[str, str], today: Mapping[str, str]) -> list[str]:
    """Say what was said otherwise."""
    found = []
    for key in dict.fromkeys([*before, *today]):
        old, new = before.get(key, ""), today.get(key, "")
        if old != new:
            found.append(_changed(key, old, new))
    return found


def _changed(key: str, old: str, new: str) -> str:
    if not old or not new:
        return f"{key} {'added' if not old else 'removed'}: {_short(old or new)}"
    if max(len(old), len(new)) <= _LONG:
        return f"{key} changed: {old} -> {new}"
    return f"{key} changed: {_spot(old.split(), new.split())}"


def _spot(old: list[str], new: list[str]) -> str:
    """Show the words that differ, with a few around them."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    spots = []
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind != "equal":
            lead = " ".join(old[max(0, a1 - 3) : a1])
            was, is_ = " ".join(old[a1:a2]) or "(nothing)", " ".join(new[b1:b2]) or "(nothing)"
            spots.append(f"... {lead} [{_short(was)} -> {_short(is_)}]")
    return "; ".join(spots[:4])


def waits_for(graph: Graph, surveyed: Surveyed) -> list[str]:
    """Say what has to be made before it is known what an action is made from."""
    return [f"it waits for the {describe(graph, id)}" for id in surveyed.waits[:3]]


def given_otherwise(
    graph: Graph, node: Node, was: Mapping[str, Digest], bound: BoundAction | None, labels: Mapping[Digest, str]
) -> list[str]:
    """Say which of the things that a generation is given differ from those that it was given before.

    Args:
        was: the digests of those, by slot.
        bound: `None` while not all that it is given is known; then what is known counts, and whose the rest is.
        labels: what a digest is of, where that is known: a label of the lock (`shot pour`), or an own file's path.
    """
    found = []
    for slot in dict.fromkeys([*was, *node.action.inputs]):
        source = node.action.inputs.get(slot)
        given = source if not isinstance(source, Ref) else bound.inputs[slot] if bound is not None else None
        if slot in was and was[slot] == given:
            continue
        key = "cast" if slot.startswith("reference") else f"{slot}_image" if slot in ("init", "end") else slot
        old = labels.get(was[slot], "") if slot in was else ""
        new = (
            graph.nodes[source.action].conduct.label
            if isinstance(source, Ref)
            else labels.get(source or Digest(""), "")
        )
        said = f"`{node.words[key]}`" if key in node.words and key != "cast" else _labelled(new, slot)
        if slot not in was:
            found.append(f"{key} added: {said}")
        elif source is None:
            found.append(f"{key} removed: {_labelled(old, slot)}")
        elif old in ("", new) and given is not None:
            found.append(f"{key} changed: {said} is not what it was")
        elif old not in ("", new):
            found.append(f"{key} changed: {_labelled(old, slot)} -> {said}")
    return found


def _labelled(label: str, slot: str) -> str:
    """Name what has a label: a picture of a shot, of a cast member."""
    kind, _, name = label.partition(" ")
    what = "a picture" if slot.startswith(("init", "end", "reference")) else f"the {slot}"
    return f"{what} of `{name}`" if kind in ("shot", "cast") and name else f"`{label}`" if label else what


def _deeper(graph: Graph, node: Node, bound: BoundAction | None, record: Mapping[str, Any] | None) -> list[str]:
    """Compare with the record of the last key: what is not the author's doing."""
    if record is None:
        return ["what it was made from is no longer known"]
    found = []
    if record.get("tool") != node.action.tool:
        found.append(f"made by another tool: {_short(str(record.get('tool')))} -> {_short(node.action.tool)}")
    inputs = node.action.inputs
    for name, source in inputs.items():
        was = record.get("inputs", {}).get(name)
        if was is None:
            found.append(f"it is made from one thing more (`{name}`)")
        elif not isinstance(source, Ref) and was != source:
            file = node.words.get("file") or node.words.get("picture") or name
            found.append(f"the file it is made from changed (`{file}`)")
        elif isinstance(source, Ref) and bound is not None and bound.inputs[name] != was:
            found.append(f"the {describe(graph, source.action)} came out otherwise")
    found += [f"it is made from one thing less (`{name}`)" for name in record.get("inputs", {}) if name not in inputs]
    if record.get("params") != plain(node.action.params):
        found = [reason for reason in found if "otherwise" not in reason]
        found.append("vidbuild makes it in another way than before")
    return found


def _short(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."


def _listed(names: Mapping[str, None]) -> str:
    shown = list(names)[:4]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
