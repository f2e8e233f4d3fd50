"""From steps to what a good teacher writes on the board, in one notation.

Constants and the variable itself get no ceremony: they are filled in on the line that needs them. A
derivative that was told once is referred to.
"""

from collections.abc import Mapping

from chainrule.records.message import Message, joined, listed

from .build import name
from .checks import checks_at, completed
from .derivation import Derivation, Rewrite, Step
from .drafts import Draft, Drafting
from .evaluate import DomainError, Evaluation
from .inner_parts import said_of_inner
from .kinks import derivative_value, kinks, sentences
from .line_writing import LineWriting, placed
from .narration import AlgebraLine, Line, Narration
from .notations import Notation, Paper, Slope, notation_named
from .paper import Letters, ScriptName, paper_for
from .pretty import pretty
from .put_back import PUT_BACK, names_put_back
from .slopes_of_names import EACH_NAME, slopes_of_names
from .tidy import reason
from .torch_program import torch_program
from .tree import Formula


def narrate(
    derivation: Derivation,
    notation: str | Notation = "leibniz",
    *,
    evaluation: Evaluation | None = None,
    script: ScriptName = "unicode",
    routes: bool = False,
    ids: bool = False,
    unseen: bool = False,
    along: bool = False,
) -> Narration:
    """Tell a derivation.

    Args:
        derivation: What to tell.
        notation: One of `NOTATIONS`, or its id.
        evaluation: Numbers at a point, for each line; None for none.
        script: How expressions are written.
        routes: Whether other ways are told in full; they are named anyway.
        ids: Whether expressions in LaTeX carry the ids of the formula's parts; as for `Latex`.
        unseen: Whether steps of algebra that change nothing in this script are there too, so that
            those of two scripts stand side by side.
        along: Whether it is a side of an equation, along whose curve another name moves.

    Raises:
        FormulaError: If there is no such notation, or a name has no value at the point.
    """
    way = notation_named(notation) if isinstance(notation, str) else notation
    return _Narrator(derivation, way, evaluation, script, routes, ids, unseen, along).narration()


class _Narrator:
    def __init__(
        self,
        derivation: Derivation,
        notation: Notation,
        evaluation: Evaluation | None,
        script: ScriptName,
        routes: bool,
        ids: bool,
        unseen: bool,
        along: bool,
    ) -> None:
        self._derivation = derivation
        self._notation = notation
        self._at = () if evaluation is None else tuple(evaluation.point.items())
        self._numbers = None if evaluation is None else completed(derivation, evaluation)
        self._script = script
        self._routes = routes
        self._unseen = unseen
        self._paper = paper_for(derivation, notation, script, ids=ids, along=along)
        self._letters = Letters(derivation, notation, self._paper)
        self._lines = LineWriting(derivation, notation, self._paper, self._letters, self._numbers)

    def narration(self) -> Narration:
        derivation, notation, paper = self._derivation, self._notation, self._paper
        slope = self._lines.slope(derivation.root)
        value, no_value, kinks = self._whole_value()
        tidy = self._lines.written(derivation.tidy)
        asked = notation.asked(paper, slope)
        return Narration(
            notation=notation.id,
            notation_name=notation.name,
            about=self._about(slope),
            style=notation.style,
            script=self._script,
            variable=derivation.variable,
            held=derivation.held,
            given=notation.given(paper, derivation.formula.root),
            definitions=tuple(
                notation.equality(name(each), formula.root, paper)
                for each, formula in derivation.definitions
            ),
            asked=asked,
            line=self._line(derivation.root),
            algebra=self._algebra(derivation.tidying),
            factoring=self._algebra(derivation.factoring),
            putting_back=self._algebra(derivation.putting_back),
            slopes=self._slopes(slope),
            raw=self._lines.written(derivation.raw),
            tidy=tidy,
            factored=self._lines.written(derivation.factored),
            written_out=self._lines.written(derivation.written_out),
            answer=notation.equation((asked, tidy)),
            valued=self._valued(slope),
            at=self._at,
            value=value,
            no_value=no_value,
            kinks=kinks,
            checks=()
            if self._numbers is None or value is None or kinks
            else checks_at(derivation, self._numbers),
            code=torch_program(derivation, self._numbers, paper.whole)
            if notation.style == "code"
            else "",
        )

    def _about(self, slope: Slope) -> str:
        said, inner = self._notation.explained(self._paper, slope), self._derivation.inner
        return joined([said, said_of_inner(inner)]) if inner else said

    def _slopes(self, slope: Slope) -> tuple[str, ...]:
        """The derivative of each name that is told by itself, and that of the whole."""
        derivation, notation, paper = self._derivation, self._notation, self._paper
        if not derivation.by_names:
            return ()
        slopes = slopes_of_names(derivation.root, dict(derivation.definitions))
        return tuple(
            notation.equation(
                (notation.slope(each or paper.whole, slope, paper), self._lines.written(node))
            )
            for each, node in slopes.items()
        )

    def _line(self, root: Step) -> Line:
        whole = Draft(root, "1", 0, self._paper.whole)
        drafting = Drafting(self._letters, by_names=self._derivation.by_names)
        drafts = list(drafting.drafts(whole, self._routes))
        for draft in reversed(drafts):
            draft.line = self._lines.line(draft)
        assert drafts[0].line is not None
        return drafts[0].line

    def _whole_value(self) -> tuple[float | None, str, tuple[str, ...]]:
        """The derivative at the point, why it has none, and what kinks are there."""
        if self._numbers is None:
            return None, "", ()
        try:
            value = derivative_value(self._derivation, self._numbers)
            found = kinks(self._derivation, self._numbers)
        except DomainError as error:
            return None, placed(error), ()
        messages = sentences(found)
        return value, joined(messages) if value is None else "", messages

    def _valued(self, slope: Slope) -> str:
        if self._numbers is None:
            return ""
        return self._notation.valued(self._paper, slope, self._numbers.point)

    def _algebra(self, steps: tuple[Rewrite, ...]) -> tuple[AlgebraLine, ...]:
        """Steps that change what is seen: a script leaves out grouping that says nothing."""
        known = dict(self._derivation.definitions)
        lines = [
            AlgebraLine(
                rule=each.rule,
                name=algebra_name(each, known, self._notation, self._paper),
                before=self._lines.written(each.before),
                after=self._lines.written(each.after),
            )
            for each in steps
        ]
        return tuple(line for line in lines if self._unseen or line.before != line.after)


def algebra_name(
    step: Rewrite, definitions: Mapping[str, Formula], notation: Notation, paper: Paper
) -> str:
    """What a step of algebra is called; of one that puts names back in, with what they stand for.

    Args:
        step: It.
        definitions: What names stand for.
        notation: Words say it in words.
        paper: Where it is written.
    """
    if step.rule == EACH_NAME:
        return Message("the derivative of each name, tidied by itself")
    if step.rule != PUT_BACK:
        return reason(step)
    names = names_put_back(step.before, definitions)
    if notation.style == "code":
        said = [f"{each} = {notation.write(definitions[each].root, paper)}" for each in names]
    elif notation.style == "words":
        said = [f"{notation.write(definitions[each].root, paper)} for {each}" for each in names]
    else:
        said = [f"{each} = {pretty(definitions[each])}" for each in names]
    return Message("put {names} back in", names=listed(said))
