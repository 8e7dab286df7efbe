"""What has to hold before anything is bought: keys, room, a store and a lock that can be written, money agreed to.

All of it is free to find out. It gives the purse that the build may spend from; nothing is submitted here. A plan that
was approved is written and held to here, too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild import __version__
from vidbuild.drifting import is_noted, numbered
from vidbuild.plan import approved as plans
from vidbuild.plan import money, price
from vidbuild.session import Planned, Session
from vidbuild.settings import lock_name
from vidbuild.stores.purse import Purse
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Graph, Hire, Node
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Drifted, OverBudget, VendorFailed, VidbuildError
from vidbuild.words.events import Sink, Told

BYTES = {"footage": 3_000_000, "music": 40_000, "effect": 40_000}
"""How large results are, in bytes for each second asked for."""
OTHER_BYTES = 12_000_000
KEPT = ("", "jobs", "cas", "ac", "work")
"""The folders of a store through which a purchase goes."""


def approved(
    session: Session, planned: Planned, consent: money.Consent, ask: Callable[[str], bool], sink: Sink
) -> Purse | None:
    """See that a build may buy what it has to; `None` for one that has nothing to do with vendors.

    Raises:
        VendorFailed: a key is missing.
        OverBudget: it costs more than is allowed, or nobody agreed.
    """
    graph, lock = planned.graph, session.lock
    if lock is None or not is_noted(lock.value, graph):
        return None
    standings = session.survey(graph)
    buying = to_buy(graph, standings)
    if not buying:
        note(session, planned)
        return Purse(Fraction(0))
    _keys_there(session, buying)
    _unopposed(session, buying)
    purse = _agreed(session, planned, graph, standings, consent, ask, sink)
    _room(session, buying)
    note(session, planned)
    return purse


def basis(session: Session, planned: Planned) -> dict[str, Any]:
    """Say what a plan is of: what was asked for, the author's files, and what was spent by then."""
    asked = session.settings
    request = {"draft": asked.draft, "outputs": [*asked.outputs], "only": asked.only, "profile": asked.profile}
    today = _today(session, planned, {})
    return {
        "vidbuild": today.vidbuild,
        "asked": request,
        "guessed": today.is_guess,
        "spent_usd": round(float(today.spent), plans.PLACES),
        "files": today.files,
    }


def _today(session: Session, planned: Planned, standings: Mapping[Digest, Surveyed]) -> plans.Today:
    home = session.settings.home.absolute()
    files = {
        Path(os.path.relpath(path, home)).as_posix(): session.own.digest(Path(path))
        for path in sorted(session.looked.files)
    }
    return plans.Today(__version__, bool(planned.unheard), session.spent(), files, planned.graph, standings)


def held_to(session: Session, planned: Planned, plan: plans.Approved, consent: money.Consent) -> money.Consent:
    """See that what there is to do is what was approved; give the consent that follows.

    Raises:
        Drifted: something moved.
        OverBudget: something became dearer.
    """
    today = _today(session, planned, session.survey(planned.graph))
    hint = "plan again (`vidbuild plan -o FILE`), and have that approved"
    if found := plans.moved(plan, today):
        raise Drifted("what was approved is not what there is now", numbered(found), hint)
    if found := plans.dearer(plan, today):
        raise OverBudget("it costs more than was approved", numbered(found), hint)
    return replace(consent, planned=plans.allowance(plan, today))


def _agreed(
    session: Session,
    planned: Planned,
    graph: Graph,
    standings: Mapping[Digest, Surveyed],
    consent: money.Consent,
    ask: Callable[[str], bool],
    sink: Sink,
) -> Purse:
    budget = planned.project.budget
    spent = session.spent()
    cap = money.caps(budget, session.configuration, consent, spent)
    found = money.approval_of_shots(price.by_shot(graph, standings), budget.per_shot_usd)
    verdict = found or money.approval(price.total(graph, standings), cap, consent)
    if isinstance(verdict, money.Denied):
        raise OverBudget(verdict.sentence, hint=verdict.hint)
    if isinstance(verdict, money.Ask):
        if not ask(verdict.question):
            raise OverBudget("nothing was bought: nobody agreed to it", hint="`vidbuild plan` shows what it is for")
    elif verdict.note:
        sink(Told(verdict.note))
    earlier = session.jobs.open_attempts()
    return Purse(verdict.up_to, budget.per_shot_usd, consent.allow_unknown, earlier, cap.whose)


