"""Who is sent which secret, and where: one rule a test."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import replace
from urllib.parse import quote

import pytest

from vidbuild.catalog.model import Provider
from vidbuild.runners.vendor.masking import MASK, masked
from vidbuild.runners.vendor.trust import Trust
from vidbuild.words.errors import VendorFailed

KEY = "sk-planted-4711/xyz+=="
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiI0NzExIn0.c2lnbmF0dXJl"
FAL = Provider("fal", "fal", "https://queue.fal.run", ("FAL_KEY",), {"kind": "header"})
KLING = Provider("kling", "Kling", "https://api.kling.example", ("KLING_ACCESS", "KLING_SECRET"), {"kind": "jwt_hs256"})
OWN = Provider("acme", "Acme", "https://api.acme.example/v1", ("ACME_KEY",), {"kind": "header"}, is_own=True)
ENVIRON = {"FAL_KEY": KEY, "ACME_KEY": "acme-4711"}


def trust(
    environ: Mapping[str, str] = ENVIRON, trusted: Collection[str] = (), *more: Provider, own: Provider = OWN
) -> Trust:
    return Trust(environ, trusted, [FAL, KLING, own, *more])


def test_a_packaged_provider_is_asked_at_its_own_host_with_its_own_keys() -> None:
    """Nothing needs to be named."""
    assert trust().base(FAL) == "https://queue.fal.run"
    assert dict(trust().secrets(FAL)) == {"FAL_KEY": KEY}
    assert trust().is_reachable(FAL)
    trust().check(FAL, "https://queue.fal.run/fal-ai/veo/requests/1")


def test_the_environment_may_name_another_base() -> None:
    """A gateway, or a test's server; the keys go there."""
    given = trust({**ENVIRON, "VIDBUILD_FAL_URL": " http://127.0.0.1:8001/fal/ "})
    assert given.base(FAL) == "http://127.0.0.1:8001/fal"
    assert dict(given.secrets(FAL)) == {"FAL_KEY": KEY}
    given.check(FAL, "http://127.0.0.1:8001/fal/requests/1")
    assert given.named == {"127.0.0.1:8001"}


def test_an_empty_variable_names_nothing() -> None:
    """CI sets variables to nothing."""
    assert trust({**ENVIRON, "VIDBUILD_FAL_URL": ""}).base(FAL) == FAL.base


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "gateway", "https://user:pw@a.example", "https://a.example/?x=1", "https://a.example/#x"]
)
def test_a_base_must_be_a_plain_address(url: str) -> None:
    """Paths are added to it; the message names the variable, not what is in it."""
    with pytest.raises(VendorFailed, match="VIDBUILD_FAL_URL") as failed:
        trust({**ENVIRON, "VIDBUILD_FAL_URL": url}).base(FAL)
    assert "user:pw" not in failed.value.text()


def test_http_is_for_this_machine_alone() -> None:
    """Keys would be read on their way."""
    with pytest.raises(VendorFailed, match="http"):
        trust({**ENVIRON, "VIDBUILD_FAL_URL": "http://gateway.example"}).secrets(FAL)
    with pytest.raises(VendorFailed, match="http"):
        trust(ENVIRON, ["api.acme.example:80"]).secrets(replace(OWN, base="http://api.acme.example"))
    assert trust({**ENVIRON, "VIDBUILD_FAL_URL": "http://localhost:9"}).is_reachable(FAL)


@pytest.mark.parametrize(
    "url",
    [
        "https://queue.fal.run.evil.example/x",
        "https://evil.example/",
        "http://queue.fal.run/x",
        "https://queue.fal.run:444/x",
    ],
)
def test_keys_are_not_sent_to_another_host_that_the_vendor_names(url: str) -> None:
    """The address of a poll comes from the vendor's answer."""
    with pytest.raises(VendorFailed, match="another host"):
        trust().check(FAL, url)


def test_behind_a_gateway_the_vendors_own_host_is_still_its_own() -> None:
    """A gateway may hand its addresses on; a third host is nobody's."""
    given = trust({**ENVIRON, "VIDBUILD_FAL_URL": "https://gateway.example"})
    given.check(FAL, "https://queue.fal.run/requests/1")
    with pytest.raises(VendorFailed):
        given.check(FAL, "https://other.example/requests/1")


def test_missing_keys_are_named_with_what_to_do() -> None:
    """All at once; spaces alone are no key."""
    given = trust({"KLING_ACCESS": "  "})
    assert given.missing(KLING) == ("KLING_ACCESS", "KLING_SECRET")
    assert not given.is_reachable(KLING)
    with pytest.raises(VendorFailed, match="`KLING_ACCESS`, `KLING_SECRET`") as failed:
        given.secrets(KLING)
    assert "export KLING_ACCESS" in (failed.value.hint or "")


