"""What planning is told: the world as values, the request, and the picture sizes that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from vidbuild.catalog.model import Catalog
from vidbuild.media import moving
from vidbuild.media.ffargs import Step
from vidbuild.media.fonts import Typeface
from vidbuild.media.probe import OwnFile
from vidbuild.media.spoken import Spoken
from vidbuild.spec.model import Filmed, Output, Project, Source
from vidbuild.words.digest import Digest
from vidbuild.words.locked import Lock
from vidbuild.words.rationaltime import half_up

MASTER_LINES = 1080
LOCAL_LINES = (180, 360, 720)
"""Sizes of local footage: the smallest whose short side covers the first output's; small projects stay cheap."""

VIDEO = {"video": "video/mp4"}
PICTURE = {"picture": "image/png"}
WAVE = {"sound": "audio/wav"}
BOUGHT_SOUND = {"sound": "audio/mpeg"}
WORDS = {"words": "application/json"}
LOCAL_SPEECH = {"sound": "audio/wav", "words": "application/json"}
SPEECH = {"sound": "audio/mpeg", "words": "application/json"}


@dataclass(frozen=True)
class World:
    """What planning is told of the world.

    Args:
        own: the project's own files by path as in the project.
        ffmpeg: the identity of the encoder: its version line and the binary's sha256.
        lock: what was bought before; empty in a draft.
        missing: what each provider of the catalog lacks to be reached, nothing where it can be.
        typefaces: the fonts that texts are set in, by role (`text`, `title`); none where nothing is written.
        spoken: lines that were spoken or aligned before, by the key of what made their words.
        resampler: the identity of what draws moving windows, beside ffmpeg.
        arrays: the identity of what vidbuild reckons with (sums of sound, points to follow, grounds of cards).
        imaging: the identity of what scales pictures of cards.
        faces: the identity of what finds faces; nothing where that isn't installed.
    """

    catalog: Catalog
    own: Mapping[str, OwnFile]
    ffmpeg: str
    lock: Lock = field(default_factory=Lock)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    typefaces: Mapping[str, Typeface] = field(default_factory=dict)
    spoken: Mapping[Digest, Spoken] = field(default_factory=dict)
    resampler: str = f"moving@{moving.REVISION}"
    arrays: str = "numpy"
    imaging: str = "pillow"
    faces: str = ""

    def encoder(self, step: Step) -> str:
        """Give the identity of what encodes: of ffmpeg, and of what draws pictures that move, where some feed it."""
        return f"{self.ffmpeg}, {self.resampler}" if "feeds" in step else self.ffmpeg

    @property
    def reckoner(self) -> str:
        """The identity of what makes something with ffmpeg and by reckoning."""
        return f"{self.ffmpeg}, {self.arrays}"

    def reading(self, source: Source) -> tuple[Fraction, bool]:
        """Say how late a source's picture begins in its file, and whether the file can be read from the middle.

        Of files without an index (MPEG streams) ffmpeg counts from the first stream that is read, the picture.
        """
        if not isinstance(source, Filmed):
            return Fraction(0), True
        probe = self.own[source.file].probe
        return (probe.start if probe.has_index else Fraction(0)), probe.has_index

    def decoder(self, source: Source) -> str:
        """Say what reads a source's pictures, where the usual decoder leaves something out."""
        return self.own[source.file].probe.decoder if isinstance(source, Filmed) else ""


@dataclass(frozen=True)
class Request:
    """What is asked for: all outputs, some by name, or one shot alone; where it goes, below the project's folder."""

    draft: bool = False
    outputs: tuple[str, ...] = ()
    only: str | None = None
    folder: str = "build"


def output_size(output: Output, project: Project, catalog: Catalog) -> tuple[int, int]:
    """Give an output's picture size."""
    profile = catalog.profiles[output.platform]
    size = master_size(project)
    if profile.width is not None and profile.height is not None:
        size = profile.width, profile.height
    return size if output.lines is None else _sized(size, output.lines)


def master_size(project: Project) -> tuple[int, int]:
    """Give the size of the master picture: its aspect at 1080 lines."""
    return _sized(project.aspect, MASTER_LINES)


def local_size(project: Project, catalog: Catalog) -> tuple[int, int]:
    """Give the size that local footage is made at: the master's aspect, as large as the first output needs, up to 720.

    The first alone, so that an output that is added makes nothing but its own.
    """
    lines = min(output_size(project.outputs[0], project, catalog))
    return _sized(project.aspect, next((step for step in LOCAL_LINES if step >= lines), LOCAL_LINES[-1]))


def _sized(aspect: tuple[int, int], short: int) -> tuple[int, int]:
    """Give an even picture size of an aspect by its short side."""
    wide, high = aspect
    if wide >= high:
        return 2 * half_up(Fraction(short * wide, 2 * high)), short
    return short, 2 * half_up(Fraction(short * high, 2 * wide))
