"""Sums, means, norms, and the largest and smallest entry."""

from chainrule.calculus.build import exact, template
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.rules.power import lowered
from chainrule.calculus.tree import Call, Node
from chainrule.records.message import Message

from .rule import MatrixMutation, MatrixRule, Place, ShapeOf, Statement, TemplateRule


def _is_call(node: Node, function: str) -> bool:
    return isinstance(node, Call) and node.function == function


class _NormRule(MatrixRule):
    """(Σ|x|ᵖ)^(1/p) over all entries."""

    id = "norm"
    name = "norm"
    differential = "d‖A‖ = ⟨A, dA⟩ / ‖A‖"
    moved = ("g ⟨A, dA⟩ / ‖A‖ = ⟨g A/‖A‖, dA⟩",)
    why = "The square of the norm is ⟨A, A⟩, with the slope 2A; the root divides by 2‖A‖."
    prerequisites = ("sum-of-entries", "entrywise")
    mutations = (
        MatrixMutation(
            id="norm-as-square",
            letter="A",
            after="2*G*A",
            message="That is the gradient of the squared norm; that of the norm is A/‖A‖.",
        ),
        MatrixMutation(
            id="norm-not-divided",
            letter="A",
            after="G*A",
            message="The gradient of a norm has length 1: A is still to be divided by ‖A‖.",
        ),
    )

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """`norm(A)`, `norm(A, p)`."""
        return _is_call(node, "norm")

    def stated(self, place: Place) -> Statement:
        """With another p, another differential."""
        if self._order(place) is None:
            return super().stated(place)
        return Statement(
            name=Message("norm with p"),
            differential="d‖A‖ₚ = ⟨sign(A) ⊙ |A|ᵖ⁻¹, dA⟩ / ‖A‖ₚᵖ⁻¹",
            moved=("g ⟨sign(A) ⊙ |A|ᵖ⁻¹, dA⟩ / ‖A‖ₚᵖ⁻¹ = ⟨g sign(A) ⊙ |A|ᵖ⁻¹ / ‖A‖ₚᵖ⁻¹, dA⟩",),
        )

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """A/‖A‖; for another p, sign(A)·(|A|/‖A‖)^(p−1)."""
        if 1 in place.moving:
            raise FormulaError(
                Message(
                    "The p of norm(x, p) is a positive number, and here it depends on the "
                    "variable: give it as a number."
                ),
                place.text,
                place.origin.span[0] if place.origin.id >= 0 else None,
            )
        order = self._order(place)
        letters = {"G": cotangent, "A": place.parts[0], "Y": place.result}
        if order is None:
            return {0: template("G*A/Y", letters)}
        value = exact(order)
        if value == 1:
            return {0: template("G*sign(A)", letters)}
        less = template("p - 1", {"p": order}) if value is None else lowered(order)
        return {0: template("G*sign(A)*abs(A)^q/Y^q", {**letters, "q": less})}

    def _order(self, place: Place) -> Node | None:
        """P, unless it is 2."""
        if len(place.parts) == 1 or exact(place.parts[1]) == 2:
            return None
        return place.parts[1]


class _ExtremeEntry(MatrixRule):
    """The largest or smallest of all entries.

    Args:
        function: `max` or `min`.
    """

    differential = Message("dY = the change of that entry")
    moved = (Message("g dA at that entry = ⟨g · (1 there, 0 elsewhere), dA⟩"),)
    why = (
        "Only the entry that is chosen can move the result. If several are equal there is a kink, "
        "where PyTorch shares the slope evenly among them."
    )
    prerequisites = ("sum-of-entries",)

    def __init__(self, function: str) -> None:
        self.function = function
        self.id = f"{function}-entry"
        self.name = "largest entry" if function == "max" else "smallest entry"

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """`max(A)` of one argument."""
        return _is_call(node, self.function) and isinstance(node, Call) and len(node.arguments) == 1

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """1 where the entry is the extreme, 0 elsewhere."""
        if not place.shape_of(place.parts[0]):
            return {0: cotangent}
        made = "G*largest(A)" if self.function == "max" else "G*largest(-A)"
        return {0: template(made, {"G": cotangent, "A": place.parts[0]})}


class _MeanAlong(TemplateRule):
    """A mean of rows or columns: the sum divided by how many there are in each.

    Args:
        which: `row` or `column`.
    """

    def __init__(self, which: str) -> None:
        self.axis = -1 if which == "row" else 0
        size = "columns" if which == "row" else "rows"
        super().__init__(
            f"{which}-means",
            f"mean of each {which}",
            "d(A 𝟏 / n) = dA 𝟏 / n" if which == "row" else "d(𝟏ᵀ A / n) = 𝟏ᵀ dA / n",
            "G/n",
            moved=(
                "⟨g, dA 𝟏 / n⟩ = ⟨g 𝟏ᵀ / n, dA⟩"
                if which == "row"
                else "⟨g, 𝟏ᵀ dA / n⟩ = ⟨𝟏 gᵀ / n, dA⟩",
            ),
            why=f"It is the sum of the {which} divided by the number n of {size}.",
            function=f"{which}_mean",
            prerequisites=(f"{which}-sums",),
        )

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """G/n with the number of entries of one row or column."""
        count = place.shape_of(place.parts[0])[self.axis]
        return {0: template("G/n", {"G": cotangent, "n": template(str(count), {})})}


RULES: tuple[MatrixRule, ...] = (
    TemplateRule(
        "sum-of-entries",
        "sum of all entries",
        "d sum(A) = ⟨𝟏, dA⟩",
        "G",
        moved=("g ⟨𝟏, dA⟩ = ⟨g 𝟏, dA⟩",),
        why="Each entry counts once in the sum: its slope is 1.",
        function="sum",
    ),
    TemplateRule(
        "mean-of-entries",
        "mean of all entries",
        "d mean(A) = ⟨𝟏, dA⟩ / n",
        "G/n",
        moved=("g ⟨𝟏, dA⟩ / n = ⟨g/n 𝟏, dA⟩",),
        why="The mean is the sum divided by the number n of entries.",
        function="mean",
        prerequisites=("sum-of-entries",),
        mutations=(
            MatrixMutation(
                id="mean-as-sum",
                letter="A",
                after="G",
                message="The mean divides by the number of entries, and so does its gradient.",
            ),
        ),
    ),
    _NormRule(),
    _ExtremeEntry("max"),
    _ExtremeEntry("min"),
    TemplateRule(
        "row-sums",
        "sum of each row",
        "d(A 𝟏) = dA 𝟏",
        "G",
        moved=("⟨g, dA 𝟏⟩ = ⟨g 𝟏ᵀ, dA⟩",),
        why="Each entry counts once, in the sum of its row: the row's cotangent goes to all of it.",
        function="row_sum",
        prerequisites=("sum-of-entries",),
    ),
    TemplateRule(
        "column-sums",
        "sum of each column",
        "d(𝟏ᵀ A) = 𝟏ᵀ dA",
        "G",
        moved=("⟨g, 𝟏ᵀ dA⟩ = ⟨𝟏 gᵀ, dA⟩",),
        why="Each entry counts once, in the sum of its column: the column's cotangent goes to all "
        "of it.",
        function="column_sum",
        prerequisites=("sum-of-entries",),
    ),
    _MeanAlong("row"),
    _MeanAlong("column"),
)
