"""Nodes -> the members of the cast: description, pictures, voice. Who is named where, `cast` knows."""

from __future__ import annotations

from vidbuild.spec.cast import description_of
from vidbuild.spec.inherit import AUTO, avatars_in, voice_in
from vidbuild.spec.model import Member, Picture
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.tree import Node


def members_of(resolution: Resolution) -> dict[str, Member]:
    """Give the members of the cast by name, in the author's order."""
    return {name: _member(name, node, resolution) for name, node in resolution.roster.nodes.items()}


def _member(name: str, node: Node, resolution: Resolution) -> Member:
    exact = node.get("exact")
    _check_avatars(node, resolution)
    return Member(
        name=name,
        description=description_of(node),
        images=_images(name, node.get("image"), resolution),
        exact=exact is not None and exact.value is True,
        voice=voice_in(node),
        avatars=avatars_in(node),
        marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
    )


def _check_avatars(node: Node, resolution: Resolution) -> None:
    """Tell avatars that leave open who has them, since an avatar's id is its vendor's own."""
    written, seen = node.get("avatar"), set[str]()
    for each in () if written is None else written.members() if type(written.value) is list else (written,):
        model = each.get("model")
        name = "" if model is None else str(model.value)
        if model is not None and name == AUTO:
            fact = ("an avatar's id is its vendor's own",)
            resolution.tell(model.mark, "an avatar needs its model by name", "name the model that has it", fact)
        elif model is not None and name in seen:
            resolution.tell(model.mark, f"`{name}` stands twice, and is tried once", "remove one of them")
        seen.add(name)


def _images(name: str, node: Node | None, resolution: Resolution) -> tuple[Picture, ...]:
    if node is None:
        return ()
    written = node.members() if type(node.value) is list else [node]
    found = (resolution.picture(each, "image", name) for each in written)
    return tuple(picture for picture in found if picture is not None)
