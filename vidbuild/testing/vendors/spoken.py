"""What presenters and lip-sync are sent: sound and footage as data URIs, and how long they are. It knows no vendor."""

from __future__ import annotations

import base64
import binascii
from fractions import Fraction

from vidbuild.media import containers
from vidbuild.media.kinds import HEAD, Broken, kind_of
from vidbuild.testing.vendors.fields import No


def of_uri(uri: str, name: str, media_type: str, most: int) -> bytes:
    """Read a data URI of a media type, of at most so many bytes.

    Raises:
        No: it is none, or too large.
    """
    head = f"data:{media_type};base64,"
    if not uri.startswith(head):
        raise No("invalid", f"{name} is no data URI of {media_type}")
    try:
        data = base64.b64decode(uri.removeprefix(head), validate=True)
    except (binascii.Error, ValueError) as error:
        raise No("invalid", f"{name} is no base64") from error
    return checked(data, name, media_type, most)


def checked(data: bytes, name: str, media_type: str, most: int) -> bytes:
    """Give bytes that are what they are said to be.

    Raises:
        No: they aren't, or are too many.
    """
    if len(data) > most:
        raise No("invalid", f"{name} is larger than {most} bytes")
    try:
        kind = kind_of(data[:HEAD], media_type.partition("/")[0].replace("audio", "sound"))
    except Broken as error:
        raise No("invalid", f"{name}: {error.sentence}") from error
    if kind.media_type != media_type:
        raise No("invalid", f"{name} is {kind.media_type}, not {media_type}")
    return data


def seconds_of(data: bytes) -> Fraction:
    """Say how long sound or footage is, to a thousandth.

    Raises:
        No: it doesn't say.
    """
    try:
        found = containers.structure(kind_of(data[:HEAD], "sound"), data)
    except Broken as error:
        raise No("invalid", error.sentence) from error
    if not found.seconds:
        raise No("invalid", "it is empty")
    return found.seconds.limit_denominator(1000)
