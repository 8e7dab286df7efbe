"""Which ffmpeg runs, and its identity: the version line and the binary's sha256. It runs nothing else."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from vidbuild.runners.process import ENVIRONMENT
from vidbuild.stores.index import Memory
from vidbuild.stores.stamp import Stamp, stamp_of
from vidbuild.words.digest import Digest, digest_stream
from vidbuild.words.errors import VidbuildError

VARIABLE = "VIDBUILD_FFMPEG"


def find(environ: Mapping[str, str]) -> Path:
    """Find the ffmpeg binary: the one that `VIDBUILD_FFMPEG` names, else the one in the imageio-ffmpeg wheel."""
    named = environ.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise VidbuildError(
                f"{VARIABLE} names `{named}`, which is no program", hint=f"unset {VARIABLE}, or mend it"
            )
        return Path(found).absolute()
    package = importlib.util.find_spec("imageio_ffmpeg")
    places = package.submodule_search_locations if package else None
    for place in places or ():
        for binary in sorted(Path(place, "binaries").glob("ffmpeg-*")):
            return binary
    raise VidbuildError(
        "no ffmpeg was found", hint=f"install the package `imageio-ffmpeg`, or name a binary in {VARIABLE}"
    )


def identity(binary: Path, memory: Memory) -> str:
    """Give `<version line> sha256:<digest>`; it is asked for once, then remembered by the binary's stamp."""
    digest = memory.digest(binary)
    if digest is None:
        stamp = stamp_of(binary)
        digest = digest_at(binary, stamp)
        if stamp is not None:
            memory.remember(binary, stamp, digest)
    line = memory.note("ffmpeg", digest)
    if line is None:
        line = _version(binary)
        memory.keep_note("ffmpeg", digest, line)
    return f"{line} sha256:{digest}"


@cache
def digest_at(binary: Path, stamp: Stamp | None) -> Digest:
    """Read a binary through, once while its stamp stays, however many stores a process looks with."""
    with open(binary, "rb") as stream:
        return digest_stream(stream)


def _version(binary: Path) -> str:
    try:
        said = subprocess.run(
            [binary, "-version"], capture_output=True, timeout=30, check=True, env=dict(ENVIRONMENT)
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise VidbuildError(f"`{binary}` does not run", {"because": str(error)}) from error
    lines = said.decode(errors="replace").splitlines()
    if not lines or not lines[0].startswith("ffmpeg version"):
        raise VidbuildError(f"`{binary}` is no ffmpeg", hint=f"unset {VARIABLE}, or mend it")
    return lines[0].split(" Copyright")[0].strip()
