"""The ledger: each purchase once, at what the vendor says it cost, else at its list price."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vidbuild.cli import cli
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.ledger import Certainty, Purchase, purchases, spent
from vidbuild.stores.lockfile import LockFile
from vidbuild.words.action import Blob
from vidbuild.words.digest import Digest, digest_of
from vidbuild.words.errors import UsageError
from vidbuild.words.locked import Asked, Bought, Lock, attempt_id

F = Fraction
MINE = "/home/me/film/project.yaml"


def key(name: object) -> Digest:
    return digest_of(str(name))


@pytest.fixture
def log(tmp_path: Path) -> JobLog:
    return JobLog(tmp_path / "store")


def write(log: JobLog, name: str, *steps: str | tuple[str, str | None], **intent: Any) -> None:
    """Log an attempt: an intent, then steps, some with what they say of money."""
    facts = {"project": MINE, "label": f"shot {name}", "model": "kling-3", "provider": "kling", "nonce": "n1"}
    facts |= {"at": "2026-11-20T10:00:00+00:00", "reserved_usd": "1.2", "list_usd": "0.84"} | intent
    log.append(key(name), "intent", **{name: fact for name, fact in facts.items() if fact is not None})
    for step in steps:
        said, usd = (step, None) if isinstance(step, str) else step
        log.append(key(name), said, **({} if usd is None else {"usd": usd}))


def locked(name: str, usd: str | None = "0.5", label: str | None = None) -> Lock:
    price = None if usd is None else F(usd)
    video = {"video": Blob(key("bytes"), 1, "video/mp4")}
    one = Bought(attempt_id(key(name)), key(name), "hailuo-3", 0, "fal/77", price, "2026-11-19", video)
    return Lock(made={label or f"shot {name}": (Asked(key("ask"), key("unsized"), F(5), one.id, (one,)),)})


def found(log: JobLog, lock: Lock | None = None) -> list[tuple[str, Fraction | None, Certainty, bool]]:
    return [(one.label, one.usd, one.certainty, one.is_open) for one in purchases(log, lock or Lock(), MINE)]


T, K, L, R, U = Certainty.TOLD, Certainty.LOCKED, Certainty.LISTED, Certainty.RESERVED, Certainty.UNKNOWN


@pytest.mark.parametrize(
    ("steps", "usd", "certainty", "is_open"),
    [
        ([], "1.2", R, True),
        (["submitted"], "1.2", R, True),
        ([("submitted", "0.9")], "0.9", T, True),
        (["submitted", "vanished"], "1.2", R, True),
        (["submitted", "done"], "1.2", R, True),
        (["submitted", "done", ("stored", "0.84")], "0.84", L, False),
        (["submitted", ("done", "0.7"), ("stored", "0.7")], "0.7", T, False),
        ([("submitted", "0.9"), ("done", "0.7"), "stored"], "0.7", T, False),
        (["submitted", "done", "stored"], "0.84", L, False),
        (["submitted", "done", ("failed", "0.84")], "0.84", L, False),
        (["submitted", ("done", "0.7"), ("failed", "0.7")], "0.7", T, False),
        (["again"], "0.84", L, False),
        (["submitted", "vanished", ("again", "0.84")], "0.84", L, False),
        (["submitted", "done", ("stored", "0.84"), "lost"], "0.84", L, False),
        (["submitted", ("done", "0"), ("stored", "0")], "0", T, False),
    ],
)
def test_a_purchase_costs_what_the_vendor_says_else_the_list_price(
    log: JobLog, steps: list[Any], usd: str, certainty: Certainty, is_open: bool
) -> None:
    """What is out counts at what was set aside."""
    write(log, "a", *steps)
    assert found(log) == [("shot a", F(usd), certainty, is_open)]


@pytest.mark.parametrize("steps", [["unmade"], ["lost"], ["submitted", "failed"], ["refused"], ["submitted", "lost"]])
def test_what_was_never_bought_costs_nothing(log: JobLog, steps: list[str]) -> None:
    """A job that made nothing isn't billed, and what the user says was never made isn't either."""
    write(log, "a", *steps)
    assert found(log) == []


def test_an_attempt_that_was_bought_twice_counts_twice(log: JobLog) -> None:
    """`--buy-again`."""
    write(log, "a", "submitted", ("again", "0.84"))
    write(log, "a", "submitted", ("done", "0.8"), "stored", nonce="n2", at="2026-11-21T10:00:00+00:00")
    assert found(log) == [("shot a", F("0.84"), L, False), ("shot a", F("0.8"), T, False)]


def test_a_purchase_that_was_sent_twice_counts_once(log: JobLog) -> None:
    """What reached nobody, and what was sent again under the same nonce."""
    write(log, "a", "unmade")
    write(log, "a")
    write(log, "a", "submitted", "done", "stored")
    assert found(log) == [("shot a", F("0.84"), L, False)]


def test_other_projects_of_the_store_are_not_counted(log: JobLog) -> None:
    """But for what this project's lock holds: it was bought before the project was moved here."""
    write(log, "a", "submitted", "stored", project="/elsewhere/project.yaml")
    assert found(log) == []
    assert found(log, locked("a")) == [("shot a", F("0.5"), K, False)]


