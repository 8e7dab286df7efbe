"""Filter graphs as text, built with ffmpeg-python (its node graph only; it never runs or probes anything).

A value that differs from piece to piece is a word in capitals, put in afterwards: a graph's shape is built once.
"""

from __future__ import annotations

from typing import Any

import ffmpeg


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
