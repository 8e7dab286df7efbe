"""Answers that come as events, and sound and words that come in parts."""

from __future__ import annotations

import base64
import io
import json
import wave
from typing import Any

import pytest

from vidbuild.wire.paths import Reply, at, events
from vidbuild.wire.results import artifacts
from vidbuild.wire.values import Response


def reply(body: bytes, kind: str = "text/event-stream; charset=utf-8") -> Reply:
    return Reply(Response(200, {"content-type": kind}, body))


def part(samples: bytes) -> str:
    return base64.b64encode(samples).decode()


def test_events_are_lists_by_their_names() -> None:
    """`event`, else the `type` of their data; comments, ends of lines of any kind and data that are no JSON go by."""
    body = b': hello\r\nevent: chunk\r\ndata: {"a":1}\r\n\r\nevent: chunk\ndata: {"a":\ndata: 2}\n\n'
    body += b'data: {"type":"done"}\n\ndata: [DONE'
    assert events(body) == {"chunk": [{"a": 1}, {"a": 2}], "done": [{"type": "done"}]}
    assert reply(body).at("chunk[].a") == [1, 2]
    assert reply(b"", "text/event-stream").at("chunk[].a") is None


@pytest.mark.parametrize(
    ("path", "found"),
    [("a[].b", [1, None]), ("a[1].c", 2), ("a[]", [{"b": 1}, {"c": 2}]), ("b[].c", None), ("a[].b[].c", [None, None])],
)
def test_a_path_may_take_all_of_a_list(path: str, found: Any) -> None:
    """What a member lacks is nothing, in its place."""
    assert at({"a": [{"b": 1}, {"c": 2}], "b": 3}, path) == found


def test_samples_in_parts_become_one_wave() -> None:
    """Sixteen bits, one channel, at the rate that was asked for."""
    said = {"sound": {"at": "chunk[].data", "as": "pcm", "rate": 24000, "whole": "done[0].done"}}
    chunks = [f"event: chunk\ndata: {json.dumps({'data': part(data)})}\n\n" for data in (b"\x01\x00\x02", b"\x00")]
    body = "".join(chunks).encode()
    assert artifacts(reply(body), said) == {}
    made = artifacts(reply(body + b'event: done\ndata: {"done":true}\n\n'), said)["sound"]
    assert made.media_type == "audio/wav"
    with wave.open(io.BytesIO(made.data or b"")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        assert file.readframes(9) == b"\x01\x00\x02\x00"


@pytest.mark.parametrize("parts", [[], ["AQ=="], ["?"], [None], ["AQA=", 3], None])
def test_samples_that_are_none_make_no_wave(parts: Any) -> None:
    """Half a sample neither."""
    body = json.dumps({"parts": parts}).encode()
    assert artifacts(reply(body, "application/json"), {"sound": {"at": "parts", "as": "pcm"}}) == {}


@pytest.mark.parametrize(
    "told",
    [
        [
            {"words": ["Hi", " "], "start": [0, 0.3], "end": [0.25, 0.3]},
            {"words": ["there"], "start": [0.4], "end": [0.9]},
        ],
        [{"word": "Hi", "start": 0, "end": 0.25}, {"word": " there", "start": 0.4, "end": 0.9}],
    ],
)
def test_words_come_with_times_in_two_forms(told: Any) -> None:
    """Lists that go together, in parts; or a list of words."""
    body = json.dumps({"times": told}).encode()
    made = artifacts(reply(body, "application/json"), {"words": {"at": "times", "as": "times"}})["words"]
    assert json.loads(made.data or b"") == {
        "words": [{"text": "Hi", "start_s": 0, "end_s": 0.25}, {"text": "there", "start_s": 0.4, "end_s": 0.9}]
    }


@pytest.mark.parametrize(
    "told", [None, [], [3], [{"words": ["a"], "start": [0], "end": []}], [{"word": "a", "start": -1, "end": 2}], [{}]]
)
def test_words_without_good_times_are_none(told: Any) -> None:
    """Whoever fetches them hears when they are said."""
    body = json.dumps({"times": told}).encode()
    assert artifacts(reply(body, "application/json"), {"words": {"at": "times", "as": "times"}}) == {}
