"""Nodes -> what finished videos must be (`tests:`): one assertion for each key of an entry.

Pure. What is measured, and how, it doesn't know; nor whether a video is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from vidbuild.spec.deliver import Playing, name_of
from vidbuild.spec.inherit import amount, number
from vidbuild.spec.model import Apart, Assertion
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.tree import Node
from vidbuild.words.names import closest
from vidbuild.words.rationaltime import exact_rate

LEAST = frozenset({"captions", "contrast", "text_size"})
"""Keys whose one number is the least; of others it is the most, or exactly that."""
_MOST = frozenset({"true_peak_db", "size_mb"})
_SPANS = frozenset({"black_s", "frozen_s", "silent_s"})
_NAMES = frozenset({"name", "outputs"})
_NEAR_LU = Fraction(1, 2)
_END = "end"
_EDGES = ("top", "right", "bottom", "left")


def assertions_of(root: Node, plays: Playing, resolution: Resolution) -> tuple[Assertion, ...]:
    """Give what the project's `tests` say of its finished videos, in the author's order."""
    written, outputs = root.get("tests"), root.get("outputs")
    if written is None:
        return ()
    known = [name_of(node) for node in outputs.members()] if outputs is not None else ["master"]
    return tuple(found for node in written.members() for found in _asserted(node, known, plays, resolution))


def _asserted(node: Node, known: list[str], plays: Playing, resolution: Resolution) -> Iterator[Assertion]:
    """Read one entry."""
    named, about = node.get("name"), node.get("outputs")
    outputs = [] if about is None else [about] if type(about.value) is str else about.members()
    for each in outputs:
        if each.value not in known:
            hint = closest(str(each.value), known)
            resolution.tell(each.mark, f"no output is called `{str(each.value)[:80]}`", hint)
    told = [key for key in (node.value if type(node.value) is dict else ()) if key not in _NAMES]
    if not told and type(node.value) is dict:
        resolution.tell(node.mark, "the test asserts nothing", "say what must be so, like `duration_s: [5, 60]`")
    for key, found in node.entries().items():
        if key not in _NAMES:
            meant = tuple(str(each.value) for each in outputs)
            plain = Assertion(key, str(named.value) if named is not None else "", meant, mark=found.key_mark)
            yield _bounded(plain, found, plays, resolution)


def _bounded(plain: Assertion, node: Node, plays: Playing, resolution: Resolution) -> Assertion:
    """Read what is allowed."""
    key = plain.key
    if key in ("size", "codec"):
        return replace(plain, text=str(node.value))
    if key == "safe_area":
        if node.value is False:
            resolution.tell(node.mark, "`safe_area: false` asserts nothing", "leave it out")
        if type(node.value) is not dict:
            return plain
        top, right, bottom, left = (amount(node.get(edge)) or Fraction(0) for edge in _EDGES)
        return replace(plain, edges=(top, right, bottom, left))
    if key in _SPANS:
        most = node if type(node.value) is not dict else node.get("most")
        return replace(plain, most=amount(most), apart=tuple(_apart(node.get("except"), plays, resolution)))
    if type(node.value) is list:
        bounds = [number(each) for each in node.members()]
        if bounds != sorted(bounds):
            resolution.tell(node.mark, f"`{key}` is empty: its first number is the least", "write `[least, most]`")
        return replace(plain, least=bounds[0], most=bounds[-1]) if bounds else plain
    value = number(node)
    if key in LEAST:
        return replace(plain, least=value)
    if key in _MOST:
        return replace(plain, most=value)
    if key == "fps":
        value = exact_rate(node.value)  # type: ignore[arg-type]  # the schema has seen that it is a number
    near = _NEAR_LU if key == "loudness_lufs" else Fraction(0)
    return replace(plain, least=value - near, most=value + near)


def _apart(node: Node | None, plays: Playing, resolution: Resolution) -> Iterator[Apart]:
    """Read where it is meant to be so."""
    for each in node.members() if node is not None else ():
        if type(each.value) is str:
            if each.value not in plays:
                hint = closest(str(each.value), plays)
                resolution.tell(each.mark, f"no shot and no group is called `{str(each.value)[:80]}`", hint)
            yield from (Apart(shot) for shot in plays.get(each.value, ()))
            continue
        times = [_time(time, resolution) for time in each.members()]
        if len(times) == 2:
            start, end = times
            if start is None:
                resolution.tell(each.mark, "a time that begins at the end is empty", "write `[from, to]`")
            elif end is not None and start < 0 <= end:
                sentence = "a time can't begin counted from the end and end counted from the start"
                resolution.tell(each.mark, sentence, "count both from one of them; `end` is the video's end")
            elif end is not None and end <= start and (start < 0) == (end < 0):
                resolution.tell(each.mark, "a time that doesn't end after it begins is empty", "write `[from, to]`")
            yield Apart(None, start or Fraction(0), end)


def _time(node: Node, resolution: Resolution) -> Fraction | None:
    """Read a time of the video; `None` for its end."""
    if type(node.value) is str:
        if node.value != _END:
            resolution.tell(node.mark, f'a time must be a number of seconds, or end, not "{node.value[:40]}"')
        return None
    return number(node)
