"""Two plans of a project beside each other: what is generated again, what is rebuilt, and why.

Pure. What was bought counts by the attempt that answers it, though another one made the same bytes: it was paid for.
What is made from it counts by its recipe over those bytes. What isn't made yet counts by its key.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vidbuild.paths import shots_and_outputs
from vidbuild.plan.price import Total, total
from vidbuild.plan.recipes import recipes
from vidbuild.plan.why import describe, differences, label
from vidbuild.survey import Surveyed
from vidbuild.words.action import ActionResult, Deliverable, Graph, Node, Ref
from vidbuild.words.digest import Digest, digest_of

GENERATIONS = frozenset({"Picture", "Footage", "Speech", "Music", "Effect", "LipSync"})
_FOLLOWS = "it follows from the"
_AROUND = "it is made otherwise, by what changed around it"


@dataclass(frozen=True)
class Side:
    """One of two plans."""

    graph: Graph
    standings: Mapping[Digest, Surveyed]


@dataclass(frozen=True)
class Compared:
    """A plan beside the one before it.

    Args:
        ref, commit: what the one before is of.
        why: for each action that is otherwise, or new, what the author changed.
        rebuilt: ids of the finished files that change, or are new.
        gone: paths of those that are no longer made.
        cost: what the change costs; `rest`: what a build costs beside, since it was lacking before.
        note: why nothing could be compared; all counts as new then.
        unpinned: own files that neither the revision nor its lock has, so that those of today counted.
    """

    ref: str
    commit: str
    why: Mapping[Digest, Sequence[str]]
    rebuilt: frozenset[Digest]
    gone: tuple[str, ...]
    cost: Total
    rest: Total
    note: str = ""
    unpinned: tuple[str, ...] = ()


def compared(now: Side, before: Side | None, ref: str, commit: str, note: str = "") -> Compared:
    """Compare a plan with the one before; with none, all is new."""
    identities = _identities(now)
    known = frozenset(_identities(before).values()) if before is not None else frozenset()
    changed = {id for id in now.graph.nodes if identities[id] not in known}
    places = _placed(before.graph) if before is not None else {}
    graph = now.graph
    why = {id: tuple(_why(graph, id, _at(graph, id, places), changed)) for id in graph.nodes if id in changed}
    files, there = _finished(graph), _finished(before.graph) if before is not None else {}
    made = {d.id for whose, d in files.items() if whose not in there or any(r.action in changed for r in d.ends)}
    gone = tuple(d.path for whose, d in there.items() if whose not in files)
    cost, rest = (total(_only(graph, ids), now.standings) for ids in (changed, graph.nodes.keys() - changed))
    return Compared(ref, commit, why, frozenset(made), gone, cost, rest, note)


def generated(graph: Graph, ids: Container[Digest]) -> list[str]:
    """Name the shots whose footage is among these actions."""
    shots: dict[str, None] = {}
    for id in graph.nodes:
        if id in ids and graph.nodes[id].action.mnemonic == "Footage":
            shots |= dict.fromkeys(shots_and_outputs(graph, id)[0])
    return list(shots)


def is_root(why: Sequence[str]) -> bool:
    """Say whether something was changed itself, and doesn't only follow from what was."""
    return not all(said.startswith(_FOLLOWS) for said in why)


def _only(graph: Graph, ids: set[Digest]) -> Graph:
    return replace(graph, nodes={id: node for id, node in graph.nodes.items() if id in ids})


def _finished(graph: Graph) -> Mapping[tuple[str, str | None], Deliverable]:
    """Give finished files by whose they are: wherever they lie, they are compared."""
    return {(deliverable.output, deliverable.variant): deliverable for deliverable in graph.deliverables}


def _identities(side: Side) -> Mapping[Digest, Digest]:
    """Say what each action is; what is made from something bought goes by its bytes, whoever made them."""
    known: dict[Digest, Digest] = {}
    bought: dict[Digest, Digest] = {}
    for id, node in side.graph.nodes.items():
        surveyed = side.standings[id]
        if node.action.mnemonic not in GENERATIONS and not node.conduct.is_paid:
            continue
        if surveyed.result is not None:
            made = {name: blob.digest for name, blob in surveyed.result.outputs.items()}
            known[id] = digest_of(made)
            if node.conduct.is_paid:
                bought[id] = digest_of({"made": made, "by": _attempt(surveyed.result)})
        elif surveyed.bound is not None:
            known[id] = surveyed.bound.key
    return {**recipes(side.graph, known), **bought}


def _attempt(result: ActionResult) -> str:
    """Name the attempt that answers an ask."""
    attempt = result.facts.get("attempt")
    return str(attempt.get("key", "")) if isinstance(attempt, Mapping) else ""


def _placed(graph: Graph) -> Mapping[str, Node]:
    """Give actions by what names their places."""
    return {
        label(node.action.mnemonic, place): node
        for id, node in graph.nodes.items()
        for place in graph.places.get(id, ())
    }


def _at(graph: Graph, id: Digest, places: Mapping[str, Node]) -> Node | None:
    mnemonic = graph.nodes[id].action.mnemonic
    found = (places.get(label(mnemonic, place)) for place in graph.places.get(id, ()))
    return next((node for node in found if node is not None), None)


def _why(graph: Graph, id: Digest, was: Node | None, changed: set[Digest]) -> Iterator[str]:
    """Say what is otherwise of one action; what it only follows from comes last."""
    node = graph.nodes[id]
    if was is None:
        yield "it is new"
        return
    found = differences(was.words, node.words)
    for name, source in node.action.inputs.items():
        before = was.action.inputs.get(name)
        if not isinstance(source, Ref) and before is not None and before != source:
            found.append(f"the file it is made from changed (`{node.words.get('file', name)}`)")
    yield from found
    follows = dict.fromkeys(ref.action for ref in node.action.refs if ref.action in changed)
    if not found:
        yield from (f"{_FOLLOWS} {describe(graph, other)}" for other in follows)
    if not found and not follows:
        yield "another take answers it" if was.action == node.action else _AROUND


def told_of(graph: Graph, deliverable: Deliverable, why: Mapping[Digest, Sequence[str]]) -> list[str]:
    """Gather why a finished file changes: what the author changed of what it shows, each once."""
    ids, found = _behind(graph, deliverable), dict[str, None]()
    for id in graph.nodes:
        for said in why.get(id, ()) if id in ids else ():
            if not said.startswith(_FOLLOWS):
                shots = shots_and_outputs(graph, id)[0]
                found[f"`{shots[0]}`: {said}" if len(shots) == 1 else said] = None
    told = [said for said in found if not said.endswith(_AROUND)]
    return told or list(found)


def _behind(graph: Graph, deliverable: Deliverable) -> set[Digest]:
    """Give the ids of all that a finished file is made of."""
    ids = {ref.action for ref in deliverable.ends}
    for id in reversed(list(graph.nodes)):
        if id in ids:
            ids |= {ref.action for ref in graph.nodes[id].action.refs}
    return ids
