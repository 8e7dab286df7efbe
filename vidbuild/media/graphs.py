"""Filter graphs as text, built with ffmpeg-python (its node graph only; it never runs or probes anything).

A value that differs from piece to piece is a word in capitals, put in afterwards: a graph's shape is built once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import ffmpeg

_WORD = re.compile(r"\b[A-Z][A-Z0-9_]*\b")


def filled(graph: str, words: Mapping[str, object], side: str = "") -> str:
    """Put the values of words into a graph: of whole words alone, `FADE1` isn't in `FADE10`.

    Args:
        side: stands before the words in the graph.
    """
    values = {f"{side}{word}": str(value) for word, value in words.items()}
    return _WORD.sub(lambda found: values.get(found[0], found[0]), graph)


def picture(name: str) -> Any:
    """Give an input's picture."""
    return ffmpeg.input(name).video


def sound(name: str) -> Any:
    """Give an input's sound."""
    return ffmpeg.input(name).audio


def graph_of(stream: Any) -> tuple[str, str]:
    """Give a graph's text and the label of its end; inputs are numbered as they are first used."""
    argv = ffmpeg.get_args(stream.output("out"))
    return argv[argv.index("-filter_complex") + 1], argv[argv.index("-map") + 1]
