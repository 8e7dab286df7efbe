"""Nodes -> the members of the cast: description, pictures, voice. Who is named where, `cast` knows."""

from __future__ import annotations

from vidbuild.spec.cast import description_of
from vidbuild.spec.inherit import voice_in
from vidbuild.spec.model import Member, Picture
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.tree import Node


def members_of(resolution: Resolution) -> dict[str, Member]:
    """Give the members of the cast by name, in the author's order."""
    return {name: _member(name, node, resolution) for name, node in resolution.roster.nodes.items()}


def _member(name: str, node: Node, resolution: Resolution) -> Member:
    exact = node.get("exact")
    return Member(
        name=name,
        description=description_of(node),
        images=_images(name, node.get("image"), resolution),
        exact=exact is not None and exact.value is True,
        voice=voice_in(node),
        marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
    )


def _images(name: str, node: Node | None, resolution: Resolution) -> tuple[Picture, ...]:
    if node is None:
        return ()
    written = node.members() if type(node.value) is list else [node]
    found = (resolution.picture(each, "image", name) for each in written)
    return tuple(picture for picture in found if picture is not None)
