"""A vendor that ended a job, and a provider's file that doesn't say where to find what it made."""

from __future__ import annotations

from pathlib import Path

from one_shot import write_one_shot

from vidbuild.testing.shop import Shop


def test_a_result_that_is_not_found_is_not_bought_again(tmp_path: Path) -> None:
    """The build stops and says so; once the file is mended the same job is fetched."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        name = "providers/plain-keyed.yaml"
        right = (shop.folder / name).read_text()
        told = next(line for line in right.splitlines() if "result:" in line)
        wrong = told.replace("url", "nowhere")
        assert wrong != told
        shop.write(name, right.replace(told, wrong))
        for _ in range(2):
            built = shop.build("--yes", ends=3)
            assert "its answer holds no video" in built.told
            assert (shop.submits, shop.paid) == (1, 1)
        shop.write(name, right)
        assert shop.build("--yes").status == "built"
        assert (shop.submits, shop.paid) == (1, 1)
