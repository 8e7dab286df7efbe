"""Asks: what is hashed of a generation. What the author said, and nothing that a default or the catalog filled in.

It chooses no seconds and makes no actions; but for a judge's ask, which stands in no plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vidbuild.spec.model import Avatar, Line, LipSync, Music, Prompted, Still
from vidbuild.words.action import BoundAction, Judging
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import rate_text, seconds_text

LOCAL_STEP_S = 2
BED_STEP_S = 30
_SLATE_WORDS = 12


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """What asks of the local engine hold besides: the rate and the picture size."""

    rate: Fraction
    width: int
    height: int


def aspect_text(aspect: tuple[int, int]) -> str:
    """Write an aspect as authors do."""
    return f"{aspect[0]}:{aspect[1]}"


def footage(
    source: Prompted,
    aspect: tuple[int, int],
    local: LocalFrame | None,
    draft: bool,
    take: int = 0,
    silent: bool = False,
) -> dict[str, Any]:
    """Give a footage ask without its seconds and pictures; keys that aren't used are absent.

    In a draft the options are left out: they belong to the model that the draft stands in for.
    """
    ask: dict[str, Any] = {
        "kind": "footage",
        "prompt": source.prompt,
        "seed": source.seed,
        "take": take,
        "aspect": aspect_text(aspect),
    }
    if source.negative:
        ask["negative"] = list(source.negative)
    if source.options and not draft:
        ask["options"] = dict(source.options)
    if local is not None:
        words = " ".join(source.words.split()[:_SLATE_WORDS])
        ask |= {"fps": rate_text(local.rate), "size": [local.width, local.height], "slate": words}
    elif silent:
        ask["silent"] = True
    return ask


def presented(
    avatar: Avatar,
    seed: int,
    aspect: tuple[int, int],
    local: LocalFrame | None,
    draft: bool,
    take: int = 0,
    language: str | None = None,
) -> dict[str, Any]:
    """Give the ask for a take of an avatar; what it says is an input, and how long it is follows from that."""
    ask: dict[str, Any] = {
        "kind": "avatar",
        "avatar": avatar.id,
        "seed": seed,
        "take": take,
        "aspect": aspect_text(aspect),
    }
    if local is not None:
        ask |= {"fps": rate_text(local.rate), "size": [local.width, local.height]}
    elif language is not None:
        ask["language"] = language
    return ask | ({"options": dict(avatar.options)} if avatar.options and not draft else {})


def lipsync(lipsync: LipSync, draft: bool) -> dict[str, Any]:
    """Give the ask for footage joined with a line; both are inputs."""
    ask: dict[str, Any] = {"kind": "lipsync", "seed": 0, "take": 0}
    return ask | ({"options": dict(lipsync.options)} if lipsync.options and not draft else {})


def still(still: Still, aspect: tuple[int, int], size: tuple[int, int] | None) -> dict[str, Any]:
    """Give the ask for a still without its pictures; `size` is that of a local one."""
    ask: dict[str, Any] = {
        "kind": "picture",
        "prompt": still.prompt,
        "seed": still.seed,
        "take": 0,
        "aspect": aspect_text(aspect),
    }
    if still.negative:
        ask["negative"] = list(still.negative)
    if size is not None:
        return ask | {"size": list(size)}
    return ask | ({"options": dict(still.options)} if still.options else {})


def cue(kind: str, cue: Music, seconds: Fraction | None, draft: bool) -> dict[str, Any]:
    """Give the ask for music or an effect."""
    ask: dict[str, Any] = {"kind": kind, "prompt": cue.prompt, "seed": cue.seed, "take": 0}
    if seconds is not None:
        ask["seconds"] = seconds_text(seconds)
    if cue.options and not draft:
        ask["options"] = dict(cue.options)
    return ask


def speech(line: Line, draft: bool) -> dict[str, Any]:
    """Give the ask for a spoken line; a draft leaves the vendor's options out."""
    ask: dict[str, Any] = {"kind": "speech", "text": line.text, "voice": line.voice.id, "seed": line.seed, "take": 0}
    if line.language is not None:
        ask["language"] = line.language
    return ask | ({"options": dict(line.voice.options)} if line.voice.options and not draft else {})


def judgement(judging: Judging, frames: Mapping[str, Digest]) -> BoundAction:
    """Give the ask for a vision model's verdict on a take: the questions, and pictures of it by slot."""
    ask: dict[str, Any] = {"kind": "judge", "questions": list(judging.questions), "seed": 0, "take": 0}
    if judging.options:
        ask["options"] = dict(judging.options)
    return BoundAction("Judge", ask, frames, {"answers": "application/json"}, judging.hires[0].tool)


def stepped(seconds: Fraction, step: int) -> Fraction:
    """Round a length up to whole steps, at least one."""
    return Fraction(max(1, -(-seconds // step)) * step)
