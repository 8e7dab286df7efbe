"""Bad ends: jobs that fail, expire, are cancelled or refused; vendors without credit, with another key or model.

Each is told apart, with its hint; what failed costs nothing, what was refused is remembered, and others stand in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from paid_films import bought, failed, film, made, shot, words

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built
from vidbuild.testing.vendors.faults import HOSTILE

LISTED, BARE = "plain-listed-video", "plain-bare-video"
TOLD = {
    "credit": ("has no credit left", "buy credit there"),
    "key": ("does not accept the key", "`PLAIN_API_KEY` holds a key that is valid"),
    "retired": ("no longer has the model `plain-keyed-video`", "name another model"),
    "invalid": ("does not take the request", "see what it says; nothing was bought"),
    "refused": ("refused it", "--retry-refused"),
    "refused-late": ("refused it", "--retry-refused"),
    "fails": ("the job at The plain vendor on loopback, with a list of jobs failed", "name another model behind"),
    "cancelled": ("was cancelled", "name another model behind"),
    "expired": ("expired", "name another model behind"),
}
"""What is said of each bad end, and the hint beside it."""
UNSEEN = {char for char in HOSTILE if not char.isprintable()} - set("\t\r\n")
MADE = {"once", "fails-behind", "refused-behind", "credit-behind"}


class Scene(NamedTuple):
    """A film of bad ends: built, again in plain words, and a third time with `--retry-refused` and mended vendors.

    Args:
        costs: after the first build.
        befell: how often each refusal was met in the first two.
    """

    shop: Shop
    first: Built
    costs: dict[str, float]
    plain: str
    befell: list[int]
    third: Built


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Build a film in which each shot's job ends badly in its own way."""
    with Shop(tmp_path_factory.mktemp("ended"), "keyed", "listed", "bare") as shop:
        keyed, listed, bare = shop.vendors.keyed, shop.vendors.listed, shop.vendors.bare
        told = f"{HOSTILE} {keyed.key}"
        for vendor, id, what in (
            (keyed, "credit", "out_of_credit"),
            (keyed, "key", "bad_key"),
            (keyed, "retired", "retired"),
            (keyed, "invalid", "invalid"),
            (bare, "credit-behind", "out_of_credit"),
            (bare, "cancelled", "cancelled"),
            (bare, "expired", "expired"),
        ):
            vendor.fault("submit", what, times=None, where=words(id))
        listed.fault("submit", "fails", times=None, where=words("fails"), polls=3, message=told)
        listed.fault("submit", "fails", times=None, where=words("fails-behind"))
        listed.fault("submit", "fails", where=words("once"))
        refusals = [
            keyed.fault("submit", "refused", times=None, where=words("refused"), message=told),
            listed.fault("submit", "refused_at_end", times=None, where=words("refused-late"), polls=2, message=told),
            bare.fault("submit", "refused", times=None, where=words("refused-behind")),
        ]
        film(
            shop,
            *(shot(id, reshoots=0) for id in ("credit", "key", "retired", "invalid", "refused")),
            *(shot(id, LISTED, reshoots=0) for id in ("fails", "refused-late")),
            *(shot(id, BARE, reshoots=0) for id in ("cancelled", "expired")),
            shot("once", LISTED),
            shot("fails-behind", [LISTED, "plain-keyed-video"], reshoots=0),
            *(shot(id, [BARE, "plain-keyed-video"]) for id in ("refused-behind", "credit-behind")),
        )
        first = shop.build("--yes", ends=1)
        costs = json.loads(shop.run("cost", "--json").stdout)["total"]
        plain = shop.run("build", "--yes")
        befell = [fault.befell for fault in refusals]
        for vendor in (keyed, listed, bare):
            vendor.script.clear()
        third = shop.build("--yes", "--retry-refused")
        yield Scene(shop, first, costs, plain.stdout + plain.stderr, befell, third)


