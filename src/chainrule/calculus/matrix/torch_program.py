"""A matrix derivation as a program: forward, backward by hand, and autograd beside it."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.build import name, substitute
from chainrule.calculus.program_text import CodeLine, ProgramText
from chainrule.calculus.torch_code import prelude, python_name
from chainrule.calculus.tree import Name, Node
from chainrule.records.message import Message

from .class_numbers import class_numbers
from .derivation import Cotangent, MatrixDerivation
from .evaluate import MatrixEvaluation, short
from .fit import Shape
from .narrated_shapes import shapes_of
from .torch_code import DEFINITIONS_OF_MATRICES, MatrixTorchCode

SEED = 0
"""Of the numbers that a program draws where no point was given: the same in every run."""


def matrix_program(derivation: MatrixDerivation, at: MatrixEvaluation | None = None) -> Message:
    """The program; run, it prints the gradient by hand and by autograd.

    Its remarks are the fields of the message, so that they alone change with the language.

    Args:
        derivation: Of what.
        at: At which point; without one the program draws numbers.
    """
    return _Program(derivation, at).text()


class _Program:
    def __init__(self, derivation: MatrixDerivation, at: MatrixEvaluation | None) -> None:
        self._found = derivation
        self._at = at
        self._shapes = shapes_of(derivation)
        self._classes = class_numbers(derivation.formula.root, self._shapes)
        self._code = MatrixTorchCode(self._shapes)
        self._seed = derivation.seed.name if isinstance(derivation.seed, Name) else ""
        taken = {python_name(each) for each in self._shapes.names}
        prefixes = ("d_", "grad_", "slope_")
        free = (d for d in prefixes if not any(each.startswith(d) for each in taken))
        self._d = next(free, "gradient_of_")
        self._names = {
            each.name: name(self._d + python_name(each.quantity))
            for each in derivation.cotangents
            if each.name
        }
        for each in derivation.cotangents:
            if each.name:
                self._shapes.names[self._d + python_name(each.quantity)] = each.shape

    def text(self) -> Message:
        blocks = [self._inputs(), self._forward(), self._backward(), self._autograd()]
        needed = list(dict.fromkeys(self._code.needed))
        of_matrices = [DEFINITIONS_OF_MATRICES[f] for f in needed if f in DEFINITIONS_OF_MATRICES]
        defined = [*prelude(needed), *"\n".join(of_matrices).splitlines()]
        return ProgramText().put_together(blocks, defined, f"torch.manual_seed({SEED})")

    # ---- inputs -----------------------------------------------------------------------

    def _inputs(self) -> list[CodeLine]:
        lines = []
        for called, shape in self._found.names.items():
            moves = called == self._found.variable
            value, remark = self._value(called, shape)
            code = f"{python_name(called)} = {value}"
            code += ".requires_grad_()" if moves else ""
            lines.append(CodeLine(code=code, remark=remark))
        return lines

    def _value(self, called: str, shape: Shape) -> tuple[str, str]:
        if self._at is not None and called in self._at.point:
            values = self._at.point[called].tolist()
            return f"torch.tensor({values!r})", ""
        if called in self._classes:
            count = self._classes[called]
            values = [float(i % count) for i in range(shape[0])] if shape else 0.0
            return f"torch.tensor({values!r})", Message("classes, counted from 0")
        sizes = ", ".join(map(str, shape))
        if called in self._found.symmetric:
            text = f"(torch.eye({shape[0]}) + torch.cov(torch.rand({shape[0]}, 9)))"
            return text, Message("any numbers, symmetric")
        if called in self._found.normalised:
            remark = Message("any numbers, rows add up to 1")
            return f"torch.softmax(torch.rand({sizes}), -1)", remark
        if len(shape) == 2 and shape[0] == shape[1]:
            text = f"({shape[0]} * torch.eye({shape[0]}) + torch.rand({sizes}))"
            return text, Message("any numbers, so that it has an inverse")
        return f"torch.rand({sizes or '()'})", Message("any numbers")

    # ---- forward and back ------------------------------------------------------------

    def _forward(self) -> list[CodeLine]:
        lines = [CodeLine(remark=Message("Forward: one operation a line."))]
        for each in self._found.quantities:
            if each.name == self._found.variable:
                continue
            shape = " × ".join(map(str, each.shape)) or Message("a number")
            remark = shape if self._at is None else short(self._at(each.node))
            code = f"{python_name(each.name)} = {self._written(each.local)}"
            lines.append(CodeLine(code=code, remark=remark))
        return lines

    def _backward(self) -> list[CodeLine]:
        found = self._found
        result = python_name(found.result)
        said = Message("Backward: what each line's value gets, of its own shape.")
        lines = [CodeLine(remark=said)]
        if self._seed:
            lines.append(
                CodeLine(
                    code=f"{python_name(self._seed)} = torch.ones_like({result})",
                    remark=Message("which entries of the result count, and how much"),
                )
            )
        rules = self._rules()
        for each in found.cotangents:
            if each.name or each.quantity == found.variable:
                lines += self._gets(each, rules.get(each.quantity, []))
        if found.variable not in {each.quantity for each in found.cotangents}:
            zero = f"torch.zeros_like({python_name(found.variable)})"
            lines.append(CodeLine(code=f"{self._d}{python_name(found.variable)} = {zero}"))
        lines.append(CodeLine(code=f"print({self._d}{python_name(found.variable)})"))
        return lines

    def _rules(self) -> dict[str, list[str]]:
        """For each quantity the names of the rules by which it gets something."""
        found: dict[str, list[str]] = {}
        for step in self._found.steps:
            for pull in step.pulls:
                found.setdefault(pull.quantity, []).append(step.name)
        return found

    def _gets(self, known: Cotangent, rules: Sequence[str]) -> list[CodeLine]:
        called = self._d + python_name(known.quantity)
        several = len(known.terms) > 1
        trees = known.terms if several else (known.tidy,)
        # the terms stand in the order of the formula, the rules in that of the steps
        adding = Message("{count} uses add up", count=len(trees))
        remarks = rules if not several else [adding] * len(trees)
        lines = []
        total = known.quantity == self._found.variable
        for i, tree in enumerate(trees):
            right = self._written(tree)
            if not i and total and self._shapes(known.tidy) != self._found.variable_shape:
                right = f"{right} * torch.ones_like({python_name(known.quantity)})"
            elif not i and total and several:
                right = f"{right} + torch.zeros_like({python_name(known.quantity)})"
            lines.append(
                CodeLine(
                    code=f"{called} {'=' if not i else '= ' + called + ' +'} {right}",
                    remark=remarks[min(i, len(remarks) - 1)] if remarks else "",
                )
            )
        return lines

    def _autograd(self) -> list[CodeLine]:
        variable = python_name(self._found.variable)
        seed = python_name(self._seed) if self._seed else ""
        return [
            CodeLine(remark=Message("The same by autograd.")),
            CodeLine(code=f"{python_name(self._found.result)}.backward({seed})"),
            CodeLine(code=f"print({variable}.grad)"),
        ]

    def _written(self, tree: Node) -> str:
        parts: Mapping[str, Node] = self._names
        return self._code.write(substitute(tree, parts))
