"""What an action is made from and how, whatever machine plans it: digests that two plans are compared by.

Ids and keys hold ffmpeg's identity and the bytes that came of steps before; recipes hold neither. They key nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from vidbuild.words.action import Graph, Node, Ref
from vidbuild.words.digest import Digest, digest_of

_OF_MODELS = "local/"


def recipes(graph: Graph, known: Mapping[Digest, Digest] | None = None) -> Mapping[Digest, Digest]:
    """Give each action's recipe: mnemonic, params and the recipes of its inputs, and the model that makes it.

    Args:
        known: what stands for an action instead, by id: of what is answered, for one, its result.
    """
    found: dict[Digest, Digest] = {}
    for id, node in graph.nodes.items():
        found[id] = (known or {}).get(id) or _recipe(node, found)
    return found


def _recipe(node: Node, made: Mapping[Digest, Digest]) -> Digest:
    action = node.action
    inputs = {
        name: [made[source.action], source.output] if isinstance(source, Ref) else source
        for name, source in action.inputs.items()
    }
    names_model = node.conduct.is_paid or action.tool.startswith(_OF_MODELS)
    tool = action.tool if names_model else ""
    return digest_of({"mnemonic": action.mnemonic, "params": action.params, "inputs": inputs, "tool": tool})
