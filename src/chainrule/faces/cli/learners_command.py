"""A command for learners: its help, and what is wrong with its options, in their language."""

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from .failure import failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainrule.records.message import Translate

SAY = "say"
"""Under which name the root's `obj` has what translates."""


class LearnersCommand(TyperCommand):
    """Writes the same help as Typer, with each text translated before it is put in its place.

    Typer asks gettext for a few words of its own, in the language of the process; here all come
    from our catalogue, and follow `--language`.
    """

    # Typer takes any context of its private copy of Click, which has no public name
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer, which has one English sentence for arguments that are too many."""
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, args)
        if left:
            from chainrule.records.message import Message

            raise failed(
                "{sentence} Try: {command} --help",
                sentence=Message("Expected no more arguments, found {found!r}.", found=left[0]),
                command=ctx.command_path,
            )
        return left

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Usage, what the command does, its arguments and options."""
        from chainrule.learning.locale.help_lines import help_lines

        say: Translate = (ctx.obj or {}).get(SAY, str)
        shown = [each for each in self.get_params(ctx) if not getattr(each, "hidden", False)]
        for each in shown:
            each.metavar = each.metavar and say(each.metavar)
        pieces = [f"[{say('OPTIONS')}]"]
        pieces += [piece for each in shown for piece in each.get_usage_pieces(ctx)]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=f"{say('Usage')}: ")
        for paragraph in (self.help or "").split("\n\n"):
            formatter.write_paragraph()
            with formatter.indentation():
                for line in help_lines(paragraph):
                    formatter.write_text(say(line))
        self._write_rows(
            say("Arguments"), [e for e in shown if e.param_type_name == "argument"], ctx, formatter
        )
        self._write_rows(
            say("Options"), [e for e in shown if e.param_type_name == "option"], ctx, formatter
        )

    @staticmethod
    def _write_rows(
        title: str, parameters: "Sequence[Any]", ctx: typer.Context, formatter: Any
    ) -> None:
        say: Translate = (ctx.obj or {}).get(SAY, str)
        rows = []
        for each in parameters:
            record = each.get_help_record(ctx)
            facts = "; ".join(say(fact) for fact in _facts(each))
            parts = [_help(each, say), facts and f"[{facts}]"]
            rows.append((record[0], "  ".join(filter(None, parts))))
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _help(parameter: Any, say: "Translate") -> str:
    if "--help" in parameter.opts:
        return say("Show this message and exit.")  # Typer's own words
    return say(parameter.help) if parameter.help else ""


def _facts(parameter: Any) -> Iterator[str]:
    """What holds of a parameter beside what its help says: the default, limits, whether needed."""
    from chainrule.records.message import Message

    default = parameter.default
    if isinstance(default, Enum):
        default = default.value
    if default not in (None, False, "") and not parameter.required:
        yield Message("default: {default}", default=default)
    limits = expected_numbers(parameter.type)
    if limits:
        yield limits
    if parameter.required:
        yield Message("required")


def expected_numbers(kind: Any) -> str:
    """The range of a type of numbers, as 1<=x<=5; empty for other types and without limits."""
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    if least is None or most is None:
        return "" if least is None else f"x>={least}"
    return f"{least}<=x<={most}"
