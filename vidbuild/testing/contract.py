"""One attempt at a packaged vendor on loopback, brought to its end as a build does: what the contract suite runs.

The cases come from the catalog: every operation of every provider, by the first packaged model that uses it. It knows
no vendor; what each must keep, the tests say. `python -m vidbuild.testing.contract FOLDER PROVIDER OPERATION` runs one
attempt in a process of its own, for vendors to kill.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import secrets
import ssl
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild import packaged
from vidbuild.catalog.model import Catalog, Model, Provider, Route
from vidbuild.plan import attempts
from vidbuild.plan.world import BOUGHT_SOUND, PICTURE, SPEECH, VIDEO
from vidbuild.runners.base import Workspace
from vidbuild.runners.vendor import jobs, pace
from vidbuild.runners.vendor.cadence import Cadence, Latencies
from vidbuild.runners.vendor.desk import Desk
from vidbuild.runners.vendor.driver import JobRunner
from vidbuild.runners.vendor.pace import Pace
from vidbuild.runners.vendor.tokens import Tokens
from vidbuild.runners.vendor.transport import Transport
from vidbuild.runners.vendor.trust import Trust
from vidbuild.stores.job_log import JobLog, Standing, standing
from vidbuild.stores.purse import Purse
from vidbuild.stores.uploads import Uploads
from vidbuild.testing import bringing, enclosing
from vidbuild.testing.clock import HURRY, run_hurried
from vidbuild.wire.reading import Wire
from vidbuild.wire.signing import authorized
from vidbuild.wire.values import Accepted, Pending, Request, Response
from vidbuild.words.action import BoundAction, Conduct, Hire
from vidbuild.words.digest import digest_bytes
from vidbuild.words.errors import VidbuildError
from vidbuild.words.events import Event

USD = Fraction(1, 2)
"""What an attempt costs by the list, whatever the catalog says: what vendors tell instead is seen at once."""
MAKES = {
    "footage": ("Footage", VIDEO),
    "picture": ("Picture", PICTURE),
    "music": ("Music", BOUGHT_SOUND),
    "effect": ("Effect", BOUGHT_SOUND),
    "speech": ("Speech", SPEECH),
    "avatar": ("Footage", VIDEO),
    "lipsync": ("LipSync", VIDEO),
    "judge": ("Judge", {"answers": "application/json"}),
}
"""Mnemonic and outputs of each kind."""
_BARE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback needs no trust anchors, which take longer to read than an attempt."""
_POLL_S = 0.2
_LONG = {"footage": 4, "music": 30, "effect": 2}
_BY_KIND = {"judge": ("frame0", "frame1"), **enclosing.SLOTS}
_GIVEN = {"end": ("init", "end"), "init": ("init",), "references": ("reference0", "reference1")}


@dataclass(frozen=True)
class Case:
    """An operation of a provider, and a model that is reached by it.

    Args:
        slots: the pictures, or other files, that lead to it.
    """

    provider: str
    operation: str
    model: str
    slots: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.provider}.{self.operation}"


def cases(catalog: Catalog) -> list[Case]:
    """Give every operation that a model uses, once, in the catalog's order."""
    found: dict[tuple[str, str], Case] = {}
    for model in catalog.models.values():
        for route in model.routes:
            for way, operation in route.operation.items():
                case = Case(route.provider, operation, model.name, _slots(model, way))
                found.setdefault((route.provider, operation), case)
    order = {name: number for number, name in enumerate(catalog.providers)}
    return sorted(found.values(), key=lambda case: order[case.provider])


def shapes(catalog: Catalog) -> list[Case]:
    """Give of the operations of each provider that are asked and told alike only the first."""
    found: dict[str, Case] = {}
    for case in cases(catalog):
        said = catalog.providers[case.provider].operations[case.operation]
        told: dict[str, Any] = {name: said.get(name) for name in ("accepted", "cancel")}
        for name in ("poll", "find"):
            told[name] = {key: value for key, value in said.get(name, {}).items() if key != "path"}
        told["result"] = sorted(forms_of(said["result"]))
        found.setdefault(f"{case.provider} {json.dumps(told, sort_keys=True, default=str)}", case)
    return list(found.values())


def forms_of(results: Mapping[str, Any]) -> set[str]:
    """Say in which forms results come: `url`, `base64`, `body`, ..."""
    each = [said for one in results.values() for said in (one if isinstance(one, list) else [one])]
    return {"url" if isinstance(one, str) else str(one.get("as", "url")) for one in each}


