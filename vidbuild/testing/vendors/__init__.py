"""Vendors on loopback: doubles that speak the real wires, keep a ledger of what was paid, and misbehave by plan.

They know the vendors' wires from their own pages, and nothing of `vidbuild.catalog` or `vidbuild.wire`.
`with Vendors(folder) as vendors:` gives `.environ`, `.kling.fault(...)`, `.kling.ledger`, `.requests`.
"""

from vidbuild.testing.vendors.faults import FAULTS, HOSTILE, STEPS, Fault
from vidbuild.testing.vendors.ledger import Ledger, Purchase, Requests, Seen, purchases
from vidbuild.testing.vendors.loopback import Vendors, apart, kept
from vidbuild.testing.vendors.plain import MOODS, own_files
from vidbuild.testing.vendors.takes import LOOKS, Studio, Wants
from vidbuild.testing.vendors.vendor import Job, Vendor

__all__ = [
    "FAULTS",
    "HOSTILE",
    "LOOKS",
    "MOODS",
    "STEPS",
    "Fault",
    "Job",
    "Ledger",
    "Purchase",
    "Requests",
    "Seen",
    "Studio",
    "Vendor",
    "Vendors",
    "Wants",
    "apart",
    "kept",
    "own_files",
    "purchases",
]
