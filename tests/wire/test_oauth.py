"""Tokens that an account's key is exchanged for: what is sent, what is read, and nothing of a key in any error."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from wire_of import answer

from vidbuild.testing.vendors.vertex import account_of
from vidbuild.wire import oauth, rsa
from vidbuild.words.errors import VendorFailed

ACCOUNT = account_of("https://oauth2.googleapis.com/token")
USER = {"type": "authorized_user", "client_id": "films", "client_secret": "planted-s", "refresh_token": "planted-r"}
NOW = 1_800_000_000.9
SIGNED = (
    "PRoZwj+xjk9SNT0gStqMpTK+dJLd0UXBvKVt0vWzQqvjaY3SNR4RJxOKM70PW2ZHZRMxGSyU0T66jCIqyxc6mQrBtfZRa5KOh/t0"
    "+Ybh7P4oWymo3IAp0z+OyqOomHy1lIuZFOdFqM6aPIcWi+uwiWAT7BS589STcn5T+N4tQAk="
)


def part(text: str) -> Any:
    """Read a part of a web token."""
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_service_account_gives_its_signed_word() -> None:
    """For one hour, for one scope."""
    request = oauth.request(oauth.account_of(json.dumps(ACCOUNT)), "films.make", NOW)
    assert (request.method, request.url, request.is_signed) == ("POST", ACCOUNT["token_uri"], False)
    fields = dict(parse_qsl(request.body.decode()))
    head, claims, _ = fields["assertion"].split(".")
    assert part(head) == {"typ": "JWT", "alg": "RS256", "kid": "k1dummy"}
    assert part(claims) == {
        "iat": 1_800_000_000,
        "exp": 1_800_003_600,
        "iss": ACCOUNT["client_email"],
        "aud": "https://oauth2.googleapis.com/token",
        "scope": "films.make",
    }
    assert request == oauth.request(oauth.account_of(json.dumps(ACCOUNT)), "films.make", NOW)


def test_a_users_login_is_exchanged_as_it_is() -> None:
    """At the usual address."""
    request = oauth.request(oauth.account_of(json.dumps(USER)), "films.make", NOW)
    fields = {name: value for name, value in USER.items() if name != "type"} | {"grant_type": "refresh_token"}
    assert dict(parse_qsl(request.body.decode())) == fields
    assert request.url == oauth.USUAL_ADDRESS


def test_a_signature_is_what_openssl_makes() -> None:
    """`openssl dgst -sha256 -sign`, over the double's key."""
    assert base64.b64encode(rsa.signed(b"a boat at night", ACCOUNT["private_key"])).decode() == SIGNED


@pytest.mark.parametrize(
    "key",
    [
        "",
        "planted",
        ACCOUNT["private_key"][:400],
        ACCOUNT["private_key"].replace("MIIC", "MIIB"),
        "-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----",
    ],
)
def test_a_key_that_is_none_is_told_without_what_is_in_it(key: str) -> None:
    """In one sentence, with what to do."""
    account = {**ACCOUNT, "private_key": key}
    with pytest.raises(VendorFailed) as caught:
        oauth.request(oauth.account_of(json.dumps(account)), "films.make", NOW)
    assert "planted" not in caught.value.text()
    assert "MII" not in caught.value.text()
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", "/no/such/file.json", "{", "[]", '{"type": "external_account"}', "{}"])
def test_what_is_no_account_is_told(text: str) -> None:
    """A path that can't be read comes here as it is."""
    with pytest.raises(VendorFailed, match="neither a service account's key nor a user's"):
        oauth.account_of(text)


def test_an_account_that_lacks_something_is_told_what() -> None:
    """By its name."""
    with pytest.raises(VendorFailed, match="lacks `private_key`"):
        oauth.account_of('{"type": "service_account", "client_email": "a@b"}')


def test_a_token_is_read_with_how_long_it_holds() -> None:
    """An hour, where that isn't told; the token is in no repr."""
    token = oauth.token_in(answer({"access_token": "ya29.planted", "expires_in": 1799}))
    assert token == oauth.Token("ya29.planted", 1799.0)
    assert "planted" not in repr(token)
    assert oauth.token_in(answer({"access_token": "t"})) == oauth.Token("t", oauth.LIVES_S)


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        ({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400, "Invalid JWT Signature."),
        ({"error": "invalid_client"}, 401, "invalid_client"),
        ({"access_token": "a\nb"}, 200, "HTTP 200"),
        ({"access_token": 7}, 200, "HTTP 200"),
        ("nothing", 503, "HTTP 503"),
    ],
)
def test_an_answer_without_a_token_says_why(said: Any, status: int, why: str) -> None:
    """In the vendor's words, if it has any."""
    assert oauth.token_in(answer(said, status)) == why
