"""Nodes that the schema has passed -> the values of a `Project`: shots, pictures, promises, and what they name.

Pure: files that it meets are noted for the door (`load`) to look at. What is heard is in `speech` and `cues`,
outputs are in `deliver`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd
from posixpath import dirname, join, normpath

from vidbuild.spec.cast import RESERVED, unknown
from vidbuild.spec.inherit import (
    AUTO,
    LONGEST,
    NONE,
    SPOKEN,
    Held,
    amount,
    avatars_in,
    folded,
    mapping,
    names,
    needs,
    number,
    texts,
)
from vidbuild.spec.model import (
    DEFAULT_SECONDS,
    STILL_SUFFIXES,
    VIDEO_SUFFIXES,
    Brand,
    Card,
    FilePicture,
    Filmed,
    Picture,
    Presented,
    Promise,
    Prompted,
    Shot,
    Source,
    Still,
    suffix_of,
)
from vidbuild.spec.outline import Entry
from vidbuild.spec.pace import MOVING, check_pace, fit_of, is_moving, wrong_cut
from vidbuild.spec.pictures import FILES, Gallery
from vidbuild.spec.styles import Preambles
from vidbuild.spec.transitions import transition_of
from vidbuild.spec.tree import Node, plain
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.names import MOST_HINTS, did_you_mean, written_as

PAD_S = Fraction(3, 10)
BACKGROUND = "background"
"""The brand's colour that cards stand on which say nothing."""
SOURCES = ("prompt", "file", "card", "avatar")
_GENERATED = frozenset({"prompt", "avatar"})
_KEYS_OF = (
    (frozenset({"prompt"}), ("model", "options", "negative", "style", "init_image", "end_image", "footage_s")),
    (_GENERATED, ("seed", "takes", "take", "reshoots")),
    (frozenset({"prompt", "file"}), ("cast", "lipsync")),
    (frozenset({"file"}), ("in_s", "out_s")),
)
"""Keys that say something about some kinds of shots alone; what is inherited of them is passed over."""
LOCAL_VOICE = "local/voice"
_ARTICLES = {"avatar": "an"}
_STILL_ONLY = ("model", "options", "seed", "negative", "cast")


@dataclass(frozen=True)
class FileUse:
    """A file of the project that a key names: where, and its path from the project file's folder.

    Args:
        odd: what is wrong with its name, told where nothing is wrong with the file.
    """

    node: Node
    path: str
    odd: Problem | None = None


