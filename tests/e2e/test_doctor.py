"""`vidbuild doctor` and `vidbuild models --check`, by the real command: keys by name, never by value; who answers."""

from __future__ import annotations

from vidbuild.testing.shop import Shop
from vidbuild.testing.vendors import own_files

MODEL = """
name: old-film
kind: footage
routes: [{provider: plain-bare, id: plain-video-1, operation: video}]
prices: [{usd: 0.1, per: second}]
checked: 2020-01-01
"""


def line_of(said: str, name: str) -> str:
    """Give the line about a vendor."""
    return next(line for line in said.splitlines() if line.startswith(f"{name} "))


def test_the_doctor_tells_keys_by_name_and_who_answers(shop: Shop) -> None:
    """No value of a key is shown or sent; who lacks a key is not asked; there need be no project."""
    del shop.environ["FAL_KEY"], shop.environ["KLING_SECRET_KEY"]
    ran = shop.run("doctor")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "RUNWAYML_API_SECRET is set; answers in" in line_of(ran.stdout, "runway")
    assert line_of(ran.stdout, "fal").endswith("FAL_KEY is not set; not asked")
    kling = line_of(ran.stdout, "kling")
    assert kling.endswith("KLING_ACCESS_KEY is set, KLING_SECRET_KEY is not set; not asked")
    assert not any(secret in ran.stdout + ran.stderr for secret in shop.vendors.secrets.values())
    assert shop.vendors.fal.requests == shop.vendors.kling.requests == []
    assert [row.step for row in shop.vendors.runway.requests] == ["other"]
    assert "ffmpeg" in ran.stdout
    assert str(shop.store) in ran.stdout


def test_a_vendor_that_is_not_there_is_a_failure_and_a_strangers_host_is_not_asked(shop: Shop) -> None:
    """Where its keys are: a build would stop there."""
    shop.environ["VIDBUILD_RUNWAY_URL"] = "http://127.0.0.1:9"
    own_files(shop.folder, "bare")
    shop.project(vidbuild=1, name="x", shots=[], outputs=["square"])
    del shop.environ["VIDBUILD_PLAIN_BARE_URL"]
    ran = shop.run("doctor")
    assert ran.returncode == 1
    assert "`127.0.0.1:9` does not answer" in line_of(ran.stdout, "runway")
    assert "vidbuild trust plain-bare.example" in line_of(ran.stdout, "plain-bare")


def test_facts_that_are_old_are_named(shop: Shop) -> None:
    """The project's own, too; nothing is asked of anybody."""
    own_files(shop.folder, "bare")
    shop.write("models/old-film.yaml", MODEL)
    shop.project(vidbuild=1, name="x", shots=[], outputs=["square"])
    ran = shop.run("models", "--check")
    assert ran.returncode == 10, ran.stderr
    assert "model old-film: 2020-01-01, " in ran.stdout
    assert shop.vendors.requests.of() == []
