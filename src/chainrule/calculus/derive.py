"""From a formula to its derivation: which rule applies where, and what comes of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from chainrule.records.message import Message, as_message
from chainrule.records.shortened import brief

from .build import name
from .definitions import circle
from .derivation import HOLE, MOST_TOLD_AS_ONE, Derivation, Rewrite, Step
from .errors import FormulaError
from .inner_parts import with_inner_parts
from .problem import Problem
from .put_back import put_back
from .rules import ROUTES, Application, Rule, Task, rules_for
from .slopes_of_names import EACH_NAME, put_together, slopes_of_names
from .tidy import factor, tidy
from .tokens import suggestion
from .tree import Call, Formula, MatrixProduct, Node, distinct, written_size
from .writing import write


def derive(
    formula: Formula,
    variable: str,
    *,
    definitions: Mapping[str, Formula] | None = None,
    unknown: Mapping[str, Node] | None = None,
    routes: bool = True,
    algebra: bool = True,
    name: str = "",
    inner: Sequence[str] = (),
) -> Derivation:
    """Differentiate a formula of numbers by one variable, step by step.

    Args:
        formula: As it was read.
        variable: By what.
        definitions: Formulas that names of the formula, or of one another, stand for.
        unknown: Names that vary with the variable in a way that only an equation says, and the
            name of the derivative of each; the formula may then be one side of the equation, and
            need not hold the variable.
        routes: Whether other ways to the same derivative are kept beside each step.
        algebra: Whether the derivative is tidied and factored; else all its forms are the raw one.
        name: What the result is called, if it has a name.
        inner: Those of the definitions that nobody typed, as `with_inner_parts` makes them.

    Returns:
        The steps, and the derivative in three forms: raw, tidy, factored.

    Raises:
        FormulaError: If the variable is not in the formula, a definition goes round in a circle,
            or the formula is not made of numbers.

    Cost: some 30 µs a node, and three times that with routes. Algebra takes up to a second
        where a derivative has thousands of parts.
    """
    known = dict(definitions or {})
    moving = _moving({variable, *(unknown or {})}, known)
    names = _all_names(formula, known)
    constant = not names and variable.isidentifier()  # the slope of 5 is 0, by whatever name
    if variable not in names and not unknown and not constant:
        raise FormulaError(
            Message(
                "Expected a variable of the formula to differentiate by, found {found!r}; it has "
                "{names}.{suggestion}",
                found=variable,
                names=", ".join(names) or Message("none"),
                suggestion=as_message(suggestion(variable, names)),
            ),
            formula.text,
        )
    if constant and variable == name:
        raise FormulaError(
            Message(
                "Expected a variable to differentiate by, found {found!r}, which is what the "
                "formula computes, and it has no variable.",
                found=variable,
            ),
            formula.text,
        )
    task = Task(
        variable=variable,
        moving=frozenset(moving),
        definitions={each: known[each].root for each in known},
        unknown=dict(unknown or {}),
    )
    by_names = len(known) > MOST_TOLD_AS_ONE or bool(inner)
    # nobody goes other ways through names by the dozen
    root = _Deriver(task, routes and not by_names, formula.text).whole(formula.root)
    by_names = by_names or (bool(known) and written_size(root.result) > MOST_PARTS)
    held = tuple(each for each in names if each not in moving)
    found = Derivation(
        formula=formula,
        variable=variable,
        held=held,
        definitions=tuple(known.items()),
        name=name,
        by_names=by_names,
        inner=tuple(inner),
        root=root,
        tidying=(),
        factoring=(),
    )
    return _with_algebra(found) if algebra else found


def _with_algebra(found: Derivation) -> Derivation:
    raw, known = found.raw, dict(found.definitions)
    if found.by_names:
        # of the whole nobody could read it, and it would take longer with every name
        together = put_together(slopes_of_names(found.root, known))
        return replace(found, tidying=(Rewrite(rule=EACH_NAME, before=raw, after=together),))
    tidying = tidy(raw)
    tidied = tidying[-1].after if tidying else raw
    return replace(
        found, tidying=tidying, factoring=factor(tidied), putting_back=put_back(tidied, known)
    )


MOST_PARTS = 5_000
"""Parts of a derivative with names that is told in one piece: some twenty pages. The ways through
names that are used twice double from one to the next, and nobody could write those through thirty;
told name by name, each is written once."""


def derive_problem(problem: Problem, variable: str, *, algebra: bool = True) -> Derivation:
    """Differentiate what was typed; deep formulas get names for their inner parts first.

    Args:
        problem: A formula of numbers, with its definitions.
        variable: By what.
        algebra: As for `derive`.

    Raises:
        FormulaError: As for `derive`.
    """
    return _derived(with_inner_parts(problem), variable, algebra=algebra)


def _derived(problem: Problem, variable: str, *, algebra: bool = True) -> Derivation:
    return derive(
        problem.formula,
        variable,
        definitions=problem.defined,
        algebra=algebra,
        name=problem.name,
        inner=problem.inner,
    )


def told_in_parts(found: Derivation) -> Derivation:
    """The same derivative as steps that can be told: a deep formula by names for inner parts.

    Args:
        found: By one variable; returned as it is if its formula is not deep.
    """
    problem = Problem(
        text=found.formula.text,
        name=found.name,
        formula=found.formula,
        definitions=found.definitions,
    )
    named = with_inner_parts(problem)
    return found if named is problem else _derived(named, found.variable)


class _Deriver:
    """Steps, each made once: a part that occurs in several places has one derivation."""

    def __init__(self, task: Task, routes: bool, text: str) -> None:
        self._task = task
        self._text = text
        self._routes = routes
        self._made: dict[tuple[int, str, bool], tuple[Node, Step]] = {}
        self._tasks = {(task.variable, False): task}

    def whole(self, root: Node) -> Step:
        # children before parents, so that no part is more than a few levels away from known ones
        for each in self._in_order(root):
            between = self._task.between(each)
            # what a total derivative asks of its formula are the partial ones
            for variable in (self._task.variable, *between):
                self._prepare(each, variable, bool(between))
            self.step(each, self._task.variable)
        return self.step(root, self._task.variable)

    def _prepare(self, root: Node, variable: str, partial: bool) -> None:
        task = self._by(variable, partial)
        for node in distinct(root):
            if task.varies(node):
                self.step(node, variable, partial)

    def _in_order(self, root: Node) -> list[Node]:
        """The formulas of the names that move, each after those that it needs; then the whole."""
        found: dict[int, Node] = {}
        left = [(root, False)]
        while left:
            node, entered = left.pop()
            if entered:
                found.setdefault(id(node), node)
            elif id(node) not in found:
                left.append((node, True))
                needed = self._task.defined_in(node)
                left.extend((self._task.definitions[each], False) for each in needed)
        return list(found.values())

    def step(self, node: Node, variable: str, partial: bool = False) -> Step:
        partial = partial or variable != self._task.variable
        key = (id(node), variable, partial)
        if key not in self._made:
            # the node is kept, so that no other object gets its identity
            self._made[key] = (node, self._new(node, variable, partial))
        return self._made[key][1]

    def _new(self, node: Node, variable: str, partial: bool) -> Step:
        task = self._by(variable, partial)
        for rule in rules_for(node):
            applied = rule.apply(node, task)
            if applied is not None:
                alternatives = self._alternatives(node, task, rule, partial) if self._routes else ()
                return self._step(rule, node, task, applied, alternatives, partial)
        raise _refused(node, self._text)

    def _by(self, variable: str, partial: bool) -> Task:
        if (variable, partial) not in self._tasks:
            # nothing else moves in a partial derivative: what is defined is held
            self._tasks[variable, partial] = Task(
                variable=variable, moving=frozenset([variable]), definitions={}
            )
        return self._tasks[variable, partial]

    def _step(
        self,
        rule: Rule,
        node: Node,
        task: Task,
        applied: Application,
        alternatives: tuple[Step, ...],
        partial: bool,
    ) -> Step:
        steps = tuple(
            self.step(part.operand, part.variable or task.variable, part.partial or partial)
            for part in applied.parts
        )
        holes = [name(f"{HOLE}{i}") for i in range(len(steps))]
        return Step(
            rule=rule.id,
            operand=node,
            variable=task.variable,
            after=applied.make(holes),
            steps=steps,
            result=applied.make([step.result for step in steps]),
            outer=applied.outer,
            alternatives=alternatives,
            remark=applied.remark,
            partial=partial,
        )

    def _alternatives(self, node: Node, task: Task, best: Rule, partial: bool) -> tuple[Step, ...]:
        found: dict[str, Step] = {}
        self._routes = False  # other ways of other ways would have no end
        try:
            for rule in ROUTES:
                known = rule.id == best.id or rule.id in found
                applied = None if known else rule.apply(node, task)
                if applied is not None:
                    for part in applied.parts if task.definitions else ():
                        self._prepare(part.operand, task.variable, partial)
                    found[rule.id] = self._step(rule, node, task, applied, (), partial)
        finally:
            self._routes = True
        return tuple(found.values())


def _refused(node: Node, text: str) -> FormulaError:
    part = (
        Message("{function} is made", function=node.function)
        if isinstance(node, Call)
        else Message("{part} is", part=brief(write(node)))
    )
    position = node.column if isinstance(node, MatrixProduct) else node.span[0]
    return FormulaError(
        Message(
            "Expected a formula of numbers to differentiate step by step, but {part} for vectors "
            "and matrices: write it out with numbers, or ask chainrule explain by one name at a "
            "time, with --wrt and the shapes, such as --shapes X=3x2,w=2 (in Python "
            "chainrule.explain).",
            part=part,
        ),
        text,
        position if node.id >= 0 else None,
    )


def _moving(names: Collection[str], definitions: Mapping[str, Formula]) -> set[str]:
    """Names that move, and every name whose definition holds one that moves."""
    moving = {*names}
    still = {each: formula.names for each, formula in definitions.items()}
    while found := {each for each, needed in still.items() if not moving.isdisjoint(needed)}:
        moving |= found
        still = {each: needed for each, needed in still.items() if each not in found}
    return moving


def _all_names(formula: Formula, definitions: Mapping[str, Formula]) -> tuple[str, ...]:
    found: dict[str, None] = {}

    def visit(names: tuple[str, ...], path: tuple[str, ...]) -> None:
        for each in names:
            if each in path:
                raise FormulaError(circle(each, (*path[path.index(each) :], each)))
            if each in definitions and each not in found:
                visit(definitions[each].names, (*path, each))
            found.setdefault(each)

    visit(formula.names, ())
    return tuple(found)
