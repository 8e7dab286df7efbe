"""What texts, captions and cards share at planning: presets as the brand changes them, safe areas, missing letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from vidbuild.catalog.model import Profile
from vidbuild.media import captions, cards, text
from vidbuild.media.text import Area, Preset
from vidbuild.spec.model import Brand

PRESETS = {**text.PRESETS, **captions.PRESETS, **cards.PRESETS}


def preset_of(name: str, brand: Brand) -> Preset:
    """Give a preset by its name: a packaged one, changed by the brand, or the brand's own."""
    said = dict(brand.presets.get(name, {}))
    preset = PRESETS[str(said.pop("like", name))]
    if said.get("back") == "none":
        said["back"] = None
    return replace(preset, **said)


def kind_of(name: str, brand: Brand, packaged: Collection[str]) -> str:
    """Give the packaged preset that one is like."""
    return name if name in packaged else str(brand.presets[name]["like"])


def safe_area(profile: Profile, size: tuple[int, int]) -> Area:
    """Give what a platform's own signs leave free of a picture, in whole pixels."""
    top, right, bottom, left = profile.safe
    return Area(
        -(-left * size[0] // 1), -(-top * size[1] // 1), (1 - right) * size[0] // 1, (1 - bottom) * size[1] // 1
    )


def uncovered(what: str, missing: Sequence[str]) -> tuple[str, tuple[str, ...], str]:
    """Put characters that no font has into words: sentence, facts, hint."""
    shown = [f"{char} U+{ord(char):04X}" for char in missing[:12]]
    more = (f"and {len(missing) - 12} more",) if len(missing) > 12 else ()
    hint = "name a font that has them: `brand: {fonts: {more: [FILE]}}`"
    return f"no font has all characters of {what}", (", ".join(shown), *more), hint


def listed(names: Sequence[str]) -> str:
    """Name outputs in a sentence."""
    shown = [f"`{name}`" for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
