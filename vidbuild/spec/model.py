"""What a project says once it is read: groups resolved away, templates rendered, names checked.

Values only. It knows no YAML, no catalog prices, no frames: durations are exact seconds as written,
files are paths relative to the project file's folder. Places in the text are kept for later errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vidbuild.words.errors import Mark

STILL_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mxf"})
DEFAULT_SECONDS = Fraction(5)


@dataclass(frozen=True, slots=True)
class FrameOf:
    """The first or last picture of a shot as it is cut (`SHOT.last_frame`)."""

    shot: str
    last: bool


@dataclass(frozen=True, slots=True)
class MomentOf:
    """A fixed time of a shot's take, in seconds from the take's start (`SHOT@1.5`)."""

    shot: str
    seconds: Fraction


@dataclass(frozen=True, slots=True)
class FilePicture:
    """A picture file, relative to the project file's folder, with `/`."""

    path: str


@dataclass(frozen=True, slots=True)
class CastPicture:
    """The first picture of a cast member, by the member's name."""

    member: str


@dataclass(frozen=True)
class Still:
    """A generated still: `{model, prompt, cast, options}`.

    Args:
        prompt: rendered and folded; of a still that a shot starts from, behind the style.
        models, needs, max_usd_per_s: as of `Prompted`.
        cast: members given to the model, in order.
        label: whose it is: a cast member's name, or a shot's id.
    """

    prompt: str
    models: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    max_usd_per_s: Fraction | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    negative: tuple[str, ...] = ()
    seed: int = 0
    cast: tuple[str, ...] = ()
    label: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class When:
    """A point of time that hangs on something: `offset` seconds after it.

    Args:
        line, mark: a mark in a spoken line, by the line's id; without a mark the line's end.
        shot: the start of a shot.
        is_end: the end of what holds it: its shot, its group, the film.
    """

    offset: Fraction = Fraction(0)
    line: str | None = None
    mark: str | None = None
    shot: str | None = None
    is_end: bool = False


Picture = FrameOf | MomentOf | FilePicture | CastPicture | Still


@dataclass(frozen=True)
class Voice:
    """Who speaks: the models by name, in order, and the vendor's own voice id."""

    models: tuple[str, ...]
    id: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Avatar:
    """Who presents: a model by name, and the vendor's own id of the avatar."""

    model: str
    id: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LipSync:
    """What joins spoken lines with the lips in a shot: models by name, in order; their options as written."""

    models: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Member:
    """Who or what must look and sound the same in every shot.

    Args:
        description: what `{{ cast.x }}` is in a prompt.
        images: front first; any picture but itself.
        exact: whether its own pixels alone are used, and no model is given them.
        avatars: who presents what it says, in the order in which they are tried; each model once.
    """

    name: str
    description: str = ""
    images: tuple[Picture, ...] = ()
    exact: bool = False
    voice: Voice | None = None
    avatars: tuple[Avatar, ...] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Line:
    """One spoken line.

    Args:
        id: the shot's or group's id, `film` for the project's, with `.2`, `.3` behind it for further lines.
        text: what is spoken, without marks.
        shot: the shot at whose start it is anchored; `None` for the start of the film.
        until: the shot at whose end it has to be over; `None` for the end of the film.
        at: seconds after its anchor, or a time that hangs on something else.
        end: when it has to be over at latest, as `at`; `None` where `until` alone says it.
        file: an own recording of it.
        fit: whether it may be spoken faster to fit its shot (`stretch`), or not (`error`).
        moments: its marks by name, each with the character of the text that it stands before.
        shown: what is read, where that isn't what is spoken: pieces of text, each with the words spoken for it.
        language: which it is in, if the project has `languages`.
    """

    id: str
    text: str
    voice: Voice
    by: str | None = None
    shot: str | None = None
    at: Fraction | When = Fraction(0)
    gain_db: Fraction = Fraction(0)
    seed: int = 0
    until: str | None = None
    end: Fraction | When | None = None
    file: str | None = None
    fit: str = "error"
    moments: Mapping[str, int] = field(default_factory=dict)
    shown: tuple[tuple[str, int], ...] = ()
    language: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Judge:
    """A vision model among the checks: each question is answered from 0 to 1, and must reach the threshold."""

    models: tuple[str, ...]
    questions: tuple[str, ...]
    threshold: Fraction = Fraction(1, 2)
    options: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Budget:
    """Caps on spending in USD: this build's, the project's ever, one shot's."""

    max_usd: Fraction | None = None
    total_usd: Fraction | None = None
    per_shot_usd: Fraction | None = None


