"""From a formula with shapes to its gradient: back from the result, one differential at a time."""

from collections.abc import Collection, Mapping

from chainrule.calculus.build import (
    add,
    call,
    is_number,
    multiply,
    name,
    number,
    occurs,
    substitute,
)
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tokens import suggestion
from chainrule.calculus.tree import (
    Formula,
    Name,
    Node,
    Unary,
    children,
    with_children,
)
from chainrule.records.message import Message, as_message

from .algebra import Facts, simplified, starred
from .derivation import Cotangent, DifferentialStep, MatrixDerivation, Pull, Quantity
from .fit import Shape
from .jacobian import jacobian_of
from .pulling import pulled, rule_of
from .rules import MatrixRule, Place
from .shapes import Shapes
from .stretching import filled

QUANTITIES = ("u", "v", "h", "z", "q")
"""What values on the way are called, if no name of the formula begins so."""

COTANGENTS = ("G", "Γ", "D", "K")
"""What their cotangents are called."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def derive_matrix(
    formula: Formula,
    variable: str,
    shapes: Mapping[str, Shape],
    *,
    symmetric: Collection[str] = (),
    normalised: Collection[str] = (),
) -> MatrixDerivation:
    """Differentiate a formula of numbers, vectors and matrices by one of its names, step by step.

    Args:
        formula: As it was read.
        variable: By what.
        shapes: The shape of each name, (3,) for a vector of 3, (2, 3) for a matrix; names left out
            are numbers.
        symmetric: Names of symmetric matrices; their transposes are left out.
        normalised: Names of which each row adds up to 1, such as the targets of a cross entropy.

    Returns:
        The steps and the gradient; of a vector or matrix, Jᵀ times a named cotangent, and the
        Jacobian where it has two axes.

    Raises:
        FormulaError: If shapes do not fit, or the variable is not in the formula; the message
            points at the place.

    Example:
        >>> from chainrule.calculus import parse, write
        >>> found = derive_matrix(parse("sum((X @ w)^2)"), "w", {"X": (3, 2), "w": (2,)})
        >>> write(found.gradient)
        '2(Xᵀ @ (X @ w))'

    Cost: some milliseconds; most of it is the algebra at the end.
    """
    if variable not in formula.names:
        raise FormulaError(
            Message(
                "Expected a name of the formula to differentiate by, found {found!r}; it has "
                "{names}.{suggestion}",
                found=variable,
                names=", ".join(formula.names) or Message("none"),
                suggestion=as_message(suggestion(variable, formula.names)),
            ),
            formula.text,
        )
    for each in (*shapes, *symmetric, *normalised):
        if each not in formula.names:
            raise FormulaError(
                Message(
                    "{found!r} is not in the formula, which has {names}.{suggestion}",
                    found=each,
                    names=", ".join(formula.names),
                    suggestion=as_message(suggestion(each, formula.names)),
                ),
                formula.text,
            )
    names = {each: tuple(shapes.get(each, ())) for each in formula.names}
    walk = _Walk(formula, variable, names, symmetric, normalised)
    return walk.derivation()


class _Walk:
    """One derivation in the making."""

    def __init__(
        self,
        formula: Formula,
        variable: str,
        names: dict[str, Shape],
        symmetric: Collection[str],
        normalised: Collection[str],
    ) -> None:
        self._formula = formula
        self._variable = variable
        self._names = names
        self._shapes = Shapes(names, formula.text)
        self._shapes(formula.root)
        for each in symmetric:
            shape = names[each]
            if len(shape) != 2 or shape[0] != shape[1]:
                raise FormulaError(
                    Message(
                        "Expected a square matrix for {name}, which was said to be symmetric; "
                        "found shape {shape}.",
                        name=each,
                        shape=shape,
                    ),
                    formula.text,
                )
        self._facts = Facts(
            shapes=self._shapes, symmetric=tuple(symmetric), normalised=tuple(normalised)
        )
        self._letter = free_letter(QUANTITIES, formula)
        self._cotangent_letter = free_letter(COTANGENTS, formula)
        self._keys = Keys()
        self._quantities: dict[Key, Quantity] = {}
        self._of_name: dict[str, Quantity] = {}
        self._terms: dict[str, list[Node]] = {}
        self._steps: list[DifferentialStep] = []
        self._cotangents: list[Cotangent] = []
        self._expanded: dict[str, Node] = {}

    def derivation(self) -> MatrixDerivation:
        for node in self._formula.nodes():
            if occurs(node, (self._variable,)):
                self._quantity(node)
        result = self._quantities[self._keys(self._formula.root)]
        seed = self._seed(result)
        self._terms[result.name] = [seed]
        for quantity in reversed([*self._quantities.values()]):
            self._visit(quantity)
        collected = self._collected()
        tidying = simplified(collected, self._facts)
        gradient = tidying[-1].after if tidying else collected
        shape = self._names[self._variable]
        assert self._shapes(gradient) == shape, "a gradient has the shape of its variable"
        jacobian = None
        if isinstance(seed, Name):
            jacobian = jacobian_of(gradient, seed.name, result.shape, shape, self._facts)
        return MatrixDerivation(
            formula=self._formula,
            variable=self._variable,
            names=self._names,
            shape=result.shape,
            seed=seed,
            quantities=tuple(self._quantities.values()),
            steps=tuple(self._steps),
            cotangents=tuple(self._cotangents),
            collected=collected,
            tidying=tidying,
            jacobian=jacobian,
            symmetric=tuple(self._facts.symmetric),
            normalised=tuple(self._facts.normalised),
        )

    # ---- forward: the values on the way -------------------------------------------------------

    def _quantity(self, node: Node) -> None:
        key = self._keys(node)
        if key in self._quantities:
            return
        parts = []
        for child in children(node):
            known = self._quantities.get(self._keys(child))
            parts.append(child if known is None else self._name(known))
        local = with_children(node, parts)
        shape = self._shapes(node)
        called = self._variable
        if not isinstance(node, Name):
            count = len(self._quantities) + (self._variable not in self._of_name)
            called = f"{self._letter}{count}"
        if node is self._formula.root and not isinstance(node, Name):
            called = free_letter(("L", "J", "F"), self._formula, alone=True)
        quantity = Quantity(name=called, node=node, local=local, shape=shape)
        self._quantities[key] = self._of_name[called] = quantity
        self._shapes.names[called] = shape

    def _name(self, quantity: Quantity) -> Node:
        return subscripted(quantity.name, (self._variable,))

    def _seed(self, result: Quantity) -> Node:
        if all(size == 1 for size in result.shape):
            return number(1)
        called = self._cotangent_letter
        self._shapes.names[called] = result.shape
        return name(called)

    # ---- back: the cotangents -----------------------------------------------------------------

    def _visit(self, quantity: Quantity) -> None:
        cotangent = self._settled(quantity)
        if quantity.name == self._variable or cotangent is None:
            return
        parts = children(quantity.local)
        moving = [
            i
            for i, part in enumerate(parts)
            if isinstance(part, Name) and part.name in self._of_name
        ]
        place = Place(
            node=quantity.local,
            result=self._name(quantity),
            shape_of=self._shapes,
            moving=tuple(moving),
            text=self._formula.text,
            origin=quantity.node,
        )
        rule = rule_of(quantity.local, self._shapes)
        pulls = self._pulls(rule, place, cotangent)
        stated = rule.stated(place)
        self._steps.append(
            DifferentialStep(
                rule=rule.id,
                name=stated.name,
                quantity=quantity.name,
                cotangent=cotangent,
                differential=stated.differential,
                moved=stated.moved,
                pulls=pulls,
            )
        )

    def _pulls(self, rule: MatrixRule, place: Place, cotangent: Node) -> tuple[Pull, ...]:
        found: list[Pull] = []
        for argument, got in pulled(rule, place, cotangent, self._shapes).items():
            part = place.parts[argument]
            assert isinstance(part, Name)
            found.append(Pull(quantity=part.name, raw=got.raw, term=got.term, stretch=got.stretch))
            self._terms.setdefault(part.name, []).append(got.term)
        return tuple(found)

    def _settled(self, quantity: Quantity) -> Node | None:
        """The cotangent of a quantity, once all that use it have been visited."""
        terms = self._terms.get(quantity.name)
        if not terms:
            return None
        terms = self._in_order(quantity, terms)
        total = add(*terms)
        tidying = simplified(total, self._facts)
        tidy = tidying[-1].after if tidying else total
        shape = self._shapes(tidy)
        last = quantity.name == self._variable
        called = ""
        if not last and not _short(tidy):
            digits = quantity.name.removeprefix(self._letter)
            called = f"{self._cotangent_letter}{digits if digits.isdecimal() else '0'}"
            self._shapes.names[called] = shape
        self._cotangents.append(
            Cotangent(
                quantity=quantity.name,
                name=called,
                terms=tuple(terms),
                total=total,
                tidying=tidying,
                shape=shape,
            )
        )
        known = {each.name: each.node for each in self._of_name.values()}
        expanded = substitute(tidy, {**known, **self._expanded})
        if called:
            self._expanded[called] = expanded
            return subscripted(called, (self._variable,))
        if last:
            self._expanded[self._variable] = expanded
        return tidy

    def _in_order(self, quantity: Quantity, terms: list[Node]) -> list[Node]:
        """What a quantity gets, in the order in which the formula uses it; a plus sign first."""
        ordered = terms[::-1]
        first = next((i for i, term in enumerate(ordered) if not isinstance(term, Unary)), 0)
        ordered.insert(0, ordered.pop(first))
        try:
            self._shapes(add(*ordered))
        except FormulaError:
            # a column and a row cannot be stretched to one another
            like = self._name(quantity)
            return [filled(t, self._shapes(t), quantity.shape, like) for t in ordered]
        return ordered

    def _collected(self) -> Node:
        """The gradient in the learner's own parts, with all its entries."""
        shape = self._names[self._variable]
        like = name(self._variable)
        collected = self._expanded.get(self._variable)
        if collected is None:
            zero = number(0)
            collected = multiply(zero, call("ones_like", like)) if shape else zero
        collected = filled(collected, self._shapes(collected), shape, like)
        return starred(collected, self._shapes)


def _short(node: Node) -> bool:
    """Whether a cotangent stands for itself: a number, a name, or one with a minus sign."""
    if isinstance(node, Unary):
        node = node.operand
    return isinstance(node, Name) or is_number(node, 1) or is_number(node, 0)


def free_letter(letters: tuple[str, ...], formula: Formula, *, alone: bool = False) -> str:
    """The first letter that no name of the formula is, or begins with and goes on in digits."""

    def taken(letter: str) -> bool:
        return any(
            each == letter or (not alone and each.startswith(letter) and each[1:].isdecimal())
            for each in formula.names
        )

    return next((letter for letter in letters if not taken(letter)), f"{letters[0]}_")


def subscripted(called: str, typed: Collection[str]) -> Name:
    """A name, with its number small if the derivation made it: u₁."""
    return Name(name=called, text=called if called in typed else called.translate(_SUBSCRIPTS))
