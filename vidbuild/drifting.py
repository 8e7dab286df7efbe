"""`--locked` and `--frozen`: what is generated comes from the lock, or nothing is built.

It compares and tells; it makes nothing, and asks no vendor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from vidbuild import past
from vidbuild.plan.why import describe, differences, given_otherwise, reasons, said_at, waits_for
from vidbuild.session import Planned, Session
from vidbuild.settings import lock_name
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import ActionResult, BoundAction, Graph, Node
from vidbuild.words.digest import Digest, plain
from vidbuild.words.errors import Drifted, UsageError
from vidbuild.words.locked import Asked, Lock

MOST = 40
"""Lines that are told of what drifted."""


def check(session: Session, planned: Planned, is_frozen: bool) -> list[str]:
    """See that a build would buy nothing and leave the lock as it is; give what to tell all the same.

    A style without a pin is no drift by itself: prompts hold its words, so what is bought for them says that the
    version is the one of then. The next build that may write pins it.

    Raises:
        Drifted: with each thing that moved, and why; `frozen` also with every blob that is nowhere.
    """
    if session.lock is None:
        raise UsageError("a draft has no lock to keep to", hint="leave `--draft` out")
    name = lock_name(session.settings.file)
    holds = planned.own or any(node.conduct.is_paid for node in planned.graph.nodes.values())
    if holds and not (session.settings.home / name).exists():
        raise Drifted(f"there is no `{name}` to keep to", hint="build without `--locked` once, and put it into git")
    standings = session.survey(planned.graph)
    drifted = [
        *moved(session, planned, standings),
        *_unpinned(session.lock.value, planned.graph, standings),
        *_otherwise(session.lock.value, planned),
    ]
    lost = [*_lost(session, planned.graph, standings)] if is_frozen else []
    styles = [*_unversioned(session.lock.value, planned)]
    if not drifted and not lost:
        session.lock.hold()
        return [f"{told}; a build without `--locked` writes it down" for told in styles]
    drifted += styles if drifted else []
    told, hints = [], []
    if drifted:
        told.append(f"the project asks for what `{name}` doesn't hold")
        hints.append(f"build without `--locked` to make what changed, and put `{name}` into git with the project")
    if lost:
        told.append("bytes that the lock names are in no store that can be reached")
        hints.append(
            "name the store that holds them (`remote:` or VIDBUILD_REMOTE), or `vidbuild push` from another one"
        )
    named = {str(number): line for number, line in enumerate(lost, len(drifted) + 1)}
    raise Drifted(", and ".join(told), {**numbered(drifted), **named}, "; ".join(hints))


def is_noted(lock: Lock, graph: Graph) -> bool:
    """Say whether a build writes down what a project is made from: where something is bought, or was."""
    return bool(lock.bought) or any(node.conduct.is_paid for node in graph.nodes.values())


def numbered(told: Sequence[str], most: int = MOST) -> dict[str, str]:
    """Number what is told, as facts of an error; what is too much is counted."""
    more = {"and": f"{len(told) - most} more"} if len(told) > most else {}
    return {**{str(number): line for number, line in enumerate(told[:most], 1)}, **more}


def moved(session: Session, planned: Planned, standings: Mapping[Digest, Surveyed]) -> Iterator[str]:
    """Tell each thing that would have to be bought, and why; and what no lock says that a store holds."""
    graph, said = planned.graph, past.recall(session.settings)
    is_guess = _is_guess(planned, standings)
    for id, node in graph.nodes.items():
        surveyed = standings[id]
        if not node.conduct.is_paid or surveyed.standing is Standing.LOST:
            continue
        if is_guess and surveyed.standing is Standing.UNKNOWN:
            continue
        if surveyed.standing is Standing.CACHED:
            if not _is_locked(session, surveyed.bound):
                yield f"{node.conduct.label}: a store holds it, and the lock doesn't"
            continue
        why = [*_since(session, planned, node, surveyed.bound)]
        if not why and (surveyed.bound is not None or said_at(graph, id, said) is not None):
            why = reasons(graph, standings, id, said, session.cache.action)
        else:
            why += waits_for(graph, surveyed)
        yield f"{node.conduct.label}: {'; '.join(why)}"


def _is_guess(planned: Planned, standings: Mapping[Digest, Surveyed]) -> bool:
    """Say whether lines that aren't heard yet, and aren't to be bought, make a guess of what hangs on lengths.

    They were bought, and their bytes are nowhere, or are spoken here, for nothing.
    """
    return any(
        surveyed.bound is not None
        and surveyed.bound.key in planned.unheard
        and (surveyed.standing is Standing.LOST or not planned.graph.nodes[id].conduct.is_paid)
        for id, surveyed in standings.items()
    )


def _unpinned(lock: Lock, graph: Graph, standings: Mapping[Digest, Surveyed]) -> Iterator[str]:
    """Tell each result that something bought is bound from and no pin names: a build would write it down."""
    needed: set[Digest] = set()
    for id in reversed(list(graph.nodes)):
        node, standing = graph.nodes[id], standings[id].standing
        if standing in (Standing.CACHED, Standing.LOST) if node.conduct.is_paid else id in needed:
            needed.update(ref.action for ref in node.action.refs)
    for id, node in graph.nodes.items():
        question = standings[id].question
        pin = lock.pins.get(question) if question is not None else None
        if id in needed and question is not None and (pin is None or not set(node.action.outputs) <= set(pin.outputs)):
            yield f"{node.conduct.label}: the lock has no pin of the {describe(graph, id)}"


def _is_locked(session: Session, bound: BoundAction | None) -> bool:
    """Say whether the lock answers an ask: a store may, for another project or an older lock."""
    asked = session.lock.value.asks.get(bound.key) if session.lock is not None and bound is not None else None
    return asked is not None and asked.answer is not None


def _since(session: Session, planned: Planned, node: Node, bound: BoundAction | None) -> Iterator[str]:
    """Compare an ask with what the lock holds of the same label, where a store still knows how that was made."""
    assert session.lock is not None
    known = [entry for _, entry in _asked(session.lock.value, (node.conduct.label,))]
    for entry in known:
        if session.behind is not None:
            session.behind.recall(entry.ask, None)
        record = session.cache.action(entry.ask)
        if record is not None and record.get("mnemonic") == node.action.mnemonic:
            was, now = record["params"], plain(node.action.params)
            yield from differences(*({key: str(value) for key, value in each.items()} for each in (was, now)))
            names = {digest: path for path, digest in {**planned.own, **session.lock.value.files}.items()}
            names |= session.lock.value.labels
            yield from given_otherwise(planned.graph, node, record["inputs"], bound, names)
            return
    if known and bound is not None:
        yield "the lock holds another recipe of it"


def _otherwise(lock: Lock, planned: Planned) -> Iterator[str]:
    """Tell what the lock would say otherwise after a build: own files, and chosen models."""
    for path in sorted({*lock.files, *planned.own}):
        before, now = lock.files.get(path), planned.own.get(path)
        if before != now:
            yield f"`{path}` " + ("is new" if before is None else "is gone" if now is None else "has other bytes")
    for question, model in planned.graph.routed.items():
        if lock.models.get(question) != model:
            yield f"`{question}` is `{model}`, and the lock says `{lock.models.get(question, 'nothing')}`"


def _unversioned(lock: Lock, planned: Planned) -> Iterator[str]:
    """Tell the styles that are named without a version and that the lock gives none."""
    for style, version in planned.styles.items() if is_noted(lock, planned.graph) else ():
        if style not in lock.styles:
            yield f"`{style}` is `{version}`, and the lock says `nothing`"


def _lost(session: Session, graph: Graph, standings: Mapping[Digest, Surveyed]) -> Iterator[str]:
    """Name each paid blob that the lock knows and nobody holds: of asks, and of takes that are kept by their ids.

    Of an ask that isn't known, since what it is made from is lost, all that the lock holds under its label counts.
    """
    assert session.lock is not None
    lock = session.lock.value
    given = {source for node in graph.nodes.values() for source in node.action.inputs.values()}
    wanted = [(f"take {one.id}", one) for digest, one in lock.made_by.items() if digest in given]
    paid = {id: node.conduct.label for id, node in graph.nodes.items() if node.conduct.is_paid}
    unknown = {label for id, label in paid.items() if standings[id].standing is Standing.UNKNOWN}
    wanted += [(label, asked.answer) for label, asked in _asked(lock, unknown) if asked.answer is not None]
    if session.behind is not None:
        session.behind.recall_all({one.key: ActionResult(one.outputs) for _, one in wanted})
    lost = [(label, standings[id].result) for id, label in paid.items() if standings[id].standing is Standing.LOST]
    named = {
        blob.digest: f"{label}: {name} {blob.digest}"
        for label, made in (*wanted, *lost)
        for name, blob in (made.outputs.items() if made is not None else ())
        if not session.cas.has(blob.digest)
    }
    yield from named.values()


def _asked(lock: Lock, labels: Collection[str]) -> Iterator[tuple[str, Asked]]:
    """Give what was asked for under some labels."""
    for label in sorted(lock.made.keys() & labels):
        yield from ((label, entry) for entry in lock.made[label] if isinstance(entry, Asked))
