"""The profile that was asked for: an overlay of describing keys, by name. `inherit` lays it over the shots."""

from __future__ import annotations

from vidbuild.spec.tree import Node
from vidbuild.words.errors import UsageError
from vidbuild.words.names import closest


def known_profiles(root: Node) -> tuple[str, ...]:
    """Name the profiles of a project."""
    written = root.get("profiles")
    return tuple(written.value) if written is not None and type(written.value) is dict else ()


def profile_of(root: Node, name: str | None) -> Node | None:
    """Find a profile of a project; `None` where none is asked for, or its mistake will be told.

    Raises:
        UsageError: no profile has that name.
    """
    if name is None:
        return None
    written, known = root.get("profiles"), known_profiles(root)
    if name in known:
        return written.get(name) if written is not None else None
    if root.has("profiles") and (written is None or type(written.value) is not dict):
        return None
    hint = closest(name, known) if known else "the project has no `profiles`"
    if name == "draft":
        hint = "`--draft` makes everything here, free"
    facts = {"profiles": ", ".join(known)} if known else {}
    raise UsageError(f"no profile is called `{name[:80]}`", facts, hint)
