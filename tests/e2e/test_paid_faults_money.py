"""Money: caps, consent, what can fail for free, what it came to. Over means that nothing is submitted, and exit 5."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from paid_films import USD, failed, film, shot

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

BARE = "plain-bare-video"
DISK = """\
import shutil

usage = shutil.disk_usage
shutil.disk_usage = lambda path: usage(path)._replace(free=1_000_000)
"""
"""A machine whose disk is nearly full, as its Python sees it (`sitecustomize`)."""


@pytest.fixture(scope="module")
def buyer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop in which nothing is ever to be bought; each test writes its own film of three shots at $0.10."""
    with Shop(tmp_path_factory.mktemp("buyer"), "bare") as shop:
        shop.write("models/pricey.yaml", _unpriced(shop))
        yield shop
        assert shop.submits == 0


def _unpriced(shop: Shop) -> str:
    """Give the model file of one whose price nobody knows."""
    text = (shop.folder / "models" / f"{BARE}.yaml").read_text()
    return text.replace(f"name: {BARE}", "name: pricey").replace("prices: [{usd: 0.1, per: second}]\n", "")


def denied(shop: Shop, *options: str, model: str = BARE, **spec: Any) -> Built:
    """Build a film of three shots that must not be bought."""
    film(shop, *(shot(f"s{number}", model) for number in range(3)), **spec)
    return shop.build(*options, ends=5)


@pytest.mark.parametrize(
    ("options", "budget", "settings", "ci", "said"),
    [
        (["--max-cost", "0.25"], {}, {}, "", "$0.25 may be spent (`--max-cost`)"),
        (["--yes"], {"max_usd": 0.25}, {}, "", "$0.25 may be spent (`budget.max_usd` of the project)"),
        pytest.param(
            ["--yes"], {"total_usd": 0.25}, {}, "", "`budget.total_usd` of the project", marks=pytest.mark.slow
        ),
        pytest.param(["--yes"], {"per_shot_usd": 0.05}, {}, "", "one shot may cost $0.05", marks=pytest.mark.slow),
        (["--yes"], {"max_usd": 99}, {"max_usd": 0.25}, "", "$0.25 may be spent (`max_usd` of your configuration)"),
        pytest.param(
            ["--max-cost", "99"], {"max_usd": 0.25}, {}, "", "(`budget.max_usd` of the project)", marks=pytest.mark.slow
        ),
        (["--yes"], {"max_usd": 99}, {}, "true", "nothing is bought in CI unasked"),
        ([], {"max_usd": 99}, {}, "", "nobody has agreed to it"),
    ],
    ids=["max-cost", "spec", "spec-life", "spec-shot", "user", "spec-lowers", "ci", "no-consent"],
)
def test_over_a_cap_or_without_consent_nothing_is_submitted(
    buyer: Shop, options: Sequence[str], budget: dict[str, float], settings: dict[str, Any], ci: str, said: str
) -> None:
    """The least cap counts: a project can only lower it; in CI it is 0; without a terminal `--yes` is due."""
    buyer.configure(**settings)
    buyer.environ["CI"] = ci
    built = denied(buyer, *options, **({"budget": budget} if budget else {}))
    buyer.environ["CI"] = ""
    buyer.configure()
    assert said in built.told


def test_an_unknown_price_is_over_every_cap(buyer: Shop) -> None:
    """Whatever was agreed to."""
    assert "unknown" in denied(buyer, "--max-cost", "99", model="pricey").told


def test_retries_and_workers_together_never_pass_the_cap(tmp_path: Path) -> None:
    """Eight jobs at once, every take black, three reshoots each: what is bought is kept, no more is bought."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, *(shot(f"s{number}", BARE, reshoots=3) for number in range(8)))
        shop.vendors.bare.fault("submit", "black", times=None)
        built = shop.build("--max-cost", "1.05", "--jobs", "8", ends=5)
        assert 8 * USD < shop.vendors.bare.ledger.usd <= 1.05
        assert all("more than is left to spend" in said for said in failed(built).values())
        assert json.loads(shop.run("cost", "--json").stdout)["total"]["usd"] <= 1.05


# What can fail for free fails first


def test_a_missing_key_is_found_before_any_submit(tmp_path: Path) -> None:
    """Even where another vendor of the film could be asked."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", BARE), shot("two", "kling-2"))
        del shop.environ["KLING_SECRET_KEY"]
        assert "KLING_SECRET_KEY" in shop.build("--yes", ends=1).told
        assert len(shop.vendors.requests) == 0


