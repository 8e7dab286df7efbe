"""`vidbuild lock --update`: a shot, a line, a member or the sound is asked for anew.

What answered it no longer does: the next build judges all that was bought of it, by the checks of that day, and buys
only where none passes. The model that routing chose is chosen anew, too, where nobody else's takes hang on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vidbuild.commands.lock import every_profile, lock_of
from vidbuild.console import say
from vidbuild.session import Planned, Session
from vidbuild.settings import Settings
from vidbuild.survey import Surveyed
from vidbuild.words.action import Graph, Node
from vidbuild.words.amounts import counted
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Exit, UsageError, clean
from vidbuild.words.locked import ANEW
from vidbuild.words.names import closest


@dataclass
class _Meant:
    """What is to be asked anew, over all profiles, and who else asks the same of routing."""

    asks: dict[Digest, str] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    questions: dict[str, None] = field(default_factory=dict)
    others: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, planned: Planned, standings: Mapping[Digest, Surveyed], labels: Iterable[str]) -> None:
        """Add what a plan has under these labels."""
        names = set(labels)
        for id, node in planned.graph.nodes.items():
            if not node.conduct.is_paid:
                continue
            question, mine = _replaced(node.conduct.routed_by, planned.project.replaced), _labels(planned.graph, id)
            if not names & mine:
                self.others.setdefault(question, {}).setdefault(node.conduct.label)
                continue
            self.questions.setdefault(question)
            if (bound := standings[id].bound) is None:
                self.waiting.setdefault(node.conduct.label)
            else:
                self.asks.setdefault(bound.key, node.conduct.label)


def update(settings: Settings, named: Sequence[str]) -> int:
    """Ask anew what is named by its shot or its label in the lock."""
    session = Session(settings, os.environ)
    meant = _Meant()
    try:
        planned = session.plan()
        lock = lock_of(session)
        labels = [_label(planned, name) for name in named]
        for shown, standings in every_profile(session, planned):
            meant.add(shown, standings, labels)
        answered = {
            key: label
            for key, label in meant.asks.items()
            if (asked := lock.value.asks.get(key)) is not None and asked.attempts
        }
        released = [question for question in meant.questions if question in lock.value.models]
        kept = {question: others for question in released if (others := meant.others.get(question))}
        if not answered:
            raise UsageError(*_nothing(planned, labels, meant))
        counts = {key: len(lock.value.asks[key].attempts) for key in answered}
        with lock.together():
            for key in answered:
                lock.circle(key, ANEW)
            lock.forget(models=[question for question in released if question not in kept])
    finally:
        session.close()
    for label in dict.fromkeys(answered.values()):
        count = sum(counts[key] for key, its in answered.items() if its == label)
        say(f"{label} is asked anew: {counted(count, 'bought attempt')} will be judged again")
    for question in released:
        if question in kept:
            say(f"the model chosen for `{question}` stays: {', '.join(kept[question])} asked for it too")
        else:
            say(f"the model for `{question}` is chosen anew")
    say("`vidbuild plan` shows what this may cost")
    return int(Exit.BUILT)


def _label(planned: Planned, name: str) -> str:
    """Give the label of the lock that a name means: it itself, or a shot's."""
    graph = planned.graph
    known = {label for id, node in graph.nodes.items() if node.conduct.is_paid for label in _labels(graph, id)}
    shots = {f"shot {shot.id}" for shot in planned.project.shots}
    for label in (name, f"shot {name}"):
        if label in known or label in shots:
            return label
    names = [*(label.removeprefix("shot ") for label in sorted(shots)), *sorted(known - shots)]
    raise UsageError(f"nothing that is bought is called `{clean(name)}`", hint=closest(name, names))


def _labels(graph: Graph, id: Digest) -> set[str]:
    """Say under which labels an ask may be meant: its own, and those of further shots that it is a take of."""
    node: Node = graph.nodes[id]
    if not node.conduct.label.startswith("shot "):
        return {node.conduct.label}
    return {node.conduct.label, *(f"shot {place.shot}" for place in graph.places.get(id, ()) if place.shot)}


def _replaced(question: str, replaced: Mapping[str, str]) -> str:
    """Give a question as routing asked it, with the names that the project puts in the place of others."""
    kind, _, rest = question.partition(" | ")
    names, bar, further = rest.partition(" | ")
    return f"{kind} | {', '.join(replaced.get(name, name) for name in names.split(', '))}{bar}{further}"


def _nothing(planned: Planned, labels: Sequence[str], meant: _Meant) -> tuple[str, Mapping[str, str], str]:
    """Say why there is nothing to be asked anew."""
    named = ", ".join(clean(label) for label in labels)
    picked = [shot for shot in planned.project.shots if f"shot {shot.id}" in labels and isinstance(shot.take, str)]
    if picked:
        hint = "take that line out of the project: then its recipe is asked for again"
        return f"`{picked[0].id}` shows the take `{picked[0].take}` by its id", {}, hint
    if meant.waiting:
        return f"what {named} is made from is not known yet", {}, "build first, then ask it anew"
    if meant.asks:
        return f"nothing of {named} is in the lock", {}, "the next build asks for it anyway"
    return f"nothing of {named} is bought", {}, "`vidbuild show` says what it is made from"
