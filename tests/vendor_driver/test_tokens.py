"""Tokens of vendors that want one: fetched once for all who ask, anew before they end, and told to nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from errands import STARTED, Line, Outcome, answer

from vidbuild import packaged
from vidbuild.catalog.model import Provider
from vidbuild.runners.vendor.outcomes import Redirected, Unanswered
from vidbuild.runners.vendor.tokens import EARLY_S, TRIES, Tokens
from vidbuild.testing.clock import run_virtual
from vidbuild.testing.vendors.vertex import account_of
from vidbuild.wire.values import Request
from vidbuild.words.errors import VendorFailed

PROVIDERS = packaged.catalog().providers
VERTEX = PROVIDERS["vertex"]
ACCOUNT = account_of("https://oauth2.googleapis.com/token")


def token(number: int, lives_s: int = 3600) -> Outcome:
    """Give out a token."""
    return answer({"access_token": f"ya29.planted-{number}", "expires_in": lives_s})


def line(*said: Outcome) -> Line:
    """Say these, one after the other; the last again and again."""
    return Line(lambda request, before: said[min(before, len(said) - 1)], lambda request, before: said[0])


def tokens_of(here: Line) -> Tokens:
    """Make the tokens of a build that begins now."""
    loop = asyncio.get_running_loop()
    return Tokens(here, lambda provider: json.dumps(ACCOUNT), lambda: STARTED + loop.time())


def tried(here: Line, told: Callable[[Tokens], Any]) -> Any:
    """Run something with tokens, on a virtual clock."""

    async def run() -> Any:
        return await told(tokens_of(here))

    return run_virtual(run())


def test_one_token_serves_all_who_ask_at_once() -> None:
    """However many jobs there are."""
    here = line(token(1), token(2))

    async def told(tokens: Tokens) -> str:
        await asyncio.gather(*(tokens.ready(VERTEX) for _ in range(20)))
        return tokens.of(VERTEX)

    assert tried(here, told) == "ya29.planted-1"
    assert len(here.sent) == 1


def test_a_token_is_fetched_anew_before_it_ends() -> None:
    """So that no request carries one that has just ended."""
    here = line(token(1), token(2))

    async def told(tokens: Tokens) -> list[str]:
        found = []
        for wait_s in (0.0, 3600 - EARLY_S - 10, 20.0):
            await asyncio.sleep(wait_s)
            await tokens.ready(VERTEX)
            found.append(tokens.of(VERTEX))
        return found

    assert tried(here, told) == ["ya29.planted-1", "ya29.planted-1", "ya29.planted-2"]


def test_a_token_that_lives_shortly_is_not_fetched_for_every_request() -> None:
    """Only in the last quarter of its life."""
    here = line(token(1, 60), token(2, 60))

    async def told(tokens: Tokens) -> list[str]:
        found = []
        for _ in range(7):
            await tokens.ready(VERTEX)
            found.append(tokens.of(VERTEX)[-1])
            await asyncio.sleep(8)
        return found

    assert tried(here, told) == ["1"] * 6 + ["2"]


def test_one_that_still_holds_is_used_where_no_other_is_to_be_had() -> None:
    """And when it has ended, that is told."""
    here = line(token(1), answer({"error": "internal"}, 500))

    async def told(tokens: Tokens) -> str:
        await tokens.ready(VERTEX)
        await asyncio.sleep(3600 - EARLY_S / 2)
        await tokens.ready(VERTEX)
        assert tokens.of(VERTEX) == "ya29.planted-1"
        await asyncio.sleep(EARLY_S)
        with pytest.raises(VendorFailed, match="no token for Vertex AI"):
            await tokens.ready(VERTEX)
        return "told"

    assert tried(here, told) == "told"


@pytest.mark.parametrize(
    ("said", "times"),
    [
        (answer({"error": "invalid_grant", "error_description": "Account not found"}, 400), 1),
        (answer({"error": "x"}, 503), TRIES),
        (Unanswered("oauth2.googleapis.com", "gave no whole answer within 30 s"), TRIES),
        (Redirected("oauth2.googleapis.com", 302, "elsewhere.example"), TRIES),
    ],
)
def test_no_token_is_told_with_what_to_do(said: Outcome, times: int) -> None:
    """What may pass is tried again."""
    here = line(said)

    async def told(tokens: Tokens) -> VendorFailed:
        with pytest.raises(VendorFailed) as caught:
            await tokens.ready(VERTEX)
        return caught.value

    error = tried(here, told)
    assert len(here.sent) == times
    assert error.facts["because"]
    assert "GOOGLE_APPLICATION_CREDENTIALS" in (error.hint or "")


def test_what_is_said_of_a_token_shows_nothing_of_it() -> None:
    """Nor of the account, which a vendor may repeat."""
    secret = ACCOUNT["private_key"]
    here = line(answer({"error": "invalid_grant", "error_description": f"bad {secret}"}, 400))

    async def refused(tokens: Tokens) -> str:
        with pytest.raises(VendorFailed) as caught:
            await tokens.ready(VERTEX)
        return caught.value.text()

    assert "MIIC" not in tried(here, refused)

    async def held(tokens: Tokens) -> str:
        await tokens.ready(VERTEX)
        return tokens.masked("no: ya29.planted-1 is old")

    assert tried(line(token(1)), held) == "no: [secret] is old"


def test_vendors_that_want_a_key_are_asked_for_no_token() -> None:
    """They are ready as they are."""
    here = line(token(1))

    async def told(tokens: Tokens) -> str:
        provider: Provider = PROVIDERS["gemini"]
        await tokens.ready(provider)
        return tokens.of(provider)

    assert tried(here, told) == ""
    assert here.sent == []


def test_a_token_is_asked_for_without_a_key() -> None:
    """The signed word is all that shows who asks."""
    here = line(token(1))
    tried(here, lambda tokens: tokens.ready(VERTEX))
    ((_, request),) = here.sent
    assert isinstance(request, Request)
    assert not request.is_signed
    assert request.url == "https://oauth2.googleapis.com/token"
