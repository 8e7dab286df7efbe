"""Requests whose content is a list of parts with roles, as Ark and MiniMax take it: a text, frames or references.

It knows no vendor; what doesn't fit is a `No`.
"""

from __future__ import annotations

from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No

_ROLES = ("first_frame", "last_frame", "reference_image")
_MOST_REFERENCES = 9


def parts_of(content: list[Any], most_bytes: int, needs_text: bool = False) -> dict[str, bytes]:
    """Look at every part; give the pictures of frames by role.

    Raises:
        No: a part is none, there are too many, frames and references are mixed, or no text is there that must be.
    """
    given: dict[str, bytes] = {}
    texts = references = 0
    for number, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and set(part) == {"type", "text"} and isinstance(part["text"], str) and part["text"].strip():
            texts += 1
            continue
        if kind != "image_url" or set(part) != {"type", "image_url", "role"} or part["role"] not in _ROLES:
            raise No("invalid", f"content[{number}] is no part that this model takes")
        picture = pictures.of_uri(part["image_url"].get("url"), f"content[{number}].image_url", most_bytes)
        references += part["role"] == "reference_image"
        if part["role"] != "reference_image":
            if part["role"] in given:
                raise No("invalid", f"content[{number}]: there is a {part['role']} already")
            given[part["role"]] = picture or b""
    if texts > 1 or references > _MOST_REFERENCES or (needs_text and not texts):
        raise No("invalid", "content needs one text, and takes nine references at most")
    if given and references:
        raise No("invalid", "first/last frame content cannot be mixed with reference media content")
    if "last_frame" in given and "first_frame" not in given:
        raise No("invalid", "a last_frame needs a first_frame")
    return {role: data for role, data in given.items() if data}