@pytest.mark.parametrize("binary", ["/nonexistent/ffmpeg", pytest.param("/bin/false", marks=pytest.mark.slow)])
def test_a_missing_ffmpeg_is_found_before_any_submit(buyer: Shop, binary: str) -> None:
    """Nothing could be looked at, or cut."""
    film(buyer, shot("one", BARE))
    buyer.environ["VIDBUILD_FFMPEG"] = binary
    built = buyer.build("--yes", ends=1)
    del buyer.environ["VIDBUILD_FFMPEG"]
    assert binary in built.told


@pytest.mark.parametrize("part", ["", "cas", *(pytest.param(part, marks=pytest.mark.slow) for part in ("jobs", "ac"))])
def test_a_store_that_cannot_be_written_is_found_before_any_submit(tmp_path: Path, part: str) -> None:
    """The whole of it, or the folder of what was sent, or of what came: even root can't write into a file."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", BARE))
        place = shop.store / part
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("a file")
        assert str(shop.store) in shop.build("--yes", ends=1).told
        assert len(shop.vendors.requests) == 0


def test_a_full_disk_is_found_before_any_submit(tmp_path: Path) -> None:
    """Twice what is expected must be free; the message says how much is, and where."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", BARE))
        machine = tmp_path / "machine"
        machine.mkdir()
        (machine / "sitecustomize.py").write_text(DISK)
        shop.environ["PYTHONPATH"] = f"{machine}:{shop.environ['PYTHONPATH']}"
        told = shop.build("--yes", ends=1).told
        assert ("1 MB" in told, str(shop.store) in told) == (True, True)
        assert len(shop.vendors.requests) == 0


@pytest.mark.slow
def test_a_disk_that_is_full_during_the_download_loses_nothing(tmp_path: Path) -> None:
    """No partial file is left, the message says where; the next build fetches it and pays nothing."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", BARE))
        running = shop.start("--yes")
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (60_000, 60_000))
        built = running.finish()
        (said,) = failed(built).values()
        assert ("can't be written" in said, str(shop.store) in said, "Traceback" in built.stderr) == (True, True, False)
        assert shop.litter() == []
        shop.build("--yes")
        assert (shop.submits, shop.paid) == (1, 1)


# What it came to


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A film by a vendor that tells what it takes (half its list price), and one that doesn't; built."""
    with Shop(tmp_path_factory.mktemp("bought"), "bare") as shop:
        shop.edit("usd: 0.1,", "usd: 0.2,", f"models/{BARE}.yaml")
        film(shop, shot("told", BARE), shot("listed", "kling-2"))
        shop.build("--max-cost", "5")
        yield shop


def _rows(shop: Shop, by: str) -> dict[str, float]:
    told = json.loads(shop.run("cost", "--json", "--by", by).stdout)
    return {row["name"]: row["usd"] for row in told["rows"]}


@pytest.mark.slow
def test_cost_is_what_the_vendor_tells_else_the_list_price(bought: Shop) -> None:
    """By shot, model, provider and day; what is by list price is said to be."""
    listed = bought.vendors.kling.ledger.usd
    by = {name: _rows(bought, name) for name in ("shot", "model", "provider", "day")}
    assert by["shot"] == {"shot told": 0.1, "shot listed": pytest.approx(listed)}
    assert by["model"] == {BARE: 0.1, "kling-2": pytest.approx(listed)}
    assert by["provider"] == {"plain-bare": 0.1, "kling": pytest.approx(listed)}
    assert list(by["day"].values()) == [pytest.approx(0.1 + listed)]
    total = json.loads(bought.run("cost", "--json").stdout)["total"]
    assert (total["listed_usd"], total["out_usd"], total["unknown"]) == (pytest.approx(listed), 0, 0)


@pytest.mark.slow
def test_another_zone_locale_home_hash_seed_or_folder_submits_nothing(bought: Shop) -> None:
    """What was built is built, wherever and whenever; the files are the same."""
    before, requests = bought.files(), len(bought.vendors.requests)
    elsewhere = bought.folder.rename(bought.folder.parent / "moved elsewhere")
    bought.folder = elsewhere
    (elsewhere / "build" / "wide.mp4").unlink()
    bought.environ |= {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "HOME": str(elsewhere.parent),
        "PYTHONHASHSEED": "4711",
    }
    assert bought.build("--rehash").ran("Footage", "Segment") == set()
    assert (bought.files(), len(bought.vendors.requests)) == (before, requests)
