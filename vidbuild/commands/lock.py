"""`vidbuild lock` and `vidbuild outdated`: what the lock holds that the project needs no more, or needs otherwise.

A lock serves every profile and language of its project: nothing counts as unused that one of them uses.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from vidbuild import auditing, drifting
from vidbuild.console import say
from vidbuild.plan import attempts
from vidbuild.plan.price import usd_text
from vidbuild.session import Planned, Session, open_state
from vidbuild.settings import Settings, lock_name
from vidbuild.stores.lockfile import LockFile
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.amounts import counted
from vidbuild.words.digest import Digest
from vidbuild.words.errors import BusyError, Exit, UsageError, clean
from vidbuild.words.locked import Asked, Bought, Lock, Pin
from vidbuild.words.names import closest
from vidbuild.words.rationaltime import clock_text

_ANSWERS = "answers"
"""What a judge gives; its ask is in no plan."""
MOST_TAKES = 100
"""Every take of a recipe that is used is: it may have failed, or be picked again."""


@dataclass
class _Uses:
    """What the project uses of a lock, over all its profiles."""

    labels: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    asks: set[Digest] = field(default_factory=set)
    picked: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    styles: set[str] = field(default_factory=set)
    muted: dict[str, None] = field(default_factory=dict)

    def add(self, planned: Planned, standings: Mapping[Digest, Surveyed]) -> None:
        """Add what a plan uses."""
        self.models |= set(planned.graph.routed)
        self.styles |= set(planned.styles)
        self.muted |= dict.fromkeys(planned.muted)
        self.picked |= {shot.take for shot in planned.project.shots if isinstance(shot.take, str)}
        for id, node in planned.graph.nodes.items():
            self.labels.add(node.conduct.label)
            bound = standings[id].bound
            if node.conduct.is_paid and bound is None:
                self.unsure.add(node.conduct.label)
            elif node.conduct.is_paid and bound is not None:
                self.asks |= {
                    bound.key,
                    *(attempts.unsized(attempts.of_take(bound, take)) for take in range(MOST_TAKES)),
                }

    def use(self, label: str, entry: Asked | Pin) -> bool:
        """Say whether an entry under a label is used; where that isn't known, it is: pins, and a judge's answers.

        What nothing is called by may be what a muted shot asks for: itself, its lines, who is seen in it.
        """
        if isinstance(entry, Pin) or label in self.unsure or (self.muted and label not in self.labels):
            return True
        if {entry.ask, entry.unsized} & self.asks or any(bought.id in self.picked for bought in entry.attempts):
            return True
        return {name for bought in entry.attempts for name in bought.outputs} == {_ANSWERS}


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keep builds away while a lock is read and changed.

    Raises:
        BusyError: one is there.
    """
    held = ProcessLock(settings.state / "lock")
    if settings.file.exists():
        open_state(settings)
        if not held.take("vidbuild lock"):
            raise BusyError(f"a build holds the project: {held.holder()}", hint="wait until it has ended")
    try:
        yield
    finally:
        held.release()


def check(settings: Settings, prune: bool, as_json: bool = False) -> int:
    """Tell what a lock holds, what of it nothing uses, and what has drifted; `prune` forgets what nothing uses."""
    uses, first = _Uses(), Session(settings, os.environ)
    try:
        planned = first.plan()
        lock = lock_of(first)
        for shown, standings in every_profile(first, planned):
            uses.add(shown, standings)
        unused = [
            (label, entry)
            for label, entries in lock.value.made.items()
            for entry in entries
            if not uses.use(label, entry)
        ]
        questions, styles = (
            [] if uses.muted else sorted(set(known) - used)
            for known, used in ((lock.value.models, uses.models), (lock.value.styles, uses.styles))
        )
        told = lock.value
        if not as_json:
            _tell(told, unused, uses.labels, questions, styles)
            if uses.muted:
                say(clean(f"muted, so what no shot that plays is called by is kept: {', '.join(uses.muted)}"))
        if prune:
            gone = {entry.ask if isinstance(entry, Asked) else entry.question for _, entry in unused}
            with lock.together():
                lock.forget(asks=gone, models=questions, styles=styles)
            if (unused or questions or styles) and not as_json:
                say("forgotten; what was bought stays in the store, and `store verify` still counts it")
        moved = [*drifting.moved(first, planned, first.survey(planned.graph))]
        disagreements = auditing.disagreements(first)
    finally:
        first.close()
    if as_json:
        more = {"pruned": prune, "not_in_the_lock": moved, "disagreements": disagreements}
        say(json.dumps({**_document(told, unused, questions, styles), **more}))
    for line in () if as_json else (*(f"not in the lock: {line}" for line in moved), *disagreements):
        say(clean(line))
    return int(Exit.DRIFTED if moved or disagreements else Exit.BUILT)


