"""Which model makes what: names as written to a model of the catalog, or the reason why none can.

It knows the catalog and whether this is a draft; it reaches no vendor.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from vidbuild.catalog.model import Catalog, Model
from vidbuild.words.errors import Mark, Problem

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
        close = difflib.get_close_matches(name, [*catalog.models, *catalog.aliases], 1)
        hint = f"did you mean `{close[0]}`?" if close else "`vidbuild models` lists them"
        return Problem(mark, f"unknown model `{name}`", hint=hint)
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
            (f"it needs {' and '.join(model.keys)}", "this version drives local models only"),
            "build with `--draft`: everything is then made here, free",
        )
    return model
