"""The job as a MoviePy script. It runs in a Python that has MoviePy: `python by_moviepy.py job.json OUTPUT`.

The sound comes ready mixed: MoviePy has no ducking and no loudness of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from moviepy import AudioFileClip, CompositeVideoClip, TextClip, VideoFileClip, vfx
from PIL import Image, ImageFilter


def main(told_in: str, name: str) -> None:
    """Write one output."""
    with open(told_in) as file:
        told = json.load(file)
    width, height = size = tuple(told["sizes"][name])
    shown = []
    for shot in told["shots"]:
        clip = VideoFileClip(shot["file"], audio=False).subclipped(0, shot["seconds"])
        clip = _framed(clip, size, told["modes"][name]).with_start(shot["start"])
        shown.append(clip.with_effects([vfx.CrossFadeIn(shot["lead"])]) if shot["lead"] else clip)
    small = min(size)
    for text, start, end in told["titles"]:
        label = TextClip(
            font=told["font"], text=text, font_size=small // 20, color="white", bg_color=(16, 20, 28), margin=(20, 12)
        )
        label = label.with_start(start).with_duration(end - start).with_position((width // 15, int(height * 0.7)))
        shown.append(label.with_effects([vfx.CrossFadeIn(0.2), vfx.CrossFadeOut(0.2)]))
    for text, start, end in told["said"]:
        label = TextClip(
            font=told["font"], text=text, font_size=small // 20, color="white", stroke_color="black", stroke_width=3,
            method="caption", size=(int(width * 0.84), None), text_align="center", margin=(0, 10),
        )  # fmt: skip
        shown.append(label.with_start(start).with_duration(end - start).with_position(("center", int(height * 0.83))))
    film = CompositeVideoClip(shown, size=size).with_duration(told["seconds"])
    film = film.with_audio(AudioFileClip(told["sound"]).subclipped(0, told["seconds"]))
    film.write_videofile(
        f"{name}.mp4", fps=24, codec="libx264", preset="veryfast", audio_codec="aac", audio_bitrate="192k",
        ffmpeg_params=["-crf", "20", "-profile:v", "high", "-g", "48", "-movflags", "+faststart"], logger=None,
    )  # fmt: skip


def _framed(clip: Any, size: tuple[int, int], mode: str) -> Any:
    width, height = size
    if mode == "crop" and clip.size == [width, height]:
        return clip
    if mode == "crop":
        across = round(clip.h * width / height)
        return clip.cropped(x_center=clip.w / 2, width=across).resized((width, height))

    def blurred(picture: Any) -> Any:
        image = Image.fromarray(picture)
        front = image.resize((width, round(width * image.height / image.width)))
        edge = (image.width - image.height) // 2
        back = image.crop((edge, 0, edge + image.height, image.height)).resize((width // 8, height // 8))
        back = back.filter(ImageFilter.GaussianBlur(5)).resize(size)
        back.paste(front, (0, (height - front.height) // 2))
        return np.asarray(back)

    return clip.image_transform(blurred)


if __name__ == "__main__":
    main(*sys.argv[1:])
