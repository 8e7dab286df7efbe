"""Signatures by RSA and SHA-256 (RS256), of a private key as PEM. It knows no vendor, and says nothing of a key.

A key is used a few times an hour on the machine of its owner: nothing here hides how long it takes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator

_PEM = re.compile(r"-----BEGIN (RSA )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END (RSA )?PRIVATE KEY-----")
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_LEAST_BYTES = 64


def signed(message: bytes, pem: str) -> bytes:
    """Sign a message (PKCS #1, version 1.5).

    Raises:
        ValueError: it is no private key of RSA; the text holds nothing of it.
    """
    modulus, exponent = _numbers(pem)
    size = (modulus.bit_length() + 7) // 8
    if size < _LEAST_BYTES:
        raise ValueError("the private key is too short")
    told = _SHA256 + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(told) - 3) + b"\x00" + told
    return pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(size, "big")


def _numbers(pem: str) -> tuple[int, int]:
    """Read modulus and private exponent of PKCS #8 or PKCS #1."""
    found = _PEM.search(pem)
    try:
        parts = list(_inside(base64.b64decode("".join(found[2].split()), validate=True))) if found else []
        if len(parts) > 2 and parts[2][0] == _OCTETS:
            parts = list(_inside(parts[2][1]))
        numbers = [int.from_bytes(content, "big") for tag, content in parts if tag == _INTEGER]
    except (binascii.Error, IndexError) as error:
        raise ValueError("the private key can't be read") from error
    if len(numbers) < 4:
        raise ValueError("there is no private key of RSA")
    return numbers[1], numbers[3]


def _inside(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Give tag and content of each part of a sequence."""
    tag, content, _ = _part(der, 0)
    if tag != _SEQUENCE:
        raise ValueError("there is no private key of RSA")
    at = 0
    while at < len(content):
        inner, part, at = _part(content, at)
        yield inner, part


def _part(der: bytes, at: int) -> tuple[int, bytes, int]:
    tag, length, at = der[at], der[at + 1], at + 2
    if length >= 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(der[at : at + size], "big"), at + size
    if at + length > len(der):
        raise IndexError("a part is cut off")
    return tag, der[at : at + length], at + length
