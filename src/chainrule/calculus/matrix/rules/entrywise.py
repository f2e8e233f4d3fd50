"""What works entry by entry: sums, products, quotients, and every function of numbers."""

from collections.abc import Collection, Mapping

from chainrule.calculus.build import call, is_number, multiply, negative, number, template
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.rules import RULES as SCALAR_RULES
from chainrule.calculus.rules import Task
from chainrule.calculus.rules.function import LETTERS, OuterRule
from chainrule.calculus.tree import (
    Call,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
)
from chainrule.records.message import Message, as_message

from .rule import MatrixMutation, MatrixRule, Place, ShapeOf, Statement

_OUTER = tuple(rule for rule in SCALAR_RULES if isinstance(rule, OuterRule))


class _Entrywise(MatrixRule):
    """A rule of parts that are stretched to one another."""

    stretches = True


class _SumRule(_Entrywise):
    id = "sum"
    name = "sum rule"
    differential = "d(A ± B) = dA ± dB"
    moved = ("⟨G, dA ± dB⟩ = ⟨G, dA⟩ ± ⟨G, dB⟩",)
    why = "A sum changes by the sum of the changes, so each term gets what the sum gets."
    mutations = (
        MatrixMutation(
            id="sum-not-over-rows",
            letter="B",
            after="G",
            message="A bias that is added to every row is used once for each: the rows add up.",
        ),
    )

    def can_be_made(self, mutation: MatrixMutation, place: Place) -> bool:
        """Where a term was stretched to the rows."""
        parts = place.parts
        return len(parts) == 2 and place.shape_of(parts[0]) != place.shape_of(parts[1])

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """Any number of terms, and a single one with a sign."""
        return isinstance(node, Sum | Unary)

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """G, or −G for what is subtracted."""
        node = place.node
        if isinstance(node, Unary):
            signs = [node.operator]
        else:
            assert isinstance(node, Sum)
            signs = ["+", *node.operators]
        return {i: negative(cotangent) if signs[i] == "-" else cotangent for i in place.moving}


class _ProductRule(_Entrywise):
    id = "entrywise-product"
    name = "product rule, entry by entry"
    differential = "d(A ⊙ B) = dA ⊙ B + A ⊙ dB"
    moved = ("⟨G, dA ⊙ B⟩ = ⟨G ⊙ B, dA⟩", "⟨G, A ⊙ dB⟩ = ⟨A ⊙ G, dB⟩")
    why = "Each factor moves in turn while the others stand still."
    prerequisites = ("sum",)
    mutations = (
        MatrixMutation(
            id="entrywise-product-as-matrix-product",
            letter="A",
            after="G @ Bᵀ",
            message="That is the rule of the matrix product; here entries are multiplied one by "
            "one, and so is G.",
        ),
    )

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """Any number of factors; a number among them multiplies every entry."""
        return isinstance(node, Product)

    def stated(self, place: Place) -> Statement:
        """With numbers as the other factors, the multiple of a matrix; of numbers, without ⊙."""
        if len(place.moving) == 1 and all(
            not place.shape_of(part) for i, part in enumerate(place.parts) if i not in place.moving
        ):
            return Statement(
                name=Message("constant multiple"),
                differential="d(c A) = c dA",
                moved=("⟨G, c dA⟩ = ⟨c G, dA⟩",),
            )
        if not place.shape_of(place.node):
            return Statement(name=Message("product rule"), differential="d(a b) = da b + a db")
        return super().stated(place)

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """G times the other factors."""
        parts = place.parts
        return {
            i: multiply(cotangent, *(part for j, part in enumerate(parts) if j != i))
            for i in place.moving
        }


class _QuotientRule(_Entrywise):
    id = "entrywise-quotient"
    name = "quotient rule, entry by entry"
    differential = "d(A / B) = dA / B − A ⊙ dB / B²"
    moved = ("⟨G, dA / B⟩ = ⟨G / B, dA⟩", "⟨G, −A ⊙ dB / B²⟩ = ⟨−G ⊙ A / B², dB⟩")
    why = "Each entry is a quotient of numbers."
    prerequisites = ("entrywise-product",)
    mutations = (
        MatrixMutation(
            id="entrywise-quotient-sign",
            letter="B",
            after="G*A/B^2",
            message="The minus is missing: a larger denominator makes the quotient smaller.",
        ),
    )

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """A/B."""
        return isinstance(node, Quotient)

    def stated(self, place: Place) -> Statement:
        """What does not move divides as a constant; of numbers, without ⊙."""
        if 1 not in place.moving:
            return Statement(
                name=Message("constant divisor"),
                differential="d(A / C) = dA / C",
                moved=("⟨G, dA / C⟩ = ⟨G / C, dA⟩",),
            )
        if not place.shape_of(place.node):
            return Statement(
                name=Message("quotient rule"), differential="d(a / b) = da / b − a db / b²"
            )
        return super().stated(place)

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """G/B for what is above, −G·A/B² for what is below."""
        letters = {"G": cotangent, "A": place.parts[0], "B": place.parts[1]}
        made = ("G/B", "-(G*A/B^2)")
        return {i: template(made[i], letters) for i in place.moving}


