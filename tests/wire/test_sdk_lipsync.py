"""sync. is asked as its own package asks: `make sdk`. HeyGen and Synthesia publish none; their goldens stand alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sdks import Recorder, needs, ours, recorder
from wire_of import MEDIA, job, ready, wire

__all__ = ["recorder"]
TOLD = {"id": "g1", "status": "PENDING", "createdAt": "2026-11-21T00:00:00Z", "model": "sync-3", "input": []}


@pytest.mark.parametrize(
    ("model", "id", "options", "expected"),
    [
        ("sync-3", "sync-3", {}, {"sync_mode": "silence"}),
        ("sync-lipsync-2", "lipsync-2", {"temperature": 0.7}, {"sync_mode": "silence", "temperature": 0.7}),
        ("sync-lipsync-2-pro", "lipsync-2-pro", {"sync_mode": "cut_off"}, {"sync_mode": "cut_off"}),
    ],
)
def test_sync_is_sent_what_its_sdk_sends(
    model: str, id: str, options: Mapping[str, Any], expected: Mapping[str, Any], recorder: Recorder
) -> None:
    """Footage and speech by their assets, then a poll."""
    sdk = needs("syncsdk")
    recorder.told = TOLD
    here = wire(model)
    asked = ready(here, job(model, pictures=MEDIA["lipsync"], options=options))
    footage, speech = asked.enclosed.values()
    client = sdk.Sync(api_key="the-key", base_url=recorder.base)
    client.generations.create(
        model=id,
        input=[sdk.Video(asset_id=footage), sdk.Audio(asset_id=speech)],
        options=sdk.GenerationOptions(**expected),
    )
    client.generations.get("g1")
    assert [ours(here.submit(asked), "sync"), ours(here.poll({"id": "g1"}), "sync")] == recorder.seen
