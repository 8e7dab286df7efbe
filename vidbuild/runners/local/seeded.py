"""Chance that repeats: one numpy generator for each purpose, seeded from words and numbers.

Knows nothing of what is drawn with it; there is no other source of randomness on this floor.
"""

from hashlib import sha256

import numpy as np


def generator(*parts: object) -> np.random.Generator:
    """Return a generator that depends on the given words and numbers, and on nothing else."""
    digest = sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
