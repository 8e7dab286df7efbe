"""Lengths that hang on every language: a shot with `duration_s: longest` is as long in all as where it is longest.

Pure: each language's times are settled by themselves (`speaking`), then once more with the lengths that came out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from vidbuild.plan import speaking
from vidbuild.plan.speaking import Settled
from vidbuild.plan.world import World
from vidbuild.spec.model import Project

_Range = tuple[Fraction, Fraction, Fraction]


def settled(projects: Sequence[Project], world: World, draft: bool) -> list[Settled]:
    """Settle all times of a project in each of its languages."""
    found = [speaking.settled(project, world, draft) for project in projects]
    longest = {shot.id for project in projects for shot in project.shots if shot.is_longest}
    if not longest or any(one.problems for one in found):
        return found
    lengths: dict[str, _Range] = {}
    for one in found:
        for shot in one.project.shots:
            if shot.id in longest:
                own = one.lengths.get(shot.id, (shot.duration_s or Fraction(0),) * 3)
                lengths[shot.id] = _longer(lengths.get(shot.id, own), own)
    return [_again(project, one, lengths, world, draft) for project, one in zip(projects, found, strict=True)]


def _longer(one: _Range, other: _Range) -> _Range:
    return max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2])


def _again(project: Project, first: Settled, lengths: dict[str, _Range], world: World, draft: bool) -> Settled:
    """Settle a language with known lengths; what was waited for is waited for still."""
    shots = tuple(
        replace(shot, duration_s=lengths[shot.id][0], pad_s=None) if shot.is_longest else shot for shot in project.shots
    )
    found = speaking.settled(replace(project, shots=shots), world, draft)
    guessed = {id: each for id, each in lengths.items() if each[0] != each[2]}
    return replace(
        found,
        lengths={**found.lengths, **guessed},
        hung_on=found.hung_on | first.hung_on,
        unheard=found.unheard | first.unheard,
        notes=tuple(dict.fromkeys((*first.notes, *found.notes))),
    )
