"""The job as vidbuild's users write it: one project, changed a little at a time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import job
from job import Job
from place import Place

PROFILE = """\
name: {name}
size: [{width}, {height}]
video: {{preset: veryfast, crf: {crf}}}
audio: {{kbps: 192, lufs: -14, peak_db: -1}}
"""


@dataclass(frozen=True)
class Version:
    """What the author changes.

    Args:
        said: the captions' text of the first ten shots.
        changed: the shot that shows the spare clip.
        music_db: the music's gain.
        crf: of the tall output.
    """

    said: Sequence[str] = job.SAID
    changed: int | None = None
    music_db: int = job.MUSIC_DB
    crf: int = 20


FIRST = Version()


def write(place: Place, made: Job, version: Version = FIRST) -> list[str]:
    """Write the project; give the command that builds it."""
    (place.project / "platforms").mkdir(exist_ok=True)
    for name, (width, height) in job.SIZES.items():
        profile = PROFILE.format(name=name, width=width, height=height, crf=version.crf if name == "tall" else 20)
        _put(place.project / "platforms" / f"{name}.yaml", profile)
    files = {*made.clips, *made.lines, made.music, made.spare}
    for path in files:
        if not (place.project / path.name).exists():
            os.link(path, place.project / path.name)
    lines = ["vidbuild: 1", "name: job", "fps: 24", "audio:"]
    lines += [f"  music: {{file: {made.music.name}, gain_db: {version.music_db}, duck_db: {job.DUCK_DB}}}"]
    lines += ["captions: {preset: clean}", "shots:"]
    for index, frames in enumerate(made.frames):
        path = made.spare if index == version.changed else made.clips[index]
        text = version.said[index] if index < len(version.said) else job.said(index)
        lines += [f"  - id: shot_{index:02}", f"    file: {path.name}", f"    duration_s: {float(frames / job.RATE):g}"]
        lines += [f'    say: {{file: {made.lines[index].name}, at: {float(job.SAID_AT):g}, text: "{text}"}}']
        lines += ["    transition: {type: dissolve, duration_s: 0.5}"] if job.lead(index) else []
        name = job.NAMES[index // 3 % 3]
        lines += [f"    text: [{{text: {name}, at: [1, 4.5], preset: lower-third}}]"] if index in job.TITLED else []
    lines += ["outputs:"]
    lines += [f"  - {{platform: {name}, reframe: {mode}, captions: burn}}" for name, mode in job.MODES.items()]
    _put(place.project / "project.yaml", "\n".join(lines) + "\n")
    return place.command("build", "--jobs", "2", "--json")


def _put(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
