"""Why an action runs, in the author's words: what was said at the last build against what is said today.

Pure. What the last build said is handed in; it serves people alone and decides nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Graph, Node, Place, Ref
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
    """Name an action for people: `Footage of pour`, `Segment of pour, piece 2, for youtube`."""
    mnemonic = graph.nodes[id].action.mnemonic
    places = graph.places.get(id, ())
    shots = _listed(dict.fromkeys(f"`{place.shot}`" for place in places if place.shot))
    outputs = _listed(dict.fromkeys(f"`{place.output}`" for place in places if place.output))
    pieces = {place.piece for place in places if place.piece}
    roles = _listed(dict.fromkeys(str(place.role) for place in places if _tells(mnemonic, place)))
    said = mnemonic + (f" of {shots}" if shots else "") + (f", {roles}" if roles else "")
    said += f", piece {min(pieces) + 1}" if pieces else ""
    return said + (f" for {outputs}" if outputs else "")


def _tells(mnemonic: str, place: Place) -> bool:
    """Say whether a place's role tells people something: which take it is, whose picture."""
    role = place.role or ""
    return role.startswith(("take ", "cast ")) or (not place.shot and role not in ("", mnemonic.lower()))


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
    said = _said(graph, id, past)
    if said is None:
        return ["it was never built"]
    found = differences(said.words, node.words)
    found += _upstream(graph, node, surveyed)
    if surveyed.bound is not None and surveyed.bound.key == said.key:
        found.append("its result is no longer in the store")
    elif not found:
        found += _deeper(node, recorded(said.key))
    return found


def _said(graph: Graph, id: Digest, past: Past) -> Said | None:
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


def _upstream(graph: Graph, node: Node, surveyed: Surveyed) -> list[str]:
    return [f"it waits for the {describe(graph, id)}" for id in surveyed.waits[:3]]


def _deeper(node: Node, record: Mapping[str, Any] | None) -> list[str]:
    """Compare with the record of the last key: what is not the author's doing."""
    if record is None:
        return ["what it was made from is no longer known"]
    found = []
    if record.get("tool") != node.action.tool:
        found.append(f"made by another tool: {_short(str(record.get('tool')))} -> {_short(node.action.tool)}")
    for name, source in node.action.inputs.items():
        was = record.get("inputs", {}).get(name)
        if was is None:
            found.append(f"it is made from one thing more (`{name}`)")
        elif not isinstance(source, Ref) and was != source:
            found.append(f"the file it is made from changed (`{node.words.get('file', name)}`)")
        elif isinstance(source, Ref) and not found:
            found.append(f"what it is made from came out otherwise (`{name}`)")
    if record.get("params") != plain(node.action.params):
        found = [reason for reason in found if "otherwise" not in reason]
        found.append("vidbuild makes it in another way than before")
    return found


def _short(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."


def _listed(names: Mapping[str, None]) -> str:
    shown = list(names)[:4]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
