"""`vidbuild takes` and `vidbuild pick`: the takes of a shot, side by side, and the one that is circled."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidbuild.catalog.model import Model
from vidbuild.console import say
from vidbuild.media import checks, measures
from vidbuild.plan import asks, attempts
from vidbuild.session import Planned, Session
from vidbuild.settings import Settings, out_folder
from vidbuild.spec.edits import with_key
from vidbuild.spec.model import Project, Shot
from vidbuild.stores import durable
from vidbuild.words.action import ActionResult, BoundAction, Conduct, Judging, Place
from vidbuild.words.digest import Digest
from vidbuild.words.errors import ActionFailed, Exit, UsageError, clean
from vidbuild.words.locked import Asked, Bought, Lock
from vidbuild.words.names import closest


@dataclass(frozen=True)
class Shown:
    """One attempt as it is shown.

    Args:
        take: the author's number of the take, from 1.
        is_circled: whether the shot shows it now.
        is_current: whether it was asked for as the project asks now.
    """

    take: int
    bought: Bought
    is_circled: bool
    is_current: bool
    path: Path | None
    faults: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name it for people."""
        usd = "" if self.bought.usd is None else f", ${float(self.bought.usd):.2f}"
        marks = ["circled"] * self.is_circled + ["an older recipe"] * (not self.is_current)
        more = f" ({'; '.join([*marks, *self.faults])})" if marks or self.faults else ""
        return f"take {self.take}, {self.bought.id}: {self.bought.model}{usd}{more}"


def takes(settings: Settings, shot: str, as_json: bool) -> int:
    """List the takes of a shot, and draw them side by side."""
    session = Session(settings, os.environ)
    try:
        planned = session.plan(lambda project: _unpicked(project, shot))
        found = _shown(session, planned, _shot(planned, shot))
        place = settings.home / out_folder(settings) / "takes" / f"{shot}.png"
        here = [(one, one.path) for one in found if one.path is not None]
        if here:
            from vidbuild.runners import sheets

            place.parent.mkdir(parents=True, exist_ok=True)
            circled = {index for index, (one, _) in enumerate(here) if one.is_circled}
            sheets.sheet([(one.label, path) for one, path in here], place, circled)
    finally:
        session.close()
    if as_json:
        say(json.dumps([_row(one) for one in found]))
        return Exit.BUILT
    for one in found:
        say(clean(one.label))
    if not found:
        say(f"no take of `{clean(shot)}` was bought yet")
    if here:
        say(f"side by side: {place}")
    return Exit.BUILT


def pick(settings: Settings, shot: str, take: str) -> int:
    """Circle a take: write `take:` into the project."""
    session = Session(settings, os.environ)
    try:
        planned = session.plan(lambda project: _unpicked(project, shot))
        meant = _shot(planned, shot)
        found = _shown(session, planned, meant)
        value = _value(take, found, meant)
        file = settings.home / meant.marks[""].file
        text = planned.sources[meant.marks[""].file]
        edited = with_key(text, meant.marks, "take", value)
        hint = f"write `take: {value}` into the shot `{shot}` by hand"
        if edited is None:
            raise UsageError(f"the line for it in `{file.name}` can't be found", hint=hint)
        if edited != text:
            durable.write_bytes(file, edited.encode())
            try:
                written = next(one for one in session.load(session.catalog()).project.shots if one.id == shot)
                is_right = str(written.take) == value
            except Exception:
                is_right = False
            if not is_right:
                durable.write_bytes(file, text.encode())
                raise UsageError(f"`{file.name}` can't be edited safely", hint=hint)
    finally:
        session.close()
    say(f"`{clean(shot)}` shows take {value} from the next build on")
    if not any(one.bought.id == value or (one.is_current and str(one.take) == value) for one in found):
        say("it was not bought yet: `vidbuild plan` shows what it costs")
    return Exit.BUILT


def _value(take: str, found: Sequence[Shown], shot: Shot) -> str:
    """Say what is written for a take: its number, or an attempt's id."""
    if take.isdigit() and int(take) >= 1:
        return take
    named = [one.bought.id for one in found if one.bought.id == take]
    if named:
        return named[0]
    known = [one.bought.id for one in found]
    raise UsageError(f"`{clean(shot.id)}` has no take `{clean(take)}`", hint=closest(take, known) or "write a number")


def _unpicked(project: Project, id: str) -> Project:
    """See a project as if no take of a shot were picked: then every take of its recipe is known as one."""
    shots = tuple(replace(shot, take=None) if shot.id == id else shot for shot in project.shots)
    return replace(project, shots=shots)


