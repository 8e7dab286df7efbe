"""Files that a vendor is brought before a job names them: held for a while, looked at, and forgotten like at vendors.

It gives addresses to bring them to, where no key may come along, and counts what came. It knows no wire.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No
from vidbuild.testing.vendors.wire import Asked

PATH = "/brought/"
"""Below it are the addresses that files are brought to."""
Taken = Callable[[Asked], bytes]
"""Takes a file out of the request that brings it, or says `No`."""


@dataclass(frozen=True)
class Brought:
    """A file that came."""

    data: bytes = field(repr=False)
    since: float

    @property
    def sha256(self) -> str:
        """Its digest."""
        return hashlib.sha256(self.data).hexdigest()


class Depot:
    """The files of one vendor.

    Attributes:
        lives_s: so long a file is held; `None` for good.
        came: each file that came, oldest first; one that came twice is there twice.
    """

    def __init__(self) -> None:
        self.lives_s: float | None = None
        self.came: list[Brought] = []
        self._slots: dict[str, Taken] = {}
        self._held: dict[str, Brought] = {}

    @property
    def twice(self) -> set[str]:
        """Digests of files that came more than once."""
        digests = [file.sha256 for file in self.came]
        return {digest for digest in digests if digests.count(digest) > 1}

    def slot(self, taken: Taken = lambda asked: asked.body) -> str:
        """Give a name that a file may be brought under, once."""
        name = uuid.uuid4().hex
        self._slots[name] = taken
        return name

    def fill(self, asked: Asked) -> str:
        """Take the file that is brought to an address below `PATH`; give its name.

        Raises:
            No: nobody waits for it there, or it is no good.
        """
        name = asked.path.removeprefix(PATH).split("/")[0]
        taken = self._slots.get(name)
        if taken is None:
            raise No("missing", "nothing is to be brought here")
        self.keep(taken(asked), name)
        del self._slots[name]
        return name

    def keep(self, data: bytes, name: str = "") -> str:
        """Keep a file that came with a request; give its name."""
        if not data:
            raise No("invalid", "the file is empty")
        name = name or uuid.uuid4().hex
        self._held[name] = Brought(data, time.monotonic())
        self.came.append(self._held[name])
        return name

    def file(self, name: str, field: str) -> bytes:
        """Give a file that a job names.

        Raises:
            No: it never came, or is gone.
        """
        found = self._held.get(name)
        if found is None or (self.lives_s is not None and time.monotonic() - found.since > self.lives_s):
            raise No("invalid", f"{field}: the file was not found, or has expired")
        return found.data

    def picture(self, name: str, field: str) -> bytes:
        """Give a picture that a job names.

        Raises:
            No: it never came, or is gone, or is none.
        """
        return pictures.looked_at(self.file(name, field), field)

    def lose(self) -> None:
        """Forget every file, sooner than was said."""
        self._held.clear()
