"""A workflow filled for one job: each slot gets its value, or keeps what the graph says. It knows no vendor."""

from __future__ import annotations

from typing import Any

from vidbuild.catalog.model import Workflow
from vidbuild.wire.forms import Form


def filled(workflow: Workflow, form: Form) -> dict[str, Any]:
    """Give the graph as it is sent, without the nodes' titles.

    Where a file's slot has no file, its node goes, and every link to it.
    """
    graph = {
        number: {"class_type": node["class_type"], "inputs": dict(node["inputs"])}
        for number, node in workflow.graph.items()
    }
    gone = set()
    for number, input, template in workflow.slots:
        value = form.filled(template)
        if value is not None:
            graph[number]["inputs"][input] = value
        elif "|uploaded" in str(template):
            gone.add(number)
    return {
        number: {
            **node,
            "inputs": {name: value for name, value in node["inputs"].items() if not _leads_to(value, gone)},
        }
        for number, node in graph.items()
        if number not in gone
    }


def _leads_to(value: Any, gone: set[str]) -> bool:
    return isinstance(value, list) and len(value) == 2 and value[0] in gone