def test_what_has_no_address_of_its_own_needs_one_from_the_environment() -> None:
    """A gateway's base leads nowhere; with key and address it is asked there."""
    gateway = replace(FAL, name="some-gateway", base="https://gateway.invalid/v1", keys=("GATEWAY_KEY",))
    given = {"GATEWAY_KEY": KEY}
    assert trust(given, (), gateway).missing(gateway) == ("VIDBUILD_SOME_GATEWAY_URL",)
    assert not trust(given, (), gateway).is_reachable(gateway)
    there = trust({**given, "VIDBUILD_SOME_GATEWAY_URL": "https://llm.example/v1"}, (), gateway)
    assert there.missing(gateway) == ()
    assert there.base(gateway) == "https://llm.example/v1"


@pytest.mark.parametrize("key", [f"{KEY}\nX: 1", f"\u201c{KEY}\u201d", f"{KEY}\x00"])
def test_a_key_that_no_header_can_hold_is_told_by_its_variable(key: str) -> None:
    """Never by what is in it."""
    with pytest.raises(VendorFailed, match="FAL_KEY") as failed:
        trust({"FAL_KEY": key}).secrets(FAL)
    assert "4711" not in failed.value.text()


def test_the_line_end_of_a_pasted_key_is_no_part_of_it() -> None:
    """`export KEY="$(pbpaste)"` often has one."""
    assert dict(trust({"FAL_KEY": f"{KEY}\n"}).secrets(FAL)) == {"FAL_KEY": KEY}


def test_an_own_provider_is_not_contacted_at_a_host_that_nobody_trusted() -> None:
    """Its file is data from a stranger; the hint says how to trust."""
    for asked in (trust().base, trust().secrets):
        with pytest.raises(VendorFailed, match="not trusted") as failed:
            asked(OWN)
        assert failed.value.hint == "if you know it: `vidbuild trust api.acme.example`"
    assert not trust().is_reachable(OWN)


def test_an_own_provider_gets_its_own_keys_at_a_trusted_host() -> None:
    """`vidbuild trust api.acme.example`."""
    given = trust(ENVIRON, ["api.acme.example"])
    assert given.base(OWN) == "https://api.acme.example/v1"
    assert dict(given.secrets(OWN)) == {"ACME_KEY": "acme-4711"}
    assert given.is_reachable(OWN)


@pytest.mark.parametrize("trusted", ["acme.example", "example", "api.acme.example:8443", "xapi.acme.example"])
def test_trust_in_a_host_is_in_that_very_host(trusted: str) -> None:
    """Not in its neighbours, its domain or another port."""
    assert not trust(ENVIRON, [trusted]).is_reachable(OWN)


def test_an_own_provider_may_be_named_by_the_environment() -> None:
    """The user's own word, outside the project; it is then asked there and nowhere else."""
    given = trust({**ENVIRON, "VIDBUILD_ACME_URL": "http://127.0.0.1:8188"})
    assert given.base(OWN) == "http://127.0.0.1:8188"
    assert dict(given.secrets(OWN)) == {"ACME_KEY": "acme-4711"}
    with pytest.raises(VendorFailed):
        given.check(OWN, "https://api.acme.example/v1/tasks")


def test_an_own_provider_never_gets_a_packaged_providers_key() -> None:
    """Not even at a trusted host."""
    thief = replace(OWN, keys=("FAL_KEY",))
    given = Trust(ENVIRON, ["api.acme.example"], [FAL, KLING, thief])
    with pytest.raises(VendorFailed, match="`FAL_KEY`, the key of `fal`"):
        given.secrets(thief)
    assert not given.is_reachable(thief)


def test_an_own_provider_cannot_take_a_packaged_providers_variable() -> None:
    """Two names can come to one variable: `VIDBUILD_FAL_URL` is meant for fal."""
    twin = replace(OWN, name="fal", base="https://evil.example")
    given = Trust({**ENVIRON, "VIDBUILD_FAL_URL": "https://gateway.example"}, [], [FAL, twin])
    with pytest.raises(VendorFailed, match="not trusted"):
        given.base(twin)


def test_only_declared_keys_are_given() -> None:
    """Whatever else is in the environment stays there."""
    given = trust({**ENVIRON, "AWS_SECRET_ACCESS_KEY": "no"}, ["api.acme.example"])
    assert list(given.secrets(OWN)) == ["ACME_KEY"]
    assert "AWS_SECRET_ACCESS_KEY" not in given.secrets(OWN)


