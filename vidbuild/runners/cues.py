"""The step that makes captions of word times: cues over some frames as ASS, or a whole cut's as SRT and VTT.

What is decided is decided in `media.captions`; here are the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild.media import ass, captions
from vidbuild.media.captions import Cue
from vidbuild.media.fonts import FontFile, Typeface, faces
from vidbuild.media.text import Area, Preset
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import half_up


def write(step: Mapping[str, Any], inputs: Mapping[str, Path], outputs: Mapping[str, Path]) -> None:
    """Write every output of a step."""
    files = tuple(FontFile(Digest(slot), faces(inputs[slot].read_bytes())) for slot in step["fonts"])
    typeface = Typeface(files)
    preset = Preset(**{key: _read(key, value) for key, value in step["preset"].items()})
    area, size = Area(*step["area"]), (int(step["size"][0]), int(step["size"][1]))
    points = half_up(preset.size * min(size))
    spoken = []
    for line in step["lines"]:
        pieces = [(text, count) for text, count in line.get("shown", [(line.get("text"), None)])]
        data = inputs[line["words"]].read_text(encoding="utf-8", errors="replace")
        words = captions.words_of(data, pieces, Fraction(line["at"]), Fraction(line.get("tempo", 1)))
        spoken.append(captions.cues(words, preset, points, area.width, typeface))
    made = captions.without_overlaps(spoken)
    if "rate" not in step:
        until = Fraction(step["seconds"])
        texts = {"srt": captions.srt, "vtt": captions.vtt}
        for name, path in outputs.items():
            path.write_text(texts[name](_until(made, until)), encoding="utf-8")
        return
    rate, first = Fraction(step["rate"]), int(step["first"])
    found = captions.events(made, step["kind"], preset, area, size, typeface, rate)
    touching = [event for event in found if event.last > first and event.first < first + int(step["frames"])]
    outputs["cues"].write_text("\n".join(ass.lines(touching, size)) + "\n", encoding="utf-8")


def _until(made: list[Cue], end: Fraction) -> list[Cue]:
    """Leave out what lies behind the end of the cut."""
    return [Cue(cue.words, cue.lines, cue.start, min(cue.end, end)) for cue in made if cue.start < end]


def _read(key: str, value: Any) -> Any:
    return Fraction(value) if key in ("size", "edge_width") else value
