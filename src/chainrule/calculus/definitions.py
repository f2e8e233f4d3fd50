"""What a learner types beyond one formula: named results, definitions, and equations.

L = (sigmoid(w*x + b) - t)²                  a result with a name
z = x² y; x = cos t; y = sin t               a composition
x² + y² = 25                                 an implicit curve
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.records.message import Message, as_message
from chainrule.records.shortened import brief

from .build import substitute
from .errors import FormulaError
from .evaluate import Evaluation
from .parse import MAX_DEPTH, parse
from .problem_statements import Functions, Statement, read_part, statements
from .tokens import suggestion
from .tree import Formula, Name, Node, Sum, children, walk, with_children
from .writing import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """left = right: a curve in the plane of two of its names.

    Attributes:
        text: As typed.
        left: The formula on the left; its places are those in the whole text.
        right: That on the right.
    """

    text: str
    left: Formula
    right: Formula

    @property
    def names(self) -> tuple[str, ...]:
        """Names on both sides, in the order in which they first stand there."""
        return tuple(dict.fromkeys((*self.left.names, *self.right.names)))

    @property
    def difference(self) -> Formula:
        """F = left − right, which is 0 on the curve."""
        right = write(self.right)
        if right == "0":
            return self.left
        root = Sum(
            terms=(self.left.root, self.right.root),
            operators=("-",),
            span=(self.left.root.span[0], self.right.root.span[1]),
        )
        return replace(self.left, root=numbered(root))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What was typed.

    The ids of all parts together are unique: those of the formula, or of both sides of an equation,
    come first.

    Attributes:
        text: As typed; the places in all formulas are places in it.
        name: Of the result, as `L`; empty if it has none.
        formula: The result; of an equation, left − right.
        definitions: Names that stand for formulas of their own, in the order in which they were
            typed.
        equation: The curve, if an equation was typed.
        inner: Those of the definitions that nobody typed: names for inner parts.
    """

    text: str
    name: str = ""
    formula: Formula
    definitions: tuple[tuple[str, Formula], ...] = ()
    equation: Equation | None = None
    inner: tuple[str, ...] = ()

    @property
    def defined(self) -> dict[str, Formula]:
        """The definitions by name."""
        return dict(self.definitions)

    @property
    def curve(self) -> Equation | None:
        """The equation; `x = y³`, which was read as a definition, is one too.

        None for a formula without a name.
        """
        if self.equation is not None or not self.name:
            return self.equation
        left = Formula(text=self.text, root=Name(id=0, name=self.name, text=self.name))
        return Equation(text=self.text, left=left, right=self.formula)

    @property
    def names(self) -> tuple[str, ...]:
        """Names without a definition: those that need a value, and may be differentiated by."""
        known = self.defined
        formulas = (self.formula, *known.values())
        return tuple(
            dict.fromkeys(n for formula in formulas for n in formula.names if n not in known)
        )

    def written_out(self) -> Formula:
        """The result with its definitions put in: a formula of the names that have none.

        Its text and its places are its own.
        """
        known = {name: formula.root for name, formula in self.definitions}
        root = self.formula.root
        for _ in known:  # definitions may need one another, but not themselves
            root = substitute(root, known)
        return parse(write(root))

    def only_name(self) -> str:
        """The one name that may be differentiated by.

        Raises:
            FormulaError: If there are several, or none.
        """
        names = self.names
        if not names:
            raise FormulaError(
                Message(
                    "Expected a formula with a variable, found only numbers: their value does not "
                    "change, so its derivative by anything is 0."
                )
            )
        if len(names) > 1:
            raise FormulaError(
                Message(
                    "Expected a formula of one variable, found {count} ({names}): say by which, "
                    "for example {first}.",
                    count=len(names),
                    names=", ".join(names),
                    first=names[0],
                )
            )
        return names[0]


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


