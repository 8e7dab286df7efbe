"""Which model makes what: names as written to a model of the catalog, or the reason why none can.

It knows the catalog and whether this is a draft; it reaches no vendor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vidbuild.catalog.model import Catalog, Model
from vidbuild.spec.model import Project, Prompted
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.names import did_you_mean

DRAFT = {"footage": "local/animatic", "picture": "local/still", "music": "local/bed"}
_MADE_BY = {"footage": "a shot", "picture": "a still", "music": "music"}


def route(
    kind: str,
    written: Sequence[str],
    catalog: Catalog,
    draft: bool,
    replaced: Mapping[str, str],
    mark: Mark | None,
) -> Model | Problem:
    """Choose the model for a generation: in a draft the local one, else the first named that can be reached."""
    if draft:
        return catalog.models[DRAFT[kind]]
    if not written:
        return Problem(
            mark,
            f"no model is named for {_MADE_BY[kind]}",
            hint=f"write `model: {DRAFT[kind]}`, a vendor's model, or build with `--draft`",
        )
    found = [_one(kind, replaced.get(name, name), catalog, mark) for name in written]
    reached = [model for model in found if isinstance(model, Model)]
    return reached[0] if reached else found[0]


def _one(kind: str, name: str, catalog: Catalog, mark: Mark | None) -> Model | Problem:
    model = catalog.model(name)
    if model is None:
        hint = did_you_mean(name, [*catalog.models, *catalog.aliases]) or "`vidbuild models` lists them"
        return Problem(mark, f"no model is called `{name}`", hint=hint)
    if model.kind != kind:
        return Problem(mark, f"`{name}` makes {model.kind}, not {kind}", hint="`vidbuild models` lists models by kind")
    if model.retired_on and model.replaced_by:
        return Problem(
            mark,
            f"the model `{name}` was retired on {model.retired_on}; `{model.replaced_by}` replaced it",
            hint=f"write `{model.replaced_by}`, or map it with `models: {{{name}: {model.replaced_by}}}`",
        )
    if not model.is_local:
        return Problem(
            mark,
            f"the model `{name}` can't be reached",
            ("this version drives local models only",),
            "build with `--draft`: everything is then made here, free",
        )
    return model


@dataclass
class Chosen:
    """The models of a project: of each generated shot, and of its music."""

    footage: dict[str, Model] = field(default_factory=dict)
    music: Model | None = None
    problems: list[Problem] = field(default_factory=list)


def choose(project: Project, catalog: Catalog, draft: bool) -> Chosen:
    """Route every generation of a project; what can't be routed is a problem."""
    chosen = Chosen()
    for shot in project.shots:
        if isinstance(shot.source, Prompted):
            mark = shot.marks.get("model") or shot.marks.get("")
            found = route("footage", shot.source.models, catalog, draft, project.replaced, mark)
            model = _accepted(chosen, found, shot.source.options, draft, shot.marks)
            if model is not None:
                chosen.footage[shot.id] = model
    music = project.music
    if music is not None and music.file is None:
        mark = music.marks.get("model") or music.marks.get("")
        found = route("music", music.models, catalog, draft, project.replaced, mark)
        chosen.music = _accepted(chosen, found, music.options, draft, music.marks)
    chosen.problems = _gathered(chosen.problems)
    return chosen


def _gathered(problems: list[Problem]) -> list[Problem]:
    """Tell once what is wrong with a model that several shots name, at the first of their places."""
    first: dict[tuple[str, str | None], Problem] = {}
    others: dict[tuple[str, str | None], list[str]] = {}
    for problem in problems:
        key = (problem.sentence, problem.hint)
        if key not in first:
            first[key] = problem
        elif problem.mark is not None and problem.mark != first[key].mark:
            others.setdefault(key, []).append(f"{problem.mark.line}:{problem.mark.column}")
    return [replace(problem, facts=(*problem.facts, *_places(others.get(key, [])))) for key, problem in first.items()]


def _places(places: list[str]) -> list[str]:
    if not places:
        return []
    more = f" and {len(places) - 8} more" if len(places) > 8 else ""
    return [f"also at {', '.join(places[:8])}{more}"]


def _accepted(
    chosen: Chosen, found: Model | Problem, options: Mapping[str, Any], draft: bool, marks: Mapping[str, Mark]
) -> Model | None:
    """Keep a model, or the problem; the local models know no options, and a draft passes over a vendor's."""
    if isinstance(found, Problem):
        chosen.problems.append(found)
        return None
    if options and not draft:
        mark = marks.get("options") or marks.get("model") or marks.get("")
        names = ", ".join(f"`{name}`" for name in options)
        sentence = f"the model `{found.name}` takes no options, but {names} is written"
        chosen.problems.append(Problem(mark, sentence, hint="remove them"))
    return found
