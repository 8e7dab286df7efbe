"""Other cuts of the same footage: the project as an output with `shots` of its own shows it.

Such an output is a project of its own: its shots in its order, some of them shorter, and of all that happens in time
what lies on them; what lies over the film lies over this cut. Times that hang on something are settled anew in it.
Its pieces and sounds are the same actions as the film's wherever they are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from vidbuild.media.probe import OwnFile
from vidbuild.plan import speaking, timeline
from vidbuild.plan.fading import Fading
from vidbuild.plan.speaking import Settled
from vidbuild.plan.timeline import Cut
from vidbuild.plan.world import World
from vidbuild.spec.model import Kept, Layer, Line, Music, Output, Project, Shot, Text, When
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, frames_in

_Seen = TypeVar("_Seen", Text, Layer)
_Placed = TypeVar("_Placed", Line, Music, Text, Layer)


@dataclass(frozen=True)
class Film:
    """A cut, and all that happens in it."""

    settled: Settled
    whole: Cut

    @property
    def project(self) -> Project:
        """The project as this cut shows it, with plain times."""
        return self.settled.project


@dataclass(frozen=True)
class Films:
    """The cuts of a project: the film itself, and those of outputs that have their own, by the output's name."""

    film: Film
    others: Mapping[str, Film]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, output: Output) -> Film:
        """Give what an output shows."""
        return self.others.get(output.name, self.film)

    @property
    def hung_on(self) -> frozenset[Digest]:
        """The keys of what makes the lines that times of any cut hang on."""
        return frozenset().union(*(film.settled.hung_on for film in (self.film, *self.others.values())))

    @property
    def unheard(self) -> frozenset[Digest]:
        """Those of them that a first act has to make."""
        return frozenset().union(*(film.settled.unheard for film in (self.film, *self.others.values())))


def films(project: Project, settled: Settled, world: World, draft: bool) -> Films:
    """Settle every cut of a project.

    Args:
        settled: the project with plain times.
    """
    whole, _ = timeline.cut(settled.project.shots, project.fps, world.own)
    others: dict[str, Film] = {}
    notes: dict[str, None] = {}
    problems: list[Problem] = []
    told_of = {shot.id: shot for shot in project.shots}
    shots = tuple(_moving_anew(shot, told_of[shot.id]) for shot in settled.project.shots)
    hanging = replace(project, shots=shots)
    for output in project.outputs:
        if not output.shots:
            continue
        own, told = shown(output, hanging, world.own)
        late, awaited = speaking.cut_short(own, world, draft)
        told += [f"`{output.name}` is over before the line `{id}` is: it isn't heard there" for id in sorted(late)]
        own = _without(own, late)
        found = speaking.settled(own, world, draft)
        found = replace(found, hung_on=found.hung_on | awaited, unheard=found.unheard | awaited)
        others[output.name] = Film(found, timeline.cut(found.project.shots, project.fps, world.own)[0])
        notes |= dict.fromkeys((*told, *found.notes))
        problems += [_in_cut(problem, output) for problem in found.problems]
    return Films(
        Film(settled, whole),
        others,
        tuple(note for note in notes if note not in settled.notes),
        tuple(problems),
    )


def _moving_anew(shot: Shot, told: Shot) -> Shot:
    """Give a settled shot with a motion that counts from its end as it was told: another cut may end it earlier."""
    motion = told.motion
    if motion is None or not any(isinstance(at, When) for at in (motion.start, motion.end)):
        return shot
    of_ends = all(at.is_end for at in (motion.start, motion.end) if isinstance(at, When))
    return replace(shot, motion=motion) if of_ends else shot


def mistakes(output: Output, project: Project, world: World, film: Sequence[Problem]) -> tuple[Cut, list[Problem]]:
    """Lay an output's own cut out, and tell what is wrong with it that isn't wrong with the film."""
    problems, there = [], {shot.id: shot for shot in project.shots}
    for kept in output.shots:
        if kept.shot in there and (problem := _longer(kept, there[kept.shot], output, project.fps, world.own)):
            problems.append(problem)
    own, _ = shown(output, project, world.own)
    whole, found = timeline.cut(own.shots, project.fps, world.own)
    found += Fading(project.fades, whole).problems()
    known = {problem.sentence for problem in film}
    return whole, [*problems, *(_in_cut(each, output) for each in found if each.sentence not in known)]


