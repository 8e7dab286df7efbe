"""A job in the terms of templates: what they may name of it, and what is asked for beside a prompt.

Values in, values out; it knows no vendor and no template.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from vidbuild.catalog.model import Model
from vidbuild.wire.judging import JUDGING, VERDICT
from vidbuild.wire.values import Job, Media


def asked_of(slots: Collection[str]) -> str:
    """Say what is asked for beside a prompt: `text` for nothing, else `init`, `end`, `references`, joined by spaces."""
    kinds = [kind for kind in ("init", "end") if kind in slots]
    kinds += ["references"] if any(slot.startswith("reference") for slot in slots) else []
    return " ".join(kinds) or "text"


def values_of(job: Job, model: Model) -> Mapping[str, Any]:
    """Name what a job holds, as templates do."""
    return {
        "prompt": job.prompt,
        "negative": job.negative,
        "seed": job.seed,
        "seconds": job.seconds,
        "aspect": job.aspect,
        "options": job.options,
        "silent": job.silent,
        "sound": not job.silent if model.accepts.sound == "asked" else None,
        "voice": job.voice,
        "language": job.language,
        "avatar": job.avatar,
        "line": job.pictures.get("line"),
        "clip": job.pictures.get("clip"),
        "init": job.pictures.get("init"),
        "end": job.pictures.get("end"),
        "references": _numbered(job.pictures, "reference"),
        "frames": _numbered(job.pictures, "frame"),
        "nonce": job.nonce,
        "judging": JUDGING if job.kind == "judge" else None,
        "verdict": VERDICT if job.kind == "judge" else None,
    }


def _numbered(pictures: Mapping[str, Media], kind: str) -> list[Media]:
    found = {slot.removeprefix(kind): slot for slot in pictures if slot.startswith(kind)}
    return [pictures[found[number]] for number in sorted((one for one in found if one.isdigit()), key=int)]