@dataclass(frozen=True)
class Prompted:
    """Generated footage.

    Args:
        prompt: rendered style, one space, rendered prompt, descriptions of members that only `cast` names; folded.
        words: the shot's own rendered prompt, folded, without the style and the descriptions behind it.
        negative: outermost first, duplicates dropped, folded.
        models: names as written, in order; none (`auto`, or nothing written) lets routing choose.
        needs: what a routed model must be good at; with `max_usd_per_s`, what it may cost.
        options: the nearest model's own, merged by key, as written.
        references: cast members given to the model, in the order of their first mention; none that are `exact`.
    """

    prompt: str
    words: str
    negative: tuple[str, ...]
    models: tuple[str, ...]
    options: Mapping[str, Any]
    seed: int
    init: Picture | None = None
    end: Picture | None = None
    references: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    max_usd_per_s: Fraction | None = None


@dataclass(frozen=True)
class Filmed:
    """Own footage: a video from `in_s` to `out_s` (its end when `None`), or a still."""

    file: str
    in_s: Fraction = Fraction(0)
    out_s: Fraction | None = None

    @property
    def is_still(self) -> bool:
        """Whether the file is a picture by its suffix."""
        return suffix_of(self.file) in STILL_SUFFIXES


@dataclass(frozen=True)
class Card:
    """A title or end card; `background` is a picture, a colour `#rrggbb`, or `None`."""

    title: str
    subtitle: str = ""
    logo: str | None = None
    background: Picture | str | None = None


@dataclass(frozen=True)
class Presented:
    """A member of the cast who presents what is said in the shot.

    Args:
        avatars: the member's.
        rest_s: how long the presenter is seen, silent, after the last line.
    """

    member: str
    avatars: tuple[Avatar, ...]
    seed: int = 0
    rest_s: Fraction = Fraction(0)


Source = Prompted | Filmed | Card | Presented
"""What a shot's picture comes from."""


@dataclass(frozen=True, slots=True)
class Reframe:
    """How a picture meets another aspect: `crop` about a focus (fractions of the picture), `pad`, `blur`.

    Args:
        path: where the focus goes: points, spread over the shot, or each with its seconds of the shot behind it.
        follows: what finds the focus in the picture: `auto` (what moves and stands out) or `faces`; nothing else.
    """

    mode: str = "crop"
    focus: tuple[Fraction, Fraction] = (Fraction(1, 2), Fraction(1, 2))
    path: tuple[tuple[Fraction, ...], ...] = ()
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Motion:
    """A move of the frame over a still or footage.

    Args:
        kind: `push-in`, `pull-out`, `pan-left`, `pan-right`, `pan-up`, `pan-down`.
        focus: what it goes to (a pull-out: comes from), in fractions of the picture; `None` for where it looks anyway.
        scale: how much larger the picture is at the near end; of a pan, all the time.
        start, end: seconds of the shot's own time, or times that hang on something else; no `end` is its end.
    """

    kind: str
    focus: tuple[Fraction, Fraction] | None = None
    scale: Fraction = Fraction(6, 5)
    start: Fraction | When = Fraction(0)
    end: Fraction | When | None = None


@dataclass(frozen=True)
class Transition:
    """How a shot comes in over the one before, and for how long both are seen."""

    kind: str
    seconds: Fraction