def shown(output: Output, project: Project, own: Mapping[str, OwnFile]) -> tuple[Project, list[str]]:
    """Give the project as an output's own cut shows it, and say what can't be placed in it.

    What lies over several shots is left out where they don't stand there side by side; so is what hangs on the start
    of a shot, or on words, that aren't there.
    """
    shots = tuple(_shots(output, project, own))
    if not output.shots:
        return project, []
    film, ids = [shot.id for shot in project.shots], [shot.id for shot in shots]
    part = replace(
        project,
        shots=shots,
        promises=(),
        lines=_lying(project.lines, film, ids),
        effects=_lying(project.effects, film, ids),
        texts=_lying(project.texts, film, ids),
        layers=_lying(project.layers, film, ids),
    )
    lines = part.lines
    while (heard := tuple(line for line in lines if _stands(line.at, lines, ids))) != lines:
        lines = heard
    gone = [f"line `{line.id}`" for line in project.lines if line not in lines and {line.shot, line.until} & {*ids}]
    cues = [cue for cue in (*part.music, *part.effects) if not _stands(cue.at, lines, ids)]
    gone += [f"`{cue.label}`" for cue in cues]
    texts, layers = _unplaced(project.texts, part.texts, lines, ids), _unplaced(project.layers, part.layers, lines, ids)
    part = replace(
        part,
        lines=tuple(_ending(line, lines, ids) for line in lines),
        music=tuple(_ending(cue, lines, ids) for cue in part.music if cue not in cues),
        effects=tuple(_ending(cue, lines, ids) for cue in part.effects if cue not in cues),
        texts=tuple(_ending(text, lines, ids) for text in part.texts if text not in texts),
        layers=tuple(_ending(layer, lines, ids) for layer in part.layers if layer not in layers),
    )
    told = [f"the {what} has no place in the cut of `{output.name}`: it isn't heard there" for what in gone]
    names = [*(f'text "{text.text[:40]}"' for text in texts), *(f"layer `{layer.name}`" for layer in layers)]
    told += [f"the {name} has no place in the cut of `{output.name}`: it isn't seen" for name in names]
    return part, told


def _unplaced(things: Sequence[_Seen], kept: Sequence[_Seen], lines: Sequence[Line], ids: Sequence[str]) -> list[_Seen]:
    """List what lies on shots that a cut shows, and has no place in it."""
    there = [each for each in things if each.shot is None or {each.shot, each.until or each.shot} & {*ids}]
    return [each for each in there if each not in kept or not _stands(each.start, lines, ids)]


def _shots(output: Output, project: Project, own: Mapping[str, OwnFile]) -> Iterable[Shot]:
    """Give the shots of a cut; the first comes in by a transition only where it is the film's first too."""
    there = {shot.id: shot for shot in project.shots}
    is_first = True
    for kept in output.shots:
        if kept.shot not in there:
            continue
        shot = there[kept.shot]
        if is_first and shot is not project.shots[0]:
            shot = replace(shot, transition=None)
        is_first = False
        if kept.seconds is not None and _longer(kept, shot, output, project.fps, own) is None:
            marks = {"duration_s": kept.mark} if kept.mark is not None else {}
            shot = replace(shot, duration_s=kept.seconds, marks={**shot.marks, **marks})
        yield shot


def _longer(kept: Kept, shot: Shot, output: Output, rate: Fraction, own: Mapping[str, OwnFile]) -> Problem | None:
    """Tell a shot that is to be longer than it is in the film: its footage is chosen for that."""
    length, _ = timeline.length(shot, rate, own)
    if kept.seconds is None or frames_in(kept.seconds, rate) <= frames_in(length, rate):
        return None
    sentence = f"the cut of `{output.name}` asks for {clock_text(kept.seconds)} of `{shot.id}`"
    fact = f"in the film it is {clock_text(length)} long"
    return Problem(kept.mark, sentence, (fact,), "make it shorter here, or longer in the film")


def _lying(things: Sequence[_Placed], film: Sequence[str], ids: Sequence[str]) -> tuple[_Placed, ...]:
    """Keep what lies over the film, and what lies on shots that stand side by side in a cut as they do in the film."""
    return tuple(each for each in things if each.shot is None or _has(ids, _span(each, film)))


def _span(thing: Line | Music | Text | Layer, film: Sequence[str]) -> Sequence[str]:
    assert thing.shot is not None
    return film[film.index(thing.shot) : film.index(thing.until or thing.shot) + 1]


def _has(ids: Sequence[str], span: Sequence[str]) -> bool:
    first = ids.index(span[0]) if span[0] in ids else len(ids)
    return list(ids[first : first + len(span)]) == list(span)


def _stands(at: Fraction | When | None, lines: Sequence[Line], ids: Sequence[str]) -> bool:
    """Say whether what a time hangs on is there."""
    if not isinstance(at, When):
        return True
    return (at.shot is None or at.shot in ids) and (at.line is None or any(line.id == at.line for line in lines))


def _ending(thing: _Placed, lines: Sequence[Line], ids: Sequence[str]) -> _Placed:
    """Let a thing end by itself where what it ends at isn't there."""
    return thing if _stands(thing.end, lines, ids) else replace(thing, end=None)


def _without(project: Project, lines: Iterable[str]) -> Project:
    """Leave lines out."""
    names = frozenset(lines)
    return replace(project, lines=tuple(line for line in project.lines if line.id not in names)) if names else project


def _in_cut(problem: Problem, output: Output) -> Problem:
    return replace(problem, facts=(*problem.facts, f"in the cut of `{output.name}`"))
