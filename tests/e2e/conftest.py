"""What the end-to-end tests share: small projects, built once a session, and studios that hold a copy of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_projects import GENERATED, set_up, set_up_draft, set_up_filmed

from vidbuild.testing.ci import Machine
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio

StudioOf = Callable[[str], Studio]


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> StudioOf:
    """Build each small project once, when it is first asked for."""
    made: dict[str, Studio] = {}

    def built(name: str) -> Studio:
        if name not in made:
            studio = Studio(tmp_path_factory.mktemp(name) / "project")
            if name == "filmed":
                set_up_filmed(studio).build()
            elif name == "draft":
                set_up_draft(studio).build("--draft")
            else:
                set_up(studio, GENERATED).build()
            made[name] = studio
        return made[name]

    return built


@pytest.fixture
def generated(master: StudioOf, tmp_path: Path) -> Studio:
    """The project of generated shots, built."""
    return master("generated").copy(tmp_path / "generated")


@pytest.fixture
def filmed(master: StudioOf, tmp_path: Path) -> Studio:
    """The project of own footage, built."""
    return master("filmed").copy(tmp_path / "filmed")


@pytest.fixture
def draft(master: StudioOf, tmp_path: Path) -> Studio:
    """The project of vendors' models, built with `--draft`."""
    return master("draft").copy(tmp_path / "draft")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Studio]:
    """A studio with nothing in it."""
    with Studio(tmp_path / "studio" / "project") as studio:
        yield studio


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """An empty studio whose command meets the loopback vendors."""
    with Shop(tmp_path / "shop") as shop:
        yield shop


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Machine]:
    """A machine of CI, and loopback vendors."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        yield Machine(shop, tmp_path / "runner")
