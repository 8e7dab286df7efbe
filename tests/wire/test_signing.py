"""Secrets on headers: each vendor's way, the token of PyJWT, and nothing that leaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wire_of import CATALOG

from vidbuild.wire.signing import authorized, web_token
from vidbuild.words.errors import VendorFailed

KLING = CATALOG.providers["kling"]
VECTOR = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJpc3MiOiJhY2Nlc3MiLCJleHAiOjE3MDAwMDE4MDAsIm5iZiI6MTY5OTk5OTk5NX0."
    "Uax9Le2DIMR4sgaCMvHO2dRn6hBcdMDP-butbgYKCGI"
)
"""Made by PyJWT 2.15.1: `encode({"iss": "access", "exp": 1700001800, "nbf": 1699999995}, "secret")`."""


@pytest.mark.parametrize(
    ("provider", "secrets", "headers"),
    [
        (
            "runway",
            {"RUNWAYML_API_SECRET": "k"},
            {"Authorization": "Bearer k", "X-Runway-Version": "2024-11-06", "X-Own": "1"},
        ),
        ("fal", {"FAL_KEY": "id:k"}, {"Authorization": "Key id:k", "X-Own": "1"}),
        ("elevenlabs", {"ELEVENLABS_API_KEY": "k\n"}, {"xi-api-key": "k", "X-Own": "1"}),
        ("stability", {"STABILITY_API_KEY": "k"}, {"Authorization": "Bearer k", "X-Own": "1"}),
        (
            "kling",
            {"KLING_ACCESS_KEY": "access", "KLING_SECRET_KEY": "secret"},
            {"Authorization": f"Bearer {VECTOR}", "X-Own": "1"},
        ),
    ],
)
def test_each_vendor_is_shown_its_key_in_its_own_way(
    provider: str, secrets: dict[str, str], headers: dict[str, str]
) -> None:
    """And gets the headers that it wants with every request."""
    assert authorized(CATALOG.providers[provider], {"X-Own": "1"}, secrets, 1_700_000_000.9) == headers


def test_a_token_is_what_pyjwt_makes() -> None:
    """Header, claims in this order, signature over both."""
    assert web_token("access", "secret", 1_700_000_000.9, KLING.auth) == VECTOR


def test_a_token_is_made_for_its_time() -> None:
    """A long poll gets new ones."""
    assert web_token("access", "secret", 1_700_000_001, KLING.auth) != VECTOR


@pytest.mark.parametrize(
    "secrets", [{}, {"KLING_ACCESS_KEY": "planted"}, {"KLING_ACCESS_KEY": "planted", "KLING_SECRET_KEY": " "}]
)
def test_a_missing_key_is_named_and_the_others_are_not_told(secrets: dict[str, str]) -> None:
    """The error says what to set."""
    with pytest.raises(VendorFailed, match="Kling is not set") as told:
        authorized(KLING, {}, secrets, 0)
    assert "planted" not in told.value.text()


@pytest.mark.parametrize("secret", ["planted\r\nX-Evil: 1", "planted\x00", "plantéd"])
def test_a_key_with_odd_characters_is_refused_without_being_told(secret: str) -> None:
    """No header can be smuggled in."""
    with pytest.raises(VendorFailed, match="characters that no key has") as told:
        authorized(CATALOG.providers["runway"], {}, {"RUNWAYML_API_SECRET": secret}, 0)
    assert "plant" not in told.value.text()


def test_a_provider_gets_no_key_that_it_does_not_list() -> None:
    """Whatever its templates name."""
    nosy = replace(
        CATALOG.providers["runway"], auth={"kind": "header", "name": "X", "value": "{FAL_KEY}"}, keys=("OWN_KEY",)
    )
    with pytest.raises(VendorFailed, match="is not set"):
        authorized(nosy, {}, {"FAL_KEY": "planted", "OWN_KEY": "k"}, 0)


def test_a_provider_without_auth_is_shown_nothing() -> None:
    """A server of one's own."""
    assert authorized(replace(KLING, auth={"kind": "none"}), {"A": "b"}, {}, 0) == {"A": "b"}
