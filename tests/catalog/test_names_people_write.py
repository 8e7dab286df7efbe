"""Every model by name: what people write resolves, and leads somewhere, or says what to use instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidbuild import packaged
from vidbuild.testing.studio import Studio
from vidbuild.words.names import written_as

CATALOG = packaged.catalog()
NAMES = {
    "footage": """
        kling-2 kling-2.1 kling-2.5 kling-2.6 kling-3 kling-4 kling-i2v kling veo-3 veo-3.1 veo gemini-omni
        seedance-2 seedance-2.5 seedance runway gen-4 gen-4-turbo gen-4.5 runway-gen-4.5 runway-gen-4-turbo
        hailuo-2.3 hailuo-3 minimax hailuo ray-2 luma-ray-2 ray-3.2 luma-ray-3.2 luma flux-3-video flux-3
        sora-2 higgsfield comfyui
    """,
    "picture": """
        gen-4-image runway-gen-4-image flux-1.1-pro flux-2-pro flux gpt-image-2 gemini-image nano-banana
    """,
    "music": "stable-audio-2 stable-audio-2.5 stable-audio elevenlabs-music suno suno-v5",
    "speech": "elevenlabs elevenlabs-v3 elevenlabs-speech cartesia sonic cartesia-sonic",
    "effect": "elevenlabs-sfx elevenlabs-effects",
    "avatar": "heygen synthesia",
    "lipsync": "sync lipsync-2 sync-lipsync",
}
WRITTEN = [(kind, name) for kind, names in NAMES.items() for name in names.split()]


@pytest.mark.parametrize(("kind", "name"), WRITTEN)
def test_a_name_that_people_write_leads_somewhere(kind: str, name: str) -> None:
    """To a model of its kind that is reached; one that is gone, or can't be asked for, names others that are."""
    model = CATALOG.model(name)
    assert model is not None, name
    assert model.kind == kind
    instead = (*model.instead, *([model.replaced_by] if model.replaced_by else []))
    assert model.routes or instead, f"nothing reaches {model.name}"
    assert all(CATALOG.models[other].routes for other in instead)


def test_names_are_found_as_they_are_spoken() -> None:
    """In any case, with spaces; but no name that merely looks alike."""
    for written in ("Kling 2.5", "KLING_2.5", " kling-2.5 ", "Veo 3.1", "GPT Image 2", "Stable Audio 2.5"):
        assert CATALOG.model(written) is not None, written
    assert CATALOG.model("Kling2.5") is None
    assert written_as("Anna", ("anna", "Anna")) == "Anna"


def test_no_two_models_share_a_name() -> None:
    """Nor does an alias hide a model."""
    aliases = [alias for model in CATALOG.models.values() for alias in model.aliases]
    assert sorted(aliases) == sorted(set(aliases) - set(CATALOG.models))


def test_who_names_suno_is_told_so_and_what_to_use(tmp_path: Path) -> None:
    """With the place in the file; a draft needs nobody; mapped to another, it is that one."""
    with Studio(tmp_path / "project") as studio:
        text = "vidbuild: 1\nname: x\nshots:\n- {id: a, model: local/animatic, duration_s: 2, prompt: a cup}\n"
        text += "audio: {music: {model: suno, prompt: calm piano}}\noutputs: [square]\n"
        studio.write("project.yaml", text)
        ran = studio.run("check")
        assert ran.returncode == 2
        assert "project.yaml:5:" in ran.stderr
        assert "`suno` can't be asked for: Suno offers no public API" in ran.stderr
        assert "use `elevenlabs-music`, `lyria`, `stable-audio-2.5`" in ran.stderr
        assert studio.run("check", "--draft").returncode == 0
        studio.edit("name: x\n", "name: x\nmodels: {suno: elevenlabs-music}\n")
        assert studio.run("check").returncode == 0