def evaluation_order(definitions: Mapping[str, Formula], text: str = "") -> tuple[str, ...]:
    """Names in an order in which each comes after those that its formula needs.

    Args:
        definitions: Formulas by name.
        text: What was typed, for messages.

    Raises:
        FormulaError: If they go round in a circle, or are nested too deep.
    """
    depth: dict[str, int] = {}
    for first in definitions:
        path: list[tuple[str, bool]] = [(first, False)]
        within: list[str] = []
        while path:
            name, entered = path.pop()
            if entered:
                within.pop()
                inner = (depth[n] for n in definitions[name].names if n in definitions)
                depth[name] = 1 + max(inner, default=0)
                if depth[name] > MAX_DEPTH:
                    raise FormulaError(
                        Message(
                            "The definitions need one another more than {most} deep.",
                            most=MAX_DEPTH,
                        ),
                        text,
                    )
            elif name not in depth:
                path.append((name, True))
                within.append(name)
                for needed in reversed(definitions[name].names):
                    if needed in within:
                        raise _circle(
                            needed, [*within[within.index(needed) :], needed], definitions
                        )
                    if needed in definitions:
                        path.append((needed, False))
    return tuple(depth)


def values_at(definitions: Mapping[str, Formula], point: Mapping[str, float]) -> dict[str, float]:
    """A point with the values of the names that are defined.

    Raises:
        FormulaError: If a name has no value, or one is given for a name that is defined.
        DomainError: If a definition has no value there.
    """
    for name in point:
        if name in definitions:
            meant = brief(write(definitions[name]))
            raise FormulaError(
                Message(
                    "{name} stands for {formula}, so its value follows from the others: leave out "
                    "{name}={value:g}.",
                    name=name,
                    formula=meant,
                    value=point[name],
                )
            )
    values = dict(point)
    for name in evaluation_order(definitions):
        formula = definitions[name]
        values[name] = Evaluation(values, formula.text)(formula.root)
    return values


def written_out(part: Node, definitions: Mapping[str, Formula]) -> Node:
    """A part with every name that is defined written out, so that only variables are left.

    What stands for a name is shared by all its places: written as text, it may be long.
    """
    written: dict[str, Node] = {}
    for name in evaluation_order(definitions):
        written[name] = substitute(definitions[name].root, written)
    return substitute(part, written)


# ---- what is what --------------------------------------------------------------------------------


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


def _circle(name: str, path: Sequence[str], definitions: Mapping[str, Formula]) -> FormulaError:
    last = definitions[path[-2]]
    place = next(n.span[0] for n in walk(last.root) if isinstance(n, Name) and n.name == name)
    return FormulaError(circle(name, path), last.text, place)


def circle(name: str, path: Sequence[str]) -> Message:
    """What is said of a definition that needs itself.

    Args:
        name: What it defines.
        path: From that name over those it needs back to it.
    """
    if len(path) <= 2:
        return Message(
            "The definition of {name} needs {name} itself: definitions must not go round in a "
            "circle.",
            name=name,
        )
    return Message(
        "The definition of {name} needs {name} itself, by way of {way}: definitions must not go "
        "round in a circle.",
        name=name,
        way=" → ".join(path),
    )


def numbered(root: Node, first: int = 0) -> Node:
    """A tree whose nodes are numbered anew, children before parents and left before right."""
    made: dict[int, Node] = {}
    for number, node in enumerate(walk(root), first):
        parts = [made[id(child)] for child in children(node)]
        made[id(node)] = replace(with_children(node, parts), id=number)
    return made[id(root)]


def numbered_through(problem: Problem) -> Problem:
    """The problem with ids that go on from the formula, or its sides, to its definitions.

    Args:
        problem: With ids that may be those of several parts.
    """
    following = 0

    def onward(formula: Formula) -> Formula:
        nonlocal following
        found = replace(formula, root=numbered(formula.root, following))
        following += len(formula.nodes())
        return found

    if problem.equation is None:
        problem = replace(problem, formula=onward(problem.formula))
    else:
        left, right = problem.equation.left, problem.equation.right
        sides = replace(problem.equation, left=onward(left), right=onward(right))
        problem = replace(problem, equation=sides)
    return replace(
        problem, definitions=tuple((name, onward(each)) for name, each in problem.definitions)
    )
