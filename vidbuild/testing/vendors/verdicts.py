"""What vision models on loopback say of takes: as a test planned, else 0.9 to every numbered question.

It knows no vendor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from vidbuild.testing.vendors.vendor import Job


def said_of(job: Job, looks: Iterable[Job], planned: str | list[str] | None, words: str) -> str:
    """Say what a model says of a job.

    Args:
        looks: all jobs of this kind, in order.
        planned: a text, or job by job in a list whose last one stays.
        words: of the prompt.
    """
    if isinstance(planned, list):
        ids = [look.id for look in looks]
        return planned[min(ids.index(job.id), len(planned) - 1)]
    return planned or scores(words)


def scores(words: str) -> str:
    """Answer every numbered question of a prompt with 0.9."""
    questions = re.findall(r"^\s*\d+[.)]", words, re.MULTILINE)
    return json.dumps({"answers": [0.9] * max(1, len(questions))})