def test_secrets_show_themselves_to_nobody() -> None:
    """Neither they nor who holds them."""
    shown = f"{trust().secrets(FAL)!r} {trust().secrets(FAL)} {trust()!r}"
    assert "4711" not in shown
    assert "FAL_KEY" in shown


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        quote(KEY, safe=""),
        base64.b64encode(KEY.encode()).decode(),
        "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiI0NzExIn0.c2lnbmF0dXJl",
    ],
)
def test_a_vendors_words_are_shown_without_keys(written: str) -> None:
    """However it repeats them: plain, percent-encoded, base64, or the token that was made of one."""
    said = trust().masked(f"no such key: Bearer {written} (401)")
    assert said.startswith(f"no such key: Bearer {MASK}")
    assert written.rstrip("=") not in said


def test_every_providers_keys_are_masked_in_all_words() -> None:
    """One vendor's words may hold another's key, where a gateway stands before both."""
    assert "acme-4711" not in trust().masked("echo: acme-4711")


def test_a_longer_secret_is_taken_before_one_that_is_part_of_it() -> None:
    """Else the rest would stay."""
    assert masked("abcdefgh-1234", ["abcdefgh", "abcdefgh-1234"]) == MASK


def test_words_are_not_taken_for_secrets() -> None:
    """A value of three letters would take half of every text."""
    assert masked("a test of nothing", ["", "a", "of", "not"]) == "a test of nothing"


def test_further_hosts_get_the_key_where_the_file_names_them() -> None:
    """A packaged provider's file is enough; one of the project's needs the user's word for each host."""
    regional = replace(FAL, domains=("*.fal.example",))
    trust().check(regional, "https://eu.fal.example/requests/1")
    own = replace(OWN, domains=("eu.acme.example",))
    trust(ENVIRON, ["api.acme.example", "eu.acme.example"], own=own).check(own, "https://eu.acme.example/1")
    refused = [
        (trust(), regional, "https://fal.example/requests/1"),
        (trust(), regional, "http://eu.fal.example/requests/1"),
        (trust(), regional, "https://eu.fal.example:444/requests/1"),
        (trust(ENVIRON, ["api.acme.example"], own=own), own, "https://eu.acme.example/1"),
    ]
    for given, provider, url in refused:
        with pytest.raises(VendorFailed, match="at another host"):
            given.check(provider, url)


FILES = replace(FAL, hosts={"rest": "https://rest.fal.ai"})
OWN_FILES = replace(OWN, hosts={"rest": "https://files.acme.example"})


def test_a_further_host_of_a_provider_gets_its_keys_too() -> None:
    """It is named in the provider's file, or by a variable of its own."""
    asked = Trust(ENVIRON, (), [FILES])
    assert asked.host(FILES, "rest") == "https://rest.fal.ai"
    asked.check(FILES, "https://rest.fal.ai/storage")
    moved = Trust({**ENVIRON, "VIDBUILD_FAL_REST_URL": "http://127.0.0.1:8001/rest"}, (), [FILES])
    assert moved.host(FILES, "rest") == "http://127.0.0.1:8001/rest"
    assert moved.named == {"127.0.0.1:8001"}
    moved.check(FILES, "http://127.0.0.1:8001/rest/storage")
    with pytest.raises(VendorFailed, match="another host"):
        moved.check(FILES, "https://rest.fal.ai/storage")


def test_a_gateways_key_is_not_sent_to_the_vendors_further_host() -> None:
    """Where the base is another's, the host must be named as well."""
    gateway = Trust({**ENVIRON, "VIDBUILD_FAL_URL": "https://gateway.example"}, (), [FILES])
    with pytest.raises(VendorFailed, match="another address") as failed:
        gateway.host(FILES, "rest")
    assert "VIDBUILD_FAL_REST_URL" in str(failed.value.hint)
    with pytest.raises(VendorFailed, match="another host"):
        gateway.check(FILES, "https://rest.fal.ai/storage")


def test_an_own_providers_further_host_must_be_trusted_by_itself() -> None:
    """Its file is a stranger's; a variable that is a packaged provider's names nothing for it."""
    asked = Trust(ENVIRON, ["api.acme.example"], [FILES, OWN_FILES])
    with pytest.raises(VendorFailed, match="not trusted"):
        asked.host(OWN_FILES, "rest")
    trusted = Trust(ENVIRON, ["api.acme.example", "files.acme.example"], [FILES, OWN_FILES])
    assert trusted.host(OWN_FILES, "rest") == "https://files.acme.example"
    taken = replace(OWN, name="fal-rest", base="https://evil.example")
    environ = {**ENVIRON, "VIDBUILD_FAL_REST_URL": "http://127.0.0.1:8001"}
    with pytest.raises(VendorFailed, match="not trusted"):
        Trust(environ, (), [FILES, taken]).base(taken)
