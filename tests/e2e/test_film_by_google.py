"""A film by Google alone: its cast drawn, judged, spoken and scored there, and Veo reached by a service account."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from small_films import film, since

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

ACCOUNT = "GOOGLE_APPLICATION_CREDENTIALS"


def project(shop: Shop) -> None:
    """Write the film: Veo continues what Omni began, with a face that was drawn before."""
    image = {"model": "nano-banana", "prompt": "portrait of {{ description }}"}
    cast = {"mara": {"description": "a woman with short grey hair", "image": image}}
    shots = (
        {"id": "pier", "model": "gemini-omni", "prompt": "{{ cast.mara }} on a pier", "duration_s": 3},
        {"id": "boat", "model": "veo-3.1", "prompt": "a boat leaves", "init_image": "pier.last_frame", "duration_s": 4},
    )
    audio = {"music": {"model": "lyria", "prompt": "warm guitar"}, "voice": {"model": "gemini-tts", "id": "Kore"}}
    judge = {"model": "gemini-judge", "questions": ["is there water?"]}
    film(shop, *shots, cast=cast, say="We sail at noon.", audio=audio, judge=judge)


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Built]]:
    """The film, built once; the account lies in a file, and Runway, which has Veo and Omni too, has no key."""
    folder = tmp_path_factory.mktemp("google")
    with Shop(folder / "shop") as shop:
        file = folder / "account.json"
        file.write_text(json.dumps(json.loads(shop.environ[ACCOUNT]), indent=2))
        shop.environ |= {ACCOUNT: str(file), "RUNWAYML_API_SECRET": "", "FAL_KEY": "", "REPLICATE_API_TOKEN": ""}
        project(shop)
        yield shop, shop.build("--yes")


def test_it_is_bought_from_google_alone_and_with_one_token(bought: tuple[Shop, Built]) -> None:
    """Two films, two verdicts, a face, a line, a bed; no request was no good."""
    shop, built = bought
    assert built.status == "built", built.told
    assert (len(shop.vendors.vertex.ledger), shop.vendors.vertex.granted) == (1, 1)
    asked = sorted(str(job.body.get("model", "a picture")) for job in shop.vendors.gemini.jobs.values())
    judges, made = ["gemini-3.8-flash"] * 2, ["gemini-3.8-flash-tts", "gemini-omni-1.1-flash", "lyria-3.5"]
    assert asked == ["a picture", *judges, *made]
    assert (shop.vendors.complaints, shop.vendors.leaks) == ([], [])
    assert shop.paid == 7


def test_what_continues_and_who_plays_reach_the_models(bought: tuple[Shop, Built]) -> None:
    """Omni is given the face as a reference, Veo the last picture of Omni's film."""
    shop, _ = bought
    (omni,) = (job for job in shop.vendors.gemini.jobs.values() if "omni" in str(job.body.get("model")))
    assert "Use the given images as references" in json.dumps(omni.body)
    (veo,) = shop.vendors.vertex.jobs.values()
    assert (veo.wants.init is not None, veo.wants.seconds) == (True, 4)


def test_neither_account_nor_token_is_written_down(bought: tuple[Shop, Built]) -> None:
    """The operation's whole name is, in the lock and the log."""
    shop, built = bought
    told = "".join(path.read_text(errors="replace") for path in (shop.store / "jobs").rglob("*") if path.is_file())
    told += shop.lock.read_text() + built.told
    assert "job: vertex/projects/film-project/locations/us-central1/publishers/google/models/veo-3.1" in told
    assert "ya29" not in told
    assert "PRIVATE" not in told
    assert not [name for name, secret in shop.vendors.secrets.items() if secret in told]


def test_the_second_build_asks_for_nothing_and_no_token(bought: tuple[Shop, Built]) -> None:
    """Not even when everything is looked at again."""
    shop, _ = bought
    count = len(shop.vendors.requests)
    shop.build("--rehash")
    assert since(shop, count) == []
