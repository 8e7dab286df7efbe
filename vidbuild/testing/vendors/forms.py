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


def form_of(asked: Asked) -> tuple[dict[str, str], dict[str, list[Part]]]:
    """Read a multipart form: its texts, and its files by the name of their field, some of which come again and again.

    Raises:
        No: it is none, or a text is there twice.
    """
    texts: dict[str, str] = {}
    files: dict[str, list[Part]] = {}
    for part in parts_of(asked):
        if part.file:
            files.setdefault(part.name, []).append(part)
        elif part.name in texts:
            raise No("invalid", f"{part.name}: is there twice")
        else:
            texts[part.name] = part.text
    return texts, files


def values_of(asked: Asked) -> dict[str, str]:
    """Read a multipart form whose parts are text, each there once.

    Raises:
        No: it is none.
    """
    texts, files = form_of(asked)
    if files:
        raise No("invalid", f"{min(files)}: is a file")
    return texts
