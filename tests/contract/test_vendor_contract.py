"""The contract that every packaged vendor keeps: submit, poll, fetch, fail, refuse, moderate, expire, cancel, resume.

The other files here are its further pages (`test_contract_*`).

How a vendor joins: it has a file in `vidbuild/catalog/providers/`, a model whose route names each of its operations,
and a loopback double (`vidbuild/testing/vendors/NAME.py`, called as the provider is, added to `Vendors`). Nothing is
written here: cases are every operation of every provider (`vidbuild.testing.contract.cases`), faults those that all
doubles know (`vidbuild.testing.vendors.faults`), brought to their end by the driver that builds have, through real
sockets. Operations that are asked and told alike are tried once where it is the vendor's manners that count.
What a vendor makes of an end it has no word for (Runway: expired) is its double's to say, not a test's to excuse.
A provider that costs nothing and needs no key (ComfyUI) is in it like any other.
"""

from __future__ import annotations

from benches import ALL, CATALOG, Trying, made

from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case, cases, shapes
from vidbuild.testing.vendors import Vendors


def test_every_operation_of_every_provider_is_tried(vendors: Vendors) -> None:
    """One that no packaged model uses would be tried by nobody; one without a double can't be."""
    known = {(name, operation) for name, one in CATALOG.providers.items() for operation in one.operations}
    assert {(case.provider, case.operation) for case in cases(CATALOG)} == known
    assert {case.provider for case in shapes(CATALOG)} == set(CATALOG.providers)
    for name, provider in CATALOG.providers.items():
        assert provider.base_variable in vendors.environ, f"no double is called {name}"
        assert set(provider.keys) <= set(vendors.secrets)


@ALL
def test_it_is_submitted_polled_and_fetched(bench: Trying, case: Case) -> None:
    """Paid once, understood by both sides, and no key is written down."""
    here = bench(case)
    facts = made(here.trial.run())
    assert (here.paid, here.complaints) == (1, [])
    assert all(path.stat().st_size for path in here.trial.outputs.values())
    assert facts["model"] == case.model
    assert here.trial.standing.stage is Stage.OUT
    here.see_no_secret()
