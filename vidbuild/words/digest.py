"""Digests: one canonical form for values, one hash for it, one for bytes.

Everything that is keyed goes through `canonical`; a change of one byte in it moves every key, paid ones too
(tests/golden/keys.json holds it still).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from io import BufferedReader
from typing import Any, NewType

Digest = NewType("Digest", str)
"""64 hex digits: a sha256."""

FORM = b"vidbuild 1\n"
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """Write a value in the one form that is hashed: sorted keys, no spaces, UTF-8, exact numbers.

    Decimals are tagged, in their shortest form (`0.50` is `{"$decimal":"0.5"}`, `1.0` is `1`), fractions are
    text (`24000/1001`). Floats are refused, since two machines may write them differently.
    """
    return FORM + _encode(plain(value)).encode()


def digest_of(value: Any) -> Digest:
    """Give the digest of a value's canonical form."""
    return Digest(hashlib.sha256(canonical(value)).hexdigest())


def digest_bytes(data: bytes) -> Digest:
    """Give the digest of bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def digest_stream(stream: BufferedReader) -> Digest:
    """Give the digest of what a binary stream still holds."""
    return Digest(hashlib.file_digest(stream, "sha256").hexdigest())


def is_digest(text: object) -> bool:
    """Say whether a text is 64 lower-case hex digits."""
    return isinstance(text, str) and len(text) == 64 and not set(text) - set("0123456789abcdef")


def plain(value: Any) -> Any:
    """Give a value in JSON's own types, exactly; refuse what has no exact form."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, Mapping):
        for key in value:
            if type(key) is not str:
                raise TypeError(f"BUG: a key of a keyed value must be text, not {key!r}")
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, (Decimal, Fraction)):
        return _exact(value)
    if isinstance(value, float):
        raise TypeError(f"BUG: a float may not be keyed: {value!r}")
    raise TypeError(f"BUG: {kind.__name__} may not be keyed")


def _exact(value: Decimal | Fraction) -> Any:
    """Write decimals in their shortest form, tagged so that no text equals them, and fractions as text."""
    if isinstance(value, Fraction):
        return str(value)
    if not value.is_finite():
        raise TypeError(f"BUG: {value} may not be keyed")
    if value == value.to_integral_value():
        return int(value)
    return {"$decimal": format(value.normalize(), "f")}
