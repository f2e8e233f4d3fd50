"""The lines of a program that a derivation is written as, with remarks in any language."""

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.records.message import Message, as_message

WIDEST_CODE = 44
"""Columns after which a remark no longer stands in line with those of other lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """Code, a remark, or both: the remark after the code."""

    code: str = ""
    remark: str = ""


class ProgramText:
    """Puts blocks of lines together; remarks are fields of the message that comes out.

    So they alone change with the language.
    """

    def __init__(self) -> None:
        self._remarks: dict[str, Message] = {}

    def put_together(
        self, blocks: Sequence[Sequence[CodeLine]], defined: Sequence[str], setting: str = ""
    ) -> Message:
        """The program, imports first.

        Args:
            blocks: What it does, an empty line between two.
            defined: Lines that define what PyTorch has no name for.
            setting: A line before these, such as the seed; only used if something is drawn.
        """
        body = "\n\n".join(map(self._aligned, blocks))
        head = ["import torch"]
        if "math." in body:
            head.insert(0, "import math")
        if "F." in body or any("F." in line for line in defined):
            head.append("import torch.nn.functional as F")
        head += ["", "torch.set_default_dtype(torch.float64)"]
        if setting and "torch.rand" in body:
            head.append(setting)
        if defined:
            remark = Message("PyTorch has no functions of these names.")
            head += ["", f"# {self._noted(remark)}", *map(_escaped, defined)]
        return Message("\n".join(head).rstrip() + "\n\n" + body, **self._remarks)

    def _noted(self, remark: str) -> str:
        """The place of a remark in the template of the program."""
        called = f"remark{len(self._remarks)}"
        self._remarks[called] = as_message(remark)
        return f"{{{called}}}"

    def _aligned(self, lines: Sequence[CodeLine]) -> str:
        """Lines with their remarks below one another, where the code leaves room."""
        widths = [len(line.code) for line in lines if line.remark and len(line.code) <= WIDEST_CODE]
        column = max(widths, default=0)
        return "\n".join(self._line(each, column) for each in lines)

    def _line(self, line: CodeLine, column: int) -> str:
        if not line.remark:
            return _escaped(line.code)
        remark = f"# {self._noted(line.remark)}"
        return f"{_escaped(f'{line.code:<{column}}')}  {remark}" if line.code else remark


def _escaped(code: str) -> str:
    """Code in the template of a message, whose braces are doubled."""
    return code.replace("{", "{{").replace("}", "}}")
