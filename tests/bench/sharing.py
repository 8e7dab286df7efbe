"""What sharing costs: `push`, `pull`, and a build in an empty store behind a warm remote, beside curl copying it all.

The remote is nginx on loopback where it is installed. Wall time counts here, since it is about saturating a link; each
figure is the quickest of several runs, taken in turns with what it is compared with. What starting and planning take
however much is copied (`plan` in an empty store, which asks the remote what it holds) is told apart: the comparison
that has a goal is without it, and one with it stands beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import measure
from place import Place
from table import Row, at_most

ROUNDS = 3
GOAL, GOAL_MB = 1.3, 250.0
PARALLEL = "8"
SHOTS = 4


def bench(folder: Path, source: Path) -> list[Row]:
    """Build a film of large files once, and send it to and fro."""
    sys.path.insert(0, str(source))
    from vidbuild.testing.store_servers import Nginx, nginx_binary

    if nginx_binary() is None or shutil.which("curl") is None:
        return [Row("nothing is measured", "nginx or curl is not installed")]
    place = Place(folder / "one", source)
    _write(place)
    measure.run(place.command("build"), place.project, place.environ)
    with Nginx(folder / "nginx") as server:
        held = folder / "nginx" / "held"
        environ = {**place.environ, "VIDBUILD_REMOTE": server.url}
        rows = []
        stores = list((place.folder / "store" / "cas").glob("??/*"))
        whole = sum(path.stat().st_size for path in stores)
        uploads = _config(
            folder / "up", [f'upload-file = "{path}"\nurl = "{server.url}/up/{path.name}"' for path in stores]
        )

        def planned() -> measure.Cost:
            _clear(folder / "plans")
            return measure.run(
                place.command("plan"), place.project, {**environ, "VIDBUILD_STORE": str(folder / "plans")}
            )

        def planned_here() -> measure.Cost:
            """Plan where everything is, as `push` does."""
            return measure.run(place.command("plan"), place.project, environ)

        def pushed() -> measure.Cost:
            _clear(held)
            return measure.run(place.command("push"), place.project, environ)

        def uploaded() -> measure.Cost:
            _clear(held)
            return _curl(uploads, folder)

        rows += _beside(planned_here, "`push`", "curl, as many PUTs", whole, pushed, uploaded)
        pushed()
        names = [path.name for path in (held / "cas").iterdir()]
        downloads = _downloads(folder / "down", server.url, names, folder / "copied")
        other = Place(folder / "two", source)
        shutil.copytree(
            place.project, other.project, ignore=shutil.ignore_patterns("build", ".vidbuild"), dirs_exist_ok=True
        )
        there = {**other.environ, "VIDBUILD_REMOTE": server.url}

        def pulled() -> measure.Cost:
            _clear(other.folder / "store")
            return _synced(lambda: measure.run(other.command("pull"), other.project, there))

        def downloaded() -> measure.Cost:
            """Fetch the bytes and see that they are what their names say, as `pull` does."""
            _clear(folder / "copied")
            seen = ["sha256sum", *(str(folder / "copied" / name) for name in names)]
            return _synced(lambda: _curl(downloads, folder) + measure.run(seen, folder, os.environ))

        rows += _beside(
            planned,
            "`pull`",
            "curl, as many GETs, and sha256sum, synced",
            sum(_size(held / "cas" / name) for name in names),
            pulled,
            downloaded,
        )
        files = [path for path in (place.project / "build").rglob("*") if path.is_file()]
        needed = _downloads(folder / "needed", server.url, [_digest(path) for path in files], folder / "copied")

        def built() -> measure.Cost:
            for name in (other.folder / "store", other.project / "build", other.project / ".vidbuild"):
                _clear(name)
            return _synced(lambda: measure.run(other.command("build"), other.project, there))

        def copied() -> measure.Cost:
            """Bring the finished files' bytes to the store's disk, and copy them to their places."""
            for name in ("copied", "placed"):
                _clear(folder / name)
            copy = ["cp", "-r", str(folder / "copied"), str(folder / "placed")]
            return _synced(lambda: _curl(needed, folder) + measure.run(copy, folder, os.environ))

        rows += _beside(
            planned, "a cold build", "curl and cp of its files, synced", sum(map(_size, files)), built, copied
        )
    return rows


def _beside(
    planned: Callable[[], measure.Cost],
    what: str,
    by_hand: str,
    count: int,
    ours: Callable[[], measure.Cost],
    theirs: Callable[[], measure.Cost],
) -> list[Row]:
    """Compare two, in turns; the quickest of each counts. Where the machine is busy, wall time is no verdict."""
    plans, hand, mine = [], [], []
    for _ in range(ROUNDS):
        for costs, act in ((plans, planned), (hand, theirs), (mine, ours)):
            costs.append(act())
    plan, other, best = (min(costs, key=lambda cost: cost.wall) for costs in (plans, hand, mine))
    rate, pace = (count / cost.wall / 1e6 for cost in (best, other))
    beside = (best.wall - plan.wall) / other.wall
    is_quiet = os.getloadavg()[0] <= (os.cpu_count() or 1) + 1 and beside > 0
    verdict = at_most(f"{what} but for that, beside curl", beside, GOAL, "x", 2)
    return [
        Row(f"{by_hand}: {count / 1e6:.0f} MB", f"{other.wall:.2f} s, {pace:.0f} MB/s, {other.cpu:.1f} s of CPU"),
        Row(f"{what}: {count / 1e6:.0f} MB", f"{best.wall:.2f} s, {rate:.0f} MB/s, {best.cpu:.1f} s of CPU"),
        Row("of which starting and planning", f"{plan.wall:.2f} s, {plan.cpu:.1f} s of CPU"),
        Row(f"{what}, all of it, beside curl", f"{best.wall / other.wall:.2f} x"),
        verdict if is_quiet else replace(verdict, goal=f"{verdict.goal}; the machine is busy", holds=None),
        at_most(f"{what}, memory", max(cost.peak_mb for cost in mine), GOAL_MB, "MB", 0),
    ]


def _write(place: Place) -> None:
    shots = [
        {"id": f"s{number}", "duration_s": 2, "model": "local/animatic", "prompt": f"a street in the rain, {number}"}
        for number in range(SHOTS)
    ]
    project = {"vidbuild": 1, "name": "large", "fps": 24, "shots": shots, "outputs": ["prores", "master"]}
    (place.project / "project.yaml").write_text(json.dumps(project))


def _config(path: Path, requests: list[str]) -> Path:
    path.write_text("\n".join(requests))
    return path


def _downloads(path: Path, url: str, names: list[str], to: Path) -> Path:
    return _config(path, [f'url = "{url}/cas/{name}"\noutput = "{to}/{name}"\ncreate-dirs' for name in names])


def _curl(config: Path, folder: Path) -> measure.Cost:
    words = ["curl", "--silent", "--show-error", "--fail", "--parallel", "--parallel-max", PARALLEL, "-K", str(config)]
    return measure.run(words, folder, os.environ)


def _synced(act: Callable[[], measure.Cost]) -> measure.Cost:
    """Count the time until it is all on disk."""
    os.sync()
    started = time.monotonic()
    cost = act()
    os.sync()
    return replace(cost, wall=time.monotonic() - started)


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _size(path: Path) -> int:
    return path.stat().st_size


def _digest(path: Path) -> str:
    import hashlib

    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