def every_profile(first: Session, planned: Planned) -> Iterator[tuple[Planned, Mapping[Digest, Surveyed]]]:
    """Give a project as each of its profiles plans it, and by itself: all of them share the lock.

    Args:
        planned: what the session that is open has planned; it isn't planned again.
    """
    yield planned, first.survey(planned.graph)
    for profile in (None, *first.load(first.catalog()).profiles):
        if profile != first.settings.profile:
            other = Session(replace(first.settings, profile=profile), os.environ)
            try:
                shown = other.plan()
                yield shown, other.survey(shown.graph)
            finally:
                other.close()


def adopt(settings: Settings, attempt: str) -> int:
    """Carry what was bought over to the recipe that the project has now in its place."""
    session = Session(settings, os.environ)
    try:
        planned = session.plan()
        lock = lock_of(session)
        label, bought = _bought(lock.value, attempt)
        standings = session.survey(planned.graph)
        _unused(label, bought, standings)
        made_for = _made_for(session, bought)
        open_ = [
            standings[id].bound
            for id, node in planned.graph.nodes.items()
            if node.conduct.label == label
            and node.conduct.is_paid
            and standings[id].standing in (Standing.RUN, Standing.LOST)
            and set(node.action.outputs) == set(bought.outputs)
        ]
        asks = [
            bound
            for bound in open_
            if bound is not None and all(bound.params.get(name) == said for name, said in made_for.items())
        ]
        if len(asks) != 1:
            told = "nothing that has to be made" if not asks else f"{len(asks)} things that have to be made"
            hint = "`vidbuild plan` shows what has to be made; `take: ID` in a shot keeps a take whatever its recipe"
            raise UsageError(f"{label} has {told} where `{bought.id}` could stand", hint=hint)
        (ask,) = asks
        seconds = Fraction(ask.params["seconds"]) if "seconds" in ask.params else None
        _long_enough(lock.value, label, bought, seconds)
        with lock.together():
            lock.bought(label, ask.key, attempts.unsized(ask), seconds, int(ask.params.get("take", 0)), bought)
            lock.circle(ask.key, bought.key)
    finally:
        session.close()
    say(f"{label}: `{bought.id}` stands for the recipe of today; nothing is bought")
    return int(Exit.BUILT)


def _unused(label: str, bought: Bought, standings: Mapping[Digest, Surveyed]) -> None:
    """Refuse what is shown as it is: it would be shown in a second place, in another aspect or without its lips."""
    for surveyed in standings.values():
        attempt = surveyed.result.facts.get("attempt") if surveyed.result is not None else None
        if isinstance(attempt, Mapping) and attempt.get("key") == bought.key:
            hint = "`vidbuild takes` lists what else was bought of it"
            raise UsageError(f"{label}: `{bought.id}` answers what the project asks for already", hint=hint)


def _made_for(session: Session, bought: Bought) -> Mapping[str, Any]:
    """Say what an attempt is whatever its recipe: its kind, and where a store remembers it, its aspect."""
    model = session.known.models.get(bought.model)
    if session.behind is not None:
        session.behind.recall(bought.key, None)
    record = session.cache.action(bought.key) or {}
    said = record.get("params", {}).get("ask", {}).get("params", {})
    kind = {"kind": model.kind} if model is not None else {}
    return {**kind, **{name: said[name] for name in ("kind", "aspect") if name in said}}


def toolchain(settings: Settings) -> int:
    """Say in a lock that the project is made with what is here."""
    session = Session(settings, os.environ)
    try:
        session.plan()
        lock_of(session).toolchain(session.toolchain.values)
    finally:
        session.close()
    say("the lock says that the project is made with the tools that are here")
    return int(Exit.BUILT)


def outdated(settings: Settings, as_json: bool = False) -> int:
    """Tell which models of the lock moved on since: gone, retired, or at another price."""
    session = Session(settings, os.environ)
    try:
        planned = session.plan()
        lock = lock_of(session)
        found = [
            (label, bought, said)
            for label, bought in sorted(_answers(lock.value), key=lambda one: (one[0], one[1].id))
            for said in _moved_on(session, planned, label, bought)
        ]
    finally:
        session.close()
    if as_json:
        rows = (
            {"label": label, "id": bought.id, "model": bought.model, "on": bought.on, "why": said}
            for label, bought, said in found
        )
        say(json.dumps({"vidbuild_outdated": 1, "attempts": [*rows]}))
        return int(Exit.BUILT)
    for label, bought, said in found:
        say(f"{label}, {bought.id} of {bought.on}: {clean(said)}")
    if not found:
        say("every model of the lock is as it was")
    return int(Exit.BUILT)


