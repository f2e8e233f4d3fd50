"""From a formula to its derivation: which rule applies where, and what comes of it."""

from collections.abc import Mapping

from .build import name
from .derivation import HOLE, Derivation, Step
from .errors import FormulaError
from .rules import ROUTES, RULES, Application, Rule, Task
from .tidy import factor, tidy
from .tokens import suggestion
from .tree import Formula, Node, distinct


def derive(
    formula: Formula,
    variable: str,
    *,
    definitions: Mapping[str, Formula] | None = None,
    routes: bool = True,
) -> Derivation:
    """Differentiate a formula of numbers by one variable, step by step.

    Args:
        formula: As it was read.
        variable: By what.
        definitions: Formulas that names of the formula, or of one another, stand for.
        routes: Whether other ways to the same derivative are kept beside each step.

    Returns:
        The steps, and the derivative in three forms: raw, tidy, factored.

    Raises:
        FormulaError: If the variable is not in the formula, a definition goes round in a circle,
            or the formula is not made of numbers.

    Cost: some 30 µs a node, and three times that with routes.
    """
    known = dict(definitions or {})
    moving = _moving(variable, known)
    names = _all_names(formula, known)
    if variable not in names:
        raise FormulaError(
            f"Expected a variable of the formula to differentiate by, found {variable!r}; it has "
            f"{', '.join(names) or 'none'}.{suggestion(variable, names)}",
            formula.text,
        )
    task = Task(
        variable=variable,
        moving=frozenset(moving),
        definitions={each: known[each].root for each in known},
    )
    root = _Deriver(task, routes).whole(formula.root)
    tidying = tidy(root.result)
    tidied = tidying[-1].after if tidying else root.result
    return Derivation(
        formula=formula,
        variable=variable,
        held=tuple(each for each in names if each not in moving),
        definitions=tuple(known.items()),
        root=root,
        tidying=tidying,
        factoring=factor(tidied),
    )


class _Deriver:
    """Steps, each made once: a part that occurs in several places has one derivation."""

    def __init__(self, task: Task, routes: bool) -> None:
        self._task = task
        self._routes = routes
        self._made: dict[tuple[int, str], tuple[Node, Step]] = {}
        self._tasks = {task.variable: task}

    def whole(self, root: Node) -> Step:
        # children before parents, so that no part is more than a few levels away from known ones
        for node in distinct(root):
            if self._task.varies(node):
                self.step(node, self._task.variable)
        return self.step(root, self._task.variable)

    def step(self, node: Node, variable: str) -> Step:
        key = (id(node), variable)
        if key not in self._made:
            # the node is kept, so that no other object gets its identity
            self._made[key] = (node, self._new(node, variable))
        return self._made[key][1]

    def _new(self, node: Node, variable: str) -> Step:
        task = self._by(variable)
        for rule in RULES:
            applied = rule.apply(node, task)
            if applied is not None:
                alternatives = self._alternatives(node, task, rule) if self._routes else ()
                return self._step(rule, node, variable, applied, alternatives)
        raise FormulaError(f"There is no rule for {type(node).__name__} of numbers.")

    def _by(self, variable: str) -> Task:
        if variable not in self._tasks:
            # by another variable nothing else moves: what is defined is held
            self._tasks[variable] = Task(
                variable=variable, moving=frozenset([variable]), definitions={}
            )
        return self._tasks[variable]

    def _step(
        self,
        rule: Rule,
        node: Node,
        variable: str,
        applied: Application,
        alternatives: tuple[Step, ...],
    ) -> Step:
        steps = tuple(self.step(part.operand, part.variable or variable) for part in applied.parts)
        holes = [name(f"{HOLE}{i}") for i in range(len(steps))]
        return Step(
            rule=rule.id,
            operand=node,
            variable=variable,
            after=applied.make(holes),
            steps=steps,
            result=applied.make([step.result for step in steps]),
            outer=applied.outer,
            alternatives=alternatives,
            remark=applied.remark,
        )

    def _alternatives(self, node: Node, task: Task, best: Rule) -> tuple[Step, ...]:
        found: list[Step] = []
        self._routes = False  # other ways of other ways would have no end
        try:
            for rule in ROUTES:
                applied = None if rule.id == best.id else rule.apply(node, task)
                if applied is not None:
                    found.append(self._step(rule, node, task.variable, applied, ()))
        finally:
            self._routes = True
        return tuple(found)


def _moving(variable: str, definitions: Mapping[str, Formula]) -> set[str]:
    """The variable and every name whose definition holds one that moves."""
    moving = {variable}
    for _ in definitions:
        moving |= {each for each, formula in definitions.items() if moving & {*formula.names}}
    return moving


def _all_names(formula: Formula, definitions: Mapping[str, Formula]) -> tuple[str, ...]:
    found: dict[str, None] = {}

    def visit(names: tuple[str, ...], path: tuple[str, ...]) -> None:
        for each in names:
            if each in path:
                raise FormulaError(
                    f"The definition of {each!r} needs {each!r} itself, by way of "
                    f"{' → '.join((*path[path.index(each) :], each))}: definitions must not go "
                    "round in a circle."
                )
            if each in definitions:
                visit(definitions[each].names, (*path, each))
            found.setdefault(each)

    visit(formula.names, ())
    return tuple(found)