def test_what_is_in_log_and_lock_counts_once(log: JobLog) -> None:
    """The log knows more."""
    write(log, "a", "submitted", ("done", "0.7"), "stored")
    assert purchases(log, locked("a"), MINE) == (
        Purchase(key("a"), "shot a", "kling-3", "kling", "2026-11-20T10:00:00+00:00", F("0.7"), T),
    )


def test_what_only_the_lock_knows_was_bought_on_another_machine(log: JobLog) -> None:
    """Its label, model, provider and day are the lock's; an entry under two labels counts once."""
    lock = locked("a")
    twice = Lock(made={**lock.made, "shot b": lock.made["shot a"]})
    assert purchases(log, twice, MINE) == (Purchase(key("a"), "shot a", "hailuo-3", "fal", "2026-11-19", F("0.5"), K),)


def test_what_failed_here_and_was_bought_elsewhere_is_the_locks(log: JobLog) -> None:
    """A refused send is no purchase."""
    write(log, "a", "refused")
    assert found(log, locked("a")) == [("shot a", F("0.5"), K, False)]


@pytest.mark.parametrize("usd", [None, "much", "-1", "1/0", True, [1]])
def test_a_price_that_nobody_knows_is_unknown(log: JobLog, usd: Any) -> None:
    """Whatever the log says in its place."""
    write(log, "a", "submitted", "done", "stored", reserved_usd=usd, list_usd=usd)
    assert found(log) == [("shot a", None, U, False)]
    assert found(log, locked("a", "0.5")) == [("shot a", F("0.5"), K, False)]


def test_a_projects_life_is_summed_up(log: JobLog) -> None:
    """Log and lock, open jobs included."""
    write(log, "a", "submitted", ("done", "0.7"), "stored")
    write(log, "b", "submitted")
    write(log, "c", "submitted", "done", "stored", reserved_usd=None, list_usd=None)
    write(log, "d", "submitted", "stored", project="/elsewhere/project.yaml")
    assert spent(log, locked("z"), MINE) == F("0.7") + F("1.2") + F("0.5")


@pytest.fixture
def shop(tmp_path: Path, log: JobLog) -> Path:
    """A project that has bought things."""
    file = tmp_path / "project.yaml"
    file.write_text("vidbuild: 1\n")
    mine = str(file)
    write(log, "pour", "submitted", ("done", "0.7"), "stored", project=mine)
    write(log, "pour again", "submitted", "stored", project=mine, label="shot pour", at="2026-11-21T01:00:00+00:00")
    write(log, "crema", "submitted", project=mine)
    write(log, "bed", "submitted", "stored", project=mine, label="audio", model="stable-audio-2", provider="stability",
          list_usd=None, reserved_usd=None)  # fmt: skip
    lock = LockFile(tmp_path / "vidbuild.lock")
    one = locked("serve").bought[attempt_id(key("serve"))]
    lock.bought("shot serve", key("ask"), key("unsized"), F(5), 0, one)
    return file


