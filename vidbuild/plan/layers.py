"""Layers on a cut: which of them are seen in which frames of which shot, where they lie in each output, from what.

Their times are each shot's own, so that only what they touch is encoded again, and moving a shot with its own layers
changes nothing. It makes no actions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vidbuild.media import framing, layers, text
from vidbuild.media.layers import BlurLook, BoxLook, PictureLook, Seen
from vidbuild.media.looks import Look
from vidbuild.media.moving import Gaze, Move
from vidbuild.media.probe import Probe
from vidbuild.media.text import Area
from vidbuild.media.windows import Window
from vidbuild.plan import lying, moves, timeline
from vidbuild.plan.lettering import listed, safe_area
from vidbuild.plan.lying import Lasting
from vidbuild.plan.timeline import Cut, Portion
from vidbuild.plan.world import World, output_size
from vidbuild.spec.model import Card, FilePicture, Filmed, Layer, LayerMotion, Output, Project
from vidbuild.words.action import Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import half_up, seconds_text

FULL = "full"
Pictured = Callable[[str], Ref]
"""Plans a cast member's first picture."""


@dataclass
class Laid:
    """What is drawn in a part's own picture, and over it; what that is made from, by slot; what `why` is told."""

    marks: list[Seen] = field(default_factory=list)
    layers: list[Seen] = field(default_factory=list)
    inputs: dict[str, Ref | Digest] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @property
    def words(self) -> Mapping[str, str]:
        """What the author said of it."""
        return {"layers": ", ".join(self.told)} if self.told else {}


