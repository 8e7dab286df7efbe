"""Names of catalog entries: a project's own may neither take a packaged one nor come twice. It reads no files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from vidbuild.spec.tree import Node
from vidbuild.words.errors import Problem


def twice(roots: list[Node], what: str, packaged: Collection[str], aliases: Mapping[str, str]) -> Iterator[Problem]:
    """Tell names, and other names, that are packaged or that an earlier file took."""
    homes: dict[str, Node] = {}
    for root in roots:
        for place in _names(root):
            name = str(place.value)
            if name in packaged or name in aliases:
                sentence = f"the {what} `{name}` is packaged and can't be redefined"
                yield Problem(place.mark, sentence, hint="give it another name")
            elif name in homes:
                first = homes[name]
                where = f"in {first.file} and in {place.file}" if first.file != place.file else f"in {first.file}"
                sentence = f"two {what}s are called `{name}`: {where}"
                yield Problem(place.mark, sentence, hint="give one another name")
            homes.setdefault(name, place)


def _names(root: Node) -> Iterator[Node]:
    name, aliases = root.get("name"), root.get("aliases")
    if name is not None:
        yield name
    yield from aliases.members() if aliases is not None else ()
