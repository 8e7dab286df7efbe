"""Tokens of vendors that want one in a key's place: fetched before the first request, and anew before they end.

What is sent for a token, `vidbuild.wire.oauth` knows; no token is ever on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from vidbuild.catalog.model import Provider
from vidbuild.runners.vendor.desk import Exchange
from vidbuild.runners.vendor.masking import masked
from vidbuild.runners.vendor.outcomes import Redirected
from vidbuild.wire import oauth
from vidbuild.wire.values import Response
from vidbuild.words.errors import VendorFailed, clean

EARLY_S = 300.0
"""So long before its end a token is fetched anew; one that lives shortly, in the last quarter of its life."""
LEAST_S = 15.0
"""One that holds so long is still used where no other is to be had."""
TRIES = 3
ASKED_S = 30.0


@dataclass(frozen=True)
class _Held:
    token: oauth.Token
    until: float


class Tokens:
    """The tokens of one build.

    Args:
        account: gives the text of a provider's account; raises `VendorFailed`.
        now: Unix time in seconds.
    """

    def __init__(self, transport: Exchange, account: Callable[[Provider], str], now: Callable[[], float]):
        self._transport = transport
        self._account = account
        self._now = now
        self._held: dict[str, _Held] = {}
        self._gates: dict[str, asyncio.Lock] = {}

    async def ready(self, provider: Provider) -> None:
        """See that a provider's token holds, if it wants one.

        Raises:
            VendorFailed: there is none to be had.
        """
        if provider.auth["kind"] != "oauth":
            return
        async with self._gates.setdefault(provider.name, asyncio.Lock()):
            left_s = self._left_s(provider)
            if left_s > self._early_s(provider):
                return
            try:
                token = await self._fetched(provider)
            except VendorFailed:
                if left_s > min(LEAST_S, self._early_s(provider) / 2):
                    return
                raise
            self._held[provider.name] = _Held(token, self._now() + token.lives_s)

    def of(self, provider: Provider) -> str:
        """Give the token that was fetched last; nothing where there is none."""
        held = self._held.get(provider.name)
        return held.token.text if held else ""

    def masked(self, text: str) -> str:
        """Take every token out of a text."""
        return masked(text, [held.token.text for held in self._held.values()])

    def _early_s(self, provider: Provider) -> float:
        held = self._held.get(provider.name)
        return min(EARLY_S, held.token.lives_s / 4) if held else 0.0

    def _left_s(self, provider: Provider) -> float:
        held = self._held.get(provider.name)
        return held.until - self._now() if held else 0.0

    async def _fetched(self, provider: Provider) -> oauth.Token:
        account = oauth.account_of(self._account(provider))
        why = ""
        for number in range(TRIES):
            if number:
                await asyncio.sleep(2.0 ** (number - 1))
            request = oauth.request(account, provider.auth.get("scope", ""), self._now())
            outcome = await self._transport.exchange(request, None, ASKED_S)
            if not isinstance(outcome, Response):
                told = f"sends us to {outcome.to}" if isinstance(outcome, Redirected) else outcome.reason
                why = f"{outcome.host} {told}"
                continue
            found = oauth.token_in(outcome)
            if isinstance(found, oauth.Token):
                return found
            why = clean(" ".join(masked(found, oauth.secrets_of(self._account(provider))).split()))
            if outcome.status < 500 and outcome.status not in (408, 429):
                break
        hint = f"see that `{provider.auth['account']}` names an account that may use {provider.title}"
        raise VendorFailed(f"no token for {provider.title} is to be had", {"because": why}, hint)
