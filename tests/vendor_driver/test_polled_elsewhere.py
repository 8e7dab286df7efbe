"""A job that its vendor wants asked for at another host: with the key where the file names the host, else nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from vidbuild import packaged
from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case, Trial
from vidbuild.testing.vendors import Job, Vendors
from vidbuild.testing.vendors.bfl import Bfl
from vidbuild.words.errors import Unclear, VidbuildError

CATALOG = packaged.catalog()
CASE = Case("bfl", "image", "flux-2-pro", ())


class Region(Bfl):
    """Another host of the vendor's, which knows the same jobs."""

    name = "region"
    variables = ()
    home: Bfl

    def link(self, job: Job, place: int = 0) -> str:
        """Files lie where they always lie."""
        return self.home.link(job, place)


@pytest.fixture
def vendors(tmp_path: Path) -> Iterator[Vendors]:
    """The vendor, whose jobs are known in their region alone."""
    with Vendors(tmp_path / "vendors", 0.02, lines=64, more=(Region,)) as running:
        region = running.called("region")
        assert isinstance(region, Region)
        region.jobs, region.home = running.bfl.jobs, running.bfl
        running.bfl.is_regional, running.bfl.region = True, f"{region.url}/us7"
        yield running
        assert running.leaks == []


def trial(folder: Path, vendors: Vendors, *domains: str) -> Trial:
    """Give an attempt at a vendor whose file names some domains."""
    known = replace(CATALOG.providers["bfl"], domains=domains)
    folder.mkdir(exist_ok=True)
    catalog = replace(CATALOG, providers={**CATALOG.providers, "bfl": known})
    return Trial(folder, vendors.environ, CASE, catalog)


def test_a_job_is_asked_for_at_the_host_that_the_file_names(vendors: Vendors, tmp_path: Path) -> None:
    """Word for word, by this build and by one that goes on with it; its price is the one told when it was taken."""
    region = vendors.called("region")
    here = trial(tmp_path / "a", vendors, region.url.removeprefix("http://"))
    vendors.bfl.fault("download", "reset_before", times=None)
    assert isinstance(here.run(), VidbuildError)
    vendors.bfl.script.clear()
    facts = here.run()
    assert not isinstance(facts, VidbuildError), facts
    assert facts["usd"] == "9/200"
    assert (len(vendors.bfl.ledger), vendors.bfl.count("poll")) == (1, 0)
    assert region.count("poll") >= 2
    assert here.standing.handle["polling_url"].startswith(f"{region.url}/us7/v1/get_result?id=")


def test_no_other_host_ever_gets_the_key(vendors: Vendors, tmp_path: Path) -> None:
    """It is asked for at the vendor's own, which knows nothing of it: that is put to the user, and not bought again."""
    here = trial(tmp_path / "b", vendors, *CATALOG.providers["bfl"].domains)
    found = here.run(hurry=300)
    assert isinstance(found, Unclear), found
    assert vendors.called("region").requests == []
    assert (len(vendors.bfl.ledger), here.standing.stage) == (1, Stage.VANISHED)
