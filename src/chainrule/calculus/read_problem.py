"""Reads what a learner types beyond one formula: which statement is what."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chainrule.records.message import Message, as_message

from .definitions import evaluation_order
from .errors import FormulaError
from .problem import Equation, Problem, numbered_through
from .problem_statements import Functions, Statement, read_part, statements
from .tokens import suggestion
from .tree import Formula


def read_problem(text: str, *, variables: Sequence[str] = ()) -> Problem:
    """Read a formula, a named result with definitions, or an equation.

    Statements are separated by `;` or new lines. The result is the first one; if others use it, it
    is the one that no other uses, as at the end of a program. `x(t) = cos t` is `x = cos t`, and
    x(t) may then be written for x.

    Args:
        text: What was typed.
        variables: Names that stand for variables even if they are those of constants.

    Raises:
        FormulaError: If it cannot be read, a name is defined twice or by itself, or something is
            defined that nothing uses; the message points at the place.
    """
    found = statements(text)
    if len(found) == 1 and found[0].equals is None:
        return Problem(text=text, formula=read_part(text, found[0].span, variables, {}))
    curve = _curve(text, found, variables)
    named = [each for each in found if each.name and each is not curve]
    _check_once(text, named)
    names = (*variables, *(each.name for each in named))
    functions = {each.name: each.arguments for each in named}
    formulas = {each.name: read_part(text, each.body, names, functions) for each in named}
    for each in named:
        _check_arguments(text, each, formulas)
    if curve is not None:
        assert curve.equals is not None
        left = read_part(text, (curve.span[0], curve.equals), names, functions)
        equation = Equation(
            text=text, left=left, right=read_part(text, curve.body, names, functions)
        )
        result = Problem(text=text, formula=equation.difference, equation=equation)
    else:
        result = _result(text, found, names, functions, formulas)
    needs = {result.name: result.formula, **formulas}
    evaluation_order(needs, text)  # refuses circles
    definitions = {each.name: formulas[each.name] for each in named if each.name != result.name}
    _check_used(text, named, needs, result.name)
    return numbered_through(replace(result, definitions=tuple(definitions.items())))


def _curve(text: str, found: Sequence[Statement], variables: Sequence[str]) -> Statement | None:
    """The equation among the statements.

    It has no single name on the left; the first statement may have one, if it is on the right too.
    """
    curves = [each for each in found if each.equals is not None and not each.name]
    first = found[0]
    if first.name and first.arguments is None:
        functions = {each.name: each.arguments for each in found[1:] if each.name}
        if first.name in read_part(text, first.body, (*variables, first.name), functions).names:
            curves.insert(0, first)
    if len(curves) > 1:
        raise FormulaError(
            Message(
                "This is a second equation, and one curve is read at a time: write a definition as "
                "name = formula."
            ),
            text,
            _begin(text, curves[1]),
        )
    if curves and any(each.equals is None for each in found):
        other = next(each for each in found if each.equals is None)
        raise FormulaError(
            Message("Expected name = formula beside the equation, found a formula without a name."),
            text,
            _begin(text, other),
        )
    return curves[0] if curves else None


def _result(
    text: str,
    found: Sequence[Statement],
    names: Sequence[str],
    functions: Functions,
    formulas: Mapping[str, Formula],
) -> Problem:
    nameless = [each for each in found if each.equals is None]
    if len(nameless) > 1:
        raise FormulaError(
            Message("Expected name = formula here: only the result may go without a name."),
            text,
            _begin(text, nameless[1]),
        )
    if nameless:
        return Problem(text=text, formula=read_part(text, nameless[0].span, names, functions))
    used = {name for each in formulas.values() for name in each.names}
    unused = [each.name for each in found if each.name not in used]
    name = unused[0] if len(unused) == 1 else found[0].name
    return Problem(text=text, name=name, formula=formulas[name])


def _begin(text: str, statement: Statement) -> int:
    start, stop = statement.span
    return stop - len(text[start:stop].lstrip())


def _check_once(text: str, named: Sequence[Statement]) -> None:
    seen: dict[str, int] = {}
    for each in named:
        if each.name in seen:
            raise FormulaError(
                Message(
                    "{name} is defined twice, first at column {column}: give one of them another "
                    "name.",
                    name=each.name,
                    column=seen[each.name] + 1,
                ),
                text,
                each.name_at,
            )
        seen[each.name] = each.name_at


def _check_arguments(text: str, each: Statement, formulas: Mapping[str, Formula]) -> None:
    """In x(y) = 3 nobody knows whether x is a function of y or multiplied by it."""
    if each.arguments is None:
        return
    reached: set[str] = set()
    left = [each.name]
    while left:
        formula = formulas[left.pop()]
        fresh = set(formula.names) - reached
        reached |= fresh
        left += [name for name in fresh if name in formulas]
    if not reached & set(each.arguments):
        inside = ", ".join(each.arguments)
        raise FormulaError(
            Message(
                "{name}({inside}) can be read as a function, but its formula does not hold "
                "{inside}, or as a product: write {name} = … or {name} * ({inside}) = ….",
                name=each.name,
                inside=inside,
            ),
            text,
            each.name_at,
        )


def _check_used(
    text: str, named: Sequence[Statement], needs: Mapping[str, Formula], result: str
) -> None:
    used: set[str] = set()
    left = [result]
    while left:
        fresh = {*needs[left.pop()].names} - used
        used |= fresh
        left += [name for name in fresh if name in needs]
    for each in named:
        if each.name != result and each.name not in used:
            free = sorted(used - set(needs))
            whole = (
                Message("the result {name}", name=result)
                if result
                else Message("the first formula")
            )
            raise FormulaError(
                Message(
                    "{name} is defined here, but {whole} does not use it.{suggestion}",
                    name=each.name,
                    whole=whole,
                    suggestion=as_message(suggestion(each.name, free)),
                ),
                text,
                each.name_at,
            )