@dataclass(frozen=True)
class Shot:
    """One shot of the film.

    Args:
        id: as written, or given by its place (`shot_01`).
        duration_s: seconds as written; `None` where the source's own length holds.
        sound: `keep`, `drop`, or `None` where nothing was written; `gain_db` goes with `keep`.
        reframe: its own or its group's within the project; `None` where the output's holds.
        takes: how many candidates are made.
        take: the circled one, counted from 1, or an attempt's id; `None` for the first that passes its checks.
        reshoots: further attempts after a failed check.
        pad_s: with `duration_s: auto` or `longest`, how long it goes on after its line; else `None`.
        is_longest: whether its line is that of the language in which it is longest.
        at: where it begins, if the cut hangs on a time.
        motion: its own or its groups'; `None` where its frame stands still.
        transition: its own, or that of a group which it begins; `None` for a cut.
        speed: how fast its footage runs; `duration_s` is after it.
        fit: `trim`, or `speed` where the whole footage is retimed to the shot.
        fill: what is seen where footage is shorter than the shot: `freeze`, `loop`, `slow`; else that is an `error`.
        footage_s: how much is bought, where that isn't what the shot shows.
        lipsync: what joins lines with lips, its own or its groups'.
        cast: the members who are in it, whether a model is given pictures of them or not.
        marks: where its keys stand, by key; `""` is the shot itself.
    """

    id: str
    source: Source
    duration_s: Fraction | None = None
    sound: str | None = None
    gain_db: Fraction = Fraction(0)
    reframe: Reframe | None = None
    motion: Motion | None = None
    groups: tuple[str, ...] = ()
    takes: int = 1
    take: int | str | None = None
    reshoots: int = 1
    transition: Transition | None = None
    pad_s: Fraction | None = None
    is_longest: bool = False
    at: Fraction | When | None = None
    speed: Fraction = Fraction(1)
    fit: str = "trim"
    fill: str = "error"
    footage_s: Fraction | None = None
    lipsync: LipSync | None = None
    cast: tuple[str, ...] = ()
    note: Any = None
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Promise:
    """A `duration_s` on the project or a group: what its shots must add up to."""

    seconds: Fraction
    shots: tuple[str, ...]
    group: str | None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Music:
    """One cue of music over the film, or one sound effect: generated by prompt, or an own file.

    Args:
        shot: the shot at whose start it is anchored; `None` for the start of the film.
        until: the shot that ends what it is anchored in; `None` for the end of the film.
        at: seconds after its anchor, or a time that hangs on something else.
        end: when it ends, as `at`; `None` where the next cue of music begins, an effect is over, or the film ends.
        fade_out_s: `None` where nothing was written: music that is cut off then rings out.
        duck_db: how far it steps back under speech; 0 or less.
        label: `audio`, `audio.2`, or `sfx ID`.
        duration_s: how long an effect is to be; `None` where the model decides.
        models, needs, max_usd_per_s: as of `Prompted`.
    """

    prompt: str = ""
    models: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    max_usd_per_s: Fraction | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    file: str | None = None
    in_s: Fraction = Fraction(0)
    gain_db: Fraction = Fraction(0)
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction | None = None
    duck_db: Fraction = Fraction(0)
    shot: str | None = None
    at: Fraction | When = Fraction(0)
    end: Fraction | When | None = None
    duration_s: Fraction | None = None
    until: str | None = None
    label: str = "audio"
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Text:
    """A text over the picture.

    Args:
        text: as written, with its lines.
        shot: the first shot that it lies over; `None` for the film.
        until: the last one, of a group's text; else the same.
        start, end: seconds from the start of that, or times that hang on something else; no `end` is its end.
        place: a name of `media.text.PLACES`; without it and a box its preset's.
        box: left, top, width and height, as parts of the picture.
        preset: the name of how it looks.
        fit: `shrink`, `wrap` or `error`, where it is wider than its place.
    """

    text: str
    shot: str | None = None
    start: Fraction | When = Fraction(0)
    end: Fraction | When | None = None
    place: str | None = None
    box: tuple[Fraction, Fraction, Fraction, Fraction] | None = None
    preset: str = "title"
    fit: str = "shrink"
    until: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Fades:
    """How a span of shots comes in from black and goes out to black.

    Args:
        shots: what it lies over, in order: one shot, or a group's that take part; none for the film.
        in_s, out_s: seconds; 0 for none.
        whose: what people call the span.
    """

    shots: tuple[str, ...] = ()
    in_s: Fraction = Fraction(0)
    out_s: Fraction = Fraction(0)
    whose: str = field(default="the film", compare=False)
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class LayerMotion:
    """How a layer moves.

    Args:
        kind: `slide-left`, ...: to which side it slides in; or a move over its picture, of the kinds of `Motion`.
        seconds: how long that takes, from when it appears; `None` for as long as it is seen.
        focus, scale: as of `Motion`.
    """

    kind: str
    seconds: Fraction | None = None
    focus: tuple[Fraction, Fraction] | None = None
    scale: Fraction = Fraction(6, 5)

    @property
    def slides(self) -> bool:
        """Whether the layer itself moves, and not what is seen in it."""
        return self.kind.startswith("slide-")


