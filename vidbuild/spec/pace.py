"""What a shot says of how its footage runs, and what of that can't be together. Pure; it knows no files' lengths."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from vidbuild.spec.inherit import SPOKEN, amount, number
from vidbuild.spec.model import Filmed, Presented, Prompted, Source
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Problem

MOVING = ("speed", "fit", "fill")
"""Keys that are for footage: nothing else runs."""


def is_moving(source: Source) -> bool:
    """Say whether a shot's source runs, so that it may run otherwise, or end too early."""
    return isinstance(source, Prompted | Presented) or (isinstance(source, Filmed) and not source.is_still)


def fit_of(node: Node) -> str:
    """Give how a shot's footage meets its slot."""
    fit = node.get("fit")
    return str(fit.value) if fit else "trim"


def check_pace(node: Node, source: Source, length: Fraction | None) -> Iterator[Problem]:
    """Tell keys that take each other's meaning.

    Args:
        length: how long the shot is, where that is written.
    """
    speed, fit, bought = node.get("speed"), node.get("fit"), node.get("footage_s")
    is_fitted = fit_of(node) == "speed"
    if speed is not None and is_fitted:
        yield Problem(speed.key_mark, "`fit: speed` chooses the speed, and `speed` says one", hint="remove one of them")
    if fit is not None and is_fitted and isinstance(source, Filmed) and length is None:
        sentence = "`fit: speed` retimes footage to the shot's length, and that isn't said"
        yield Problem(fit.mark, sentence, hint="give the shot a `duration_s`")
    end = node.get("end_image")
    if bought is not None and end is not None and not is_fitted:
        sentence = "with `end_image` a take is used whole, and `footage_s` buys what is cut off"
        yield Problem(bought.key_mark, sentence, hint="remove `footage_s`, or retime the whole take: `fit: speed`")


def wrong_cut(node: Node, filmed: Filmed, fill: str) -> Problem | None:
    """Tell an in-point and an out-point that can't be, by themselves or in a shot of this length."""
    out, length, speed = node.get("out_s"), node.get("duration_s"), amount(node.get("speed")) or Fraction(1)
    if out is None or filmed.out_s is None or filmed.is_still:
        return None
    if filmed.out_s <= filmed.in_s:
        start = node.get("in_s")
        sentence = f"`out_s` must be after `in_s`: {start.value if start else 0} to {out.value} is nothing"
        return Problem(out.mark, sentence)
    if length is None or length.value in SPOKEN or fill != "error" or fit_of(node) == "speed":
        return None
    if filmed.out_s - filmed.in_s >= number(length) * speed:
        return None
    cut = f"{float((filmed.out_s - filmed.in_s) / speed):g} s" + (" at that speed" if speed != 1 else "")
    sentence = f"`in_s` to `out_s` is {cut}, and `duration_s` asks for {length.value} s"
    return Problem(length.mark, sentence, hint="make one of them fit, or say what is seen then: `fill: freeze`")