class Resolution:
    """The state of resolving one tree: what it meets on the way is gathered here.

    Args:
        whole: what the project itself holds.
        unspoken: what there is instead of a voice that nobody here has (`Vocabulary`).
        language: the one that is resolved, of a project with `languages`.
    """

    def __init__(
        self,
        project_file: str,
        gallery: Gallery,
        preambles: Preambles,
        models: frozenset[str],
        whole: Held,
        unspoken: Callable[[str], str | None],
        language: str | None = None,
    ):
        self._unspoken = unspoken
        self.project_file = project_file
        self.roster = gallery.roster
        self.whole = whole
        self.brand = Brand()
        self.language = language
        self.gallery = gallery
        self.preambles = preambles
        self.models = models
        self.files: list[FileUse] = []
        self.problems: list[Problem] = []

    def tell(self, mark: Mark, sentence: str, hint: str | None = None, facts: tuple[str, ...] = ()) -> None:
        """Note a problem."""
        self.problems.append(Problem(mark, sentence, facts, hint))

    def path(self, node: Node, odd: Problem | None = None) -> str:
        """Note a file, and give its path from the project file's folder, with `/`."""
        beside = "" if node.file == self.project_file else dirname(node.file)
        path = normpath(join(beside, str(node.value)))
        self.files.append(FileUse(node, path, odd))
        return path

    def picture(self, node: Node | None, key: str, owner: str, style: str = "") -> Picture | None:
        """Read a picture of a shot or a member, files as paths from the project file's folder.

        Args:
            style: what stands in front of a generated still's prompt.
        """
        if node is None:
            return None
        if type(node.value) is dict:
            return self._generated(node, key, owner, style)
        found = self.gallery.picture(node, key, owner)
        return FilePicture(self.path(node)) if isinstance(found, FilePicture) else found

    def _generated(self, node: Node, key: str, owner: str, style: str) -> Picture | None:
        """Read `{model, prompt}` or `{file}`."""
        prompt, file = node.get("prompt"), node.get("file")
        if node.has("prompt") and node.has("file"):
            self.tell((file or node).key_mark, "a picture has `prompt` or `file`, not both", "remove one of them")
        elif not node.has("prompt") and not node.has("file") and not is_spoilt(node):
            self.tell(node.mark, "the picture shows nothing", "give it `model` and `prompt`, or a `file`")
        if prompt is not None:
            return self._still(node, prompt, key, owner, style)
        if file is None:
            return None
        for name in _STILL_ONLY:
            if (stray := node.get(name)) is not None:
                sentence = f"`{name}` is for a picture with a `prompt`, and this is a `file`"
                self.tell(stray.key_mark, sentence, "remove it")
        is_still = suffix_of(str(file.value)) in STILL_SUFFIXES
        odd = None if is_still else Problem(file.mark, f"`{file.value}` is no picture by its suffix", FILES)
        return FilePicture(self.path(file, odd))

    def _still(self, node: Node, prompt: Node, key: str, owner: str, style: str) -> Still:
        """Read a generated still: it holds the project's seed and negatives, and its own."""
        text, cast = self._said(prompt, style, _listed(node), key, owner)
        model, seed = node.get("model"), node.get("seed")
        return Still(
            prompt=text,
            models=names(model) if model else (),
            needs=needs(model) if model else (),
            max_usd_per_s=amount(model.get("max_usd_per_s")) if model else None,
            options=mapping(node.get("options")),
            negative=tuple(dict.fromkeys((*self.whole.negative, *texts(node.get("negative"))))),
            seed=int(number(seed)) if seed else self.whole.seed,
            cast=cast,
            label=owner,
            marks={"": node.mark, **{name: child.mark for name, child in node.entries().items()}},
        )

    def _said(
        self, prompt: Node, style: str, listed: Sequence[Node] | None, key: str, owner: str
    ) -> tuple[str, tuple[str, ...]]:
        """Give a whole prompt, and the members that the model is given; note that their pictures are waited for."""
        words = folded(str(prompt.value))
        if not words:
            self.tell(prompt.mark, f"the prompt of `{owner}` is empty")
        text, given = self.roster.said(prompt, f"{style} {words}" if style else words, listed)
        for each in given:
            self.gallery.wait(owner, key, each.name, each.mark)
        return text, tuple(each.name for each in given)

    def check_models(self, nodes: Sequence[Node]) -> None:
        """Tell models that nobody knows, once for each place."""
        for node in nodes:
            for name in [node] if type(node.value) is str else node.members():
                if name.value == AUTO and name is not node and len(node.members()) > 1:
                    self.tell(name.mark, "`auto` chooses among all models, and stands alone", "remove it or the others")
                elif name.value != AUTO and written_as(str(name.value), self.models) is None:
                    near = did_you_mean(str(name.value), self.models) if len(self.problems) < MOST_HINTS else None
                    hint = near or "`vidbuild models` lists them"
                    self.tell(name.mark, f"no model is called `{str(name.value)[:80]}`", hint)

    def check_voices(self, nodes: Sequence[Node], key: str) -> None:
        """Tell voices that leave open which model speaks (an id is its vendor's own), and ids that nobody has here.

        Args:
            key: of the id.
        """
        for node in nodes:
            model = node.get("model")
            if model is not None and not names(model):
                fact = ("a voice's id is its vendor's own",)
                self.tell(model.mark, "a voice needs its model by name", "name the model that has it", fact)
            id_ = node.get(key)
            if model is None or id_ is None or set(names(model)) != {LOCAL_VOICE} or type(id_.value) is not str:
                continue
            if (hint := self._unspoken(id_.value)) is not None:
                self.tell(id_.mark, f"`{LOCAL_VOICE}` has no voice `{id_.value[:80]}`", hint)

    def shot(self, entry: Entry, held: Held, coming: Node | None = None) -> Shot | None:
        """Give one shot, or `None` where a mistake leaves it without a picture; `coming` is its transition."""
        node, id_ = entry.node, str(entry.id)
        source = self._source(node, id_, held)
        if source is None:
            return None
        is_generated = isinstance(source, Prompted | Presented)
        marks = {"": node.mark, **node.marks(), **(held.marks if is_generated else {})}
        if coming is not None:
            marks["transition"] = coming.mark
        length = self._duration(node, source)
        self.problems += check_pace(node, source, length)
        if isinstance(source, Filmed) and (told := wrong_cut(node, source, held.fill)) is not None:
            self.problems.append(told)
            # A length whose key has a mark and that is `None` is a mistake that is told: nobody compares with it.
            source, length = replace(source, in_s=Fraction(0), out_s=None), None
            marks["duration_s"] = told.mark or node.mark
        return Shot(
            id=id_,
            source=source,
            duration_s=length,
            sound=held.sound,
            gain_db=held.gain_db,
            reframe=held.reframe,
            groups=held.groups,
            takes=held.takes if is_generated else 1,
            take=_take(node.get("take")),
            reshoots=held.reshoots if is_generated or held.lipsync is not None else 1,
            pad_s=self._pad(node, source),
            is_longest=(written := node.get("duration_s")) is not None and written.value == LONGEST,
            transition=transition_of(coming),
            speed=amount(node.get("speed")) or Fraction(1),
            fit=fit_of(node),
            fill=held.fill if is_moving(source) else "error",
            footage_s=amount(node.get("footage_s")),
            lipsync=held.lipsync if isinstance(source, Prompted | Filmed) and is_moving(source) else None,
            cast=self._seen(node, source, held),
            note=_note(node),
            marks=marks,
        )

    def _seen(self, node: Node, source: Source, held: Held) -> tuple[str, ...]:
        """Name the members who are in a shot."""
        if isinstance(source, Presented):
            return (source.member,)
        return () if isinstance(source, Card) else self.roster.named(node.get("prompt"), held.cast)

    def _source(self, node: Node, id_: str, held: Held) -> Source | None:
        written = [key for key in SOURCES if node.has(key)]
        if not written and not is_spoilt(node):
            hint = "give it one of `prompt`, `file`, `card` or `avatar`"
            self.tell(node.mark, f"the shot `{id_}` shows nothing", hint)
        if len(written) > 1:
            key = node.get(written[1])
            both = " and ".join(f"`{name}`" for name in written)
            place = key.key_mark if key else node.mark
            self.tell(place, f"the shot `{id_}` has {both}, and a shot shows one thing", "split it into two shots")
        if len(written) != 1 or (source := node.get(written[0])) is None:
            return None
        self._refuse_strays(node, written[0], id_)
        if written[0] == "prompt":
            return self._prompted(node, source, id_, held)
        if written[0] == "avatar":
            return self._presented(node, source, id_, held)
        return self._filmed(node, source) if written[0] == "file" else self._card(source, id_, held)

    def _refuse_strays(self, node: Node, source: str, id_: str) -> None:
        """Tell keys that say nothing about this kind of shot, since no key may be ignored."""
        for name in MOVING if source == "card" else ():
            if (stray := node.get(name)) is not None:
                self.tell(stray.key_mark, f"`{name}` is for footage, and `{id_}` shows a `card`", "remove it")
        shows = "is presented by an `avatar`" if source == "avatar" else f"shows a `{source}`"
        for homes, keys in _KEYS_OF:
            for name in keys if source not in homes else ():
                if (stray := node.get(name)) is not None:
                    home = " or ".join(f"{_ARTICLES.get(each, 'a')} `{each}`" for each in SOURCES if each in homes)
                    self.tell(stray.key_mark, f"`{name}` is for a shot with {home}, and `{id_}` {shows}", "remove it")

    def _prompted(self, node: Node, prompt: Node, id_: str, held: Held) -> Prompted:
        style = self.preambles.of(held.params)
        text, references = self._said(prompt, style, held.cast, "cast", id_)
        return Prompted(
            prompt=text,
            words=folded(str(prompt.value)),
            negative=held.negative,
            models=held.models,
            needs=held.needs,
            max_usd_per_s=held.max_usd_per_s,
            options=held.options,
            seed=held.seed,
            init=self.picture(node.get("init_image"), "init_image", id_, style),
            end=self.picture(node.get("end_image"), "end_image", id_, style),
            references=references,
        )

    def _presented(self, node: Node, member: Node, id_: str, held: Held) -> Presented | None:
        """Read who presents what is said in a shot."""
        name = str(member.value)
        known = self.roster.nodes.get(name)
        if known is None:
            self.problems.append(unknown(member, self.roster))
            return None
        if not known.has("avatar"):
            self.tell(member.mark, f"`{name}` has no avatar", f"give `{name}` an `avatar: {{model: ..., id: ...}}`")
        elif not node.has("say"):
            self.tell(node.mark, f"nothing is said in `{id_}` that `{name}` could present", "give it `say`")
        rest = amount(node.get("pad_s"))
        return Presented(name, avatars_in(known), held.seed, rest or Fraction(0))

    def _filmed(self, node: Node, file: Node) -> Filmed:
        suffix, odd = suffix_of(str(file.value)), None
        if suffix not in STILL_SUFFIXES | VIDEO_SUFFIXES:
            known = " ".join(sorted(name[1:] for name in STILL_SUFFIXES | VIDEO_SUFFIXES))
            odd = Problem(file.mark, f"`{file.value}` is no footage by its suffix", (f"footage is {known}",))
        start, end = amount(node.get("in_s")), amount(node.get("out_s"))
        filmed = Filmed(self.path(file, odd), start or Fraction(0), end)
        for key in ("in_s", "out_s", *MOVING):
            if filmed.is_still and (stray := node.get(key)) is not None:
                self.tell(stray.key_mark, f"`{key}` is for a video, and `{file.value}` is a still", "remove it")
        return filmed

    def _card(self, card: Node, id_: str, held: Held) -> Card:
        title, subtitle, logo = card.get("title"), card.get("subtitle"), card.get("logo")
        return Card(
            title=str(title.value) if title else "",
            subtitle=str(subtitle.value) if subtitle else "",
            logo=self.brand.logo if logo is None else self.logo(logo),
            background=self._background(card.get("background"), id_, held),
        )

    def logo(self, logo: Node) -> str | None:
        """Read a logo: a picture's file, or `none`."""
        if logo.value == NONE:
            return None
        is_still = suffix_of(str(logo.value)) in STILL_SUFFIXES
        odd = None if is_still else Problem(logo.mark, f"`{logo.value}` is no picture by its suffix", FILES)
        return self.path(logo, odd)

    def _background(self, node: Node | None, id_: str, held: Held) -> Picture | str | None:
        """Read what a card stands on: a colour, one of the brand's by its name, or a picture."""
        name = BACKGROUND if node is None else str(node.value)
        if name in self.brand.colours:
            return self.brand.colours[name][:7]
        if node is None or not name.startswith("#"):
            return self.picture(node, "background", id_, self.preambles.of(held.params))
        digits = str(node.value)[1:]
        if len(digits) == 6 and not set(digits.lower()) - set("0123456789abcdef"):
            return f"#{digits.lower()}"
        self.tell(node.mark, f'a colour is # and six hex digits, like "#10233f", not "{node.value}"')
        return None

    def _duration(self, node: Node, source: Source) -> Fraction | None:
        written = node.get("duration_s")
        if written is not None:
            return None if written.value in SPOKEN else number(written)
        own_length = isinstance(source, Presented) or (isinstance(source, Filmed) and not source.is_still)
        return None if own_length else DEFAULT_SECONDS

    def _pad(self, node: Node, source: Source) -> Fraction | None:
        """Give how long an `auto` shot goes on after its line; `None` for others. Presenters' shots are `auto`."""
        length, pad = node.get("duration_s"), node.get("pad_s")
        if isinstance(source, Presented) and (length is None or length.value in SPOKEN):
            return source.rest_s
        if length is not None and length.value in SPOKEN:
            return PAD_S if pad is None else number(pad)
        if pad is not None:
            self.tell(pad.key_mark, "`pad_s` is for `duration_s: auto`", "remove it, or let the shot be `auto`")
        return None