@dataclass(frozen=True)
class Layer:
    """A picture over the picture, or a mark in it. Of `file`, `member`, `box` and `blur` one is said.

    Args:
        file: a still or a video of the project; `in_s` is where a video begins.
        member: a cast member, whose first picture it is.
        box, blur: a region of the shot's own picture that is framed, or made unreadable: left, top, width and height
            as parts of it.
        shot, until, start, end: as of `Text`.
        place: a name of `media.text.PLACES`, `full`, or where its middle is, as parts of the picture.
        scale: how wide it is, as a part of the picture.
        shape: `rect`, `rounded` or `circle`.
        colour, width: of a frame's line; its width is a part of the picture's.
    """

    file: str | None = None
    in_s: Fraction = Fraction(0)
    member: str | None = None
    box: tuple[Fraction, Fraction, Fraction, Fraction] | None = None
    blur: tuple[Fraction, Fraction, Fraction, Fraction] | None = None
    shot: str | None = None
    until: str | None = None
    start: Fraction | When = Fraction(0)
    end: Fraction | When | None = None
    place: str | tuple[Fraction, Fraction] = "center"
    scale: Fraction = Fraction(1, 4)
    shape: str = "rect"
    motion: LayerMotion | None = None
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)
    opacity: Fraction = Fraction(1)
    colour: str = "#ffd23f"
    width: Fraction = Fraction(1, 200)
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.file or self.member or ("box" if self.box is not None else "blur")

    @property
    def is_picture(self) -> bool:
        """Whether it lies over the picture; else it is a mark in it."""
        return self.box is None and self.blur is None


@dataclass(frozen=True)
class Captions:
    """Spoken words shown.

    Args:
        preset: the name of how they look.
        sidecar: the forms in which they stand beside each video: `srt`, `vtt`.
        languages: in which they stand there; where none is named, in the video's own.
    """

    preset: str = "clean"
    sidecar: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brand:
    """What texts are drawn with beside what ships: colours by name, font files by role, changed and own presets.

    Args:
        fonts: paths by role: `text`, `title`, and `more` for characters that these don't have.
        presets: by name: which preset each is `like`, and what it says otherwise, colours as `#rrggbb`.
        logo: a picture's path, on cards that name no other.
        marks: where each font file is named.
    """

    colours: Mapping[str, str] = field(default_factory=dict)
    fonts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    logo: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)

    @property
    def files(self) -> tuple[str, ...]:
        """The font files, each once."""
        return tuple(dict.fromkeys(path for paths in self.fonts.values() for path in paths))


@dataclass(frozen=True, slots=True)
class Kept:
    """A shot in another cut, and how long it is there; `None` for as long as in the film."""

    shot: str
    seconds: Fraction | None = None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Output:
    """One finished video: a platform's profile by name, with changes.

    Args:
        shots: its own cut of the footage; none for the whole film.
        max_s: how long it may be at most, in seconds.
        captions: whether they are drawn into the picture, `burn` or `none`; `None` for its platform's habit.
        codec: how pictures are encoded, where not as its platform usually has them.
        lines: of a smaller rendition, its short side.
    """

    name: str
    platform: str
    reframe: Reframe | None = None
    fps: Fraction | None = None
    poster: MomentOf | None = None
    captions: str | None = None
    shots: tuple[Kept, ...] = ()
    max_s: Fraction | None = None
    codec: str | None = None
    lines: int | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)

    def has(self, shot: str | None) -> bool:
        """Whether a shot is in its cut; `None` is the film, which lies over every cut."""
        return shot is None or not self.shots or any(kept.shot == shot for kept in self.shots)


