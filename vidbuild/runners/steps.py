"""The runner of what is written out: ffmpeg argv in turn, and the few steps beside them (text, fonts, PNG, ...).

It fills slots, runs, and checks what came out by counting. It knows nothing of shots or platforms.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vidbuild.runners import png, process
from vidbuild.runners.base import Workspace
from vidbuild.words.action import BoundAction, Conduct
from vidbuild.words.errors import ActionFailed

_SLOT = re.compile(r"\{(in|out):([A-Za-z0-9_]+)\}")

_LACKING = "this ffmpeg lacks an encoder that the output asks for; the one that comes with vidbuild has all of them"


class StepsRunner:
    """Runs an action's `steps` with one ffmpeg binary."""

    def __init__(self, ffmpeg: Path):
        self._ffmpeg = ffmpeg

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        facts: dict[str, Any] = {}
        for step in action.params["steps"]:
            facts |= await self._step(action, step, workspace) or {}
        expected = action.params.get("frames")
        if expected is None:
            return facts
        return await asyncio.to_thread(_counted, action, workspace, expected)

    async def _step(
        self, action: BoundAction, step: Mapping[str, Any], workspace: Workspace
    ) -> Mapping[str, Any] | None:
        if "feeds" in step:
            await self._fed_step(action, workspace, step)
        elif "argv" in step:
            await self._ffmpeg_step(action, workspace, step["argv"])
        elif "text" in step:
            lines = [filled(line, workspace) for line in step["text"]["lines"]]
            (workspace.folder / step["text"]["name"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
        elif "fonts" in step:
            folder = workspace.folder / step["fonts"]["folder"]
            folder.mkdir()
            for slot in step["fonts"]["from"]:
                (folder / slot).symlink_to(workspace.inputs[slot])
        elif "named" in step:
            (workspace.folder / step["named"]["to"]).symlink_to(workspace.inputs[step["named"]["from"]])
        elif "cues" in step:
            from vidbuild.runners import cues

            await asyncio.to_thread(cues.write, step["cues"], workspace.inputs, workspace.outputs)
        elif "watch" in step:
            await self._watch_step(action, workspace, step["watch"])
        elif "png" in step:
            await asyncio.to_thread(_picture, workspace, step["png"])
        elif "sample" in step:
            await self._sample_step(action, step["sample"], workspace)
        elif "lay" in step:
            from vidbuild.runners.wave import lay

            where = {f"{{in:{slot}}}": path for slot, path in workspace.inputs.items()}
            await asyncio.to_thread(lay, workspace.folder, step["lay"], where)
        elif "level" in step:
            from vidbuild.runners.loudness import level

            return await level(step["level"], workspace.folder, partial(self._ffmpeg_step, action, workspace))
        else:
            raise ValueError(f"BUG: an unknown step: {step}")
        return None

    async def _sample_step(self, action: BoundAction, step: Mapping[str, Any], workspace: Workspace) -> None:
        """Take evenly spaced pictures of a video, as many as there are outputs for them."""
        from vidbuild.runners.frame_list import listed

        tracks = await asyncio.to_thread(listed, workspace.folder / step["from"])
        places = evenly(len(tracks["video"].starts), len(step["to"]))
        picked = sorted(set(places))
        words = "+".join(f"eq(n\\,{place})" for place in picked)
        await self._ffmpeg_step(action, workspace, [part.replace("PICKED", words) for part in step["argv"]])
        for name, place in zip(step["to"], places, strict=True):
            made = step["made"] % (picked.index(place) + 1)
            await asyncio.to_thread(_picture, workspace, {"from": made, "to": name})

    async def _fed_step(self, action: BoundAction, workspace: Workspace, step: Mapping[str, Any]) -> None:
        """Run ffmpeg on pictures that others of it decode and that are drawn in between."""
        from vidbuild.runners import feeding, moving

        feeds = {
            slot: feeding.Feed(
                self._argv(feed["argv"], workspace), partial(moving.moved, feed, _followed(feed, workspace))
            )
            for slot, feed in step["feeds"].items()
        }
        _check(action, await feeding.run(self._argv(step["argv"], workspace), feeds, workspace.folder))

    async def _watch_step(self, action: BoundAction, workspace: Workspace, step: Mapping[str, Any]) -> None:
        """Write down where the pictures that ffmpeg shrinks should be looked at."""
        from vidbuild.runners import feeding, following

        take = partial(following.watched, step, workspace.outputs["path"])
        ended, _ = await feeding.taken(self._argv(step["argv"], workspace), workspace.folder, take)
        _check(action, ended)

    def _argv(self, written: Sequence[str], workspace: Workspace) -> list[str]:
        return [str(self._ffmpeg), "-y", *(filled(part, workspace) for part in written[1:])]

    async def _ffmpeg_step(
        self, action: BoundAction, workspace: Workspace, written: Sequence[str], feed: Iterable[bytes] | None = None
    ) -> None:
        _check(action, await process.run(self._argv(written, workspace), workspace.folder, feed))


def _followed(feed: Mapping[str, Any], workspace: Workspace) -> list[Path]:
    """Give the files that say where a moving window looks."""
    return [workspace.inputs[slot] for slot in feed.get("follow", {}).get("from", ())]


def _check(action: BoundAction, ended: process.Ended) -> None:
    if ended.code:
        hint = _LACKING if "Unknown encoder" in ended.log else None
        facts = {"exit code": str(ended.code)}
        raise ActionFailed(f"ffmpeg could not make the {action.mnemonic}", facts, hint, log=ended.log)


def evenly(total: int, count: int) -> list[int]:
    """Pick the middles of equal parts of a whole."""
    return [(2 * part + 1) * total // (2 * count) for part in range(count)]


def filled(text: str, workspace: Workspace) -> str:
    """Put file names in place of slots; `file:` keeps ffmpeg from reading more into a name."""

    def name(found: re.Match[str]) -> str:
        files = workspace.inputs if found[1] == "in" else workspace.outputs
        return f"file:{files[found[2]].relative_to(workspace.folder)}"

    return _SLOT.sub(name, text)


def _picture(workspace: Workspace, step: Mapping[str, str]) -> None:
    """Write a PAM as PNG; alpha that nothing shows through is left out."""
    width, height, channels, rows = png.read_pam(workspace.folder / step["from"])
    opaque = png.without_alpha(rows) if channels == 4 else None
    if opaque is not None:
        rows, channels = opaque, 3
    png.write_png(workspace.outputs[step["to"]], width, height, rows, channels)


def _counted(action: BoundAction, workspace: Workspace, expected: int) -> Mapping[str, Any]:
    """Count the pictures of the finished video; one too few is no success."""
    from vidbuild.runners.probing import tally

    found = tally(workspace.outputs["video"])
    if found.frames != expected:
        raise ActionFailed(
            f"the {action.mnemonic} has the wrong length",
            {"asked": f"{expected} frames", "made": f"{found.frames} frames"},
            "the source may be damaged or shorter than its header says",
        )
    if found.parameter_sets > 1:
        raise ActionFailed("BUG: pieces of one video were encoded with different settings")
    return {"frames": found.frames, "width": found.width, "height": found.height}