def _shot(planned: Planned, id: str) -> Shot:
    for shot in planned.project.shots:
        if shot.id == id:
            return shot
    raise UsageError(f"no shot is called `{clean(id)}`", hint=closest(id, [shot.id for shot in planned.project.shots]))


def _shown(session: Session, planned: Planned, shot: Shot) -> list[Shown]:
    """Gather the attempts of a shot: those of its asks today, and those that stand under its label."""
    lock = session.lock.value if session.lock is not None else Lock()
    standings = session.survey(planned.graph)
    recipes: list[BoundAction] = []
    conduct = Conduct()
    for id, node in planned.graph.nodes.items():
        bound = standings[id].bound
        mine = any(place.shot == shot.id and _is_take(place) for place in planned.graph.places.get(id, ()))
        if mine and node.action.mnemonic == "Footage":
            conduct = node.conduct
            recipes += [bound] if bound is not None else []
    under_label = [one for one in lock.made.get(f"shot {shot.id}", ()) if isinstance(one, Asked)]
    known = {one.ask: one for one in (*(lock.asks[one.key] for one in recipes if one.key in lock.asks), *under_label)}
    current = {one.ask for one in known.values() if _is_of(one, recipes)}
    found, models = [], session.catalog().models
    for asked in known.values():
        for bought in asked.attempts:
            if "video" in bought.outputs and not _is_joined(models, bought):
                circled = _is_circled(shot, asked, bought, asked.ask in current)
                path = session.cas.fetch(bought.outputs["video"].digest)
                faults = _faults(session, lock, bought, conduct)
                found.append(Shown(asked.take + 1, bought, circled, asked.ask in current, path, faults))
    return sorted(found, key=lambda one: (not one.is_current, one.take, one.bought.on))


def _is_joined(models: Mapping[str, Model], bought: Bought) -> bool:
    """Say whether something bought is no take of its own, but one that was joined with a line."""
    model = models.get(bought.model)
    return model is not None and model.kind == "lipsync"


def _is_of(asked: Asked, recipes: Sequence[BoundAction]) -> bool:
    """Say whether an ask is for a take, whichever, and of any length, of what the project asks for now."""
    return any(attempts.unsized(attempts.of_take(recipe, asked.take)) == asked.unsized for recipe in recipes)


def _is_take(place: Place) -> bool:
    return place.role is None or place.role.startswith("take ")


def _is_circled(shot: Shot, asked: Asked, bought: Bought, is_current: bool) -> bool:
    if isinstance(shot.take, str):
        return bought.id == shot.take
    return is_current and asked.circled == bought.id and asked.take + 1 == (shot.take or 1)


def _faults(session: Session, lock: Lock, bought: Bought, conduct: Conduct) -> tuple[str, ...]:
    """Say what is wrong with a take, as far as it was measured and judged."""
    take = bought.outputs["video"].digest
    measured = session.cache.get(measures.measure_action(take, "footage", session.encoder).key)
    try:
        facts = _read(session, measured, "facts")
        faults = checks.verdict(facts, conduct.checks) if facts is not None else ()
        if not faults and conduct.judge is not None:
            answers = _read(session, _judgement(session, lock, take, conduct.judge), "answers")
            judge = conduct.judge
            faults = checks.judged(answers, judge.questions, judge.threshold) if answers is not None else ()
    except (ValueError, KeyError, ActionFailed):
        return ()
    return tuple(fault.sentence for fault in faults)


def _judgement(session: Session, lock: Lock, take: Digest, judging: Judging) -> ActionResult | None:
    """Give what the lock knows of a vision model's answers about a take."""
    frames = session.cache.get(measures.frames_action(take, session.encoder).key)
    if frames is None:
        return None
    asked = lock.asks.get(asks.judgement(judging, {name: blob.digest for name, blob in frames.outputs.items()}).key)
    return ActionResult(asked.answer.outputs) if asked is not None and asked.answer is not None else None


def _read(session: Session, result: ActionResult | None, name: str) -> Any:
    """Read an output that is JSON, where it is here."""
    path = session.cas.fetch(result.outputs[name].digest) if result is not None else None
    return json.loads(path.read_text()) if path is not None else None


def _row(one: Shown) -> dict[str, Any]:
    bought = one.bought
    return {
        "take": one.take,
        "id": bought.id,
        "key": bought.key,
        "model": bought.model,
        "seed": bought.seed,
        "usd": None if bought.usd is None else float(bought.usd),
        "on": bought.on,
        "circled": one.is_circled,
        "current": one.is_current,
        "faults": list(one.faults),
        "sha256": bought.outputs["video"].digest,
    }
