"""Who makes all that a project wants: every generation routed once, short things first."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from vidbuild.plan import pacing, wants
from vidbuild.plan.routing import Routed, Router
from vidbuild.plan.timeline import Cut
from vidbuild.plan.world import World
from vidbuild.spec.model import Project


def route(
    project: Project,
    world: World,
    whole: Cut,
    draft: bool,
    pins: dict[str, str] | None = None,
    without: Collection[str] = (),
) -> Routed:
    """Say who makes what of a project, as `pins` have it, to which its own are added.

    Args:
        without: generations, by name, that are left out.
    """
    router = Router(world.catalog, world.lock, world.missing, project.replaced, draft, pins)
    seconds = {span.shot.id: pacing.needed(span) for span in whole.spans}
    for name, wanted, marks in sorted(wants.wants(project, seconds, draft), key=_by_length):
        if name not in without:
            router.route(name, wanted, marks)
    return router.finish()


def _by_length(want: wants.Want) -> Fraction:
    """Order what is routed: short things first, so that a long one doesn't choose a dearer model for all."""
    return want[1].seconds or Fraction(0)
