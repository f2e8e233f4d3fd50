"""Softmax, its logarithm, logsumexp, and the cross entropy: all along each row."""

from collections.abc import Mapping

from chainrule.calculus.build import call, number, template
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.tree import Call, Node
from chainrule.records.message import Message

from .rule import MatrixMutation, MatrixRule, Place, ShapeOf, Statement, TemplateRule


class _LogSumExp(MatrixRule):
    id = "logsumexp"
    name = "logsumexp"
    differential = "d logsumexp(a) = softmax(a)ᵀ da"
    moved = ("g softmax(a)ᵀ da = ⟨g softmax(a), da⟩",)
    why = "The logarithm divides the exponentials by their sum, and that is the softmax."
    prerequisites = ("softmax",)
    full = True
    mutations = (
        MatrixMutation(
            id="logsumexp-log-lost",
            letter="A",
            after="G*exp(A)",
            message="The exponentials are differentiated and the logarithm is not: it divides by "
            "their sum.",
        ),
        MatrixMutation(
            id="logsumexp-sigmoid",
            letter="A",
            after="G*sigmoid(A)",
            message="The sigmoid is the slope of log(1 + eᵘ), of one score alone. Here all scores "
            "share one sum, and so the slope is the softmax.",
        ),
    )

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """Of a vector, or of each row of a matrix."""
        return isinstance(node, Call) and node.function == "logsumexp"

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """Each row of the softmax times the cotangent of that row."""
        letters = {"G": cotangent, "A": place.parts[0]}
        rows = len(place.shape_of(place.parts[0])) == 2
        return {0: template("diag(G) @ softmax(A)" if rows else "G*softmax(A)", letters)}


class _CrossEntropy(MatrixRule):
    id = "cross-entropy"
    name = "softmax with cross entropy"
    differential = "d CE(Z, T) = ⟨softmax(Z) − T, dZ⟩ / n, if each row of T adds up to 1"
    moved = ("g ⟨softmax(Z) − T, dZ⟩ / n = ⟨g (softmax(Z) − T) / n, dZ⟩",)
    why = (
        "−Σ T log softmax(Z) is Σ T · logsumexp(Z) − ΣTZ: the slope of logsumexp is the softmax, "
        "so prediction less target is left, divided by the number n of rows."
    )
    prerequisites = ("logsumexp", "mean-of-entries")
    argument_letters = "ZT"
    mutations = (
        MatrixMutation(
            id="cross-entropy-not-averaged",
            letter="Z",
            after="G*(softmax(Z) - T)",
            message="The loss is the mean over the rows, so its gradient is divided by their "
            "number.",
        ),
        MatrixMutation(
            id="cross-entropy-sign",
            letter="Z",
            after="G*(T - softmax(Z))/n",
            message="It is prediction less target: where the prediction is too large, the loss "
            "falls when the score does.",
        ),
        MatrixMutation(
            id="cross-entropy-target-lost",
            letter="Z",
            after="G*softmax(Z)/n",
            message="The target is missing: the loss has −ΣTZ in it, and the slope of that is −T.",
        ),
        MatrixMutation(
            id="cross-entropy-plus",
            letter="Z",
            after="G*(softmax(Z) + T)/n",
            message="It is prediction less target: where both are the same the loss is lowest, and "
            "its slope is 0.",
        ),
        MatrixMutation(
            id="cross-entropy-of-probabilities",
            letter="Z",
            after="-(G*T/softmax(Z)/n)",
            message="That is the slope by the probabilities. It still has to be taken back through "
            "the softmax to the scores.",
        ),
        MatrixMutation(
            id="cross-entropy-as-squares",
            letter="Z",
            after="G*(Z - T)/n",
            message="Scores less target is what a squared error has; here it is the softmax of the "
            "scores less target.",
        ),
        MatrixMutation(
            id="cross-entropy-sigmoid",
            letter="Z",
            after="G*(sigmoid(Z) - T)/n",
            message="The sigmoid belongs to classes one by one; where they share a probability of "
            "1, it is the softmax.",
        ),
        MatrixMutation(
            id="cross-entropy-log-kept",
            letter="Z",
            after="G*(log_softmax(Z) - T)/n",
            message="The logarithm is gone once it is differentiated: left is the softmax itself "
            "less target.",
        ),
        MatrixMutation(
            id="cross-entropy-own-score",
            letter="Z",
            after="-(G*T*(1 - softmax(Z))/n)",
            message="Those are only the slopes by each score itself; every probability also "
            "depends on all the other scores.",
        ),
    )

    def letters(self, place: Place, cotangent: Node) -> Mapping[str, Node]:
        """With n the number of rows, and T as probabilities."""
        z, t = place.parts
        shape = place.shape_of(z)
        target = call("one_hot", t, z) if self._has_classes(place) else t
        rows = shape[0] if len(shape) == 2 else 1
        return {**super().letters(place, cotangent), "T": target, "n": number(rows)}

    def can_be_made(self, mutation: MatrixMutation, place: Place) -> bool:
        """Where there is one row, its mean is itself: nothing is left to divide by."""
        rows = len(place.shape_of(place.parts[0])) == 2 and place.shape_of(place.parts[0])[0] > 1
        return rows or mutation.id != "cross-entropy-not-averaged"

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """With probabilities, or with the number of one class a row."""
        return isinstance(node, Call) and node.function == "cross_entropy"

    def stated(self, place: Place) -> Statement:
        """With classes, T is the one-hot form of t; rows of T may add up to anything."""
        if self._has_classes(place):
            return Statement(
                name=Message("softmax with cross entropy of classes"),
                differential="d CE(Z, t) = ⟨softmax(Z) − onehot(t), dZ⟩ / n",
                moved=(
                    "g ⟨softmax(Z) − onehot(t), dZ⟩ / n = ⟨g (softmax(Z) − onehot(t)) / n, dZ⟩",
                ),
            )
        return Statement(
            name=self.name,
            differential=Message(
                "d CE(Z, T) = ⟨r ⊙ softmax(Z) − T, dZ⟩ / n − ⟨log softmax(Z), dT⟩ / n, r the sums "
                "of the rows of T"
            ),
            moved=("g ⟨r ⊙ softmax(Z) − T, dZ⟩ / n = ⟨g (r ⊙ softmax(Z) − T) / n, dZ⟩",),
        )

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """(Σ T · softmax(Z) − T)/n for the scores, −log softmax(Z)/n for the targets."""
        shape = place.shape_of(place.parts[0])
        rows = shape[0] if len(shape) == 2 else 1
        letters = {
            "G": cotangent,
            "Z": place.parts[0],
            "T": place.parts[1],
            "n": number(rows),
        }
        classes = self._has_classes(place)
        if classes and 1 in place.moving:
            raise FormulaError(
                Message(
                    "Classes are data, and this depends on the variable: choose another variable, "
                    "or give probabilities of the same shape as z."
                ),
                place.text,
                place.origin.span[0] if place.origin.id >= 0 else None,
            )
        scores = (
            "G*(softmax(Z) - one_hot(T, Z))/n" if classes else "G*(row_sum(T)*softmax(Z) - T)/n"
        )
        made = (scores, "-(G*log_softmax(Z)/n)")
        return {i: template(made[i], letters) for i in place.moving}

    def _has_classes(self, place: Place) -> bool:
        return place.shape_of(place.parts[0]) != place.shape_of(place.parts[1])


