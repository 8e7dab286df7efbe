"""The house: modules import from floors below their own, and each says what it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "vidbuild"
FLOORS = {
    "vidbuild.words": 0,
    "vidbuild.spec": 1,
    "vidbuild.catalog.model": 1,
    "vidbuild.catalog": 2,
    "vidbuild.media": 2,
    "vidbuild.wire": 3,
    "vidbuild.plan": 4,
    "vidbuild.survey": 4,
    "vidbuild.stores": 4,
    "vidbuild.runners": 5,
    "vidbuild.slots": 5,
    "vidbuild.ports": 6,
    "vidbuild.paths": 4,
    "vidbuild.engine": 6,
}
PURE = (
    "vidbuild.words",
    "vidbuild.media",
    "vidbuild.wire",
    "vidbuild.plan",
    "vidbuild.catalog",
    "vidbuild.survey",
    "vidbuild.paths",
)
IMPURE = {"os", "time", "subprocess", "socket", "shutil", "tempfile", "asyncio", "random", "av", "httpx", "pathlib"}
TOP = 9
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> int:
    known = [name for name in FLOORS if module == name or module.startswith(f"{name}.")]
    return FLOORS[max(known, key=len)] if known else TOP


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_from_floors_below_its_own_or_its_own(path: Path) -> None:
    """No module reaches up."""
    floor = floor_of(name_of(path))
    own = {module for module in imports_of(path) if module.startswith("vidbuild.")}
    modules = {module for module in own if (PACKAGE.parent / Path(*module.split("."))).with_suffix(".py").exists()}
    above = {module for module in modules if floor_of(module) > floor}
    assert above - ALLOWED.get(name_of(path), set()) == set()


ALLOWED = {
    # The stores hold workspaces, whose shape is the runners'.
    "vidbuild.stores.workspaces": {"vidbuild.runners.base"},
}


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path).startswith(PURE)], ids=name_of)
def test_the_pure_floors_touch_neither_clock_nor_disk_nor_environment(path: Path) -> None:
    """What decides is values in, values out."""
    assert {module.split(".")[0] for module in imports_of(path)} & IMPURE == set()


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path).startswith("vidbuild.wire")], ids=name_of)
def test_the_wire_knows_the_catalogs_values_and_words_alone(path: Path) -> None:
    """What is asked of vendors is data and words: no plan, no media, no YAML."""
    own = {module for module in imports_of(path) if module.startswith("vidbuild.")}
    assert [
        module for module in own if not module.startswith(("vidbuild.wire", "vidbuild.catalog.model", "vidbuild.words"))
    ] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_in_one_to_six_lines_what_it_is(path: Path) -> None:
    """A docstring that is short enough to be read."""
    said = ast.get_docstring(ast.parse(path.read_text()))
    assert said
    assert 1 <= len(said.splitlines()) <= 8


def test_the_words_floor_needs_the_standard_library_alone() -> None:
    """Nothing else may be needed to speak of actions and errors."""
    import sys

    modules = {module for path in (PACKAGE / "words").glob("*.py") for module in imports_of(path)}
    foreign = {module.split(".")[0] for module in modules} - set(sys.stdlib_module_names) - {"vidbuild"}
    assert foreign == set()
