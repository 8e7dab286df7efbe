"""An attempt put into a vendor's terms: what our words say, for one model. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from vidbuild.catalog.model import Model, Route
from vidbuild.plan import prompts
from vidbuild.wire.values import Job, Media
from vidbuild.words.action import BoundAction

LARGEST_SEED = 4294967295
"""Vendors' seeds have 32 bits, one of them less (Stability)."""
PNG = "image/png"
TYPES = {"line": "audio/mpeg", "clip": "video/mp4"}
"""What is sent that is no picture."""


def job(attempt: BoundAction, model: Model, route: Route, inputs: Mapping[str, Path], nonce: str) -> Job:
    """Say what an attempt asks for, as a model takes it: its pictures, the options it knows, the prompt as it likes it.

    Args:
        inputs: the file of each slot: PNG, or what is said as MP3 (`line`) and footage as MP4 (`clip`).
    """
    ask = {**attempt.params["ask"]["params"], **attempt.params.get("own", {})}
    takes = model.accepts
    chosen = slots(model, inputs)
    references = sum(slot.startswith("reference") for slot in chosen)
    words = ask.get("prompt") or ask.get("text") or "\n".join(ask.get("questions", ()))
    told = prompts.sent(model, words, attempt.params["negative"], references)
    return Job(
        kind=ask["kind"],
        model=route.id,
        prompt=told.prompt,
        nonce=nonce,
        negative=told.negative,
        seed=attempt.params["seed"] % LARGEST_SEED if takes.seed else None,
        seconds=_seconds(model, ask.get("seconds")),
        aspect=ask.get("aspect") and (model.aspect(ask["aspect"]) or ask["aspect"]),
        options={name: value for name, value in ask.get("options", {}).items() if name in model.options},
        silent=bool(ask.get("silent")) or takes.sound == "never",
        voice=ask.get("voice"),
        language=ask.get("language"),
        avatar=ask.get("avatar"),
        pictures={slot: Media(path.read_bytes(), TYPES.get(slot, PNG)) for slot, path in chosen.items()},
    )


def _seconds(model: Model, said: str | None) -> Fraction | None:
    """Give the length to ask this model for: at least what the ask says, which was chosen for the first model."""
    if said is None:
        return None
    return model.lengths.enough(Fraction(said)) or Fraction(said)


def slots(model: Model, inputs: Mapping[str, Path]) -> dict[str, Path]:
    """Choose the pictures that a model is given: as many references as it takes, or one as its first frame."""
    takes = model.accepts
    found = {slot: path for slot, path in inputs.items() if not slot.startswith("reference")}
    references = [inputs[slot] for slot in sorted(inputs, key=_number) if slot.startswith("reference")]
    if takes.form == "first frame":
        if references and "init" not in found and takes.init != "no":
            found["init"] = references[0]
        return found
    return found | {f"reference{number}": path for number, path in enumerate(references[: takes.references])}


def _number(slot: str) -> int:
    digits = slot.removeprefix("reference")
    return int(digits) if digits.isdigit() else -1