def _long_enough(lock: Lock, label: str, bought: Bought, seconds: Fraction | None) -> None:
    """Refuse a take that was asked for shorter than the recipe of today has it."""
    known = [ask.seconds for ask in lock.asks.values() if any(one.key == bought.key for one in ask.attempts)]
    longest = max((had for had in known if had is not None), default=None)
    if seconds is not None and longest is not None and longest < seconds:
        sentence = f"{label} asks for {clock_text(seconds)}, and `{bought.id}` has {clock_text(longest)}"
        raise UsageError(sentence, hint="ask for less, or build: a longer take is bought then")


def _moved_on(session: Session, planned: Planned, label: str, bought: Bought) -> Iterator[str]:
    model = session.known.models.get(bought.model)
    if model is None:
        yield f"`{bought.model}` is not in the catalog any more"
        return
    if model.replaced_by is not None or model.retired_on is not None:
        on = f" on {model.retired_on}" if model.retired_on else ""
        yield f"`{model.name}` was retired{on}" + (f"; `{model.replaced_by}` follows it" if model.replaced_by else "")
    hires = (
        hire
        for node in planned.graph.nodes.values()
        if node.conduct.label == label
        for hire in node.conduct.hires
        if hire.model == model.name
    )
    hire = next(hires, None)
    if hire is not None and hire.list_usd is not None and bought.usd is not None and hire.list_usd != bought.usd:
        yield f"`{model.name}` cost {usd_text(bought.usd)}, and would cost {usd_text(hire.list_usd)} now"


def _answers(lock: Lock) -> Iterator[tuple[str, Bought]]:
    for label, entries in lock.made.items():
        for entry in entries:
            if isinstance(entry, Asked) and entry.answer is not None:
                yield label, entry.answer


def _bought(lock: Lock, attempt: str) -> tuple[str, Bought]:
    """Find an attempt by its id or key, with the label that it stands under."""
    for label, _, one in lock.attempts:
        if attempt in (one.id, one.key):
            return label, one
    known = [name for name in lock.bought if len(name) < 64]
    raise UsageError(f"the lock has no attempt `{clean(attempt)}`", hint=closest(attempt, known))


def lock_of(session: Session) -> LockFile:
    """Give the lock of a session that has planned; there has to be one."""
    if session.lock is None:
        raise UsageError("a draft has no lock", hint="leave `--draft` out")
    name = lock_name(session.settings.file)
    if not (session.settings.home / name).exists():
        raise UsageError(f"there is no `{name}` yet", hint="a build that buys something writes it")
    return session.lock


def _document(
    lock: Lock, unused: list[tuple[str, Asked | Pin]], questions: list[str], styles: list[str]
) -> dict[str, Any]:
    """Write what a lock holds as programs read it."""
    bought = {one.key: one for one in lock.bought.values()}
    left = ((label, one) for label, entry in unused if isinstance(entry, Asked) for one in entry.attempts)
    return {
        "vidbuild_lock_check": 1,
        "bought": len(bought),
        "spent_usd": float(sum((one.usd for one in bought.values() if one.usd is not None), Fraction(0))),
        "pins": len(lock.pins),
        "models": len(lock.models),
        "unused": [
            {"label": label, "id": one.id, "model": one.model, "usd": None if one.usd is None else float(one.usd)}
            for label, one in left
        ],
        "unused_questions": questions,
        "unused_styles": styles,
    }


def _tell(
    lock: Lock, unused: list[tuple[str, Asked | Pin]], labels: set[str], questions: list[str], styles: list[str]
) -> None:
    bought = {one.key: one for one in lock.bought.values()}
    spent = sum((one.usd for one in bought.values() if one.usd is not None), Fraction(0))
    pins, models = counted(len(lock.pins), "pin"), counted(len(lock.models), "model")
    say(f"{counted(len(bought), 'thing')} bought for {usd_text(spent)}, {pins}, {models} chosen")
    for label, entries in lock.made.items():
        for entry in entries:
            if isinstance(entry, Asked) and entry.is_anew:
                say(f"asked anew: {label}: the next build judges what was bought of it")
    for label, entry in unused:
        why = "an older recipe" if label in labels else "nothing is called so any more"
        for one in entry.attempts if isinstance(entry, Asked) else ():
            usd = "" if one.usd is None else f", {usd_text(one.usd)}"
            say(f"unused: {label}: {one.id} ({one.model}{usd}): {why}")
        if isinstance(entry, Pin) or not entry.attempts:
            say(f"unused: {label}: a {'pin' if isinstance(entry, Pin) else 'question without an answer'}: {why}")
    for question in questions:
        say(f"unused: the model chosen for `{question}`")
    for style in styles:
        say(f"unused: the version of the style `{style}`")