@pytest.mark.parametrize("id", TOLD)
def test_each_bad_end_is_told_apart_with_its_hint(ended: Scene, id: str) -> None:
    """Out of credit, a bad key, a retired model, refused, failed, cancelled, expired."""
    sentence, hint = TOLD[id]
    said = failed(ended.first)[id]
    assert sentence in said
    assert hint in said


def test_a_job_that_fails_is_made_by_the_next_attempt_or_the_next_model(ended: Scene) -> None:
    """A failed job is followed by another of the same model, then by the model behind it."""
    assert made(ended.first) == MADE
    assert [bought(ended.shop, id) for id in ("once", "fails-behind")] == [2, 2]


def test_a_job_that_fails_is_reported_with_the_cleaned_reason(ended: Scene) -> None:
    """In one line, without what drives a terminal, without the key that the vendor repeated."""
    said = failed(ended.first)["fails"]
    assert r"no \x1b[31mred\x1b[0m \x1b]0;title\x07 \x202edrow\x2066 txet and a second\x00line [secret]" in said


def test_a_bad_end_leaves_nothing_reserved(ended: Scene) -> None:
    """Vendors take nothing for what they didn't make: only the shots that were made are counted."""
    assert (ended.costs["usd"], ended.costs["out_usd"]) == (pytest.approx(0.1 * len(MADE)), 0)


def test_a_moderation_refusal_is_no_crash_and_is_remembered(ended: Scene) -> None:
    """The same prompt is not sent again, at the submit or after, while what only failed is tried anew."""
    assert ended.befell == [1, 1, 1]
    for id in ("refused", "refused-late"):
        assert re.search(f"Footage of `{id}` failed: .* refused this before\n", ended.plain)
    assert bought(ended.shop, "fails") > 1


def test_what_was_refused_is_made_by_the_model_behind(ended: Scene) -> None:
    """And so is what another vendor had no credit for; both are kept from then on."""
    assert {"refused-behind", "credit-behind"} <= made(ended.first)
    assert bought(ended.shop, "refused-behind") == 1


def test_retry_refused_sends_it_again(ended: Scene) -> None:
    """Once the vendor thinks otherwise, the film is built."""
    assert {"refused", "refused-late"} <= made(ended.third)


def test_hostile_vendor_text_is_escaped_in_every_output(ended: Scene) -> None:
    """On the terminal, in `--json`, in the job log, in the lock: no control or direction character, no key."""
    shop = ended.shop
    lists = [shop.run("jobs", "list").stdout, shop.run("cost").stdout]
    written = [path.read_text() for path in (shop.store / "jobs").glob("?" * 64)]
    written += [(shop.folder / "vidbuild.lock").read_text()]
    assert any("title" in text for text in written)
    for text in (ended.plain, ended.first.stderr, json.dumps(ended.first.events, ensure_ascii=False), *lists, *written):
        assert not UNSEEN & set(text)
        assert shop.vendors.keyed.key not in text


def slowed(shop: Shop, mood: str) -> None:
    """Let a plain vendor take one job at a time."""
    shop.edit("concurrent: 20", "concurrent: 1", f"providers/plain-{mood}.yaml")


@pytest.mark.parametrize(
    ("what", "said"),
    [("fails", "5 jobs in a row failed"), pytest.param("refused_at_end", "refused 5 jobs", marks=pytest.mark.slow)],
)
def test_after_five_bad_ends_in_a_row_nothing_more_is_bought_there(tmp_path: Path, what: str, said: str) -> None:
    """The circuit breaker: a sixth job is not submitted in this build, and the next build asks anew."""
    with Shop(tmp_path / "shop", "bare", latency_s=0.01) as shop:
        film(shop, *(shot(f"s{number}", BARE, reshoots=0) for number in range(7)))
        slowed(shop, "bare")
        shop.vendors.bare.fault("submit", what, times=None)
        told = failed(shop.build("--yes", ends=1))
        assert (shop.submits, sum(said in text for text in told.values())) == (5, 2)