def _slots(model: Model, way: str) -> tuple[str, ...]:
    """Name the files that lead to one of a route's ways."""
    if model.kind in _BY_KIND:
        return _BY_KIND[model.kind]
    usual = ("init",) if model.accepts.init == "must" else ()
    return _GIVEN.get(way, usual)


class Trial:
    """An attempt at a case, with its own folder and job log; it may be run again and again, as builds are.

    Args:
        environ: the vendors' addresses and keys.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], case: Case, catalog: Catalog | None = None):
        self.folder = folder
        self.case = case
        self.catalog = catalog or packaged.catalog()
        self.model: Model = self.catalog.models[case.model]
        self.provider: Provider = self.catalog.providers[case.provider]
        self.route: Route = next(route for route in self.model.routes if route.provider == case.provider)
        self.trust = Trust(environ, (), self.catalog.providers.values())
        self.log = JobLog(folder)
        self._tokens: Tokens | None = None
        self.events: list[Event] = []
        self.outputs = {name: folder / f"made-{name}" for name in MAKES[self.model.kind][1]}
        self._given = {slot: _given(folder / slot) for slot in case.slots}

    @property
    def attempt(self) -> BoundAction:
        """The attempt: a first one at the first take."""
        mnemonic, outputs = MAKES[self.model.kind]
        inputs = {slot: digest_bytes(path.read_bytes()) for slot, path in self._given.items()}
        return attempts.attempt(
            BoundAction(mnemonic, self._params(), inputs, outputs, self._hire.tool), self._hire, 0, ()
        )

    @property
    def standing(self) -> Standing:
        """How it stands in the log."""
        return standing(self.log.steps(self.attempt.key))

    @property
    def is_sync(self) -> bool:
        """Whether the vendor answers with what it made, and knows no jobs."""
        return "accepted" not in self.operation

    @property
    def operation(self) -> Mapping[str, Any]:
        """What the provider's file says of the operation."""
        said: Mapping[str, Any] = self.provider.operations[self.case.operation]
        return said

    def run(self, hurry: int = HURRY) -> Mapping[str, Any] | VidbuildError:
        """Bring it to an end, as a build does; give its facts, or what went wrong.

        Args:
            hurry: how much faster than real time it goes.
        """
        return run_hurried(self._run(), hurry)

    def called_off(self) -> object:
        """Buy it, call it off, once more when it runs if that did not do (some can only then), and say how it is."""
        return run_hurried(self._called_off())

    async def _called_off(self) -> object:
        wire = Wire(self.provider, self.model, self.route, self.trust.base(self.provider), self.case.slots)

        async def asked(transport: Transport, request: Request) -> Response:
            answer = await transport.exchange(request, lambda headers: self._signed(self.provider, headers))
            assert isinstance(answer, Response), answer
            return answer

        async with Transport(self.trust.named, tls=_BARE) as transport:
            job = jobs.job(self.attempt, self.model, self.route, self._given, secrets.token_hex(16))
            going = bringing.steps(wire, self.provider, job, lambda host: self.trust.host(self.provider, host))
            try:
                step = next(going)
                while True:
                    step = going.send(await asked(transport, step))
            except StopIteration as end:
                job = end.value
            accepted = wire.submitted(await asked(transport, wire.submit(job)))
            assert isinstance(accepted, Accepted), accepted

            async def state() -> object:
                found: object = await asked(transport, wire.poll(accepted.handle))
                while isinstance(found, Response):
                    found = wire.polled(found, accepted.handle)
                    if isinstance(found, Request):
                        found = await asked(transport, found)
                return found

            known: object = None
            for _ in ("queued", "running"):
                request = wire.cancel(accepted.handle)
                assert request is not None
                await asked(transport, request)
                while (known := await state()) == Pending("queued"):
                    await asyncio.sleep(_POLL_S)
                if not isinstance(known, Pending):
                    break
            return known

    def _signed(self, vendor: Provider, headers: Mapping[str, str], now: float | None = None) -> Mapping[str, str]:
        token = self._tokens.of(vendor) if self._tokens else ""
        return authorized(vendor, headers, self.trust.secrets(vendor), time.time() if now is None else now, token)

    def _token_of(self, transport: Transport) -> Tokens:
        """Begin with no token."""
        account = lambda vendor: self.trust.secrets(vendor)[vendor.auth["account"]]  # noqa: E731
        self._tokens = Tokens(transport, account, time.time)
        return self._tokens

    async def _run(self) -> Mapping[str, Any] | VidbuildError:
        for path in self.outputs.values():
            path.unlink(missing_ok=True)
        workspace = Workspace(self.folder, self._given, self.outputs)
        paces: dict[str, Pace] = {}
        async with Transport(self.trust.named, tls=_BARE) as transport:
            desk = Desk(
                catalog=self.catalog,
                transport=transport,
                bases=self.trust.base,
                sign=self._signed,
                allow=self.trust.check,
                masked=self.trust.masked,
                vet=_looked_at,
                timed=_timed,
                log=self.log,
                purse=Purse(10 * USD),
                pace=lambda vendor: paces.setdefault(
                    vendor.name, Pace(vendor.name, pace.told(vendor.limits), random.Random(0))
                ),
                latencies=Latencies(),
                now=time.time,
                nonce=lambda: secrets.token_hex(16),
                sink=self.events.append,
                uploads=Uploads(self.folder, time.time),
                hosts=self.trust.host,
                cadence=Cadence(fixed_s=_POLL_S),
                ready=self._token_of(transport).ready,
                settings=self.trust.settings,
            )
            try:
                return await JobRunner(desk).run(self.attempt, Conduct((self._hire,), label="shot one"), workspace)
            except VidbuildError as error:
                return error

    @property
    def _hire(self) -> Hire:
        return Hire(self.model.name, self.model.tool, self.provider.name, USD, USD)

    def _params(self) -> dict[str, Any]:
        kind = self.model.kind
        said: dict[str, Any] = {"kind": kind, "seed": 0, "take": 0}
        if kind == "lipsync":
            return said
        if kind == "avatar":
            return said | {"avatar": "presenter-1", "aspect": "16:9"}
        if kind == "judge":
            return said | {"questions": ["is it day?", "is there a boat?"]}
        if kind == "speech":
            return said | {"text": "Good morning.", "voice": "Rachel"}
        said["prompt"] = "a boat at night"
        if kind in _LONG:
            said["seconds"] = str(self.model.lengths.enough(Fraction(_LONG[kind])) or _LONG[kind])
        return said | ({"aspect": "16:9"} if kind in ("footage", "picture") else {})


