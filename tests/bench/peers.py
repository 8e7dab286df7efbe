"""Other tools that make the job, where they are installed: MoviePy, editly, MLT.

They get the same clips and x264 settings, and the sound that the hand-written script mixed. What a tool can't do of
the job stands in its row. `make peers` installs those that a package index has.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import job
import measure
from by_hand import FONTS
from job import Job
from measure import Cost

FOLDER = Path(__file__).resolve().parents[2] / ".venv" / "peers"
X264 = ("preset=veryfast", "crf=20", "profile=high", "g=48")


def moviepy(made: Job, sound: Path, folder: Path, environ: Mapping[str, str]) -> dict[str, Cost] | str:
    """Make all three outputs, one process each; or say why not."""
    python = FOLDER / "bin" / "python"
    if not python.exists() or subprocess.run([python, "-c", "import moviepy"], capture_output=True).returncode:
        return "not installed (make peers)"
    folder.mkdir()
    (folder / "job.json").write_text(json.dumps(_told(made, sound)))
    script = Path(__file__).with_name("by_moviepy.py")
    return {name: measure.run([python, script, "job.json", name], folder, environ) for name in job.SIZES}


def melt(made: Job, sound: Path, folder: Path, environ: Mapping[str, str]) -> dict[str, Cost] | str:
    """Make the wide output; or say why not."""
    program = shutil.which("melt")
    if program is None:
        return "not installed (Debian: melt)"
    folder.mkdir()
    argv = [program, "-silent", "-profile", "atsc_1080p_24"]
    for index, (path, frames) in enumerate(zip(made.clips, made.frames, strict=True)):
        argv += [str(path), "in=0", f"out={frames - 1}"]
        argv += ["-mix", str(job.OVER), "-mixer", "luma"] if job.lead(index) else []
    titles, said = job.texts(made)
    for texts, place in ((titles, ("left", "90")), (said, ("center", "50"))):
        for text, start, end in texts:
            first, last = int(start * job.RATE), int(end * job.RATE) - 1
            argv += [
                "-filter", f"dynamictext:{text}", f"in={first}", f"out={last}", "family=Noto Sans", "size=54",
                "fgcolour=#ffffff", "olcolour=#000000", "outline=3", f"halign={place[0]}", "valign=bottom",
                f"geometry=5%/5%:90%x{place[1] if place[1] != '50' else '92'}%:100",
            ]  # fmt: skip
    argv += ["-track", str(sound), "in=0", f"out={made.seconds * 24 - 1}", "-transition", "mix", "sum=1"]
    argv += ["a_track=0", "b_track=1", "-consumer", "avformat:wide.mp4", "vcodec=libx264", *X264, "acodec=aac"]
    argv += ["ab=192k", "ar=48000", "channels=2", "real_time=-2", "movflags=+faststart"]
    return {"wide": measure.run(argv, folder, environ)}


def editly(made: Job, sound: Path, folder: Path, environ: Mapping[str, str]) -> dict[str, Cost] | str:
    """Make the wide output; or say why not."""
    program = FOLDER / "node_modules" / ".bin" / "editly"
    if not program.exists():
        return "not installed (make peers; its canvas and gl have to be compiled)"
    folder.mkdir()
    told = _told(made, sound)
    clips: list[dict[str, Any]] = []
    for index, shot in enumerate(told["shots"]):
        layers: list[dict[str, Any]] = [{"type": "video", "path": shot["file"], "cutTo": shot["seconds"]}]
        for text, start, end in told["titles"]:
            if shot["start"] <= start < shot["start"] + 6:
                begins = start - shot["start"]
                layers.append({"type": "news-title", "text": text, "start": begins, "stop": end - shot["start"]})
        for text, start, end in told["said"]:
            if shot["start"] <= start < shot["start"] + 6:
                begins = start - shot["start"]
                layers.append({"type": "subtitle", "text": text, "start": begins, "stop": end - shot["start"]})
        following = told["shots"][index + 1]["lead"] if index + 1 < len(told["shots"]) else 0
        how = {"name": "fade", "duration": following} if following else None
        clips.append({"duration": shot["seconds"], "transition": how, "layers": layers})
    spec = {
        "outPath": str(folder / "wide.mp4"), "width": 1920, "height": 1080, "fps": 24, "clips": clips,
        "audioFilePath": str(sound), "keepSourceAudio": False, "defaults": {"layer": {"fontPath": told["font"]}},
        "customOutputArgs": ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "48", "-c:a", "aac"],
    }  # fmt: skip
    (folder / "spec.json").write_text(json.dumps(spec))
    screen = ["xvfb-run", "-a"] if shutil.which("xvfb-run") else []
    return {"wide": measure.run([*screen, program, "--json", "spec.json"], folder, environ)}


def _told(made: Job, sound: Path) -> dict[str, Any]:
    """Write the job as plain numbers."""
    titles, said = job.texts(made)
    return {
        "sizes": job.SIZES, "modes": job.MODES, "seconds": made.seconds, "sound": str(sound),
        "font": str(FONTS / "VidbuildSans-Bold.ttf"),
        "shots": [
            {"file": str(path), "start": start / 24, "seconds": frames / 24, "lead": job.lead(index) / 24}
            for index, (path, start, frames) in enumerate(zip(made.clips, made.starts, made.frames, strict=True))
        ],
        "titles": [(text, float(start), float(end)) for text, start, end in titles],
        "said": [(text, float(start), float(end)) for text, start, end in said],
    }  # fmt: skip