RULES: tuple[MatrixRule, ...] = (
    TemplateRule(
        "softmax",
        "softmax",
        "ds = s ⊙ (da − (sᵀ da)), s = softmax(a)",
        "Y*(G - row_sum(G*Y))",
        moved=("⟨g, s ⊙ (da − sᵀ da)⟩ = ⟨s ⊙ (g − sᵀ g), da⟩",),
        why="sᵢ has the slope sᵢ(1 − sᵢ) by its own entry and −sᵢsⱼ by another: diag(s) − s sᵀ.",
        function="softmax",
        full=True,
        prerequisites=("entrywise",),
        mutations=(
            MatrixMutation(
                id="softmax-as-sigmoid",
                letter="A",
                after="G*Y*(1 - Y)",
                message="Those are only the slopes by each score itself; every entry of a softmax "
                "also depends on all the other scores.",
            ),
            MatrixMutation(
                id="softmax-kept",
                letter="A",
                after="G*Y",
                message="exp is its own slope, the softmax is not: the sum below moves as well.",
            ),
            MatrixMutation(
                id="softmax-plus",
                letter="A",
                after="Y*(G + row_sum(G*Y))",
                message="It is a minus in diag(s) − s sᵀ: where one score grows, the other entries "
                "of the softmax shrink.",
            ),
        ),
    ),
    TemplateRule(
        "log-softmax",
        "logarithm of the softmax",
        "d log s = da − (sᵀ da) 𝟏, s = softmax(a)",
        "G - row_sum(G)*softmax(A)",
        moved=("⟨g, da − (sᵀ da) 𝟏⟩ = ⟨g − (𝟏ᵀ g) s, da⟩",),
        why="It is a − logsumexp(a), and the slope of logsumexp is the softmax.",
        function="log_softmax",
        full=True,
        prerequisites=("logsumexp",),
    ),
    _LogSumExp(),
    _CrossEntropy(),
)