def out_of_reach(session: Session, nodes: Iterable[Node]) -> Mapping[str, VendorFailed]:
    """Say whom paid actions can't be bought from as things are: a key is missing, or a host is not trusted.

    Each is told once, by its sentence; a model behind another one may stand in for it.
    """
    wrong: dict[str, VendorFailed] = {}
    for node in nodes:
        judges = node.conduct.judge.hires if node.conduct.judge else ()
        for ways in (node.conduct.hires, judges):
            lacking = [error for hire in ways if (error := _lacks(session, hire)) is not None]
            if lacking and len(lacking) == len(ways):
                wrong.setdefault(lacking[0].sentence, lacking[0])
    return wrong


def to_buy(graph: Graph, standings: Mapping[Digest, Surveyed]) -> list[Node]:
    """List the paid actions that are not answered yet."""
    return [
        node
        for id, node in graph.nodes.items()
        if node.conduct.is_paid and standings[id].standing is not Standing.CACHED
    ]


def _keys_there(session: Session, nodes: Iterable[Node]) -> None:
    """Tell every key that is missing."""
    wrong = out_of_reach(session, nodes)
    if len(wrong) == 1:
        raise next(iter(wrong.values()))
    if wrong:
        facts = {f"{number}": error.sentence for number, error in enumerate(wrong.values(), 1)}
        hint = "export them before the build, or build with `--draft`: that is free; nothing was bought"
        raise VendorFailed("some vendors can't be asked", facts, hint)


def _unopposed(session: Session, nodes: Iterable[Node]) -> None:
    """Refuse to buy from a pinned model what has become dearer than the author will pay."""
    for node in nodes:
        if node.conduct.objection:
            lock = lock_name(session.settings.file)
            hint = (
                f"raise it, name another model, or take the question out of `models` in {lock}: it is then asked anew"
            )
            raise OverBudget(f"{node.conduct.label}: {node.conduct.objection}", hint=hint)


def _lacks(session: Session, hire: Hire) -> VendorFailed | None:
    assert session.trust is not None
    try:
        session.trust.secrets(session.known.providers[hire.provider])
    except VendorFailed as error:
        return error
    return None


def _room(session: Session, nodes: Iterable[Node]) -> None:
    """See that what is bought can be kept: room for twice of it, and a store that can be written."""
    needed = 2 * sum(_bytes(node) for node in nodes)
    free = shutil.disk_usage(session.store).free
    if free < needed:
        facts = {"free": f"{free / 1e6:.0f} MB", "needed": f"{needed / 1e6:.0f} MB", "store": str(session.store)}
        raise VidbuildError("there is no room for what would be bought", facts, "make room, or name another `--store`")
    for folder in (*(session.store / name for name in KEPT), session.settings.home):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:  # without a name, which a sweep could take away
                probe.write(b"vidbuild")
                probe.flush()
                os.fsync(probe.fileno())
        except OSError as error:
            facts = {"because": error.strerror or str(error)}
            raise VidbuildError(f"`{folder}` can't be written, and what is bought must be kept", facts) from error


def _bytes(node: Node) -> int:
    params = node.action.params
    each = BYTES.get(str(params.get("kind")))
    return OTHER_BYTES if each is None else int(each * Fraction(params.get("seconds", 30)))


def note(session: Session, planned: Planned) -> None:
    """Pin what routing chose and versions of styles, and list own files, where the lock doesn't say so yet.

    A new lock also says what the project is made with. An older one isn't told again: two colleagues whose tools differ
    would change that line in turn. One that is held gets no version of a style, which `drifting.check` told.
    """
    assert session.lock is not None
    with session.lock.together():
        if not session.lock.is_there:
            session.lock.toolchain(session.toolchain.values)
        for question, name in planned.graph.routed.items():
            session.lock.model(question, name)
        for style, version in planned.styles.items() if not session.lock.is_held else ():
            session.lock.style(style, version)
        session.lock.files(planned.own)
