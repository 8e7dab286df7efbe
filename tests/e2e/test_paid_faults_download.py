"""Faults of the download: cut, wrong, hostile, expired results. To fetch again is free; nothing is submitted again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from paid_films import bought, failed, film, made, shot, words

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

Faults = Mapping[str, tuple[str, dict[str, Any]]]
BAD: Faults = {
    "truncated": ("truncated", {}),
    "truncated-unsized": ("truncated", {"sized": False}),
    "wrong-length": ("wrong_length", {}),
    "wrong-type": ("wrong_type", {}),
    "html": ("html", {}),
    "json": ("json", {}),
    "empty": ("empty", {}),
    "reset": ("reset_within", {}),
    "flipped": ("bit_flipped", {}),
    "unavailable": ("server_error", {"status": 503}),
}
"""Bad downloads that may pass, by the shot that they befall."""
HOSTILE: Faults = {
    "hls": ("hls", {}),
    "ffconcat": ("ffconcat", {}),
}
"""What no film is: a second download may bring one."""
SHUT: Faults = {
    "bomb": ("gzip_bomb", {"megabytes": 256}),
    "inward": ("redirect", {"to": "http://169.254.169.254/latest/meta-data"}),
}
"""What isn't even read; the job is kept."""
LASTING = ("html", "flipped")
LINKS: Faults = {"expired": ("link_expired", {})}


ALL = {**BAD, **HOSTILE, **LINKS}
SOME = {name: ALL[name] for name in ("truncated-unsized", "wrong-length", "wrong-type", "json", "empty", "hls", *LINKS)}


class Scene(NamedTuple):
    """A film, built once with bad downloads, and once more without."""

    shop: Shop
    first: Built
    second: Built
    submits: int


def planned(shop: Shop, faults: Faults, times: int | None) -> None:
    """Plan that the downloads of each fault's shot go wrong."""
    vendor = shop.vendors.keyed
    for id, (what, settings) in faults.items():
        vendor.fault("download", what, times=times, where=vendor.about(words(id)), **settings)


@pytest.fixture(
    scope="module", params=[pytest.param(SOME, id="some"), pytest.param(ALL, id="all", marks=pytest.mark.slow)]
)
def once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Build a film in which each shot's first download is bad, in its own way."""
    with Shop(tmp_path_factory.mktemp("once"), "keyed") as shop:
        planned(shop, request.param, 1)
        film(shop, *map(shot, request.param))
        first = shop.build("--yes")
        yield Scene(shop, first, first, shop.submits)


def test_a_bad_download_is_fetched_again(once: Scene) -> None:
    """Truncated, wrong or no length, wrong type, HTML as 200, JSON as mp4, empty, hostile: free, never re-submitted."""
    assert once.submits == once.shop.paid == len(made(once.first))


def test_a_link_that_expired_is_asked_for_anew(once: Scene) -> None:
    """The job is polled again, and tells a fresh one."""
    stale = [row.path for row in once.shop.vendors.requests if row.fault == "link_expired"]
    assert len(stale) == 1
    assert sum(row.path == stale[0] for row in once.shop.vendors.requests) == 1


def test_downloads_carry_no_key(once: Scene) -> None:
    """An address is as good as a key, and often another host's."""
    assert once.shop.vendors.leaks == []


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Build a film in which no download is ever good, then once more with all of them mended."""
    with Shop(tmp_path_factory.mktemp("lasting"), "keyed") as shop:
        faults = {name: BAD[name] for name in LASTING} | SHUT
        planned(shop, faults, None)
        film(shop, *map(shot, faults))
        first = shop.build("--yes", ends=1)
        shop.vendors.keyed.script.clear()
        submits = shop.submits
        yield Scene(shop, first, shop.build("--yes"), submits)


@pytest.mark.slow
def test_after_some_tries_the_job_is_kept_and_the_next_build_fetches_it(lasting: Scene) -> None:
    """It fails with why, the job's id, and that it costs nothing to go on."""
    told = failed(lasting.first)
    assert set(told) == {*LASTING, *SHUT}
    assert all("can't be fetched" in said and "without paying again" in said for said in told.values())
    assert made(lasting.second) == set(told)
    assert (lasting.shop.submits, lasting.shop.paid) == (lasting.submits, len(told))


@pytest.mark.slow
def test_a_bad_download_is_tried_only_so_often(lasting: Scene) -> None:
    """Four times; an address inward, and a packed file, not even twice."""
    tried = [row.fault for row in lasting.shop.vendors.requests if row.step == "download" and row.fault]
    assert {fault: tried.count(fault) for fault in tried} == {
        "html": 4, "bit_flipped": 4, "gzip_bomb": 1, "redirect": 1,
    }  # fmt: skip


def test_a_hostile_file_is_refused_and_reads_no_other(tmp_path: Path) -> None:
    """What is a playlist every time is worth nothing: it is told, the next attempt is made, and no file was read."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        secret = tmp_path / "secret.txt"
        secret.write_text("planted-7c1f")
        vendor = shop.vendors.keyed
        for what in ("hls", "ffconcat"):
            mine = vendor.about(words(what))
            vendor.fault("download", what, times=2, where=mine, file=str(secret))
        film(shop, shot("hls"), shot("ffconcat"))
        built = shop.build("--yes")
        assert [bought(shop, id) for id in ("hls", "ffconcat")] == [2, 2]
        assert len([row for row in built.named("job_moved") if row["state"] == "failed"]) == 2
        assert b"planted-7c1f" not in b"".join(shop.files().values())
        assert json.loads(shop.run("cost", "--json").stdout)["total"]["usd"] == pytest.approx(0.4)


@pytest.mark.slow
def test_a_paid_result_that_is_gone_is_fetched_again_by_its_job_else_the_user_decides(tmp_path: Path) -> None:
    """Bit-rot, a new machine: the lock names the job; where the vendor has it no more, nothing is bought unasked."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", "plain-bare-video"))
        shop.build("--yes")
        before = shop.files()
        shutil.rmtree(shop.store)
        assert (made(shop.build("--yes")), shop.files()) == ({"one"}, before)
        shutil.rmtree(shop.store)
        shop.vendors.bare.jobs.clear()
        (said,) = failed(shop.build("--yes", ends=3)).values()
        assert "--buy-again" in said
        assert (shop.submits, shop.paid) == (1, 1)


@pytest.mark.slow
def test_an_endless_download_ends_at_its_cap(tmp_path: Path) -> None:
    """A gibibyte, and no more; nothing of it is left, and the job is kept."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(shop, shot("one"))
        shop.vendors.keyed.fault("download", "endless")
        (said,) = failed(shop.build("--yes", ends=1)).values()
        assert "too large" in said
        assert shop.litter() == []
        assert (made(shop.build("--yes")), shop.paid) == ({"one"}, 1)