def is_styled(node: Node) -> bool:
    """Say whether a shot has a prompt that a style stands in front of."""
    card = node.get("card")
    background = card.get("background") if card else None
    return node.get("prompt") is not None or (background is not None and background.get("prompt") is not None)


def _listed(node: Node) -> Sequence[Node] | None:
    cast = node.get("cast")
    return cast.members() if cast is not None else None


def _take(node: Node | None) -> int | str | None:
    if node is None:
        return None
    return node.value if type(node.value) is str else int(number(node))


def is_spoilt(node: Node) -> bool:
    """Say whether a mistake is told that may be why a shot lacks its source."""
    return node.is_broken or type(node.value) is not dict or len(node.entries()) < len(node.value)


def _note(node: Node) -> object:
    note = node.get("note")
    return plain(note) if note is not None else None


def check_ids(entries: Sequence[Entry]) -> list[Problem]:
    """Tell ids that stand twice, and those that mean something else."""
    first: dict[str, Mark] = {}
    told: list[Problem] = []
    for entry in entries:
        if entry.id is None:
            continue
        written = entry.node.get("id")
        mark = written.mark if written else entry.node.mark
        if entry.id in RESERVED and written:
            told.append(Problem(mark, f"`{entry.id}` means something else in the language", hint="choose another id"))
        if (known := first.setdefault(entry.id, mark)) != mark:
            where = f"line {known.line}" if known.file == mark.file else str(known)
            sentence = f"the id `{entry.id}` stands twice: first in {where}, again in line {mark.line}"
            told.append(Problem(mark, sentence, hint="every shot and group needs an id of its own"))
    return told


