"""What a comparison of finished files comes to, in words for people and as a document for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vidbuild.runners.comparing import Beside, Facts
from vidbuild.words.amounts import counted


@dataclass(frozen=True)
class Compared:
    """One file of both sides; of a file that only one side has, its facts alone."""

    name: str
    was: Facts | None
    now: Facts | None
    beside: Beside | None = None

    @property
    def state(self) -> str:
        """How it stands: `same`, `changed`, `added` or `removed`."""
        if self.beside is not None:
            return "changed" if self.beside.differs else "same"
        return "added" if self.was is None else "removed"


def sentences(one: Compared) -> list[str]:
    """Say what differs of a file, for people."""
    if one.beside is None:
        return ["only there before" if one.now is None else "only there now"]
    was, now, beside = one.beside.was, one.beside.now, one.beside
    if was.sha256 == now.sha256:
        return ["the same"]
    if not beside.differs:
        return ["other bytes, and the same in every picture and sample" if was.probe else "other bytes, the same words"]
    told = []
    if was.probe is None or now.probe is None:
        told += ["other bytes"] if beside.is_otherwise else []
    else:
        told += _presented(beside)
    if beside.pictures and was.frames == now.frames == 1:
        told.append("the picture differs")
    elif beside.pictures:
        count = sum(max(change.was, change.now) for change in beside.pictures)
        differ = "differs" if count == 1 else "differ"
        told.append(f"{count} of {max(was.frames, now.frames)} pictures {differ}: {_stretches(beside)}")
    has_sound = [bool(probe and probe.has_sound) for probe in (was.probe, now.probe)]
    if has_sound[0] != has_sound[1]:
        told.append("it has sound now" if has_sound[1] else "it has no sound any more")
    elif beside.sounds:
        spans = [f"{float(start):.1f}-{float(end):.1f} s" for start, end in beside.sounds]
        told.append(f"sound differs at {_few(spans)}")
    told += [f"{float(was.seconds):.2f} s -> {float(now.seconds):.2f} s"] if was.seconds != now.seconds else []
    if was.lufs != now.lufs and all(has_sound):
        told.append(f"{level(was.lufs, 'LUFS')} -> {level(now.lufs, 'LUFS')}")
    count = len(beside.captions)
    told += [f"{counted(count, 'caption')} {'differs' if count == 1 else 'differ'}"] if count else []
    return told


def _presented(beside: Beside) -> list[str]:
    """Say what of the same pictures and samples is shown or played otherwise."""
    was, now, told = beside.was, beside.now, []
    if beside.is_reshaped and was.probe and now.probe:
        told.append(f"{was.probe.width}x{was.probe.height} -> {now.probe.width}x{now.probe.height}")
    for name in dict.fromkeys((*was.colours, *now.colours)):
        old, new = was.colours.get(name, "of RGB"), now.colours.get(name, "of RGB")
        told += [f"colour {name} {old} -> {new}"] if old != new else []
    told += ["the same pictures at other times"] if beside.is_retimed else []
    if slip := beside.slip:
        told.append(f"its sound {abs(float(slip)):.3f} s {'later' if slip > 0 else 'earlier'} against the picture")
    return told


def _stretches(beside: Beside) -> str:
    told = []
    for change, (start, end) in zip(beside.pictures, beside.times, strict=True):
        last = f"-{change.now_end - 1}" if change.now > 1 else ""
        now = f"{change.now_first}{last}" if change.now else f"before {change.now_first}"
        kind = f"{change.now} put in" if not change.was else f"{change.was} left out" if not change.now else ""
        told.append(f"{now} ({f'{kind}, ' if kind else ''}{float(start):.2f}-{float(end):.2f} s)")
    return _few(told)


def _few(told: Sequence[str], most: int = 4) -> str:
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return ", ".join(told[:most]) + more


def level(value: float | None, unit: str) -> str:
    """Write a level of sound."""
    return "silence" if value is None else f"{value:.1f} {unit}"


def document(found: Sequence[Compared], was: str, now: str) -> dict[str, Any]:
    """Write what was found for programs (`schemas/diff.schema.json`)."""
    return {"vidbuild_diff": 1, "was": was, "now": now, "files": [_row(one) for one in found]}


def _row(one: Compared) -> dict[str, Any]:
    beside = one.beside
    return {
        "name": one.name,
        "state": one.state,
        "was": _facts(one.was),
        "now": _facts(one.now),
        "pictures": [
            {
                "was": [change.first, change.end],
                "now": [change.now_first, change.now_end],
                "seconds": [round(float(start), 6), round(float(end), 6)],
            }
            for change, (start, end) in zip(beside.pictures, beside.times, strict=True)
        ]
        if beside
        else [],
        "sounds": [[round(float(start), 3), round(float(end), 3)] for start, end in beside.sounds] if beside else [],
        "captions": [{"was": was, "now": now} for was, now in beside.captions] if beside else [],
        "presented": _presented(beside) if beside else [],
        "spots": [
            {
                "was": spot.frame,
                "now": spot.now_frame,
                "share": None if spot.share is None else round(spot.share, 6),
                "most": spot.most,
                "box": None if spot.box is None else [round(float(edge), 4) for edge in spot.box],
            }
            for spot in beside.spots
        ]
        if beside
        else [],
    }


def _facts(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    probe = facts.probe
    return {
        "sha256": facts.sha256,
        "bytes": facts.bytes,
        "kind": probe.kind if probe else "other",
        "width": probe.width if probe else 0,
        "height": probe.height if probe else 0,
        "frames": facts.frames or None,
        "seconds": round(float(facts.seconds), 6),
        "lufs": facts.lufs,
        "peak_db": None if facts.peak_db is None else round(facts.peak_db, 2),
    }
