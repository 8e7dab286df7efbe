"""Draws the small pictures and the plate that templates and showpieces ship with: `python tools/draw_assets.py`.

Flat shapes with a gradient, drawn four times as large and scaled down; of vidbuild it knows where ffmpeg is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from math import sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from vidbuild.runners import ffmpeg

ROOT = Path(__file__).parents[1]
FINE = 4
INK, PAPER = (24, 34, 48, 255), (246, 242, 232, 255)
AMBER, TEAL, CORAL = (240, 170, 60, 255), (46, 134, 132, 255), (228, 98, 78, 255)
CLEAR = (0, 0, 0, 0)

Draw = Callable[[ImageDraw.ImageDraw], None]
Box = Sequence[float]


def fine(box: Box) -> list[float]:
    """Give a box or a line in the large drawing's pixels."""
    return [FINE * value for value in box]


def drawn(size: tuple[int, int], ground: tuple[int, int, int, int], draw: Draw) -> Image.Image:
    """Draw at four times the size, and scale down."""
    image = Image.new("RGBA", (size[0] * FINE, size[1] * FINE), ground)
    draw(ImageDraw.Draw(image))
    return image.resize(size, Image.Resampling.LANCZOS)


def lit(image: Image.Image) -> Image.Image:
    """Let light fall from the left on what is there, its alpha kept."""
    shade = Image.linear_gradient("L").rotate(90).resize(image.size).point(lambda level: 90 - level * 90 // 255)
    bright = Image.composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image, shade)
    bright.putalpha(image.getchannel("A"))
    return bright


def bottle(label: tuple[int, int, int, int]) -> Image.Image:
    """A drinking bottle with a steel cap, on nothing."""

    def draw(on: ImageDraw.ImageDraw) -> None:
        on.rounded_rectangle(fine((70, 0, 130, 60)), 10 * FINE, (150, 158, 166, 255))
        on.rounded_rectangle(fine((78, 50, 122, 100)), 8 * FINE, (120, 128, 136, 255))
        on.rounded_rectangle(fine((30, 80, 170, 480)), 46 * FINE, label)
        on.rectangle(fine((30, 250, 170, 262)), PAPER)
        on.ellipse(fine((72, 300, 128, 356)), outline=PAPER, width=7 * FINE)
        on.polygon(fine((100, 306, 112, 340, 88, 340)), PAPER)

    return lit(drawn((200, 490), CLEAR, draw))


def logo(ground: tuple[int, int, int, int]) -> Image.Image:
    """A round sign: a drop in a ring."""

    def draw(on: ImageDraw.ImageDraw) -> None:
        on.ellipse(fine((4, 4, 236, 236)), ground)
        on.ellipse(fine((30, 30, 210, 210)), outline=PAPER, width=12 * FINE)
        on.polygon(fine((120, 62, 154.7, 117.2, 85.3, 117.2)), PAPER)
        on.ellipse(fine((79, 98, 161, 180)), PAPER)

    return drawn((240, 240), CLEAR, draw)


def lamp() -> Image.Image:
    """A desk lamp, on nothing."""

    def draw(on: ImageDraw.ImageDraw) -> None:
        on.rounded_rectangle(fine((60, 440, 260, 474)), 16 * FINE, INK)
        on.line(fine((160, 450, 160, 210)), (70, 82, 96, 255), 14 * FINE)
        on.polygon(fine((90, 60, 230, 60, 300, 220, 20, 220)), AMBER)
        on.ellipse(fine((110, 196, 210, 250)), (255, 244, 206, 255))

    return lit(drawn((320, 480), CLEAR, draw))


def screen() -> Image.Image:
    """An application's window, as a screen recording would show it: a list at the left, a form, a button."""

    def draw(on: ImageDraw.ImageDraw) -> None:
        on.rectangle(fine((0, 0, 1280, 56)), INK)
        for place in range(3):
            on.ellipse(fine((24 + 34 * place, 18, 44 + 34 * place, 38)), (CORAL, AMBER, TEAL)[place])
        on.rectangle(fine((0, 56, 280, 720)), (226, 230, 234, 255))
        for row in range(7):
            shade = (46, 134, 132, 255) if row == 2 else (176, 186, 196, 255)
            on.rounded_rectangle(fine((28, 96 + 62 * row, 252, 130 + 62 * row)), 8 * FINE, shade)
        for row, wide in enumerate((420, 640, 560)):
            on.rounded_rectangle(
                fine((340, 105 + 105 * row, 340 + wide * 0.4, 125 + 105 * row)), 6 * FINE, (150, 160, 170, 255)
            )
            on.rounded_rectangle(
                fine((340, 135 + 105 * row, 340 + wide, 180 + 105 * row)),
                8 * FINE,
                (255, 255, 255, 255),
                (190, 198, 206, 255),
                2 * FINE,
            )
        on.rounded_rectangle(fine((340, 425, 560, 485)), 12 * FINE, TEAL)
        on.rounded_rectangle(fine((392, 447, 508, 463)), 6 * FINE, PAPER)
        on.rounded_rectangle(fine((1030, 100, 1220, 340)), 12 * FINE, (238, 232, 216, 255))
        on.ellipse(fine((1085, 130, 1165, 210)), AMBER)

    return drawn((1280, 720), (250, 250, 250, 255), draw)