class Layers:
    """All layers of a project, on a cut."""

    def __init__(self, project: Project, world: World, whole: Cut):
        self._project = project
        self._world = world
        self._whole = whole
        self._shown: dict[str, list[tuple[int, Lasting]]] = {}
        for number, each in enumerate(project.layers):
            for lasting in lying.over(each, whole):
                self._shown.setdefault(lasting.span.shot.id, []).append((number, lasting))

    def problems(self) -> list[Problem]:
        """Tell layers that are never seen."""
        return [
            problem
            for each in self._project.layers
            for problem in lying.unseen(each, f"layer `{each.name}`", self._whole)
        ]

    def notes(self, outputs: Iterable[Output]) -> list[str]:
        """Say what reaches out of an output's safe area, or is cut off: what has a named place never does."""
        found: dict[str, list[str]] = {}
        for output in outputs:
            size = output_size(output, self._project, self._world.catalog)
            safe = safe_area(self._world.catalog.profiles[output.platform], size)
            for each in self._project.layers:
                for sentence in self._out(each, output, size, safe):
                    found.setdefault(sentence, []).append(output.name)
        return [f"{sentence} {listed(list(dict.fromkeys(names)))}" for sentence, names in found.items()]

    def across(self, before: Portion, after: Portion) -> frozenset[int]:
        """Name the layers that lie over both sides of a transition; marks stay in their pictures."""
        both = {number for number, _ in self._seen(before)} & {number for number, _ in self._seen(after)}
        return frozenset(number for number in both if self._project.layers[number].is_picture)

    def over(
        self,
        part: Portion,
        slot: str,
        pictured: Pictured,
        apart: Collection[int] = (),
        only: Collection[int] | None = None,
    ) -> Laid:
        """Give what is drawn in and over a part.

        Args:
            slot: stands before the slots of what layers are made from.
            apart: layers that are left out; `only`: those that are not.
        """
        laid = Laid()
        for number, lasting in self._seen(part):
            if number not in apart and (only is None or number in only):
                self._lay(laid, self._project.layers[number], part, lasting, slot, pictured)
        return laid

    def _seen(self, part: Portion) -> list[tuple[int, Lasting]]:
        """List the layers that a part shows some of."""
        found = []
        for number, lasting in self._shown.get(part.span.shot.id, ()):
            first, last = lasting.frames(part.rate)
            if first < part.first + part.frames and last > part.first:
                found.append((number, lasting))
        return found

    def _lay(self, laid: Laid, each: Layer, part: Portion, lasting: Lasting, slot: str, pictured: Pictured) -> None:
        """Lay one layer upon those before it."""
        times = _Times(each, lasting, part)
        laid.told.append(_told(each))
        if not each.is_picture:
            laid.marks.append(times.seen(_mark(each, part, times.fades.ways)))
            return
        name = f"{slot}{len(laid.layers)}"
        file, probe = self._file(each)
        laid.inputs[name] = self._world.own[file].digest if file is not None else pictured(str(each.member))
        is_still = probe is None or probe.kind == "still"
        window = None if is_still or file is None else self._window(each, file, times)
        look = self._look(each, probe, part, times, window)
        view = None
        if times.move is not None:
            look = self._filled(look, probe)
            frame = framing.Frame(look.width, look.height, matrix=look.matrix)
            seen = window or Window(Fraction(0), times.fades.before + times.frames, part.rate)
            view = framing.View(name, seen, frame, is_still, gaze=Gaze(times.begun - times.fades.before, times.move))
        laid.layers.append(times.seen(look, name, window, view))

    def _filled(self, look: PictureLook, probe: Probe | None) -> PictureLook:
        """Give the look of a picture that a window moves over: it fills just what the whole picture would take."""
        wide, high = self._project.aspect if probe is None else (probe.width, probe.height)
        if look.covers:
            return replace(look, is_moved=True, has_alpha=False)
        part = min(Fraction(look.width, wide), Fraction(look.height, high))
        width, height = (max(2, 2 * half_up(side * part / 2)) for side in (wide, high))
        return replace(look, width=width, height=height, covers=True, is_moved=True, has_alpha=False)

    def _file(self, each: Layer) -> tuple[str | None, Probe | None]:
        """Give the own file that a picture is; none of a member whose picture is made."""
        image = self._project.cast[each.member].images[0] if each.member is not None else None
        file = image.path if isinstance(image, FilePicture) else each.file
        return file, self._world.own[file].probe if file is not None else None

    def _window(self, each: Layer, file: str, times: _Times) -> Window:
        """Say what of a video is seen; its last picture is held for as long as it may take."""
        probe = self._world.own[file].probe
        late, has_index = self._world.reading(Filmed(file))
        start = timeline.snapped(each.in_s, self._project.fps) + (times.begun - times.fades.before) / times.rate
        frames = times.fades.before + times.frames
        lacking = -(-(start + frames / times.rate - probe.seconds) * times.rate // -1)
        seeks, spare = has_index and start < probe.seconds, max(1, int(lacking) + 1)
        return Window(start, frames, times.rate, spare, late, seeks, decoder=probe.decoder)

    def _look(
        self, each: Layer, probe: Probe | None, part: Portion, times: _Times, window: Window | None
    ) -> PictureLook:
        area, width, height, covers = self._room(each, part.output)
        left, top = _corner(each, area)
        look = PictureLook(
            part.rate,
            width,
            height,
            covers,
            left,
            top,
            probe.matrix if probe else "auto",
            window is None,
            window is not None and bool(window.late),
            probe is None or probe.has_alpha,
            each.shape,
            each.opacity,
            times.fades.ways,
            times.slide,
        )
        return look.of(probe.width, probe.height) if probe and times.move is None else look

    def _room(self, each: Layer, output: Output) -> tuple[Area, int, int, bool]:
        """Give where a picture may lie, how large it may be there, and whether it is cut to just that."""
        size = output_size(output, self._project, self._world.catalog)
        whole = Area(0, 0, *size)
        if each.place == FULL:
            return whole, *size, True
        area = whole
        if isinstance(each.place, str):
            safe = safe_area(self._world.catalog.profiles[output.platform], size)
            area = text.reserved(each.place, safe, size)
            (left, right), (top, bottom) = layers.evenly(area.left, area.right), layers.evenly(area.top, area.bottom)
            area = Area(left, top, right, bottom)
        wide = max(2, min(2 * half_up(each.scale * size[0] / 2), area.width))
        if each.shape == "circle":
            wide = max(2, min(wide, area.height))
            return area, wide, wide, True
        return area, wide, max(2, area.height), False

    def _out(self, each: Layer, output: Output, size: tuple[int, int], safe: Area) -> list[str]:
        """Say in an output how a layer that is at a place of its own lies out of it; what is blurred may."""
        if each.box is not None:
            return self._box_out(each, each.box, output, size, safe)
        if isinstance(each.place, str):
            return []
        _, probe = self._file(each)
        _, wide, high, covers = self._room(each, output)
        if not covers:
            if probe is None:
                return []
            part = min(Fraction(wide, probe.width), Fraction(high, probe.height))
            wide, high = half_up(probe.width * part), half_up(probe.height * part)
        x, y = (half_up(at * side) for at, side in zip(each.place, size, strict=True))
        lies = Area(x - wide // 2, y - high // 2, x - wide // 2 + wide, y - high // 2 + high)
        return [] if lies.within(safe) == lies else [f"the layer `{each.name}` reaches out of the safe area of"]

    def _box_out(self, each: Layer, box: layers.Region, output: Output, size: tuple[int, int], safe: Area) -> list[str]:
        found, roughly = [], Area(safe.left - 1, safe.top - 1, safe.right + 1, safe.bottom + 1)
        for lasting in lying.over(each, self._whole):
            shot = lasting.span.shot
            if shot.motion is not None:
                continue  # it goes where the picture goes
            reframe = moves.reframe_of(shot, output, self._project)
            source = size if isinstance(shot.source, Card) else moves.shape_of(shot, self._project, self._world)
            frame = framing.Frame(*size, reframe.mode, reframe.focus)
            lies = layers.framed(box, source, frame)
            if lies.within(Area(0, 0, *size)) != lies:
                found.append(f"the box in `{shot.id}` is cut off in")
            elif lies.within(roughly) != lies:
                found.append(f"the box in `{shot.id}` reaches out of the safe area of")
        return found


class _Times:
    """When a layer is seen in a part, counted in pictures at the part's rate."""

    def __init__(self, each: Layer, lasting: Lasting, part: Portion):
        first, last = lasting.frames(part.rate)
        self.rate = part.rate
        self.at = max(0, first - part.first)
        self.frames = min(part.frames, last - part.first) - self.at
        self.begun = part.first + self.at - first
        """How many of the layer's own pictures lie before."""
        into, away = (half_up(seconds * part.rate) for seconds in (each.fade_in_s, each.fade_out_s))
        self.fades = layers.fades(self.begun, self.frames, last - first, into, away)
        self._moved, self._whole, self._moves = part.first - first, part.frames, 0
        self.slide = ""
        self.move: Move | None = None
        if each.motion is not None and each.motion.slides:
            self._moves = half_up((each.motion.seconds or Fraction(0)) * part.rate)
            self.slide = each.motion.kind.removeprefix("slide-") if self.begun < self._moves else ""
        elif each.motion is not None:
            end = each.motion.seconds or lasting.end - lasting.start
            self.move = Move(each.motion.kind, each.motion.focus, each.motion.scale, Fraction(0), end)

    def seen(
        self,
        look: Look,
        slot: str | None = None,
        window: Window | None = None,
        view: framing.View | None = None,
    ) -> Seen:
        """Give a look as it is seen at these times."""
        moved = (self._moved, self._moves + 1) if self.slide else (0, 0)
        return Seen(look, self.at, self.frames, self._whole, slot, self.fades, window, *moved, view)


def _mark(each: Layer, part: Portion, fades: tuple[str, ...]) -> Look:
    source = part.span.shot.source
    is_still = isinstance(source, Card) or (isinstance(source, Filmed) and source.is_still)
    pixels = layers.PIXELS[is_still]
    if each.blur is not None:
        return BlurLook(part.rate, each.blur, each.shape, pixels)
    assert each.box is not None
    return BoxLook(part.rate, each.box, each.colour, each.width, each.shape, each.opacity, fades, pixels)


def _corner(each: Layer, area: Area) -> tuple[str, str]:
    """Say where a picture's top left comes to lie, in overlay's words, at even places."""
    if each.place == FULL:
        return "0", "0"
    if not isinstance(each.place, str):
        x, y = (half_up(at * side) for at, side in zip(each.place, (area.width, area.height), strict=True))
        return f"2*floor(({2 * x}-w)/4)", f"2*floor(({2 * y}-h)/4)"
    across, down = text.PLACES[each.place]
    x_ways = (str(area.left), f"2*floor(({area.left + area.right}-w)/4)", f"{area.right}-w")
    y_ways = (str(area.top), f"2*floor(({area.top + area.bottom}-h)/4)", f"{area.bottom}-h")
    return x_ways[across + 1], y_ways[down + 1]


def _told(each: Layer) -> str:
    """Put what an author says of a layer into words."""
    usual, said = Layer(), []
    for key in ("box", "blur", "place", "in_s", "scale", "shape", "motion", "fade_in_s", "fade_out_s", "opacity"):
        value = getattr(each, key)
        if value != getattr(usual, key):
            said.append(f"{key} {_text(value)}")
    if each.box is not None:
        said.append(f"{each.colour} {_text(each.width)}")
    return f"{each.name} ({'; '.join(said)})" if said else each.name


def _text(value: object) -> str:
    if isinstance(value, Fraction):
        return seconds_text(value)
    if isinstance(value, tuple):
        return " ".join(_text(part) for part in value)
    if isinstance(value, LayerMotion):
        said = (value.seconds, value.focus, value.scale if not value.slides else None)
        return " ".join([value.kind, *(_text(part) for part in said if part is not None)])
    return str(value)
