"""Who may be sent which secret, and where: the rules that keep a project's files from spending or leaking keys.

A packaged provider's keys go to its own host or to the one that the user's environment names instead. A provider that
the project brings is a stranger: it is contacted only where the user trusts its host, and gets its own keys alone.
It is handed the environment and the trusted hosts, and knows no request and no file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping

from vidbuild.catalog.model import Provider
from vidbuild.runners.vendor.addresses import BadAddress, Place, is_loopback, place_of
from vidbuild.runners.vendor.masking import masked
from vidbuild.wire import oauth
from vidbuild.wire.handles import is_one_of
from vidbuild.words.errors import VendorFailed


class Secrets(Mapping[str, str]):
    """Secrets by variable, which show themselves to nobody who prints them."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]):
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._values)})"


class Trust:
    """The user's word on providers.

    Args:
        environ: where secrets and overridden addresses (`VIDBUILD_<PROVIDER>_URL`) are.
        trusted: hosts, as `addresses.host_name` writes them, that the user trusts outside the project.
        providers: all that the catalog knows, packaged and own.
    """

    def __init__(self, environ: Mapping[str, str], trusted: Collection[str], providers: Iterable[Provider]):
        self._environ = environ
        self._trusted = frozenset(trusted)
        self._providers = tuple(providers)
        packaged = [provider for provider in self._providers if not provider.is_own]
        self._packaged_keys = {key: provider.name for provider in packaged for key in provider.keys}
        self._packaged_bases = {name: provider.name for provider in packaged for name in _variables(provider)}

    def __repr__(self) -> str:
        return f"Trust({', '.join(sorted(self._trusted))})"

    def base(self, provider: Provider) -> str:
        """Give the address that a provider's paths are added to, without a slash at its end.

        Raises:
            VendorFailed: the environment's is no such address, or the provider is own and its host not trusted.
        """
        return self.host(provider, "")

    def host(self, provider: Provider, name: str) -> str:
        """Give a provider's base, or the address of one of its further hosts, without a slash at its end.

        Raises:
            VendorFailed: as `base`; or the base is overridden and the host isn't, so that keys may not belong there.
        """
        address, _ = self._based(provider, name)
        return address

    def secrets(self, provider: Provider) -> Secrets:
        """Give a provider's secrets, to be sent to its base alone.

        Raises:
            VendorFailed: some are missing or can't be sent, or it may not have them.
        """
        self._based(provider)
        for key in provider.keys if provider.is_own else ():
            if owner := self._packaged_keys.get(key):
                raise VendorFailed(
                    f"the project's provider `{provider.name}` asks for `{key}`, the key of `{owner}`",
                    hint="a project's provider has variables of its own; name another in its file",
                )
        if missing := self.missing(provider):
            names = ", ".join(f"`{name}`" for name in missing)
            raise VendorFailed(
                f"`{provider.name}` needs {names} in the environment",
                hint=f"export {missing[0]}=... before the build; keys belong in no file of the project",
            )
        self.settings(provider)
        if provider.auth["kind"] == "oauth":
            oauth.account_of(self._secret(provider.auth["account"]))
        for key in provider.keys:
            if not (self._secret(key).isascii() and self._secret(key).isprintable()):
                raise VendorFailed(f"the key in `{key}` holds characters that can't be sent", hint="copy it once more")
        return Secrets({key: self._secret(key) for key in provider.keys})

    def settings(self, provider: Provider) -> Mapping[str, str]:
        """Give what a provider's templates take from the environment, by name.

        Raises:
            VendorFailed: one names a packaged provider's key.
        """
        for variable in provider.settings.values():
            if owner := self._packaged_keys.get(variable):
                raise VendorFailed(f"`{provider.name}` asks for `{variable}`, the key of `{owner}`, as a setting")
        return {name: self._secret(variable) for name, variable in provider.settings.items()}

    def check(self, provider: Provider, url: str) -> None:
        """Refuse to send a provider's keys to an address, which may be one that the vendor gave.

        Raises:
            VendorFailed: it is neither at the provider's base or hosts nor, for a packaged one, at its own host, nor
                within its domains; within an own provider's domains, each host must be trusted.
        """
        _, place = self._based(provider)
        known = {place.origin} if provider.is_own else {place.origin, place_of(provider.base).origin}
        for name in provider.hosts:
            with contextlib.suppress(VendorFailed):
                known.add(self._based(provider, name)[1].origin)
        try:
            asked = place_of(url)
        except BadAddress as error:
            raise VendorFailed(f"`{provider.name}` gave an address that {error}") from error
        is_within = (asked.scheme == "https" or is_loopback(asked.host)) and is_one_of(asked.name, provider.domains)
        if asked.origin not in known and not (is_within and (asked.name in self._trusted or not provider.is_own)):
            raise VendorFailed(
                f"`{provider.name}` gave an address at another host, and no key is sent there",
                {"its host": place.name, "the address's": asked.name},
            )

    def missing(self, provider: Provider) -> tuple[str, ...]:
        """List the variables that are not set and that a provider can't be asked without."""
        return tuple(name for name in provider.variables if not self._secret(name))

    def is_reachable(self, provider: Provider) -> bool:
        """Say whether a provider can be asked: its keys are there and it may be sent them."""
        try:
            self.secrets(provider)
        except VendorFailed:
            return False
        return True

    @property
    def named(self) -> frozenset[str]:
        """The hosts that the user named outside the project, trusted or as another base."""
        found = set(self._trusted)
        for provider in self._providers:
            for given in (
                *(self._given(provider, name) for name in ("", *provider.hosts)),
                self._token_address(provider),
            ):
                if given:
                    with contextlib.suppress(BadAddress):
                        found.add(place_of(given).name)
        return frozenset(found)

    def _token_address(self, provider: Provider) -> str:
        """Say where a provider's tokens are given out, by the user's own account."""
        if provider.auth["kind"] != "oauth" or provider.is_own:
            return ""
        try:
            return oauth.address_of(oauth.account_of(self._secret(provider.auth["account"])))
        except VendorFailed:
            return ""

    def masked(self, text: str) -> str:
        """Take every known secret out of a text that may be logged or shown."""
        keys = {key for provider in self._providers for key in provider.keys}
        known = {self._secret(key) for key in keys} | {self._environ.get(key, "") for key in keys}
        return masked(text, known.union(*(oauth.secrets_of(value) for value in known if value.startswith("{"))))

    def _secret(self, key: str) -> str:
        return self._environ.get(key, "").strip()

    def _given(self, provider: Provider, host: str = "") -> str:
        """Give the base, or the host, that the environment names, if it is this provider's to have.

        One meant for a packaged provider is no own one's.
        """
        variable = provider.variable(host)
        if provider.is_own and variable in self._packaged_bases:
            return ""
        return self._environ.get(variable, "").strip()

    def _based(self, provider: Provider, host: str = "") -> tuple[str, Place]:
        given = self._given(provider, host)
        if host and not given and self._given(provider):
            raise VendorFailed(
                f"`{provider.base_variable}` names another address for `{provider.name}`, and none for its `{host}`",
                hint=f"name that too: `{provider.variable(host)}`",
            )
        where = f"`{provider.variable(host)}`" if given else f"the {host or 'base'} of `{provider.name}`"
        base = (given or (provider.hosts[host] if host else provider.base)).rstrip("/")
        try:
            place = place_of(base)
        except BadAddress as error:
            raise VendorFailed(f"the address in {where} {error}") from error
        if "?" in base or "#" in base:
            raise VendorFailed(
                f"the address in {where} has a query", hint="paths are added to it: end it with its path"
            )
        if place.scheme != "https" and not is_loopback(place.host):
            raise VendorFailed(
                f"the address in {where} is http, and keys would be read on their way",
                {"host": place.name},
                hint="use https; http is for this machine's own hosts",
            )
        if provider.is_own and not given and place.name not in self._trusted:
            raise VendorFailed(
                f"the project's provider `{provider.name}` is at a host that you have not trusted",
                {"host": place.name},
                hint=f"if you know it: `vidbuild trust {place.name}`",
            )
        return base, place


def _variables(provider: Provider) -> tuple[str, ...]:
    return tuple(provider.variable(name) for name in ("", *provider.hosts))
