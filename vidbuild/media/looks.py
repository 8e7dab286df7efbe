"""What a layer is to a view: something that can be drawn over its pictures. What there is to draw, `layers` knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Protocol

from vidbuild.media import ffargs


class Look(Protocol):
    """What every piece of a layer has in common: its graph is made from it."""

    def over(self, stream: Any, word: str) -> Any:
        """Draw it over pictures; `word` names its input, and stands before the words that are filled in."""


class Layer(Protocol):
    """A look in one piece."""

    @property
    def look(self) -> Look:
        """What its graph is made from."""

    @property
    def held(self) -> Layer | None:
        """What is drawn in one picture that is held, where it looks the same in all of a piece; `None` elsewhere."""

    @property
    def feed(self) -> Mapping[str, Any]:
        """What feeds its input, by slot, where that is a pipe."""

    def opened(self, rate: Fraction) -> ffargs.Argv:
        """Read its input, if it has one."""

    def filled(self, graph: str, word: str) -> str:
        """Put its numbers into a graph."""


Looks = tuple[Look, ...]


def held(layers: Iterable[Layer]) -> tuple[Layer, ...] | None:
    """Give layers for one picture that is held; `None` where one of them changes."""
    found = tuple(layer.held for layer in layers)
    return None if None in found else tuple(layer for layer in found if layer is not None)


def of(layers: Iterable[Layer]) -> Looks:
    """Give what the graphs of layers are made from."""
    return tuple(layer.look for layer in layers)


def overlaid(stream: Any, looks: Looks, word: str) -> Any:
    """Draw layers over pictures on a clock that counts from 0, the first of them lowest."""
    for number, look in enumerate(looks):
        stream = look.over(stream, f"{word}{number}_")
    return stream


def read(layers: Iterable[Layer], rate: Fraction) -> ffargs.Argv:
    """Read what layers are made from, in their order."""
    return [word for layer in layers for word in layer.opened(rate)]


def numbered(graph: str, layers: Iterable[Layer], word: str) -> str:
    """Put the numbers of layers into a graph."""
    for number, layer in enumerate(layers):
        graph = layer.filled(graph, f"{word}{number}_")
    return graph
