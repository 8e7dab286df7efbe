"""What a project wants made, each by a name: what routing is asked, and what asks are made of.

Values in, values out. It routes nothing and makes no actions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from vidbuild.plan import said
from vidbuild.plan.routing import Wanted
from vidbuild.spec.model import (
    CastPicture,
    Line,
    LipSync,
    Music,
    Picture,
    Presented,
    Project,
    Prompted,
    Shot,
    Still,
    pictures_of,
)
from vidbuild.words.errors import Mark

Want = tuple[str, Wanted, Mapping[str, Mark]]


def shot_name(shot: str) -> str:
    """Name the footage of a shot."""
    return f"shot {shot}"


def still_name(still: Still) -> str:
    """Name a generated still: by whose it is, and all that decides what it shows and who makes it."""
    decides = replace(still, label="", marks={}, options=dict(sorted(still.options.items())))
    return f"still {still.label} {decides!r}"


def line_name(line: Line) -> str:
    """Name a spoken line."""
    return f"say {line.id}"


def lipsync_name(shot: str) -> str:
    """Name a shot's footage joined with what is said in it."""
    return f"lipsync {shot}"


def cue_name(cue: Music) -> str:
    """Name a cue of music or an effect."""
    return f"{cue.label} {cue.prompt}"


JUDGE = "judge"


def wants(project: Project, seconds: Mapping[str, Fraction], draft: bool) -> Iterator[Want]:
    """List all that has to be generated; a draft judges nothing.

    Args:
        seconds: how much each shot needs of its source.
    """
    aspect = f"{project.aspect[0]}:{project.aspect[1]}"
    for shot in project.shots:
        if isinstance(shot.source, Prompted) and shot.id in seconds:
            given = len(references(project, shot.source.references))
            yield shot_name(shot.id), footage(shot, shot.source, aspect, seconds[shot.id], given), shot.marks
        elif isinstance(shot.source, Presented):
            marks = {"model": mark} if (mark := _avatar_mark(project, shot.source)) is not None else shot.marks
            yield shot_name(shot.id), presented(shot, shot.source, aspect), marks
        if shot.lipsync is not None and said.joined(project, shot):
            marks = {"model": mark} if (mark := shot.marks.get("lipsync")) is not None else shot.marks
            yield lipsync_name(shot.id), lipsync(shot, shot.lipsync), marks
    for still in stills(project, draft):
        yield still_name(still), picture(still, aspect, len(references(project, still.cast))), still.marks
    for cue in project.music:
        if cue.file is None:
            yield cue_name(cue), sound("music", cue), cue.marks
    for line in project.lines:
        if line.file is None:
            yield line_name(line), speech(line), line.marks
    for cue in project.effects:
        if cue.file is None:
            yield cue_name(cue), sound("effect", cue), cue.marks
    if project.judge is not None and not draft:
        yield JUDGE, Wanted("judge", project.judge.models, options=project.judge.options), project.judge.marks


def references(project: Project, members: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """List the pictures of members that a model is given: whose, and which of the member's own, from 0.

    Every member's first picture comes before anybody's second, since a model that takes few takes the first of them.
    """
    counts = {name: len(project.cast[name].images) for name in members if name in project.cast}
    places = range(max(counts.values(), default=0))
    return tuple((name, place) for place in places for name, count in counts.items() if place < count)


def footage(shot: Shot, source: Prompted, aspect: str, seconds: Fraction, given: int) -> Wanted:
    """Say what a shot's footage wants of a model; `given` pictures of its cast go along."""
    used = {
        "init": source.init is not None,
        "end": source.end is not None,
        "references": given > 0,
        "sound": shot.sound == "keep",
    }
    return Wanted(
        "footage", source.models, source.needs, source.max_usd_per_s, aspect,
        tuple(name for name, is_used in used.items() if is_used), seconds, source.options, source.prompt,
        source.negative, given, shot.sound == "drop", shot.fill != "error" or shot.fit == "speed",
        source.end is not None and shot.fit != "speed",
    )  # fmt: skip


def _avatar_mark(project: Project, source: Presented) -> Mark | None:
    return project.cast[source.member].marks.get("avatar") if source.member in project.cast else None


def presented(shot: Shot, source: Presented, aspect: str) -> Wanted:
    """Say what a shot that is presented wants of a model; options belong to each of the avatars."""
    options = {name: value for avatar in reversed(source.avatars) for name, value in avatar.options.items()}
    return Wanted("avatar", tuple(avatar.model for avatar in source.avatars), aspect=aspect, options=options)


def lipsync(shot: Shot, lipsync: LipSync) -> Wanted:
    """Say what joining lines with lips wants of a model."""
    return Wanted("lipsync", lipsync.models, options=lipsync.options)


def picture(still: Still, aspect: str, given: int) -> Wanted:
    """Say what a still wants of a model; `given` pictures of its cast go along."""
    uses = ("references",) if given else ()
    return Wanted(
        "picture", still.models, still.needs, still.max_usd_per_s, aspect, uses, None, still.options, still.prompt,
        still.negative, given,
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
    """List the generated stills that something is made from; a member's pictures are looked at once."""
    found: dict[str, Still] = {}
    waiting: list[Picture] = [CastPicture(layer.member) for layer in reversed(project.layers) if layer.member]
    waiting += [image for shot in reversed(project.shots) for image in reversed(_pictures(shot, draft))]
    seen: set[str] = set()
    while waiting:
        image = waiting.pop()
        names: tuple[str, ...] = ()
        if isinstance(image, CastPicture):
            names = (image.member,)
        elif isinstance(image, Still):
            found.setdefault(still_name(image), image)
            names = image.cast
        for name in names:
            if name in project.cast and name not in seen:
                seen.add(name)
                waiting += reversed(project.cast[name].images)
    return tuple(found.values())


def _pictures(shot: Shot, draft: bool) -> list[Picture]:
    """List what a shot starts from and is held to."""
    given = shot.source.references if isinstance(shot.source, Prompted) and not draft else ()
    return [*(image for _, image in pictures_of(shot)), *(CastPicture(name) for name in given)]
