"""A folder that others reach too (NFS, a mounted drive) as a remote."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

from vidbuild.stores.remotes.remote import RemoteTrouble, Target

_CHUNK = 1 << 20


class FolderRemote:
    """Objects as plain files below a folder; links are not followed out of it."""

    claims = True  # a link is made for one asker alone, on NFS too

    def __init__(self, root: Path):
        self._root = root

    def read(self, path: str, most: int) -> bytes | None:
        try:
            with self._opened(path) as stream:
                data = stream.read(most + 1)
        except FileNotFoundError:
            self._absent()
            return None
        except OSError as error:
            raise self._trouble(path, error) from error
        if len(data) > most:
            raise RemoteTrouble(f"`{path}` is larger than {most} bytes")
        return data

    def fetch(self, path: str, to: Target, most: int) -> bool:
        try:
            with self._opened(path) as stream:
                if os.fstat(stream.fileno()).st_size > most:
                    raise RemoteTrouble(f"`{path}` is larger than {most} bytes")
                shutil.copyfileobj(stream, to, _CHUNK)
        except FileNotFoundError:
            self._absent()
            return False
        except OSError as error:
            raise self._trouble(path, error) from error
        return True

    def has(self, path: str) -> bool:
        if (self._root / path).is_file():
            return True
        self._absent()
        return False

    def write(self, path: str, source: Path | bytes) -> None:
        place = self._root / path
        self._absent()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
            try:
                with open(handle, "wb") as target:
                    if isinstance(source, bytes):
                        target.write(source)
                    else:
                        with open(source, "rb") as stream:
                            shutil.copyfileobj(stream, target, _CHUNK)
                    target.flush()
                    os.fchmod(target.fileno(), 0o644)
                    os.fsync(target.fileno())
                os.replace(name, place)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(name)
                raise
        except OSError as error:
            raise self._trouble(path, error) from error

    def create(self, path: str, data: bytes) -> bool:
        place = self._root / path
        self._absent()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".new-") as target:
                target.write(data)
                target.flush()
                os.link(target.name, place)  # whole, or not at all
        except FileExistsError:
            return False
        except OSError as error:
            raise self._trouble(path, error) from error
        return True

    def remove(self, path: str) -> None:
        try:
            (self._root / path).unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble(path, error) from error

    def _opened(self, path: str) -> BinaryIO:
        descriptor = os.open(self._root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise RemoteTrouble(f"`{self._root / path}` is no regular file")
        return open(descriptor, "rb")

    def _absent(self) -> None:
        """Tell an object that isn't there from a folder that isn't: a drive may not be mounted."""
        if not self._root.is_dir():
            raise RemoteTrouble(f"the folder `{self._root}` isn't there", is_down=True, hint="make it, or mount it")

    def _trouble(self, path: str, error: OSError) -> RemoteTrouble:
        return RemoteTrouble(f"`{self._root / path}`: {error.strerror or error}")