def told(file: Path, *options: str) -> str:
    ran = CliRunner().invoke(
        cli, ["cost", str(file), "--store", str((file if file.is_dir() else file.parent) / "store"), *options]
    )
    assert ran.exit_code in (0, None)
    return ran.output


def test_cost_by_shot(shop: Path) -> None:
    """The dearest first; unknown is shown as unknown."""
    assert told(shop) == (
        "shot        attempts  cost\n"
        "shot pour          2  $1.54\n"
        "shot crema         1  $1.20\n"
        "shot serve         1  $0.50\n"
        "audio              1  1 unknown\n"
        "total              5  $3.24 + 1 unknown\n"
        "$1.20 of it is set aside for jobs that are out: `vidbuild jobs list` shows them\n"
        "$0.84 of it is by list price, where the vendor didn't tell\n"
        "what has no known price is in no sum: look into your account at the vendor\n"
    )


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("model", ["kling-3", "hailuo-3", "stable-audio-2"]),
        ("provider", ["kling", "fal", "stability"]),
        ("day", ["2026-11-19", "2026-11-20", "2026-11-21"]),
    ],
)
def test_cost_by_other_things(shop: Path, by: str, names: list[str]) -> None:
    """Rows add up to the same total."""
    said = json.loads(told(shop, "--by", by, "--json"))
    assert [row["name"] for row in said["rows"]] == names
    assert sum(row["usd"] for row in said["rows"]) == pytest.approx(said["total"]["usd"])
    assert said["total"] == {
        "name": "total", "attempts": 5, "usd": 3.24, "listed_usd": 0.84, "out_usd": 1.2, "unknown": 1,
    }  # fmt: skip


def test_what_a_lock_says_is_what_was_paid(shop: Path) -> None:
    """In a colleague's clone, whose store is empty; nobody there knows of a price list."""
    shutil.rmtree(shop.parent / "store")
    assert [line.split() for line in told(shop).splitlines()[1:]] == [
        ["shot", "serve", "1", "$0.50"],
        ["total", "1", "$0.50"],
    ]


def test_a_project_that_bought_nothing_says_so(tmp_path: Path) -> None:
    """Without an empty table."""
    (tmp_path / "project.yaml").write_text("vidbuild: 1\n")
    assert told(tmp_path) == "nothing was bought yet\n"


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ("", "a job's id is one word"),
        ("two words", "a job's id is one word"),
        ("kling/77", "leave out `kling/`"),
        ("8812", "the job `8812` is another attempt's"),
        ("77", None),
        ("tasks/99", None),
    ],
)
def test_a_job_that_is_told_by_hand_is_no_other_attempts(shop: Path, log: JobLog, job: str, told: str | None) -> None:
    """What the log or the lock knows of it counts; 77 is a job at another vendor."""
    log.append(key("pour"), "submitted", handle={"id": "8812"})
    write(log, "lost", project=str(shop))
    store = str(shop.parent / "store")
    words = ["jobs", "resolve", key("lost"), str(shop), "--store", store, f"--job={job}"]
    ran = CliRunner().invoke(cli, words)
    if told is None:
        assert (ran.exit_code, "the next build fetches that job" in ran.output) == (0, True), ran.output
        again = CliRunner().invoke(cli, [*words[:2], key("pour again"), *words[3:]])
        assert f"`{job}` is another attempt's" in str(again.exception)
    else:
        assert isinstance(ran.exception, UsageError)
        assert told in ran.exception.text()
        assert [step["step"] for step in log.steps(key("lost"))] == ["intent"]
