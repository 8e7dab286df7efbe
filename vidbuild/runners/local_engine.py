"""The runner of the local models: what stands in when there is no key, and what drafts are made of.

It turns an ask into arguments for the drawing floor in `runners.local` and encodes what comes back.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild.media import ffargs
from vidbuild.runners import process
from vidbuild.runners.base import Workspace
from vidbuild.runners.steps import StepsRunner, filled
from vidbuild.words.action import BoundAction, Conduct
from vidbuild.words.errors import ActionFailed
from vidbuild.words.rationaltime import SAMPLE_RATE, frames_in


class LocalRunner:
    """Makes footage, presenters, stills, cards, beds, effects and spoken lines here, and shows lines in footage."""

    def __init__(self, ffmpeg: Path):
        self._ffmpeg = ffmpeg

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        model = action.tool.partition("@")[0]
        if model == "local/animatic":
            await self._footage(action, workspace)
        elif model == "local/presenter":
            await self._presented(action, workspace)
        elif model == "local/lipsync":
            await self._ffmpeg_ran(ffargs.voice_shown("clip", "line"), workspace, "a take")
        elif model == "local/voice":
            await _speech(action.params, workspace)
        elif model == "local/align":
            await self.aligned(action.params["text"], workspace)
        elif model == "local/card":
            await asyncio.to_thread(_card, action.params, workspace)
            await StepsRunner(self._ffmpeg).run(action, conduct, workspace)
        else:
            await asyncio.to_thread(_DRAWN[model], action.params, workspace)
        return {"cost_usd": 0}

    async def _footage(self, action: BoundAction, workspace: Workspace) -> None:
        from vidbuild.runners.local import animatic

        ask = action.params
        rate, seconds = Fraction(ask["fps"]), Fraction(ask["seconds"])
        shot = animatic.AnimaticShot(
            prompt=ask["prompt"],
            slate=ask["slate"],
            seed=ask["seed"] + 1000 * ask["take"],
            frames=frames_in(seconds, rate),
            fps=rate,
            size=(ask["size"][0], ask["size"][1]),
            init=_pixels(workspace.inputs.get("init")),
            end=_pixels(workspace.inputs.get("end")),
        )
        await self._encoded(shot.size, rate, animatic.frames(shot), workspace)

    async def _presented(self, action: BoundAction, workspace: Workspace) -> None:
        """Draw somebody who says what is heard."""
        import numpy as np

        from vidbuild.runners.local import presenter

        ask = action.params
        await self._ffmpeg_ran(ffargs.samples("line", "heard.raw"), workspace, "a line")
        samples = np.fromfile(workspace.folder / "heard.raw", "<i2").astype(np.float32) / np.float32(32768)
        rate = Fraction(ask["fps"])
        heard = presenter.loudness(samples, SAMPLE_RATE, rate)
        size, seed = (ask["size"][0], ask["size"][1]), ask["seed"] + 1000 * ask["take"]
        shot = presenter.Presentation(ask["avatar"], seed, rate, size, heard)
        await self._encoded(size, rate, presenter.frames(shot), workspace)

    async def _encoded(
        self, size: tuple[int, int], rate: Fraction, frames: Iterable[bytes], workspace: Workspace
    ) -> None:
        """Encode pictures as a take."""
        argv = [str(self._ffmpeg), "-y", *ffargs.take(size, rate)[1:], f"file:{workspace.outputs['video'].name}"]
        ended = await process.run(argv, workspace.folder, frames)
        if ended.code:
            raise ActionFailed("ffmpeg could not encode a take", {"exit code": str(ended.code)}, log=ended.log)

    async def _ffmpeg_ran(self, written: ffargs.Argv, workspace: Workspace, what: str) -> None:
        """Run ffmpeg over what is given."""
        argv = [str(self._ffmpeg), "-y", *(filled(part, workspace) for part in written[1:])]
        ended = await process.run(argv, workspace.folder)
        if ended.code:
            raise ActionFailed(f"ffmpeg could not read {what}", {"exit code": str(ended.code)}, log=ended.log)

    async def aligned(self, text: str, workspace: Workspace) -> None:
        """Lay a text over a recording of it."""
        import numpy as np

        from vidbuild.runners.local import align

        await self._ffmpeg_ran(ffargs.samples("sound", "heard.raw"), workspace, "a recording")
        samples = np.fromfile(workspace.folder / "heard.raw", "<i2").reshape(-1, 1)
        said = await asyncio.to_thread(align.words, text, samples)
        workspace.outputs["words"].write_text(json.dumps(said, ensure_ascii=False, sort_keys=True))


async def _speech(ask: Mapping[str, Any], workspace: Workspace) -> None:
    """Speak a line in a process of its own."""
    from vidbuild.runners.local import voice, voice_child

    text = voice.spoken(ask["text"])
    chosen = voice.voice(ask["voice"], text, ask.get("language"))
    child = [sys.executable, "-I", voice_child.__file__, str(voice.library()), str(voice.data())]
    argv = [*child, chosen.name, str(voice.WORDS_A_MINUTE)]
    ended = await process.run(argv, workspace.folder, [text.encode()])
    if ended.code:
        raise ActionFailed("a line could not be spoken here", {"voice": chosen.name}, log=ended.log)
    told = json.loads((workspace.folder / "events.json").read_text())
    (workspace.folder / "sound.wav").rename(workspace.outputs["sound"])
    said = {"words": list(voice.words(text, told))}
    workspace.outputs["words"].write_text(json.dumps(said, ensure_ascii=False, sort_keys=True))


def _bed(ask: Mapping[str, Any], workspace: Workspace) -> None:
    from vidbuild.runners import wave
    from vidbuild.runners.local import bed

    seconds = int(Fraction(ask["seconds"]))
    blocks = bed.samples(ask["prompt"], ask["seed"] + 1000 * ask["take"], seconds)
    wave.write(workspace.outputs["sound"], seconds * SAMPLE_RATE, blocks)


def _foley(ask: Mapping[str, Any], workspace: Workspace) -> None:
    from vidbuild.runners import wave
    from vidbuild.runners.local import foley

    seconds = float(Fraction(ask["seconds"])) if "seconds" in ask else None
    blocks = foley.samples(ask["prompt"], ask["seed"] + 1000 * ask["take"], seconds)
    wave.write(workspace.outputs["sound"], foley.count(ask["prompt"], seconds), blocks)


def _card(ask: Mapping[str, Any], workspace: Workspace) -> None:
    """Draw what a card's text stands on."""
    from vidbuild.media.cards import GROUND
    from vidbuild.runners.local import card
    from vidbuild.runners.png import write_pam

    background = _pixels(workspace.inputs.get("background"))
    if background is None and "background" in ask:
        colour = ask["background"].lstrip("#")
        background = tuple(int(colour[at : at + 2], 16) for at in (0, 2, 4))
    logo = _pixels(workspace.inputs.get("logo"), "RGBA")
    pixels = card.ground(tuple(ask["size"]), background, logo, ask.get("logo"))
    write_pam(workspace.folder / GROUND, pixels.shape[1], pixels.shape[0], pixels.tobytes())


def _still(ask: Mapping[str, Any], workspace: Workspace) -> None:
    from vidbuild.runners.local import still

    _write_picture(workspace, still.picture(ask["prompt"], ask["seed"] + 1000 * ask["take"], tuple(ask["size"])))


_DRAWN: Mapping[str, Callable[[Mapping[str, Any], Workspace], None]] = {
    "local/bed": _bed,
    "local/foley": _foley,
    "local/still": _still,
}


def _pixels(path: Path | None, mode: str = "RGB") -> Any:
    """Read a picture as rows of 8-bit pixels, or `None` for no picture."""
    if path is None:
        return None
    import numpy as np
    from PIL import Image

    with Image.open(path) as picture:
        return np.asarray(picture.convert(mode))


def _write_picture(workspace: Workspace, pixels: Any) -> None:
    from vidbuild.runners.png import write_png

    height, width, channels = pixels.shape
    write_png(workspace.outputs["picture"], width, height, pixels.tobytes(), channels)
