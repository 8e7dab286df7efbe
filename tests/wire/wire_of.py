"""What the tests of the wire share: jobs, wires of the packaged catalog, responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild import packaged
from vidbuild.catalog.model import Catalog
from vidbuild.wire.reading import Wire
from vidbuild.wire.values import Job, Media, Response

CATALOG = packaged.catalog()
PNG = Media(b"\x89PNG one", "image/png")
OTHER = Media(b"\x89PNG two", "image/png")
PROJECT = "film-project"
LINE = Media(b"ID3 line", "audio/mpeg")
CLIP = Media(b"....ftypisom", "video/mp4")
MEDIA: Mapping[str, Mapping[str, Media]] = {"avatar": {"line": LINE}, "lipsync": {"clip": CLIP, "line": LINE}}
NONCE = "vb-0123456789abcdef"


def wire(
    model: str,
    provider: str | None = None,
    base: str | None = None,
    slots: tuple[str, ...] | None = None,
    catalog: Catalog = CATALOG,
) -> Wire:
    """Make the wire of a model, through its first route or one provider's."""
    known = catalog.models[model]
    route = next(route for route in known.routes if provider in (None, route.provider))
    vendor = catalog.providers[route.provider]
    return Wire(vendor, known, route, base or vendor.base, slots, dict.fromkeys(vendor.settings, PROJECT))


def job(name: str, catalog: Catalog = CATALOG, **said: Any) -> Job:
    """Make a job that asks a model for something of its kind, with all that it takes."""
    known = catalog.models[name]
    has_length = known.kind in ("footage", "music", "effect")
    usual: dict[str, Any] = {
        "kind": known.kind,
        "model": known.routes[0].id,
        "prompt": "a boat at night",
        "nonce": NONCE,
        "negative": "text, logos" if known.accepts.negative else "",
        "seed": 7 if known.accepts.seed else None,
        "seconds": (known.lengths.enough(Fraction(5)) or Fraction(5)) if has_length else None,
        "aspect": "16:9" if known.kind in ("footage", "picture", "avatar") else None,
        "voice": "Rachel" if known.kind == "speech" else None,
        "avatar": "ann" if known.kind == "avatar" else None,
        "silent": known.accepts.sound == "never",
    }
    return Job(**{**usual, **said})


def ready(here: Wire, asked: Job) -> Job:
    """Give a job whose files the vendor holds, at addresses of its own."""
    held = {one.id: f"https://files.example/{number}" for number, one in enumerate(here.enclosures(asked), start=1)}
    return replace(asked, enclosed=held)


def asked_for(model: str, provider: str | None = None) -> Mapping[str, Mapping[str, Media]]:
    """List what pictures a model may be given, through a provider, by a word for it."""
    if CATALOG.models[model].kind in MEDIA:
        return {"text": MEDIA[CATALOG.models[model].kind]}
    takes = CATALOG.models[model].accepts
    found: dict[str, Mapping[str, Media]] = {}
    if takes.init != "must":
        found["text"] = {"frame0": PNG, "frame1": OTHER} if CATALOG.models[model].kind == "judge" else {}
    if takes.init != "no":
        found["init"] = {"init": PNG}
    if takes.end != "no":
        found["init end"] = {"init": PNG, "end": OTHER}
    if takes.references:
        found["references"] = {"reference0": PNG, "reference1": OTHER}
    ways = [route for route in CATALOG.models[model].routes if route.provider == provider]
    return {way: given for way, given in found.items() if not ways or ways[0].takes(_uses(way))}


def _uses(way: str) -> tuple[str, ...]:
    return () if way == "text" else tuple(way.split())


def answer(body: Any = None, status: int = 200, **headers: str) -> Response:
    """Make a response: JSON of a value, or bytes; headers by name with `_` for `-`."""
    said = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    if isinstance(body, bytes):
        return Response(status, said, body)
    return Response(status, {"content-type": "application/json", **said}, json.dumps(body).encode())
