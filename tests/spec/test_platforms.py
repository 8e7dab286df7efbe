"""A project's own platforms: what is told about their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vidbuild.catalog.loader import with_platforms
from vidbuild.catalog.model import Catalog

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/platform.schema.json").read_text())


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["name: kiosk\nsize: [1080, 1920]\nfps: {allowed: [23.976, 50], max: 59.94}\nvideo: {crf: 1}\n"], []),
        (["name: kiosk\nsiz: [10, 20]\n"], ["0:2:1 `siz` is not a key of a platform | did you mean `size`?"]),
        (["nam: kiosk\n"], ["0:1:1 `nam` is not a key of a platform | did you mean `name`?"]),
        (["size: [1080, 1920]\n"], ["0:1:1 a platform needs `name` | None"]),
        (["- x\n"], ["0:1:1 a platform must be a mapping, not a list | None"]),
        (
            ["name: kiosk\nvideo: {prset: fast, crf: 0}\n"],
            [
                "0:2:9 `prset` is not a key of `video` | did you mean `preset`?",
                "0:2:27 `crf` must be at least 1, not 0 | None",
            ],
        ),
        (
            ["name: kiosk\nvideo: {codec: mpeg2, maxrate_kbps: 4}\nladder: [{crf: 20}]\nalso: [avi]\n"],
            [
                '0:2:16 `codec` must be h264, h265, av1, vp9 or prores, not "mpeg2" | None',
                "0:2:37 `maxrate_kbps` must be at least 50, not 4 | None",
                "0:3:10 an entry of `ladder` needs `lines` | None",
                '0:4:8 an entry of `also` must be webm, not "avi" | None',
            ],
        ),
        (["name: kiosk\nsize: [1081, 1921]\n"], ["0:2:8 an entry of `size` must be even, not 1081 | None"]),
        (["name: kiosk\nsize: [1080, 1921]\n"], ["0:2:14 an entry of `size` must be even, not 1921 | None"]),
        (
            ["name: My Kiosk\n"],
            [
                "0:1:7 `name` must be a name of small letters, digits, `_` and `-`, at most 64 characters,"
                ' not "My Kiosk" | write `my-kiosk`'
            ],
        ),
        (
            ["name: kiosk\nfps: {allowed: [0.5], max: 0}\n"],
            [
                "0:2:17 an entry of `allowed` must be at least 1 frames a second, not 0.5 | None",
                "0:2:28 `max` must be at least 1 frames a second, not 0 | None",
            ],
        ),
        (
            ["name: kiosk\nfps: {allowed: [24, 23.97602], max: 29.9701}\n"],
            [
                "0:2:21 a frame rate has at most three decimals, not 23.97602"
                " | write 23.976, 29.97 or 59.94 for N x 1000/1001",
                "0:2:37 a frame rate has at most three decimals, not 29.9701"
                " | write 23.976, 29.97 or 59.94 for N x 1000/1001",
            ],
        ),
        (
            ["name: kiosk\n", "name: lift\n", "# again\nname: kiosk\n"],
            ["2:2:7 two platforms are called `kiosk`: in 0 and in 2 | give one another name"],
        ),
    ],
)
def test_a_platform_file_is_told_about_in_its_own_words(texts: list[str], told: list[str]) -> None:
    """Each mistake once, at its place, as one of a platform and not of a project."""
    files = {str(number): text for number, text in enumerate(texts)}
    catalog, problems = with_platforms(Catalog({}, {}, {}), files, SCHEMA)
    assert [f"{each.mark} {each.sentence} | {each.hint}" for each in problems] == told
    assert told or "kiosk" in catalog.profiles
