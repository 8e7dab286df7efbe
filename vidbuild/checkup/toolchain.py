"""Whether ffmpeg has what a project's plan asks of it: the encoders, filters and containers of its argv."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from vidbuild.checkup.finding import Finding
from vidbuild.runners.process import ENVIRONMENT
from vidbuild.words.action import Graph
from vidbuild.words.amounts import counted

_CHAINS = ("-vf", "-af", "-filter_complex", "-lavfi", "-filter:v", "-filter:a")
_CODECS = re.compile(r"-(c|codec)(:[a-z0-9:]+)?|-[vas]codec")
_ROW = re.compile(r"^\s[A-Z.|]{2,6}\s+([A-Za-z0-9_]+)\s")
_HINT = "unset VIDBUILD_FFMPEG: the one that comes with vidbuild has all of them"
_PLAIN = {"copy"}


@dataclass(frozen=True)
class Needs:
    """What argv ask for, by name."""

    encoders: frozenset[str]
    filters: frozenset[str]


def needs(graph: Graph) -> Needs:
    """Gather what a plan's argv ask for."""
    encoders: set[str] = set()
    filters: set[str] = set()
    for node in graph.nodes.values():
        for argv in _argvs(node.action.params.get("steps", ())):
            inputs = [place for place, word in enumerate(argv) if word == "-i"]
            made = argv[inputs[-1] + 2 :] if inputs else argv  # what stands before an input says how that is read
            for option, value in pairwise(made):
                if option in _CHAINS:
                    filters.update(filters_of(value))
                elif _CODECS.fullmatch(option):
                    encoders.add(value)
    return Needs(frozenset(encoders - _PLAIN), frozenset(filters))


def filters_of(chain: str) -> Iterator[str]:
    """Name the filters of a filter graph: what stands at the start of each, behind its labels."""
    for part in re.split(r"(?<!\\)[;,]", re.sub(r"'[^']*'", "", chain)):
        name = re.match(r"\s*(?:\[[^\]]*\]\s*)*([a-z0-9_]+)", part)
        if name is not None:
            yield name[1]


def has(ffmpeg: Path, needed: Needs) -> Finding:
    """Say what of it an ffmpeg lacks."""
    lacking = [f"the encoder `{name}`" for name in sorted(needed.encoders - listed(ffmpeg, "-encoders"))]
    lacking += [f"the filter `{name}`" for name in sorted(needed.filters - listed(ffmpeg, "-filters"))]
    if lacking:
        return Finding("encoders", f"ffmpeg lacks {', '.join(lacking)}", True, _HINT)
    encoders = ", ".join(sorted(needed.encoders)) or "none"
    return Finding(
        "encoders", f"{encoders}; {counted(len(needed.filters), 'filter')} that the project needs: all there"
    )


def listed(ffmpeg: Path, what: str) -> frozenset[str]:
    """List the names that `ffmpeg -encoders` or `-filters` tells; none where it doesn't run."""
    try:
        done = subprocess.run(
            [ffmpeg, "-hide_banner", what], capture_output=True, timeout=30, check=True, env=dict(ENVIRONMENT)
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    rows = (_ROW.match(line) for line in done.stdout.decode(errors="replace").splitlines())
    return frozenset(row[1] for row in rows if row is not None)


def _argvs(said: Any) -> Iterator[list[str]]:
    """Give every list of words that stands anywhere in what steps are told: argv, whole or in part."""
    if isinstance(said, Mapping):
        for part in said.values():
            yield from _argvs(part)
    elif isinstance(said, (list, tuple)):
        if said and all(isinstance(word, str) for word in said):
            yield list(said)
        for part in said:
            yield from _argvs(part)
