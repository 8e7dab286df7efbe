"""What stands in the way of a plan, told before anything is planned; and for which outputs.

Pure. Of a project that is partly read it tells what is wrong with that part.
"""

from __future__ import annotations

from vidbuild.plan import cards, cuts, following, limits, moves, native, said, speaking, timeline
from vidbuild.plan.captions import Captions
from vidbuild.plan.fading import Fading
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.known import Known
from vidbuild.plan.layers import Layers
from vidbuild.plan.overlays import Overlays
from vidbuild.plan.routes import route
from vidbuild.plan.world import Request, World
from vidbuild.spec.model import Filmed, Output, Project
from vidbuild.words.errors import Problem


def mistakes(project: Project, world: World, request: Request, is_guessed: bool = False) -> list[Problem]:
    """Tell what stands in the way of a plan; of a project that is partly read, what is wrong with that part."""
    there = [shot for shot in project.shots if not isinstance(shot.source, Filmed) or shot.source.file in world.own]
    whole, problems = timeline.cut(there, project.fps, world.own)
    is_guessed = is_guessed or any(shot.pad_s is not None or shot.at is not None for shot in there)
    if not problems and not is_guessed:
        problems += [*timeline.broken_promises(project, whole), *moves.problems(whole)]
        problems += Fading(project.fades, whole).problems()
    problems += [*said.problems(project), *following.unable(project, world)]
    routed = route(project, world, whole, request.draft)
    problems += routed.problems or native.problems(project, world, whole, routed, request.draft)
    chosen = chosen_outputs(project, request)
    is_read = len(there) == len(project.shots)
    own = {
        output.name: cuts.mistakes(output, project, world, problems) if is_read else (whole, [])
        for output in chosen
        if output.shots
    }
    for output in chosen:
        problems += own[output.name][1] if output.shots else ()
        profile = world.catalog.profiles.get(output.platform)
        if profile is not None and not is_guessed:
            problems += limits.broken(output, profile, project, own[output.name][0] if output.shots else whole)
    is_whole = is_read and not speaking.has_times(project)
    if world.typefaces and not problems and not is_guessed and is_whole:
        captions = Captions(project, world, whole, GraphBuilder(Known(world.lock)), tuple)
        problems += Overlays(project, world, whole, captions).problems(chosen)
        problems += cards.problems(project, world, chosen)
    if not problems and not is_guessed and is_whole:
        problems += Layers(project, world, whole).problems()
    return problems


def chosen_outputs(project: Project, request: Request) -> tuple[Output, ...]:
    """Give the outputs that a request asks for; for one shot by itself, the one that shows it."""
    named = tuple(output for output in project.outputs if not request.outputs or output.name in request.outputs)
    return named[:1] if request.only is not None else named
