"""What the last build said at each place, kept in the project's own folder, so that `why` can tell what changed.

Losing it loses nothing but that.
"""

from __future__ import annotations

import json

from vidbuild.engine import Outcome
from vidbuild.plan.why import Past, Said, label
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.stores import durable
from vidbuild.words.action import Graph
from vidbuild.words.digest import Digest


def recall(settings: Settings) -> Past:
    """Read what the last build of this kind (draft or not) said."""
    try:
        told = json.loads((settings.state / _name(settings)).read_text())
        return {place: Said(Digest(key), words) for place, (key, words) in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def remember(session: Session, graph: Graph, outcome: Outcome) -> None:
    """Keep what this build said of every action that has a result; a build of everything forgets older places."""
    settings = session.settings
    before = recall(settings)
    whole = not settings.outputs and settings.only is None
    told = {} if whole and len(outcome.results) == len(graph.nodes) else dict(before)
    for id, key in outcome.keys.items():
        node = graph.nodes[id]
        for place in graph.places.get(id, ()):
            told[label(node.action.mnemonic, place)] = Said(key, node.words)
    if told != before:
        text = json.dumps({place: [said.key, dict(said.words)] for place, said in told.items()}, ensure_ascii=False)
        durable.write_bytes(settings.state / _name(settings), text.encode())


def _name(settings: Settings) -> str:
    return f"past-{settings.file.stem}{'-draft' if settings.draft else ''}.json"
