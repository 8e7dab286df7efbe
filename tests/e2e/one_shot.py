"""A film of one thing that is bought, tiny and quick, and what of its lock is the same however often it is bought."""

from __future__ import annotations

import re
import time
from typing import Any

from vidbuild.testing.shop import Shop

TINY = "name: tiny\nsize: [64, 36]\nvideo: {preset: ultrafast, crf: 30}\naudio: {kbps: 64}\n"
MOODS = ("keyed", "listed", "bare")
LONG_S = 600.0
"""A job that takes so long is out whenever we look."""


def write_one_shot(shop: Shop, model: str, prompt: str = "a cup is poured", **more: Any) -> None:
    """Write the project: one shot by a model."""
    _write(shop, {"duration_s": 1, "model": model, "prompt": prompt, **more})


def write_one_bed(shop: Shop, model: str) -> None:
    """Write the project: music by a model under a shot that is made here."""
    shot = {"duration_s": 1, "model": "local/animatic", "prompt": "a cup is poured"}
    _write(shop, shot, audio={"music": {"model": model, "prompt": "warm guitar"}})


def _write(shop: Shop, shot: dict[str, Any], **more: Any) -> None:
    shop.write("platforms/tiny.yaml", TINY)
    shop.project(vidbuild=1, name="one", fps=12, shots=[{"id": "pour", **shot}], outputs=["tiny"], **more)


def end_all_jobs(shop: Shop) -> None:
    """Let every job be done, and each further one soon."""
    for vendor in shop.vendors.all:
        vendor.latency_s = 0.05
        for job in vendor.jobs.values():
            job.ends = time.monotonic()


def same_words(lock: str) -> str:
    """Leave out of a lock what differs between two purchases of one thing: the vendor's job, and the day."""
    return re.sub(r"\b(job|on): [^,}]+", r"\1: -", lock)
