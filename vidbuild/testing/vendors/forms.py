"""Multipart forms as vendors read them: parts by name, in order, some of them files. It knows no vendor."""

from __future__ import annotations

import email.parser
import email.policy
from dataclasses import dataclass, field

from vidbuild.testing.vendors.fields import No
from vidbuild.testing.vendors.wire import Asked


@dataclass(frozen=True)
class Part:
    """One part of a form.

    Args:
        file: the name of a file; empty where it is a value.
    """

    name: str
    data: bytes = field(repr=False)
    media_type: str = "text/plain"
    file: str = ""

    @property
    def text(self) -> str:
        """What it says, where it is no file.

        Raises:
            No: it is no UTF-8.
        """
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            raise No("invalid", f"{self.name}: must be UTF-8") from error


def parts_of(asked: Asked) -> list[Part]:
    """Read a multipart form.

    Raises:
        No: it is none.
    """
    kind = asked.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise No("invalid", "content-type: must be multipart/form-data")
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + asked.body)
    if not message.is_multipart() or message.defects:
        raise No("invalid", "the form can't be read")
    found = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise No("invalid", "a part of the form has no name")
        found.append(Part(name, content, part.get_content_type(), part.get_filename() or ""))
    return found


def values_of(asked: Asked) -> dict[str, str]:
    """Read a multipart form whose parts are text, each there once.

    Raises:
        No: it is none.
    """
    parts = parts_of(asked)
    found = {part.name: part.text for part in parts}
    if len(found) < len(parts):
        raise No("invalid", "a part of the form has a name that was there")
    return found
