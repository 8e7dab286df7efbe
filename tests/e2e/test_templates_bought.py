"""With keys a template is bought as it stands, from doubles of the vendors that it names, and frozen then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_projects import add_profile
from test_templates import KINDS

from vidbuild.testing.shop import Shop

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "starter"])
def test_it_is_bought_once(tmp_path: Path, kind: str) -> None:
    """On one small platform instead of its own, for speed, with all its shots."""
    with Shop(tmp_path) as shop:
        shop.patience_s = 600.0
        assert shop.run_bare("init", "--template", kind).returncode == 0
        add_profile(shop, "small", 320, 180)
        text = (shop.folder / "project.yaml").read_text()
        for key in ("outputs", "tests", "profiles"):
            text = re.sub(rf"^{key}:(.*\n)(?:[ -].*\n)*", "", text, flags=re.MULTILINE)
        shop.write("project.yaml", text + "outputs: [small]\n")
        built = shop.start("--max-cost", "60").finish()
        assert built.exit == 0, built.told
        paid = shop.paid
        assert paid > 2
        assert shop.vendors.leaks == []
        shop.build("--frozen")
        assert shop.paid == paid
