"""Films for tests of what is bought: short shots, each told apart by its prompt, that are cut into one tiny file."""

from __future__ import annotations

from typing import Any

from small_projects import add_profile

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

USD = 0.1
"""What a shot of the plain vendor costs."""


def words(id: str) -> str:
    """Give what the prompt of one shot holds and that of no other."""
    return f"scene <{id}>"


def shot(id: str, model: str | list[str] = "plain-keyed-video", **more: Any) -> dict[str, Any]:
    """Give a shot of one second."""
    of_plain = {"options": {"lines": 360}} if "plain" in str(model) else {}
    return {"id": id, "duration_s": 1, "model": model, "prompt": f"a cup, {words(id)}", **of_plain, **more}


def film(shop: Shop, *shots: dict[str, Any], **spec: Any) -> Shop:
    """Write a project of shots."""
    add_profile(shop, "wide", 160, 90)
    rest = {"vidbuild": 1, "name": "paid", "fps": 12, "aspect": "16:9", "outputs": ["wide"], **spec}
    shop.project(**rest, shots=list(shots))
    return shop


def bought(shop: Shop, id: str) -> int:
    """Say how often a shot was paid for."""
    return sum(words(id) in str(row.asked) for row in shop.vendors.ledger)


def failed(built: Built) -> dict[str, str]:
    """Give what is said of each shot whose generation failed."""
    return {row["shots"][0]: str(row["error"]) for row in built.last["failed"] if row["mnemonic"] == "Footage"}


def made(built: Built) -> set[str]:
    """Name the shots whose generation was made in this build."""
    return {row.shots[0] for row in built.ran("Footage")}
