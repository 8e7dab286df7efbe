"""What the catalog holds, as values: platform profiles and models. It knows no file and no vendor's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Profile:
    """A platform's profile.

    Args:
        width, height: in pixels; `None` for the master picture at 1080 lines.
        fps_allowed, fps_max: rates that the platform takes; empty and `None` for any.
        preset, crf: how x264 encodes for it.
        audio_kbps: AAC's rate.
        max_s: the longest video it takes, in seconds.
    """

    name: str
    width: int | None
    height: int | None
    title: str = ""
    fps_allowed: tuple[Fraction, ...] = ()
    fps_max: Fraction | None = None
    preset: str = "veryfast"
    crf: int = 20
    audio_kbps: int = 192
    max_s: Fraction | None = None


@dataclass(frozen=True)
class Model:
    """A model that authors name.

    Args:
        kind: what it makes: `footage`, `picture`, `music`, `speech`.
        revision: of a local model: bumped by hand whenever it draws otherwise.
        keys: the environment variables that reaching it needs; none for a local model.
        replaced_by: set when the model is retired.
        checked: the day its facts were looked up.
    """

    name: str
    kind: str
    title: str = ""
    revision: int = 1
    aliases: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    retired_on: str | None = None
    replaced_by: str | None = None
    checked: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is part of vidbuild and free."""
        return self.name.startswith("local/")

    @property
    def tool(self) -> str:
        """The model's name and revision, as keys hold it."""
        return f"{self.name}@{self.revision}"


@dataclass(frozen=True)
class Catalog:
    """Profiles and models by name, and the names that people write for models."""

    profiles: Mapping[str, Profile]
    models: Mapping[str, Model]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def model(self, written: str) -> Model | None:
        """Find a model by its name or an alias."""
        return self.models.get(self.aliases.get(written, written))
