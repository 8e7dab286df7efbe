"""How addresses are read, and which are public."""

from __future__ import annotations

import pytest

from vidbuild.runners.vendor.addresses import BadAddress, host_name, is_loopback, is_public, place_of


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8"]
)
def test_addresses_of_the_open_net_are_public(address: str) -> None:
    """Those behind a NAT64 of a public address too: networks without IPv4 have no others."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "100::1",
        "5f00::1",
        "3fff::1",
        "no address",
        "",
    ],
)
def test_all_others_are_not(address: str) -> None:
    """Private, shared, loopback, link-local, mapped, translated, tunnelled, multicast, documentation, none."""
    assert not is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "a.localhost", "::1"])
def test_this_machine_is_known_by_name(host: str) -> None:
    """Without asking a resolver."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "128.0.0.1", "::2", "api.example"])
def test_others_are_not_this_machine(host: str) -> None:
    """By their names, at least."""
    assert not is_loopback(host)


def test_a_url_is_read_into_its_parts() -> None:
    """Case, default port and fragment are normal; path and query stay as they are."""
    place = place_of("HTTPS://API.Example.com/v1/a%2Fb?x=1&y=a b#part")
    assert (place.scheme, place.host, place.port) == ("https", "api.example.com", 443)
    assert place.target == "/v1/a%2Fb?x=1&y=a%20b"
    assert (place.name, place.authority) == ("api.example.com", "api.example.com")
    assert place.origin == "https://api.example.com:443"
    assert place.at("2606::1") == "https://[2606::1]:443/v1/a%2Fb?x=1&y=a%20b"
    assert place_of("https://[2606::0:1]:8443").name == "[2606::1]:8443"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "//a.example/x",
        "https://user@a.example/",
        "https://user:pw@a.example/",
        "https://a.example\\@b.example/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://a..b/",
        "https://[::1/",
        "https://[zz]/",
        "https://[fe80::1%25eth0]/",
        "https://exämple.com/",
        "https://a.example/\r\nX: 1",
        "https://a.example/\x00",
        " https://a.example/",
        "https://a.example" + "/x" * 9000,
        "javascript:alert(1)",
        "https://a.example%2eevil/",
        "https://1.2.3.4.5/",
        "https://a.example:8o/",
        "https://" + "a" * 64 + ".example/",
    ],
)
def test_what_two_readers_could_read_otherwise_is_refused(url: str) -> None:
    """Checker and connector must mean the same host."""
    with pytest.raises(BadAddress):
        place_of(url)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("api.example.com", "api.example.com"),
        (" API.example.com:443 ", "api.example.com"),
        ("gateway", "gateway"),
        ("127.0.0.1:8188", "127.0.0.1:8188"),
        ("[::1]:80", "[::1]:80"),
        ("a.example.", "a.example"),
    ],
)
def test_a_host_is_named_plainly(text: str, name: str) -> None:
    """One spelling for each."""
    assert host_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example",
        "*.example.com",
        "a.example/path",
        "a.example?x",
        "user@a.example",
        "",
        "a b",
        "-a.example",
        "a.example:",
        "a.example:http",
        "127.1",
        "2130706433",
        "::1",
        "a.example,b.example",
        "a.exam\nple",
        "exämple.com",
    ],
)
def test_tricks_are_no_hosts(text: str) -> None:
    """No scheme, no wildcard, no path, no user."""
    with pytest.raises(BadAddress):
        host_name(text)
