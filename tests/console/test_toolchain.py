"""What things are made with: the class of a CPU, what differs, what a lock can give back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vidbuild import packaged
from vidbuild.runners import ffmpeg
from vidbuild.stores.stamp import stamp_of
from vidbuild.toolchain import Toolchain, cpu_class, differences, recalled

HERE = Toolchain("ffmpeg version 7 sha256:a", "2.1", "11.0", "f", "x86_64-v3", "1.0")
V2 = ["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"]
V3 = [*V2, "abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"]
V4 = [*V3, "avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"]


@pytest.mark.parametrize(
    ("machine", "flags", "name"),
    [
        ("x86_64", [], "x86_64"),
        ("x86_64", ["sse2", *V2], "x86_64-v2"),
        ("x86_64", V3, "x86_64-v3"),
        ("x86_64", V4, "x86_64-v4"),
        ("x86_64", [*V2, "avx512f"], "x86_64-v2"),
        ("x86_64", [flag for flag in V4 if flag != "ssse3"], "x86_64"),
        ("aarch64", ["fp", "asimd"], "aarch64"),
    ],
)
def test_a_cpu_is_of_the_highest_level_that_is_whole(machine: str, flags: list[str], name: str) -> None:
    """Each level needs those below; other machines are named as they are."""
    assert cpu_class(machine, flags) == name


def test_what_differs_is_told_by_name() -> None:
    """With both sides."""
    assert differences(HERE, HERE) == {}
    assert differences(replace(HERE, cpu="x86_64-v2"), HERE) == {"cpu": ("x86_64-v2", "x86_64-v3")}


def test_a_toolchain_comes_back_from_a_lock_only_whole() -> None:
    """What a later version adds is passed over; where something is missing it is of no use."""
    assert recalled({**HERE.values, "more": "x"}) == HERE
    assert recalled({name: said for name, said in HERE.values.items() if name != "numpy"}) is None


def test_what_stays_is_read_once_by_a_process(tmp_path: Path) -> None:
    """The packaged catalog, and ffmpeg's bytes while its stamp stays: tests start commands with both read."""
    assert packaged.catalog() is packaged.catalog()
    binary = tmp_path / "ffmpeg"
    binary.write_bytes(b"one")
    before = stamp_of(binary)
    first = ffmpeg.digest_at(binary, before)
    binary.write_bytes(b"other")
    assert ffmpeg.digest_at(binary, before) == first != ffmpeg.digest_at(binary, stamp_of(binary))
