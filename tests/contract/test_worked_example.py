"""docs/providers.md, done: its files make a project, its commands build it, and its vendor keeps the contract."""

from __future__ import annotations

import json
import re
from functools import reduce
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from lumen import Lumen

from vidbuild import packaged
from vidbuild.catalog.loader import with_own
from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case, Trial
from vidbuild.testing.shop import Shop
from vidbuild.testing.vendors import Vendors
from vidbuild.words.errors import AttemptFailed, Refused, VidbuildError

PAGE = (Path(__file__).parents[2] / "docs/providers.md").read_text()
FILES = dict(re.findall(r"^```yaml file=(\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"^vidbuild (\w[^#\n]*?) *(?:#.*)?$", PAGE, re.MULTILINE)
PARTS = re.findall(r"^  ```yaml part=(\S+)\n(.*?)^  ```", PAGE, re.MULTILINE | re.DOTALL)
CASE = Case("lumen", "film", "lumen-film", ())


def test_the_page_has_the_files_and_the_commands() -> None:
    """What the other tests run is there."""
    assert list(FILES) == ["providers/lumen.yaml", "models/lumen-film.yaml", "project.yaml"]
    assert COMMANDS == ["check", "trust api.lumen.example", "doctor", "plan", "build --max-cost 1"]


def test_a_stranger_builds_a_film_by_the_page_alone(tmp_path: Path) -> None:
    """Each command in its turn; two takes are bought, and a second build asks for nothing."""
    with Shop(tmp_path, more=[Lumen]) as shop:
        for name, text in FILES.items():
            shop.write(name, text)
        for command in COMMANDS:
            ran = shop.run_bare(*command.split())
            assert ran.returncode == 0, ran.stderr
        lumen = shop.vendors.called("lumen")
        assert [row.complaint for row in lumen.requests if row.complaint and row.step != "other"] == []
        assert (len(lumen.ledger), shop.vendors.leaks) == (2, [])
        assert lumen.ledger.usd == pytest.approx(2 * 3 * 0.07)
        assert [job.wants.init is not None for job in lumen.jobs.values()] == [False, True]
        assert (shop.folder / "build/square.mp4").stat().st_size
        assert shop.vendors.secrets["LUMEN_KEY"] not in (shop.folder / "vidbuild.lock").read_text()
        asked = len(lumen.requests)
        assert shop.run_bare("build").returncode == 0
        assert len(lumen.requests) == asked


def test_without_the_users_trust_the_strangers_host_is_not_asked(tmp_path: Path) -> None:
    """And the sentence says what to do."""
    with Shop(tmp_path, more=[Lumen]) as shop:
        for name, text in FILES.items():
            shop.write(name, text)
        del shop.environ["VIDBUILD_LUMEN_URL"]
        ran = shop.run_bare("build", "--max-cost", "1")
        assert ran.returncode != 0
        assert "vidbuild trust api.lumen.example" in ran.stderr
        assert shop.vendors.called("lumen").requests == []


@pytest.mark.parametrize(
    ("fault", "ends", "paid", "stage"),
    [
        ("", None, 1, Stage.OUT),
        ("reset_after", None, 1, Stage.OUT),
        ("refused", Refused, 0, Stage.REFUSED),
        ("refused_at_end", Refused, 1, Stage.REFUSED),
        ("fails", AttemptFailed, 1, Stage.FRESH),
        ("cancelled", AttemptFailed, 1, Stage.FRESH),
    ],
)
def test_the_example_keeps_the_contract(
    tmp_path: Path, fault: str, ends: type[VidbuildError] | None, paid: int, stage: Stage
) -> None:
    """As a packaged vendor does: its file says all of it."""
    own = [{name: text for name, text in FILES.items() if name.startswith(kind)} for kind in ("models", "providers")]
    schemas = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
    catalog, problems = with_own(packaged.catalog(), {}, own[0], own[1], schemas)
    assert problems == []
    with Vendors(tmp_path / "books", 0.02, lines=64, most_s=1, more=[Lumen]) as vendors:
        lumen = vendors.called("lumen")
        if fault:
            lumen.fault("submit", fault)
        trial = Trial(tmp_path, vendors.environ, CASE, catalog)
        found = trial.run()
        assert isinstance(found, ends) if ends else not isinstance(found, VidbuildError), found
        assert (len(lumen.ledger), trial.standing.stage, lumen.complaints) == (paid, stage, [])


@pytest.mark.parametrize(("place", "text"), PARTS, ids=[place for place, _ in PARTS])
def test_each_further_part_makes_a_provider_that_can_be_read(place: str, text: str) -> None:
    """In the place of Lumen's own."""
    told = yaml.safe_load(FILES["providers/lumen.yaml"])
    *way, last = place.split(".")
    reduce(lambda found, key: found[key], way, told)[last] = yaml.safe_load(dedent(text))
    own = {"providers/lumen.yaml": yaml.safe_dump(told)}
    schemas = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
    models = {name: text for name, text in FILES.items() if name.startswith("models")}
    catalog, problems = with_own(packaged.catalog(), {}, models, own, schemas)
    assert not problems, problems
    assert catalog.providers["lumen"].is_own


def test_the_workflow_of_the_page_is_a_model_on_a_server_of_ones_own() -> None:
    """Its slots are found in a graph that has such nodes."""
    (text,) = re.findall(r"^```yaml\n(name: my-look\n.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    slots = yaml.safe_load(text)["routes"][0]["workflow"]["slots"]
    nodes: dict[str, dict[str, object]] = {}
    for slot in slots:
        node, _, name = slot.partition(".")
        held = nodes.setdefault(node, {"class_type": "Any", "inputs": {}, "_meta": {"title": node}})["inputs"]
        assert isinstance(held, dict)
        held[name] = 1
    graph = json.dumps({str(number): node for number, node in enumerate(nodes.values())})
    schemas = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
    files = {"models/my-look.yaml": text}
    catalog, problems = with_own(packaged.catalog(), {}, files, {}, schemas, {"workflows/my-look.json": graph})
    assert problems == []
    assert [route.provider for route in catalog.models["my-look"].routes] == ["comfyui"]
