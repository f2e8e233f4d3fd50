"""Directives to blocks: what stands between `:::view slope` and `:::`."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from .blocks import (
    VIEW_KINDS,
    Block,
    Cell,
    Choice,
    Inline,
    LessonExercise,
    Prediction,
    RealRun,
    Repair,
    View,
    ViewKind,
)
from .compute import OPTIMIZERS, Entry
from .fields import Fields, read_table
from .kept import Kept
from .lesson import LessonError
from .markdown import Directive, Reader, directives

NAMES = ("view", "prediction", "reveal", "exercise", "run", "code", "repair")
TEXTS = {"caption", "question", "choices", "because", "hints", "worked", "text"}
"""Fields that a translation has; all others are those of the original."""

_SETTINGS: Mapping[ViewKind, tuple[str, ...]] = {
    "slope": ("h", "lower", "upper"),
    "derivation": ("notation",),
    "dependency": (),
    "descent": ("lr", "steps", "optimizer"),
    "landscape": ("direction",),
    "chain": ("activation", "depth", "weight", "input"),
}
_DRAGS: Mapping[ViewKind, tuple[str, ...]] = {
    "slope": ("h",),
    "derivation": (),
    "dependency": (),
    "descent": ("lr", "start"),
    "landscape": ("start", "direction"),
    "chain": ("weight", "depth", "input"),
}
"""What may be dragged beside the formula's variables."""

ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity")

_COMPARISON = re.compile(r"(\S+)\s*(<=|>=|==|<|>)\s*(\S+)$")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-300),
}


def flattened(text: str, line: int) -> Iterator[Directive]:
    """All directives of a text in the order in which they are built, reveals after what is in them.

    Args:
        text: Markdown.
        line: The line of the file on which it begins.
    """
    for each in directives(text, line):
        if each.name == "reveal":
            yield from flattened(each.body, each.line)
        yield each


