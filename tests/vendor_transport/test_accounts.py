"""Accounts and settings that the environment names: read where they lie, given to their own vendor alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vidbuild import packaged
from vidbuild.runners.vendor.accounts import with_accounts
from vidbuild.runners.vendor.masking import MASK
from vidbuild.runners.vendor.trust import Trust
from vidbuild.testing.vendors.vertex import account_of
from vidbuild.words.errors import VendorFailed

VERTEX = packaged.catalog().providers["vertex"]
ACCOUNT = account_of("http://127.0.0.1:9/token")
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
SET = {VARIABLE: json.dumps(ACCOUNT), "GOOGLE_CLOUD_PROJECT": "harbour-films"}


def test_the_file_of_an_account_is_read_where_its_name_is_given(tmp_path: Path) -> None:
    """As Google's own tools do; the account itself will do, too."""
    file = tmp_path / "key.json"
    file.write_text(json.dumps(ACCOUNT, indent=2))
    for value in (str(file), json.dumps(ACCOUNT, indent=2)):
        found = with_accounts({**SET, VARIABLE: value}, [VERTEX])
        assert json.loads(found[VARIABLE]) == ACCOUNT
        assert "\n" not in found[VARIABLE]
        assert Trust(found, (), [VERTEX]).is_reachable(VERTEX)


@pytest.mark.parametrize("value", ["/no/such/file.json", "/dev/null", "/", "~nobody-here/key.json", "{", "a\0b"])
def test_an_account_that_can_not_be_read_is_told(value: str) -> None:
    """Before anything is sent."""
    trust = Trust(with_accounts({**SET, VARIABLE: value}, [VERTEX]), (), [VERTEX])
    with pytest.raises(VendorFailed, match="neither a service account's key"):
        trust.secrets(VERTEX)
    assert not trust.is_reachable(VERTEX)


def test_no_file_is_read_for_a_strangers_provider(tmp_path: Path) -> None:
    """A project's file could name any."""
    file = tmp_path / "key.json"
    file.write_text(json.dumps(ACCOUNT))
    own = replace(VERTEX, name="own", is_own=True)
    assert with_accounts({VARIABLE: str(file)}, [own]) == {VARIABLE: str(file)}


def test_a_setting_is_needed_as_a_key_is() -> None:
    """And is what paths are made of."""
    assert Trust(SET, (), [VERTEX]).settings(VERTEX) == {"project": "harbour-films"}
    without = Trust({VARIABLE: SET[VARIABLE]}, (), [VERTEX])
    assert without.missing(VERTEX) == ("GOOGLE_CLOUD_PROJECT",)
    with pytest.raises(VendorFailed, match="needs `GOOGLE_CLOUD_PROJECT`"):
        without.secrets(VERTEX)


def test_a_strangers_setting_is_no_packaged_vendors_key() -> None:
    """It would stand in an address."""
    thief = replace(VERTEX, name="thief", keys=(), settings={"x": VARIABLE}, auth={"kind": "none"}, is_own=True)
    with pytest.raises(VendorFailed, match="the key of `vertex`"):
        Trust(SET, (), [VERTEX, thief]).settings(thief)


def test_the_address_of_tokens_is_the_users_own_word() -> None:
    """It may be a host of this machine, as another base may; a stranger's provider names none."""
    assert "127.0.0.1:9" in Trust(SET, (), [VERTEX]).named
    assert Trust(SET, (), [replace(VERTEX, is_own=True)]).named == frozenset()


def test_nothing_of_an_account_is_shown() -> None:
    """Neither whole nor the part that signs."""
    trust = Trust(SET, (), [VERTEX])
    assert trust.masked(f"bad {ACCOUNT['private_key']}!") == f"bad {MASK}!"
    assert "MII" not in trust.masked(f"bad {SET[VARIABLE]}!")
