"""A resolved project as YAML: templates rendered, groups and variables gone, defaults written out.

It is a project again, in the storyboard form (nothing in it is a template). Values in, text out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vidbuild.spec import scalars
from vidbuild.spec.model import (
    Card,
    FilePicture,
    Filmed,
    FrameOf,
    Music,
    Output,
    Picture,
    Project,
    Prompted,
    Reframe,
    Shot,
)
from vidbuild.words.rationaltime import rate_number, seconds_text

_BARE = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_.,/+(;'-][A-Za-z0-9_.,/+();'!?-]*)*\Z")


def shown_project(project: Project) -> str:
    """Write a project as YAML, block style, in one order."""
    head = "# resolved: templates rendered, groups and variables gone; nothing here is a template\n"
    return head + "\n".join(_rows(_project(project), 0)) + "\n"


def _project(project: Project) -> dict[str, Any]:
    whole = next((promise for promise in project.promises if promise.group is None), None)
    return _written(
        name=project.name,
        fps=rate_number(project.fps),
        aspect=f"{project.aspect[0]}:{project.aspect[1]}",
        duration_s=_number(whole.seconds) if whole else None,
        models=dict(project.replaced) or None,
        reframe=_reframe(project.reframe),
        shots=[_shot(shot) for shot in project.shots],
        audio={"music": _music(project.music)} if project.music else None,
        outputs=[_output(output) for output in project.outputs],
    )


def _shot(shot: Shot) -> dict[str, Any]:
    sound: Any = shot.sound
    if shot.sound == "keep" and shot.gain_db:
        sound = {"gain_db": _number(shot.gain_db)}
    return _written(
        id=shot.id,
        **_source(shot.source),
        duration_s=_number(shot.duration_s),
        sound=sound,
        reframe=_reframe(shot.reframe),
        note=shot.note,
    )


def _source(source: Prompted | Filmed | Card) -> dict[str, Any]:
    if isinstance(source, Filmed):
        return _written(file=source.file, in_s=_number(source.in_s) or None, out_s=_number(source.out_s))
    if isinstance(source, Card):
        background = source.background if isinstance(source.background, str) else _picture(source.background)
        card = _written(title=source.title, subtitle=source.subtitle or None, logo=source.logo, background=background)
        return {"card": card}
    return _written(
        prompt=source.prompt,
        negative=list(source.negative) or None,
        model=_names(source.models),
        options=dict(source.options) or None,
        seed=source.seed,
        init_image=_picture(source.init),
        end_image=_picture(source.end),
    )


def _picture(picture: Picture | None) -> str | None:
    if picture is None or isinstance(picture, FilePicture):
        return picture.path if picture else None
    if isinstance(picture, FrameOf):
        return f"{picture.shot}.{'last' if picture.last else 'first'}_frame"
    return f"{picture.shot}@{seconds_text(picture.seconds)}"


def _music(music: Music) -> dict[str, Any]:
    return _written(
        model=_names(music.models),
        prompt=music.prompt or None,
        file=music.file,
        options=dict(music.options) or None,
        seed=music.seed or None,
        in_s=_number(music.in_s) or None,
        gain_db=_number(music.gain_db) or None,
        fade_in_s=_number(music.fade_in_s) or None,
        fade_out_s=_number(music.fade_out_s) or None,
    )


def _output(output: Output) -> dict[str, Any]:
    return _written(
        platform=output.platform,
        name=output.name,
        fps=rate_number(output.fps) if output.fps else None,
        reframe=_reframe(output.reframe),
        poster=_picture(output.poster),
    )


def _reframe(reframe: Reframe | None) -> Any:
    if reframe is None:
        return None
    if reframe == Reframe(mode=reframe.mode):
        return reframe.mode
    return {"mode": reframe.mode, "focus": [_number(side) for side in reframe.focus]}


def _names(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else list(names) or None


def _number(value: Fraction | None) -> int | Decimal | None:
    if value is None or value.denominator == 1:
        return None if value is None else value.numerator
    return Decimal(value.numerator) / Decimal(value.denominator)


def _written(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _rows(value: Any, indent: int) -> Iterator[str]:
    """Write a mapping or list as lines; scalars and empty ones stand on their key's line."""
    pad = " " * indent
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _pair(f"{pad}{_scalar(key)}:", child, indent + 2)
    else:
        for child in value:
            if not _is_open(child):
                yield f"{pad}- {_scalar(child)}"
                continue
            first, *rest = _rows(child, indent + 2)
            yield f"{pad}- {first[indent + 2 :]}"
            yield from rest


def _pair(key: str, child: Any, indent: int) -> Iterator[str]:
    if _is_open(child):
        yield key
        yield from _rows(child, indent)
    else:
        yield f"{key} {_scalar(child)}"


def _is_open(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple)) and len(value) > 0


def _scalar(value: Any) -> str:
    """Write a scalar so that the reader gives it back."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, (Mapping, list, tuple)):
        return "{}" if isinstance(value, Mapping) else "[]"
    if not isinstance(value, str):
        return str(value)
    if _BARE.match(value) and _is_text(value):
        return value
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("\x7f", "\\x7f")
        .replace("\x85", "\\N")
        .replace("\u2028", "\\L")
        .replace("\u2029", "\\P")
    )


def _is_text(value: str) -> bool:
    try:
        return scalars.resolve(value) == value
    except scalars.BadScalar:
        return False
