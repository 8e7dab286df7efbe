"""Addresses on the net: how one is read, which may be contacted, and the one edge that asks the resolver.

An address that a vendor gave is a stranger's word: https only, no odd spellings, and every IP address behind
the name has to be a public one. It knows no vendor, no key and no HTTP.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a host, for a port; raises `OSError` where there are none."""

MOST_CHARACTERS = 16_384
_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?(?=[/?#]|$)", re.I)
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNSEEN = re.compile(r"[\x00-\x20\x7f\\]")
_KEPT = "!#$%&'()*+,-./:;=?@[]_~"


class BadAddress(ValueError):
    """An address that is not contacted; the text says why, in words that follow "the address"."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes.

    Args:
        host: in lower case; an IPv6 address without its brackets.
        target: path and query, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    target: str = "/"

    @property
    def name(self) -> str:
        """The host, with its port where that is not https's own: how people and trust name it."""
        return self.written if self.port == 443 else f"{self.written}:{self.port}"

    @property
    def written(self) -> str:
        """The host as addresses write it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """What the `Host` header holds."""
        return self.written if self.port == _PORTS[self.scheme] else f"{self.written}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: who gets what is sent."""
        return f"{self.scheme}://{self.written}:{self.port}"

    def at(self, address: str) -> str:
        """Write the URL with an IP address, or the host itself, in the host's place."""
        written = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{written}:{self.port}{self.target}"


def place_of(url: str) -> Place:
    """Read a URL strictly: http or https, no user and password, no spelling that two readers read otherwise.

    Raises:
        BadAddress: it is not such a URL.
    """
    if len(url) > MOST_CHARACTERS:
        raise BadAddress(f"is longer than {MOST_CHARACTERS} characters")
    found = _URL.match(url)
    if found is None:
        raise BadAddress("is not a plain http or https one")
    scheme = found[1].lower()
    host, port = _host_and_port(found[2].lower(), found[3])
    rest = url[found.end() :].split("#", 1)[0]
    if _UNSEEN.search(rest.replace(" ", "")):
        raise BadAddress("holds characters that no address has")
    target = quote(rest if rest.startswith("/") else f"/{rest}", safe=_KEPT)
    return Place(scheme, host, port or _PORTS[scheme], target)


def host_name(text: str) -> str:
    """Read what a person names as a host, `api.example.com` or `127.0.0.1:8188`, as `Place.name` writes it.

    Raises:
        BadAddress: it is no plain host name with an optional port.
    """
    found = _HOST.fullmatch(text.strip().lower())
    if found is None:
        raise BadAddress("is no plain host name like `api.example.com` or `127.0.0.1:8188`")
    host, port = _host_and_port(found[1], found[2])
    return Place("https", host, port or 443).name


def _host_and_port(host: str, port: str | None) -> tuple[str, int]:
    if port is not None and not 1 <= int(port) <= 65535:
        raise BadAddress("has a port that there is not")
    if host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host[1:-1])), int(port or 0)
        except ValueError as error:
            raise BadAddress("has a host that is no IPv6 address") from error
    labels = host.removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("has a host that is no name")
    if _NUMBER.fullmatch(labels[-1]):
        # `127.1`, `0x7f000001` and `2130706433` are 127.0.0.1 to some readers; only four decimal numbers are written.
        try:
            return str(ipaddress.IPv4Address(".".join(labels))), int(port or 0)
        except ValueError as error:
            raise BadAddress("has a host of numbers that is no IPv4 address") from error
    return ".".join(labels), int(port or 0)


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its very name: no resolver is asked."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_NOT_PUBLIC_4 = (
    ipaddress.IPv4Network("0.0.0.0/8"),
    ipaddress.IPv4Network("10.0.0.0/8"),
    ipaddress.IPv4Network("100.64.0.0/10"),
    ipaddress.IPv4Network("127.0.0.0/8"),
    ipaddress.IPv4Network("169.254.0.0/16"),
    ipaddress.IPv4Network("172.16.0.0/12"),
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("192.0.2.0/24"),
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv4Network("192.168.0.0/16"),
    ipaddress.IPv4Network("198.18.0.0/15"),
    ipaddress.IPv4Network("198.51.100.0/24"),
    ipaddress.IPv4Network("203.0.113.0/24"),
    ipaddress.IPv4Network("224.0.0.0/4"),
    ipaddress.IPv4Network("240.0.0.0/4"),
)
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = (
    ipaddress.IPv6Network("2001::/23"),
    ipaddress.IPv6Network("2001:db8::/32"),
    ipaddress.IPv6Network("2002::/16"),
    ipaddress.IPv6Network("3fff::/20"),
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the open net, by IANA's registries of special-purpose addresses.

    Of IPv6 only 2000::/3 is, less what tunnels to IPv4 (Teredo, 6to4) or is for documents; IPv4-mapped addresses never
    are; an address of NAT64 (RFC 6052) is judged by the IPv4 address in it.
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(known, ipaddress.IPv6Address) and known in _NAT64:
        known = ipaddress.IPv4Address(int(known) & 0xFFFFFFFF)
    if isinstance(known, ipaddress.IPv4Address):
        return not any(known in network for network in _NOT_PUBLIC_4)
    return known in _PUBLIC_6 and not any(known in network for network in _NOT_PUBLIC_6)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver for a host's addresses, in the order in which they should be tried."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


async def found(place: Place, resolver: Resolve) -> Sequence[str]:
    """Give a place's addresses, resolved once.

    Raises:
        OSError: there are none.
    """
    listed = (place.host,) if _is_literal(place.host) else await resolver(place.host, place.port)
    if not listed:
        raise OSError("no address")
    return listed


async def checked(place: Place, resolver: Resolve | None) -> Sequence[str]:
    """Give the addresses of a stranger's place: resolved once, every one of them public.

    Args:
        resolver: `None` where a proxy looks names up: then only what the name says is checked, and nothing given.

    Raises:
        BadAddress: an address is not public, or it is not https.
        OSError: the name can't be resolved.
    """
    if place.scheme != "https":
        raise BadAddress("is not https")
    if is_loopback(place.host):
        raise BadAddress("is this machine's own")
    if resolver is None and not _is_literal(place.host):
        return ()
    listed = await found(place, resolver or resolve)
    if not all(is_public(address) for address in listed):
        raise BadAddress("is not on the open net")
    return listed if resolver is not None else ()


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