class _ExtremeRule(_Entrywise):
    """The larger or smaller of several, entry by entry.

    Args:
        function: `max` or `min`.
    """

    differential = Message("dY = dA where A is chosen, dB where B is")
    moved = (Message("⟨G, dY⟩ = ⟨G where A is chosen, dA⟩ + ⟨G where B is, dB⟩"),)
    why = (
        "Only the one that is chosen passes its slope on; where both are equal there is a kink, "
        "and PyTorch gives half to each."
    )

    def __init__(self, function: str) -> None:
        self.function = function
        self.id = f"entrywise-{function}"
        self.name = f"{'larger' if function == 'max' else 'smaller'} of two, entry by entry"

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """`max(A, B, …)`."""
        if not isinstance(node, Call) or node.function != self.function:
            return False
        return len(node.arguments) > 1

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """(1 + sign(A − B))/2 is 1 where A is larger, 0 where B is, 1/2 where they are equal."""
        found: dict[int, Node] = {}
        parts, passed = place.parts, cotangent
        for i in range(len(parts) - 1, 0, -1):
            before = parts[0] if i == 1 else call(self.function, *parts[:i])
            letters = {"G": passed, "A": before, "B": parts[i]}
            if self.function == "min":
                letters |= {"A": parts[i], "B": before}
            if i in place.moving:
                found[i] = template("G*(1 - sign(A - B))/2", letters)
            passed = template("G*(1 + sign(A - B))/2", letters)
        if 0 in place.moving:
            found[0] = passed
        return found


class _CasesRule(_Entrywise):
    id = "cases"
    name = "cases, entry by entry"
    differential = Message("dY = dA where c > 0, dB elsewhere")
    moved = (Message("⟨G, dY⟩ = ⟨G where c > 0, dA⟩ + ⟨G elsewhere, dB⟩"),)
    why = "Away from the border each case has its own slope."

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """`where(c, A, B)`."""
        return isinstance(node, Call) and node.function == "where"

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """G where the case holds, 0 elsewhere; the condition itself gets nothing."""
        letters = {"G": cotangent, "c": place.parts[0]}
        made = {1: "G*where(c, 1, 0)", 2: "G*where(c, 0, 1)"}
        return {i: template(made[i], letters) for i in place.moving if i in made}


class _FunctionRule(_Entrywise):
    """f of each entry, by the rule that f has for numbers."""

    id = "entrywise"
    name = "function of each entry"
    differential = "d f(A) = f′(A) ⊙ dA"
    moved = ("⟨G, f′(A) ⊙ dA⟩ = ⟨G ⊙ f′(A), dA⟩",)
    why = "Each entry is a function of one entry: the rule for numbers holds in each place."
    prerequisites = ("entrywise-product",)
    mutations = (
        MatrixMutation(
            id="entrywise-as-matrix-product",
            letter="A",
            after="G @ F",
            message="The slopes multiply entry by entry (⊙), not as matrices.",
        ),
    )

    def letters(self, place: Place, cotangent: Node) -> Mapping[str, Node]:
        """Also F, the slope of the function by its first argument."""
        slope = partial_slopes(place.node, place.moving).get(0, number(0))
        return {**super().letters(place, cotangent), "F": slope}

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """Powers, and functions of numbers."""
        if isinstance(node, Call):
            return FUNCTIONS[node.function].kind == "elementwise" and node.function != "where"
        return isinstance(node, Power)

    def stated(self, place: Place) -> Statement:
        """The rule for numbers that is used in each place."""
        found = _outer_rule(place.node, place.moving)
        of_numbers = not place.shape_of(place.node)
        if found is None:
            general = Message("general power")
            return Statement(
                name=general if of_numbers else _entry_by_entry(general),
                differential="d(aᵇ) = aᵇ (ln a db + b da / a)"
                if of_numbers
                else "d(Aᴮ) = Aᴮ ⊙ (ln A ⊙ dB + B ⊙ dA / A)",
            )
        if of_numbers:
            return Statement(name=found[0].name, differential="d f(a) = f′(a) da")
        return Statement(
            name=_entry_by_entry(as_message(found[0].name)),
            differential=self.differential,
            moved=self.moved,
        )

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """G times the slope by each argument."""
        partials = partial_slopes(place.node, place.moving)
        return {
            i: cotangent if is_number(slope, 1) else multiply(cotangent, slope)
            for i, slope in partials.items()
            if not is_number(slope, 0)
        }


def _entry_by_entry(rule: Message) -> Message:
    return Message("{rule}, entry by entry", rule=rule)


def _outer_rule(
    node: Node, moving: Collection[int]
) -> tuple[OuterRule, dict[str, Node], tuple[str, ...]] | None:
    """The rule for numbers of a function, its letters, and those of them that vary."""
    parts = children(node)
    names = {each.name for i in moving for each in distinct(parts[i]) if isinstance(each, Name)}
    task = Task(variable="", moving=names, definitions={})
    for rule in _OUTER:
        letters = rule.match(node, task)
        if letters is not None:
            return rule, letters, rule.moving(letters, task)
    return None


def partial_slopes(node: Node, moving: Collection[int]) -> dict[int, Node]:
    """The derivative of a function of numbers by each argument that varies, by its place.

    Args:
        node: A power, or a call of a function of numbers; the arguments that vary are names.
        moving: Which of them vary, by their place.
    """
    found = _outer_rule(node, moving)
    if found is None:
        letters = dict(zip("uv", children(node), strict=True))
        made = ("v*u^(v - 1)", "u^v*log(u)")
        return {i: template(made[i], letters) for i in moving}
    rule, letters, moves = found
    places = {letter: LETTERS.index(letter) for letter in moves}
    if isinstance(node, Power):
        places = {letter: int(letters[letter] is node.exponent) for letter in moves}
    return {place: rule.partial(letter, letters) for letter, place in places.items()}


RULES: tuple[MatrixRule, ...] = (
    _SumRule(),
    _ProductRule(),
    _QuotientRule(),
    _ExtremeRule("max"),
    _ExtremeRule("min"),
    _CasesRule(),
    _FunctionRule(),
)