class Builder:
    """Builds the blocks of one lesson.

    Args:
        lesson: Its id.
        file: Its file, for messages.
        reader: Of its texts.
        entries: Its numbers.
        kept: The outputs of its code.
        originals: For a translation, the directives of the original, in order.
    """

    def __init__(
        self,
        lesson: str,
        file: str,
        reader: Reader,
        entries: Mapping[str, Entry],
        kept: Kept,
        originals: Iterator[Directive] | None = None,
    ) -> None:
        self._lesson = lesson
        self._file = file
        self._reader = reader
        self._entries = entries
        self._kept = kept
        self._originals = originals
        self._exercises = self._predictions = 0
        self._open: tuple[dict[str, Any], int] | None = None

    def build(self, directive: Directive) -> Block | None:
        """The block of a directive; None for a prediction, which comes with its reveal."""
        makers: dict[str, Callable[[Directive], Block | None]] = {
            "view": self._view,
            "prediction": self._prediction,
            "reveal": self._reveal,
            "exercise": self._exercise,
            "run": self._run,
            "code": self._code,
            "repair": self._repair,
        }
        if directive.name not in makers:
            self._fail(
                directive.line - 1,
                f"Expected a directive ({', '.join(NAMES)}), found {directive.name or 'no name'}.",
            )
        if self._open is not None and directive.name != "reveal":
            self._fail(directive.line - 1, "Expected the :::reveal of the prediction before.")
        return makers[directive.name](directive)

    def end(self) -> None:
        """Say so if a prediction has no reveal, or a translation lacks a directive."""
        if self._open is not None:
            self._fail(self._open[1], "Expected a :::reveal after this prediction.")
        left = next(self._originals, None) if self._originals is not None else None
        if left is not None:
            self._fail(
                0,
                f"Expected one more directive, as the original has in line {left.line - 1}: "
                f":::{left.name}.",
            )

    def _fields(self, directive: Directive) -> tuple[Fields, str]:
        """The fields, and the argument, of the translation over those of the original."""
        values = read_table(directive.body, self._file, directive.line)
        argument = directive.argument
        original = self._original(directive)
        if original is not None:
            strange = next((name for name in values if name not in TEXTS), None)
            if strange is not None:
                self._fail(
                    directive.line - 1,
                    f"Expected only texts in a translation ({', '.join(sorted(TEXTS))}), found "
                    f"`{strange}`: it is that of the original.",
                )
            first = read_table(original.body, self._file, directive.line)
            for name in first.keys() & TEXTS - values.keys():
                self._fail(directive.line - 1, f"Expected a translation of `{name}`.")
            for name in values.keys() - first.keys():
                self._fail(directive.line - 1, f"The original has no `{name}` here.")
            values = {**first, **values}
            argument = original.argument
        what = f"the {directive.name}"
        return Fields(values, what, self._file, directive.line, directive.body), argument

    def _original(self, directive: Directive) -> Directive | None:
        """The directive that this one translates; None in the original itself."""
        if self._originals is None:
            return None
        found = next(self._originals, None)
        if found is None or found.name != directive.name:
            there = f":::{found.name} (its line {found.line - 1})" if found else "no further one"
            self._fail(
                directive.line - 1,
                f"Expected the directives of the original in their order, found :::"
                f"{directive.name} where it has {there}.",
            )
        return found

    def _view(self, directive: Directive) -> View:
        fields, argument = self._fields(directive)
        line = directive.line - 1
        kind = next((known for known in VIEW_KINDS if known == argument), None)
        if kind is None:
            self._fail(
                line, f"Expected a view ({', '.join(VIEW_KINDS)}), found {argument or 'none'}."
            )
        formula = "" if kind == "chain" else fields.text("formula")
        settings: dict[str, float | str] = {}
        for name in _SETTINGS[kind]:
            if name not in fields:
                continue
            if name == "activation":
                settings[name] = fields.one_of(name, ACTIVATIONS)
            elif name == "optimizer":
                settings[name] = fields.one_of(name, OPTIMIZERS)
            elif name == "notation":
                settings[name] = fields.text(name)
            else:
                settings[name] = self._number(fields, name)
        at = fields.point("at", lambda value, place: self._value(fields, value, place))
        drag = fields.text("drag", "")
        if drag and drag not in (*_DRAGS[kind], *at):
            fields.refuse(
                "drag", f"one of {', '.join((*_DRAGS[kind], *at)) or 'the names in `at`'}", drag
            )
        view = View(
            kind=kind,
            formula=formula,
            wrt=fields.text("wrt", ""),
            at=at,
            drag=drag,
            settings=settings,
            caption=self._text(fields, "caption", line),
        )
        fields.end()
        return view

    def _prediction(self, directive: Directive) -> None:
        fields, _ = self._fields(directive)
        line = directive.line
        choices, answer = self._choices(fields, line)
        question = self._text(fields, "question", line, needed=True)
        fields.end()
        self._open = ({"question": question, "choices": choices, "answer": answer}, line)

    def _reveal(self, directive: Directive) -> Prediction:
        if self._open is None:
            self._fail(directive.line - 1, "Expected a :::prediction before this reveal.")
        opened, self._open = self._open[0], None
        self._predictions += 1
        number = self._predictions
        revealed = self._reader.blocks(directive.body, directive.line, self.build)
        self._original(directive)
        return Prediction(number=number, reveal=revealed, **opened)

    def _exercise(self, directive: Directive) -> LessonExercise:
        fields, _ = self._fields(directive)
        line = directive.line
        self._exercises += 1
        common: dict[str, Any] = {
            "id": f"{self._lesson}/{self._exercises}",
            "skill": fields.text("skill"),
            "question": self._text(fields, "question", line),
        }
        kind = fields.one_of("kind", ("derivative", "value", "choice"), "derivative")
        if "level" in fields:
            made = (fields.whole("level"), fields.whole("seed", 1))
            exercise = LessonExercise(kind="derivative", generated=made, **common)
        elif kind == "derivative":
            exercise = LessonExercise(
                kind="derivative",
                formula=fields.text("formula"),
                wrt=fields.text("wrt"),
                at=fields.point("at", lambda value, place: self._value(fields, value, place)),
                **common,
            )
        else:
            exercise = self._asked(fields, kind == "value", line, common)
        fields.end()
        return exercise

    def _asked(
        self, fields: Fields, number: bool, line: int, common: dict[str, Any]
    ) -> LessonExercise:
        """An exercise of the author's own, with the author's hints."""
        if not common["question"]:
            fields.error("Expected a `question` in an exercise that asks for no derivative.")
        hints = tuple(self._reader.inline(each, line) for each in fields.texts("hints"))
        if len(hints) != 3:
            fields.refuse("hints", "three hints", len(hints))
        worked = self._text(fields, "worked", line)
        if not number:
            choices, answer = self._choices(fields, line)
            return LessonExercise(
                kind="choice",
                choices=choices,
                answer=answer,
                hints=hints,
                worked=worked,
                **common,
            )
        value = self._named(fields, fields.text("answer"))
        return LessonExercise(kind="value", value=value, hints=hints, worked=worked, **common)

    def _run(self, directive: Directive) -> RealRun:
        fields, _ = self._fields(directive)
        run = RealRun(
            fault=fields.text("fault"),
            example=fields.text("example").rpartition("/")[2],
            view=fields.one_of("view", ("chain", "slope", "landscape", ""), ""),
            text=self._text(fields, "text", directive.line),
        )
        fields.end()
        return run

    def _code(self, directive: Directive) -> Cell:
        original = self._original(directive)
        body = directive.body if directive.body.strip() or original is None else original.body
        code = self._reader.put_in(body, "code", directive.line).strip("\n") + "\n"
        return Cell(code, self._kept.output(code))

    def _repair(self, directive: Directive) -> Repair:
        fields, _ = self._fields(directive)
        script = fields.text("script")
        repair = Repair(
            script=script,
            name=script.removesuffix(".py"),
            fault=fields.text("fault"),
            judge="run" if fields.one_of("judge", ("check", "run"), "check") == "run" else "check",
            text=self._text(fields, "text", directive.line),
        )
        fields.end()
        return repair

    def _choices(self, fields: Fields, line: int) -> tuple[tuple[Choice, ...], int]:
        texts, because = fields.texts("choices"), fields.texts("because")
        if len(texts) < 2 or len(because) != len(texts):
            fields.error(
                f"Expected two choices or more and a `because` for each, found {len(texts)} and "
                f"{len(because)}.",
                "because",
            )
        if "truth" in fields:
            answer = self._truth(fields, fields.texts("truth"), len(texts))
        else:
            answer = fields.whole("answer")
        if not 0 <= answer < len(texts):
            fields.refuse("answer", f"0 to {len(texts) - 1}", answer)
        read = self._reader.inline
        pairs = zip(texts, because, strict=True)
        return tuple(Choice(read(t, line), read(b, line)) for t, b in pairs), answer

    def _truth(self, fields: Fields, comparisons: tuple[str, ...], choices: int) -> int:
        """The one choice whose comparison holds."""
        if len(comparisons) != choices:
            fields.refuse("truth", f"{choices} comparisons", len(comparisons))
        holds = []
        for i, text in enumerate(comparisons):
            found = _COMPARISON.fullmatch(text.strip())
            if found is None:
                fields.refuse("truth", "comparisons such as a < b", text)
            left, sign, right = found.groups()
            if _COMPARE[sign](self._side(fields, left), self._side(fields, right)):
                holds.append(i)
        if len(holds) != 1:
            fields.error(f"Expected one comparison to hold, found {len(holds)}.", "truth")
        return holds[0]

    def _side(self, fields: Fields, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return self._named(fields, text)

    def _named(self, fields: Fields, name: str) -> float:
        found = self._entries.get(name.removeprefix("@"))
        if not isinstance(found, float):
            known = ", ".join(n for n, e in self._entries.items() if isinstance(e, float))
            fields.error(f"Expected a number of [compute] ({known or 'none'}), found {name}.")
        return found

    def _number(self, fields: Fields, name: str) -> float:
        return self._value(fields, fields.any(name), name)

    def _value(self, fields: Fields, value: Any, place: str) -> float:
        if isinstance(value, str) and value.startswith("@"):
            return self._named(fields, value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        fields.refuse(place, 'a number or "@name"', value)

    def _text(self, fields: Fields, name: str, line: int, *, needed: bool = False) -> Inline:
        text = fields.text(name, None if needed else "")
        return self._reader.inline(text, line) if text.strip() else ()

    def _fail(self, line: int, sentence: str) -> NoReturn:
        raise LessonError(self._file, line, sentence)
