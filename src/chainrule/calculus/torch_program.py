"""A derivation as a program: forward, backward link by link, and autograd beside it."""

from dataclasses import replace

from chainrule.records.message import Message, as_message, joined

from .build import multiply, name
from .checks import completed
from .derivation import PRIME, Derivation
from .derive import derive
from .evaluate import DomainError, Evaluation
from .program_text import CodeLine, ProgramText
from .quantities import Quantity, quantities
from .rules import ALL_RULES
from .torch_code import TorchCode, prelude, python_name
from .tree import Formula, Name, Node, distinct

ANY_NUMBER = 0.5
"""What a variable is where the caller gave no point: the program has to run with something, and a
half is in the domain of nearly every function."""


def torch_program(
    derivation: Derivation, numbers: Evaluation | None = None, whole: str = ""
) -> Message:
    """The program; run, it prints the derivative by hand and by autograd, one a line.

    Its remarks are the fields of the message, so that they alone change with the language.

    Args:
        derivation: Of what.
        numbers: At which point, and the values that are noted beside the lines.
        whole: What the result is called; empty for any free name.
    """
    if any(
        isinstance(node, Name) and node.name.endswith(PRIME) for node in distinct(derivation.raw)
    ):
        remark = Message(
            "An implicit curve has no forward pass: solve for the slope on paper first."
        )
        return joined(["# ", remark], "")
    return _Program(derivation, numbers, whole).text()


class _Program:
    def __init__(self, derivation: Derivation, numbers: Evaluation | None, whole: str) -> None:
        self._derivation = derivation
        self._numbers = None if numbers is None else completed(derivation, numbers)
        self._code = TorchCode()
        self._all = quantities(derivation.formula, dict(derivation.definitions), whole)
        given = {each.label for each in self._all if each.expression is None}
        labels = {python_name(each.label) for each in self._all}
        self._d = next(d for d in ("d_", "grad_", "slope_") if not _begins(labels, d))
        self._held = given - {derivation.variable}

    def text(self) -> Message:
        blocks = [self._inputs(), self._forward(), self._backward(), self._autograd()]
        return ProgramText().put_together(blocks, prelude(self._code.needed))

    def _inputs(self) -> list[CodeLine]:
        lines = []
        for each in self._all:
            if each.expression is not None:
                continue
            value = ANY_NUMBER
            remark: str = Message("any number")
            if self._numbers is not None and each.label in self._numbers.point:
                value, remark = float(self._numbers.point[each.label]), ""
            moving = each.label == self._derivation.variable
            needs = ", requires_grad=True" if moving else ""
            if not moving:
                held = Message("held constant")
                remark = joined([held, remark], ", ") if remark else held
            code = f"{python_name(each.label)} = torch.tensor({value!r}{needs})"
            lines.append(CodeLine(code=code, remark=remark))
        return lines

    def _forward(self) -> list[CodeLine]:
        lines = [CodeLine(remark=Message("Forward: one operation a line."))]
        for each in self._all:
            if each.expression is not None:
                code = f"{python_name(each.label)} = {self._code.write(each.expression)}"
                lines.append(CodeLine(code=code, remark=self._value(each.part)))
        return lines

    def _backward(self) -> list[CodeLine]:
        result = self._all[-1].label
        variable = self._derivation.variable
        d, whole = self._d, python_name(result)
        lines = [
            CodeLine(remark=Message("Backward: the slope of the result by each line's quantity.")),
            CodeLine(code=f"{d}{whole} = torch.tensor(1.0)"),
        ]
        varies = self._varying()
        reached: set[str] = {result}
        for each in reversed(self._all):
            if each.expression is None or each.label not in varies:
                continue
            for label in dict.fromkeys(self._all[i].label for i in each.arguments):
                if label not in varies:
                    continue
                lines.append(self._link(each, label, first=label not in reached))
                reached.add(label)
        if variable not in reached:
            lines.append(CodeLine(code=f"{d}{python_name(variable)} = torch.tensor(0.0)"))
        lines.append(CodeLine(code=f"print({d}{python_name(variable)}.item())"))
        return lines

    def _link(self, quantity: Quantity, label: str, *, first: bool) -> CodeLine:
        assert quantity.expression is not None
        local, rule = _local(quantity.expression, label)
        came = name(f"{self._d}{python_name(quantity.label)}")
        sign = "=" if first else "+="
        product = self._code.write(came if local is None else multiply(came, local))
        return CodeLine(
            code=f"{self._d}{python_name(label)} {sign} {product}",
            remark=rule
            if first
            else Message("{rule}; a second way in adds", rule=as_message(rule)),
        )

    def _autograd(self) -> list[CodeLine]:
        variable = python_name(self._derivation.variable)
        return [
            CodeLine(remark=Message("The same by autograd.")),
            CodeLine(code=f"{python_name(self._all[-1].label)}.backward()"),
            CodeLine(code=f"print({variable}.grad.item())"),
        ]

    def _varying(self) -> set[str]:
        """Labels of what depends on the variable."""
        varies = {self._derivation.variable}
        for each in self._all:
            if any(self._all[i].label in varies for i in each.arguments):
                varies.add(each.label)
        return varies

    def _value(self, part: Node) -> str:
        if self._numbers is None:
            return ""
        try:
            return f"{self._numbers(part):.6g}"
        except DomainError:
            return Message("not a real number")


def _local(expression: Node, label: str) -> tuple[Node | None, str]:
    """The derivative of one operation by one input, None for 1; and the name of its rule."""
    if isinstance(expression, Name):
        return None, Message("another name for it")
    operation = replace(expression, id=-1, span=(0, 0), parentheses=0)
    derived = derive(Formula(text="", root=operation), label, routes=False)
    rule = ALL_RULES[derived.root.rule].name
    local = derived.tidy
    return (None if _is_one(local) else local), rule


def _is_one(node: Node) -> bool:
    return getattr(node, "text", "") == "1"


def _begins(labels: set[str], start: str) -> bool:
    return any(label.startswith(start) for label in labels)