async def _timed(text: str, sound: Path, words: Path) -> None:
    """Say that all words of a text are said at once: what is heard, others look at."""
    words.write_text(json.dumps({"words": [{"text": text, "start_s": 0, "end_s": 1}]}))


def _given(path: Path) -> Path:
    """Give a small file for a slot, by its name; the same each time."""
    if path.exists():
        return path
    made = enclosing.sample(path.name)
    if made is not None:
        path.write_bytes(made.data)
        return path
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", (640, 360), "navy").save(written, "PNG")
    path.write_bytes(written.getvalue())
    return path


async def _looked_at(path: Path, media_type: str) -> object:
    """Look at a file's first bytes; whether it decodes, `untrusted` tells elsewhere."""
    assert _is_a(media_type, path.read_bytes()), f"{path.name} is no {media_type}"
    return path


def _is_a(media_type: str, data: bytes) -> bool:
    signs: Mapping[str, Sequence[bytes]] = {
        "video/mp4": (b"ftyp",),
        "image/png": (b"\x89PNG",),
        "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3"),
        "audio/wav": (b"RIFF",),
    }
    if media_type == "application/json":
        return bool(json.loads(data))
    return media_type in signs and any(sign in data[:12] for sign in signs[media_type])


def main() -> None:
    """Run one attempt in this process: it exits with the exit code that a build would have."""
    folder, provider, operation = Path(sys.argv[1]), *sys.argv[2:4]
    catalog = packaged.catalog()
    case = next(case for case in cases(catalog) if (case.provider, case.operation) == (provider, operation))
    found = Trial(folder, os.environ, case, catalog).run()
    sys.exit(int(found.exit) if isinstance(found, VidbuildError) else 0)


def secrets_in(folder: Path, keys: Sequence[str]) -> Iterator[Path]:
    """Name the files below a folder that hold one of some keys."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and any(key.encode() in path.read_bytes() for key in keys):
            yield path


if __name__ == "__main__":
    main()