def panel(number: int) -> Image.Image:
    """A panel of a storyboard, in pencil: a lighthouse that comes nearer, a door, a lamp that is lit."""

    def sea(on: ImageDraw.ImageDraw, height: float) -> None:
        for row in range(4):
            points = [(4 * x, 4 * (height + 34 * row + 5 * sin(x / 22 + row))) for x in range(0, 960, 6)]
            on.line(points, (120, 120, 120, 255), 2 * FINE)

    def tower(on: ImageDraw.ImageDraw, left: float, foot: float, high: float) -> None:
        wide = high * 0.22
        on.polygon(
            fine((left, foot, left + wide, foot, left + wide * 0.78, foot - high, left + wide * 0.22, foot - high)),
            PAPER,
            INK,
            3 * FINE,
        )
        on.rectangle(
            fine((left + wide * 0.2, foot - high * 1.14, left + wide * 0.8, foot - high)), PAPER, INK, 3 * FINE
        )
        on.polygon(
            fine(
                (
                    left + wide * 0.12,
                    foot - high * 1.14,
                    left + wide * 0.5,
                    foot - high * 1.28,
                    left + wide * 0.88,
                    foot - high * 1.14,
                )
            ),
            INK,
        )

    def draw(on: ImageDraw.ImageDraw) -> None:
        if number == 1:
            sea(on, 380)
            tower(on, 640, 384, 130)
        elif number == 2:
            sea(on, 440)
            tower(on, 420, 470, 330)
            on.polygon(fine((330, 540, 520, 452, 640, 452, 760, 540)), (210, 206, 196, 255), INK, 3 * FINE)
        elif number == 3:
            on.rectangle(fine((340, 70, 620, 500)), (210, 206, 196, 255), INK, 4 * FINE)
            on.ellipse(fine((572, 280, 596, 304)), INK)
            on.line(fine((200, 500, 760, 500)), INK, 4 * FINE)
            on.ellipse(fine((150, 180, 230, 260)), PAPER, INK, 4 * FINE)
            on.line(fine((190, 260, 190, 420, 150, 500)), INK, 5 * FINE)
            on.line(fine((190, 300, 330, 320)), INK, 5 * FINE)
        else:
            for ray in range(7):
                on.line(fine((480, 250, 480 + 460 * (ray - 3) / 3, 20 + 40 * abs(ray - 3))), AMBER, 6 * FINE)
            on.rectangle(fine((400, 200, 560, 360)), PAPER, INK, 4 * FINE)
            on.ellipse(fine((440, 230, 520, 320)), AMBER, INK, 4 * FINE)
            on.rectangle(fine((370, 360, 590, 400)), INK)
            sea(on, 430)
        on.rectangle(fine((6, 6, 954, 534)), None, INK, 3 * FINE)

    return drawn((960, 540), PAPER, draw).convert("P", palette=Image.Palette.ADAPTIVE, colors=64)


def table(moment: float) -> Image.Image:
    """A table before a wall at one moment of a pan, as somebody might have filmed it."""
    left = int(160 * moment)

    def draw(on: ImageDraw.ImageDraw) -> None:
        on.rectangle(fine((0, 0, 800, 250)), (208, 200, 186, 255))
        on.rectangle(fine((0, 250, 800, 360)), (126, 88, 58, 255))
        for board in range(5):
            on.line(fine((0, 262 + board * board * 6, 800, 262 + board * board * 6)), (104, 70, 46, 255), FINE)
        on.rectangle(fine((90, 40, 260, 180)), (176, 204, 216, 255), (240, 238, 230, 255), 8 * FINE)
        on.line(fine((175, 40, 175, 180)), (240, 238, 230, 255), 5 * FINE)
        on.rounded_rectangle(fine((600, 150, 690, 256)), 10 * FINE, (150, 92, 74, 255))
        on.ellipse(fine((575, 60, 715, 170)), (92, 128, 84, 255))

    return (
        drawn((800, 360), PAPER, draw)
        .filter(ImageFilter.GaussianBlur(0.8))
        .crop((left, 0, left + 640, 360))
        .convert("RGB")
    )


def plate(path: Path) -> None:
    """Five seconds of the table, 24 a second, with the room's tone."""
    frames = b"".join(table(0.5 - 0.5 * (1 - index / 119) ** 2 + 0.5 * (index / 119)).tobytes() for index in range(120))
    picture = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "640x360", "-r", "24", "-i", "pipe:0"]
    room = ["-f", "lavfi", "-i", "anoisesrc=color=brown:amplitude=0.02:seed=7:sample_rate=48000:duration=5"]
    coded = [
        "-c:v",
        "libx264",
        "-crf",
        "26",
        "-preset",
        "slow",
        "-threads",
        "1",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-b:a",
        "48k",
    ]
    argv = [
        ffmpeg.find(os.environ),
        "-y",
        "-v",
        "error",
        *picture,
        *room,
        "-shortest",
        *coded,
        "-fflags",
        "+bitexact",
        "-movflags",
        "+faststart",
        str(path),
    ]
    subprocess.run(argv, input=frames, check=True)


def keep(image: Image.Image, name: str) -> None:
    """Write a picture below the source tree."""
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, optimize=True)


def main() -> int:
    """Draw everything."""
    shipped = "templates/projects"
    for folder in (f"{shipped}/ad", "projects/product-ad"):
        keep(bottle(TEAL), f"{folder}/assets/bottle.png")
        keep(logo(TEAL), f"{folder}/assets/logo.png")
    for folder in (f"{shipped}/training", "projects/training"):
        keep(screen().convert("P", palette=Image.Palette.ADAPTIVE, colors=128), f"{folder}/assets/screen.png")
        keep(logo(INK), f"{folder}/assets/logo.png")
    keep(lamp(), f"{shipped}/product-over-plate/assets/lamp.png")
    plate(ROOT / shipped / "product-over-plate/footage/table.mp4")
    for number in range(1, 5):
        keep(panel(number), f"{shipped}/storyboard/panels/{number}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
