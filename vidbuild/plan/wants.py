"""What a project wants made, each by a name: what routing is asked, and what asks are made of.

Values in, values out. It routes nothing and makes no actions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from vidbuild.plan.routing import Wanted
from vidbuild.spec.model import CastPicture, Line, Music, Picture, Project, Prompted, Shot, Still, pictures_of
from vidbuild.words.errors import Mark

Want = tuple[str, Wanted, Mapping[str, Mark]]


def shot_name(shot: str) -> str:
    """Name the footage of a shot."""
    return f"shot {shot}"


def still_name(still: Still) -> str:
    """Name a generated still: by whose it is and what it shows."""
    return f"still {still.label} {still.prompt}"


def line_name(line: Line) -> str:
    """Name a spoken line."""
    return f"say {line.id}"


def cue_name(cue: Music) -> str:
    """Name a cue of music or an effect."""
    return f"{cue.label} {cue.prompt}"


JUDGE = "judge"


def wants(project: Project, seconds: Mapping[str, Fraction], draft: bool) -> Iterator[Want]:
    """List all that has to be generated; a draft speaks, rings and judges nothing.

    Args:
        seconds: how long each shot is in the cut.
    """
    aspect = f"{project.aspect[0]}:{project.aspect[1]}"
    for shot in project.shots:
        if isinstance(shot.source, Prompted) and shot.id in seconds:
            yield shot_name(shot.id), footage(shot, shot.source, aspect, seconds[shot.id]), shot.marks
    for still in stills(project, draft):
        yield still_name(still), picture(still, aspect), still.marks
    if project.music is not None and project.music.file is None:
        yield cue_name(project.music), sound("music", project.music), project.music.marks
    if draft:
        return
    for line in project.lines:
        yield line_name(line), speech(line), line.marks
    for cue in project.effects:
        if cue.file is None:
            yield cue_name(cue), sound("effect", cue), cue.marks
    if project.judge is not None:
        yield JUDGE, Wanted("judge", project.judge.models, options=project.judge.options), project.judge.marks


def footage(shot: Shot, source: Prompted, aspect: str, seconds: Fraction) -> Wanted:
    """Say what a shot's footage wants of a model."""
    used = {
        "init": source.init is not None,
        "end": source.end is not None,
        "references": bool(source.references),
        "sound": shot.sound == "keep",
    }
    return Wanted(
        "footage", source.models, source.needs, source.max_usd_per_s, aspect,
        tuple(name for name, is_used in used.items() if is_used), seconds, source.options, source.prompt,
        source.negative, len(source.references), shot.sound == "drop",
    )  # fmt: skip


def picture(still: Still, aspect: str) -> Wanted:
    """Say what a still wants of a model."""
    uses = ("references",) if still.cast else ()
    return Wanted(
        "picture", still.models, still.needs, still.max_usd_per_s, aspect, uses, None, still.options, still.prompt,
        still.negative, len(still.cast),
    )  # fmt: skip


def sound(kind: str, cue: Music) -> Wanted:
    """Say what music or an effect wants of a model."""
    return Wanted(
        kind, cue.models, cue.needs, cue.max_usd_per_s, options=cue.options, prompt=cue.prompt, seconds=cue.duration_s
    )


def speech(line: Line) -> Wanted:
    """Say what a spoken line wants of a model."""
    return Wanted("speech", line.voice.models, options=line.voice.options, prompt=line.text)


def stills(project: Project, draft: bool) -> tuple[Still, ...]:
    """List the generated stills that something is made from, those that others are made from first."""
    found: dict[Still | str, Still] = {}

    def visit(image: Picture | Still) -> None:
        if isinstance(image, CastPicture):
            member(image.member)
        elif isinstance(image, Still):
            for name in image.cast:
                member(name)
            found.setdefault(still_name(image), image)

    def member(name: str) -> None:
        known = project.cast.get(name)
        for image in known.images if known else ():
            visit(image)

    for shot in project.shots:
        for _, image in pictures_of(shot):
            visit(image)
        if isinstance(shot.source, Prompted) and not draft:
            for name in shot.source.references:
                member(name)
    return tuple(found.values())
