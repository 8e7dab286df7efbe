"""How an ask is put to one model: its prompt and negative as they are sent. None of this is in a key.

It knows the model's limits and what it takes; it knows no vendor's wire.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vidbuild.catalog.model import Model

PLAIN = "{prompt}{references}{avoid}"
"""How a prompt is put together for a model whose catalog entry says nothing else."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a model is sent: `negative` is empty where it takes none, and then part of the prompt."""

    prompt: str
    negative: str


def sent(model: Model, prompt: str, negative: Sequence[str], references: int) -> Sent:
    """Write a prompt for a model: negatives folded in where it has no field for them, references named by tag.

    Args:
        references: how many pictures of cast members go along.
    """
    apart = model.accepts.negative
    tags = [f"@ref{number}" for number in range(1, min(references, model.accepts.references) + 1)]
    parts = {
        "prompt": prompt,
        "references": f" ({', '.join(tags)})" if tags and model.accepts.form == "tag" else "",
        "avoid": f"{_stop(prompt)} Avoid: {', '.join(negative)}." if negative and not apart else "",
    }
    text = model.template or PLAIN
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part.replace("{", "{\0"))
    return Sent(text.replace("{\0", "{"), ", ".join(negative) if apart else "")


def _stop(prompt: str) -> str:
    return "" if prompt.endswith((".", "!", "?", "…")) else "."


def length(model: Model, text: str) -> int:
    """Count a prompt as its model counts."""
    return len(text.encode("utf-16-le")) // 2 if model.prompt_unit == "utf16" else len(text)


def over(model: Model, text: str) -> int | None:
    """Say how long a prompt is that is longer than its model takes, else `None`."""
    counted = length(model, text)
    return counted if model.prompt_limit is not None and counted > model.prompt_limit else None
