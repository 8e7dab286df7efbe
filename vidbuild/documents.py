"""The JSON that programs read: the plan, the events of a build, its last line. Their schemas are in `schemas/`.

It turns values into documents; it prints nothing and decides nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from vidbuild.engine import Outcome
from vidbuild.paths import shots_and_outputs
from vidbuild.plan.against import Compared, generated
from vidbuild.plan.price import Cost, Total, by_provider, by_shot, is_paid, price, total
from vidbuild.plan.recipes import recipes
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Deliverable, Graph
from vidbuild.words.digest import Digest
from vidbuild.words.events import Event
from vidbuild.words.rationaltime import rate_number


def plan_document(
    project: str,
    graph: Graph,
    standings: Mapping[Digest, Surveyed],
    why: Mapping[Digest, Sequence[str]],
    stands: Mapping[Digest, Standing],
    basis: Mapping[str, Any],
) -> dict[str, Any]:
    """Write a plan.

    Args:
        stands: each deliverable's own standing, by its id.
        basis: what was asked for and what it was planned from, which `build --plan` holds against what there is then.
    """
    made = recipes(graph)
    return {
        "vidbuild_plan": 1,
        "project": project,
        "basis": dict(basis),
        "actions": [{**_action(graph, id, standings[id], why.get(id, ())), "recipe": made[id]} for id in graph.nodes],
        "deliverables": [
            {"id": d.id, "output": d.output, "variant": d.variant, "path": d.path, "standing": str(stands[d.id])}
            for d in graph.deliverables
        ],
        "totals": totals(graph, standings),
    }


def compared(graph: Graph, against: Compared) -> dict[str, Any]:
    """Write what is otherwise than a revision's plan."""
    return {
        "ref": against.ref,
        "commit": against.commit,
        "note": against.note,
        "shots": generated(graph, against.why),
        "rebuilt": [d.path for d in graph.deliverables if d.id in against.rebuilt],
        "gone": list(against.gone),
        "changed": [{"id": id, "why": list(why)} for id, why in against.why.items()],
        **_total(against.cost),
        "rest": _total(against.rest),
    }


def _action(graph: Graph, id: Digest, surveyed: Surveyed, why: Sequence[str]) -> dict[str, Any]:
    node = graph.nodes[id]
    shots, outputs = shots_and_outputs(graph, id)
    variants = dict.fromkeys(place.variant for place in graph.places.get(id, ()) if place.variant)
    cost = price(node, surveyed.standing)
    return {
        "id": id,
        "mnemonic": node.action.mnemonic,
        "standing": str(surveyed.standing),
        "why": list(why),
        "paid": is_paid(node),
        "hires": [{"model": hire.model, "provider": hire.provider} for hire in node.conduct.hires],
        "needs": list(dict.fromkeys(ref.action for ref in node.action.refs)),
        "shots": list(shots),
        "outputs": list(outputs),
        "variants": list(variants),
        "key": surveyed.bound.key if surveyed.bound else None,
        "result": {name: blob.digest for name, blob in surveyed.result.outputs.items()} if surveyed.result else None,
        "cost_usd": None if cost is None else usd_range(cost),
    }


def totals(graph: Graph, standings: Mapping[Digest, Surveyed]) -> dict[str, Any]:
    """Sum a plan up: how many actions stand how, and what they cost."""
    counts: dict[str, Any] = {str(standing): 0 for standing in Standing}
    for surveyed in standings.values():
        counts[str(surveyed.standing)] += 1
    whole = total(graph, standings)
    order = ("cached", "run", "resume", "unknown", "lost")
    return {
        **{name: counts[name] for name in order},
        "unpriced": whole.unpriced,
        "cost_usd": usd_range(whole.cost),
        "by_shot": {name: _total(one) for name, one in by_shot(graph, standings).items()},
        "by_provider": {name: _total(one) for name, one in by_provider(graph, standings).items()},
    }


def _total(one: Total) -> dict[str, Any]:
    return {"unpriced": one.unpriced, "cost_usd": usd_range(one.cost)}


def usd_range(cost: Cost) -> dict[str, float | int]:
    """Write a range of US dollars as numbers."""
    return {name: number(getattr(cost, name), 4) for name in ("low", "expected", "high")}


def delivered(deliverable: Deliverable, sha256: Digest) -> dict[str, Any]:
    """Describe a finished file."""
    return {
        "id": deliverable.id,
        "output": deliverable.output,
        "variant": deliverable.variant,
        "path": deliverable.path,
        "beside": sorted(deliverable.companions),
        "sha256": sha256,
        "frames": deliverable.frames,
        "fps": rate_number(deliverable.fps),
        "width": deliverable.width,
        "height": deliverable.height,
        "seconds": number(deliverable.seconds, 6),
    }


def ran(graph: Graph, outcome: Outcome) -> tuple[dict[str, Any], ...]:
    """List what ran and succeeded."""
    return tuple(
        {
            "id": id,
            "mnemonic": graph.nodes[id].action.mnemonic,
            "shots": list(shots_and_outputs(graph, id)[0]),
            "outputs": list(shots_and_outputs(graph, id)[1]),
            "seconds": round(seconds, 3),
            "cost_usd": result.facts.get("cost_usd", 0),
        }
        for id, (seconds, result) in outcome.ran.items()
    )


def failed(graph: Graph, outcome: Outcome) -> tuple[dict[str, Any], ...]:
    """List what failed."""
    return tuple(
        {
            "id": id,
            "mnemonic": graph.nodes[id].action.mnemonic,
            "shots": list(shots_and_outputs(graph, id)[0]),
            "error": error.text(),
        }
        for id, error in outcome.failed.items()
    )


def event_line(event: Event) -> dict[str, Any]:
    """Write an event as the object of one line; its name is the type's, in snake case."""
    name = "".join(f"_{char.lower()}" if char.isupper() else char for char in type(event).__name__).lstrip("_")
    names = [field.name for field in dataclasses.fields(event) if not (field.name == "error" and name == "build_ended")]
    fields = {field: getattr(event, field) for field in names}
    return {"event": name, **{key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()}}


def number(value: Fraction, places: int) -> float | int:
    """Give an exact value as a JSON number."""
    return int(value) if value.denominator == 1 else round(float(value), places)