@dataclass(frozen=True)
class Apart:
    """Time that an assertion doesn't look at: a shot's, or seconds from and to.

    Args:
        start, end: negative from the end, `None` for the end.
    """

    shot: str | None = None
    start: Fraction = Fraction(0)
    end: Fraction | None = None


@dataclass(frozen=True)
class Assertion:
    """One thing that finished videos must be; an entry of `tests` makes one of each of its keys.

    Args:
        key: what is measured, by the key of the language.
        name: what its entry is called in reports; nothing for its key.
        outputs: whose files it is about; none for all.
        least, most: what is allowed, they themselves too; `None` where there is no bound.
        text: what must be exactly so, of keys that are no number.
        apart: where it is meant to be so.
        edges: parts of the picture at its top, right, bottom and left; `None` for its platform's own.
        mark: where it stands.
    """

    key: str
    name: str = ""
    outputs: tuple[str, ...] = ()
    least: Fraction | None = None
    most: Fraction | None = None
    text: str = ""
    apart: tuple[Apart, ...] = ()
    edges: tuple[Fraction, Fraction, Fraction, Fraction] | None = None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True)
class RemoteStore:
    """The store that a project's colleagues and CI share: a URL, and whether nothing is ever written to it."""

    url: str
    reads_only: bool = False


@dataclass(frozen=True)
class Project:
    """A whole project, resolved.

    Args:
        aspect: the master picture's width and height in lowest terms.
        replaced: `models: {old: new}` as written.
        reframe: the project's own, which yields to a shot's and an output's.
        storyboard: whether the file is the storyboard form (no `vidbuild:`).
        cast: members by name.
        music: cues in the author's order.
        lines, effects: everything spoken and every sound effect, in order.
        texts, layers: everything written over the picture, and laid over it, in order: the film's own first.
        fades: from and to black: the film's, then those of groups and shots, each group's before what it holds.
        profile: the overlay that was asked for by name, `None` without one.
        language: the one that it is in, of a project with `languages`; the key of a variant.
        remote: the store that is shared; it is in no key.
        assertions: what the finished videos must be; nothing that is made knows of them.
        marks: where top-level keys stand; `""` is the file.
    """

    name: str
    fps: Fraction
    aspect: tuple[int, int]
    shots: tuple[Shot, ...]
    outputs: tuple[Output, ...]
    music: tuple[Music, ...] = ()
    promises: tuple[Promise, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    reframe: Reframe | None = None
    storyboard: bool = False
    cast: Mapping[str, Member] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    effects: tuple[Music, ...] = ()
    judge: Judge | None = None
    budget: Budget = Budget()
    texts: tuple[Text, ...] = ()
    fades: tuple[Fades, ...] = ()
    layers: tuple[Layer, ...] = ()
    brand: Brand = Brand()
    captions: Captions | None = None
    profile: str | None = None
    language: str | None = None
    remote: RemoteStore | None = None
    assertions: tuple[Assertion, ...] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)


def suffix_of(path: str) -> str:
    """Give a path's suffix in lower case, with its dot, or an empty text."""
    name = path.rsplit("/", 1)[-1]
    return "." + name.rsplit(".", 1)[-1].lower() if "." in name[1:] else ""


def pictures_of(shot: Shot) -> tuple[tuple[str, Picture], ...]:
    """List the pictures that a shot's making starts from, by key of the language (cast members beside)."""
    source = shot.source
    found: tuple[tuple[str, Picture | None], ...] = ()
    if isinstance(source, Prompted):
        found = (("init_image", source.init), ("end_image", source.end))
    elif isinstance(source, Card):
        background = None if isinstance(source.background, str) else source.background
        found = (("background", background),)
    return tuple((key, picture) for key, picture in found if picture is not None)