def promises(root: Node, entries: Sequence[Entry], held: Mapping[Entry, Held]) -> tuple[Promise, ...]:
    """Give what `duration_s` of the project and of groups promise, about the shots that take part."""
    inside: dict[int, list[str]] = {}
    for entry in entries:
        around = entry.parent
        while entry.is_shot and not held[entry].muted and around is not None:
            inside.setdefault(id(around.node), []).append(str(entry.id))
            around = around.parent
    found = []
    if (whole := root.get("duration_s")) is not None:
        ids = tuple(str(each.id) for each in entries if each.is_shot and not held[each].muted)
        found.append(Promise(number(whole), ids, None, whole.mark))
    for entry in entries:
        length = entry.node.get("duration_s")
        if entry.is_group and length is not None and not held[entry].muted:
            name = entry.id or f"group in line {entry.node.line}"
            found.append(Promise(number(length), tuple(inside.get(id(entry.node), ())), name, length.mark))
    return tuple(found)


def aspect_of(node: Node | None) -> tuple[tuple[int, int], Problem | None]:
    """Give the master picture's shape in lowest terms."""
    if node is None:
        return (16, 9), None
    width, height = (int(side) for side in str(node.value).split(":"))
    if not width <= 10 * height <= 100 * width:
        sentence = f"`aspect` {node.value} is no shape of a video"
        return (16, 9), Problem(node.mark, sentence, ("the long side is at most ten times the short one",))
    both = gcd(width, height)
    return (width // both, height // both), None
