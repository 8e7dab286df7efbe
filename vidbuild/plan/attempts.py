"""Attempts: what is bought for an ask. Their keys hold the ask, the model, the seed and the negative as sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from vidbuild.words.action import BoundAction, Hire
from vidbuild.words.amounts import usd_of
from vidbuild.words.digest import Digest
from vidbuild.words.locked import Lock
from vidbuild.words.rationaltime import seconds_text

TAKE_STRIDE = 1000
"""How far the seeds of two takes of one ask lie apart."""
JUDGE_TRIES = 2
"""How often a vision model is asked about one take, where it doesn't answer as it was asked to."""


def attempt(ask: BoundAction, hire: Hire, number: int, negative: Sequence[str]) -> BoundAction:
    """Give an attempt of an ask: `number` counts from 0 over reshoots and fallbacks alike.

    Args:
        negative: as sent, sharpened for what was wrong with the attempts before.
    """
    seed = ask.params.get("seed", 0) + TAKE_STRIDE * ask.params.get("take", 0) + number
    said = {"mnemonic": ask.mnemonic, "params": ask.params, "inputs": ask.inputs, "tool": ask.tool}
    params = {"ask": said, "seed": seed, "negative": list(negative)} | ({"own": dict(hire.own)} if hire.own else {})
    return BoundAction(ask.mnemonic, params, ask.inputs, ask.outputs, hire.tool)


def of_take(ask: BoundAction, take: int) -> BoundAction:
    """Give the same ask for another take, counted from 0."""
    return BoundAction(ask.mnemonic, {**ask.params, "take": take}, ask.inputs, ask.outputs, ask.tool)


def ask_of(attempt: BoundAction) -> BoundAction:
    """Give the ask that an attempt was made for."""
    said = attempt.params["ask"]
    return BoundAction(said["mnemonic"], said["params"], said["inputs"], attempt.outputs, said["tool"])


def logged(intent: Mapping[str, Any]) -> tuple[BoundAction, Hire] | None:
    """Give an attempt and through whom it was sent, as an intent of the job log holds them; `None` where it doesn't."""
    if "action" not in intent:
        return None
    action = BoundAction(**intent["action"])
    amounts = (intent.get(name) for name in ("reserved_usd", "list_usd"))
    reserved, listed = (usd_of(usd) for usd in amounts)
    own = action.params.get("own", {})
    return action, Hire(str(intent["model"]), action.tool, str(intent["provider"]), reserved, listed, own=own)


def covering(lock: Lock, ask: BoundAction) -> BoundAction | None:
    """Give an ask with the seconds of the shortest locked take that is long enough for it, or `None`.

    Planning chooses seconds so already, where it knows all that an ask starts from. What it starts from may turn out
    to be what it was (a picture saved again, with equal pixels) only when it is bound.
    """
    if "seconds" not in ask.params:
        return None
    for known in lock.unsized.get(unsized(ask), ()):
        if known.seconds is not None and _is_enough(known.seconds, ask):
            params = {**ask.params, "seconds": seconds_text(known.seconds)}
            return BoundAction(ask.mnemonic, params, ask.inputs, ask.outputs, ask.tool)
    return None


def unsized(ask: BoundAction) -> Digest:
    """Give the key of an ask without its seconds: what locked takes of any length are found by."""
    params = {name: value for name, value in ask.params.items() if name != "seconds"}
    return BoundAction(ask.mnemonic, params, ask.inputs, ask.outputs, ask.tool).key


def seconds_of(ask: BoundAction) -> Fraction:
    """Give the seconds that an ask asks for; 0 where it has none."""
    return Fraction(ask.params.get("seconds", 0))


def covers(longer: BoundAction, ask: BoundAction) -> bool:
    """Say whether what is made for one ask will do for another: the same but for seconds, and long enough."""
    return unsized(longer) == unsized(ask) and _is_enough(seconds_of(longer), ask)


def _is_enough(seconds: Fraction, ask: BoundAction) -> bool:
    """Say whether a take of a length will do for an ask; one that ends on a given picture is used whole."""
    return seconds == seconds_of(ask) if "end" in ask.inputs else seconds >= seconds_of(ask)
