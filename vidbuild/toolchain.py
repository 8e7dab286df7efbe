"""What decides bytes and is no part of a project: ffmpeg, the libraries that reckon, the fonts that ship, the CPU.

As values that can be kept in a lock and compared; nothing here is in a key but what actions say of their tools.
"""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path

from vidbuild import __version__
from vidbuild.share import PACKAGE
from vidbuild.words.digest import digest_of, digest_stream

CPUINFO = Path("/proc/cpuinfo")
_LEVELS = {
    "v2": {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"},
    "v3": {"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"},
    "v4": {"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"},
}
"""What each level of x86-64 adds, by the kernel's names for it."""


@dataclass(frozen=True)
class Toolchain:
    """What things are made with.

    Args:
        ffmpeg: its version line and the binary's sha256.
        numpy: its version; `pillow`: too.
        fonts: the digest of all fonts that ship.
        cpu: its class: what instructions it has, by level.
    """

    ffmpeg: str
    numpy: str
    pillow: str
    fonts: str
    cpu: str
    vidbuild: str

    @property
    def values(self) -> Mapping[str, str]:
        """All of it by name, as a lock holds it."""
        return asdict(self)


def toolchain(ffmpeg: str) -> Toolchain:
    """Give the toolchain of this machine, with an ffmpeg by its identity."""
    return Toolchain(
        ffmpeg, version("numpy"), version("pillow"), _fonts(), cpu_class(platform.machine(), _flags()), __version__
    )


def recalled(values: Mapping[str, str]) -> Toolchain | None:
    """Give a toolchain as a lock holds it; `None` where something is missing."""
    names = [field.name for field in fields(Toolchain)]
    return Toolchain(**{name: values[name] for name in names}) if set(names) <= set(values) else None


def differences(there: Toolchain, here: Toolchain) -> Mapping[str, tuple[str, str]]:
    """Give what differs between two toolchains, by name."""
    return {name: (was, here.values[name]) for name, was in there.values.items() if was != here.values[name]}


def cpu_class(machine: str, flags: Collection[str]) -> str:
    """Name the class of a CPU: the machine, and on x86-64 the highest level whose instructions are all there."""
    found = machine
    for level, needed in _LEVELS.items() if machine == "x86_64" else ():
        if not needed <= set(flags):
            break
        found = f"{machine}-{level}"
    return found


def _flags() -> frozenset[str]:
    """Read what instructions the first CPU has."""
    try:
        lines = CPUINFO.read_text().splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), ()))


def _fonts() -> str:
    found = {}
    for path in sorted((PACKAGE / "fonts").glob("*.[ot]tf")):
        with open(path, "rb") as stream:
            found[path.name] = digest_stream(stream)
    return digest_of(found)
