"""A film by a ComfyUI server of one's own: the project's workflow, no price, nothing told in what is kept."""

from __future__ import annotations

import json
from pathlib import Path

from paid_films import film

from vidbuild.testing.shop import Shop

SLOTS = {"clip.text": "$prompt", "look.image": "$init|uploaded", "size.length": "$seconds|times(24)|int|plus(1)"}
MODEL = f"""name: mine
kind: footage
lengths: {{least: 1, most: 5}}
accepts: {{init: yes, seed: true}}
prices: [{{usd: 0, per: take}}]
routes:
- provider: comfyui
  id: mine
  operation: video
  workflow: {{file: workflows/mine.json, slots: {json.dumps(SLOTS)}}}
"""
START = ["3", 0]
GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "mine.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["1", 1]}, "_meta": {"title": "clip"}},
    "3": {"class_type": "LoadImage", "inputs": {"image": "example.png"}, "_meta": {"title": "look"}},
    "4": {
        "class_type": "Wan22ImageToVideoLatent",
        "inputs": {
            "width": 640,
            "height": 360,
            "length": 25,
            "batch_size": 1,
            "vae": ["1", 2],
            "start_image": ["3", 0],
        },
        "_meta": {"title": "size"},
    },
    "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
    "6": {"class_type": "CreateVideo", "inputs": {"images": ["5", 0], "fps": 24}},
    "7": {"class_type": "SaveVideo", "inputs": {"video": ["6", 0], "filename_prefix": "x", "format": "mp4"}},
}


def one(id: str, **more: object) -> dict[str, object]:
    """Give a shot of a second."""
    return {"id": id, "duration_s": 1, "model": "mine", "prompt": f"a cup, scene {id}", **more}


def written(shop: Shop) -> Shop:
    """Write the project: two shots, the second from the first's last picture."""
    shop.write("models/mine.yaml", MODEL)
    shop.write("workflows/mine.json", json.dumps(GRAPH))
    return film(shop, one("a"), one("b", init_image="a.last_frame"))


def test_a_film_is_made_on_a_server_of_ones_own(shop: Shop) -> None:
    """Without consent to any price; the second build asks nobody; nothing kept holds the graph that was sent."""
    ran = written(shop).build()
    comfyui = shop.vendors.comfyui
    assert (ran.status, len(comfyui.ledger), comfyui.complaints) == ("built", 2, [])
    assert [job.wants.init is not None for job in comfyui.jobs.values()] == [False, True]
    asked = len(comfyui.requests)
    assert shop.build().status == "built"
    assert len(comfyui.requests) == asked
    kept = [path for path in Path(shop.store, "cas").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"CheckpointLoaderSimple" in path.read_bytes() for path in kept)


def test_without_an_address_nobody_is_asked_and_it_is_said_how_to_name_one(shop: Shop) -> None:
    """Whatever may listen on this machine."""
    del shop.environ["VIDBUILD_COMFYUI_URL"]
    ran = written(shop).run("build")
    assert ran.returncode != 0
    assert "VIDBUILD_COMFYUI_URL" in ran.stderr
    assert shop.vendors.comfyui.requests == []


def test_what_costs_nothing_is_used_only_where_it_is_named(shop: Shop) -> None:
    """`auto` would choose it always; the packaged graph's take passes the checks."""
    film(shop, {**one("a"), "model": "auto"})
    ran = shop.run("plan")
    assert "comfyui" not in ran.stdout
    film(shop, {**one("a"), "model": "Comfyui Wan 2.2"})
    assert shop.build().status == "built"
    assert len(shop.vendors.comfyui.ledger) == 1


def test_a_model_that_the_server_lacks_is_told_in_its_words(shop: Shop) -> None:
    """And where: a graph that it can't run is no reason to try another vendor in silence."""
    shop.vendors.comfyui.fault("submit", "invalid", message="unet_name: 'x' not in ['y']")
    ran = written(shop).run("build")
    assert ran.returncode == 1
    assert "unet_name: 'x' not in ['y']" in ran.stderr
