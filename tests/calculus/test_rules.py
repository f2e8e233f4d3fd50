"""Every rule is found, used, right, and its mistakes are mistakes."""

import importlib
import pkgutil
import random
from collections import Counter
from dataclasses import replace

import pytest
from derivation_checks import Checked, check_consistency, close
from rule_examples import BEST_FOR, POINT, Example, example_of, steps_of
from scalar_formulas import derivative

from chainrule.calculus import (
    FUNCTIONS,
    Derivation,
    DomainError,
    Evaluation,
    Formula,
    Node,
    derive,
    rules,
)
from chainrule.calculus.build import name, number, template
from chainrule.calculus.derivation import Step
from chainrule.calculus.float_functions import FLOAT_FUNCTIONS
from chainrule.calculus.rules import ALL_RULES, ROUTES, RULES, Mutation, Rule, Task
from chainrule.calculus.tree import Name, distinct

NO_RULES = {"rule", "function"}
"""Files in `rules/` that say what a rule is."""


def shown_at(example: Example, derivation: Derivation) -> Evaluation:
    """Numbers for all names, those with definitions included."""
    point = {**POINT, "x": example.x, "y′": -0.83}
    for each, formula in derivation.definitions:
        point[each] = Evaluation(point)(formula.root)
    return Evaluation(point)


@pytest.mark.parametrize("rule_id", list(ALL_RULES))
class TestRule:
    def test_it_is_used_and_its_derivation_is_right(self, rule_id: str) -> None:
        example = example_of(rule_id)
        derivation = example.derivation()
        assert rule_id in {step.rule for step in steps_of(derivation)}
        checked = Checked()
        check_consistency(derivation, shown_at(example, derivation), checked)
        assert not checked.disagreements

    def test_its_derivative_is_that_of_central_differences(self, rule_id: str) -> None:
        example = example_of(rule_id)
        if example.unknown or example.definitions:
            return  # in the tests of compositions and of implicit curves
        derivation = example.derivation()
        at = shown_at(example, derivation)
        expected = float(derivative(derivation.formula, at.point, "x"))
        assert at(derivation.raw) == pytest.approx(expected, rel=1e-9, abs=1e-12)

    def test_it_says_what_it_is(self, rule_id: str) -> None:
        rule = ALL_RULES[rule_id]
        assert rule.id == rule_id
        assert rule_id == rule_id.lower().replace("_", "-").replace(" ", "-")
        assert rule.name
        assert rule.why.endswith(".")
        assert set(rule.prerequisites) <= set(ALL_RULES), rule.prerequisites
        assert rule_id not in rule.prerequisites
        for side in rule.statement:
            template(side, {})


def test_the_ids_of_rules_are_unique() -> None:
    owners: dict[str, set[str]] = {}
    for rule in (*RULES, *ROUTES):
        owners.setdefault(rule.id, set()).add(rule.name)
    assert {rule_id: names for rule_id, names in owners.items() if len(names) > 1} == {}


def test_prerequisites_do_not_go_round_in_a_circle() -> None:
    left = {rule.id: set(rule.prerequisites) for rule in ALL_RULES.values()}
    while left:
        ready = {rule_id for rule_id, needed in left.items() if not needed & set(left)}
        assert ready, f"these need one another: {left}"
        left = {rule_id: needed for rule_id, needed in left.items() if rule_id not in ready}


def test_every_file_has_rules_that_are_tried() -> None:
    used = {type(rule).__module__ for rule in ALL_RULES.values()}
    listed = {id(rule) for rule in (*RULES, *ROUTES)}
    for module in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}."):
        if module.name.rpartition(".")[2] in NO_RULES:
            continue
        loaded = importlib.import_module(module.name)
        own = getattr(loaded, "RULES", ())
        assert own or module.name in used, f"no rule of {module.name} is in RULES or ROUTES"
        assert all(id(rule) in listed for rule in own), f"a rule of {module.name} is never tried"


def test_every_function_of_numbers_has_a_rule() -> None:
    known = {getattr(rule, "function", None) for rule in RULES}
    assert set(FLOAT_FUNCTIONS) <= known
    assert set(FLOAT_FUNCTIONS) <= set(FUNCTIONS)


# ---- mistakes ------------------------------------------------------------------------------------

MISTAKES = [(rule, mutation) for rule in ALL_RULES.values() for mutation in rule.mutations]


WITHOUT_MISTAKES = {
    "sum-of-one-number": "a sum of one term is that term: there is nothing to get wrong",
    "mean-of-one-number": "the mean of one number is that number: there is nothing to get wrong",
}
"""Rules that nobody gets wrong, and why."""


def test_every_rule_has_a_mistake_or_a_reason_for_having_none() -> None:
    without = {rule.id for rule in (*RULES, *ROUTES) if not rule.mutations}
    assert without == set(WITHOUT_MISTAKES)


def test_the_ids_of_mistakes_are_unique() -> None:
    owners = {mutation.id: rule.name for rule, mutation in MISTAKES}
    counts = Counter(mutation.id for _, mutation in MISTAKES)
    assert {each: owners[each] for each, count in counts.items() if count > 1} == {}


@pytest.mark.parametrize(
    ("rule", "mutation"), MISTAKES, ids=[mutation.id for _, mutation in MISTAKES]
)
def test_a_mistake_gives_another_number(rule: Rule, mutation: Mutation) -> None:
    assert mutation.message[-1] in ".?"
    example = BEST_FOR.get(mutation.id) or example_of(rule.id)
    derivation = example.derivation()
    at = shown_at(example, derivation)
    made = [(step, mistaken(rule, mutation, step, derivation)) for step in steps_of(derivation)]
    wrong = [(step, node) for step, node in made if node is not None]
    assert wrong, f"{mutation.id} does not apply to its example"
    assert any(differs(node, step, at) for step, node in wrong), f"{mutation.id} is no mistake"


NEAR = 20
"""Points at which a mistake is looked at."""

BY_CHANCE = 2
"""Of them, where it may come to the right number, as where two curves cross."""


@pytest.mark.parametrize(
    ("rule", "mutation"), MISTAKES, ids=[mutation.id for _, mutation in MISTAKES]
)
def test_a_mistake_is_one_all_around(rule: Rule, mutation: Mutation) -> None:
    example = BEST_FOR.get(mutation.id) or example_of(rule.id)
    derivation = example.derivation()
    made = [(step, mistaken(rule, mutation, step, derivation)) for step in steps_of(derivation)]
    wrong = [(step, node) for step, node in made if node is not None]
    chance = random.Random(mutation.id)
    right = 0
    for _ in range(NEAR):
        near = replace(example, x=example.x * chance.uniform(0.85, 1.15))
        at = shown_at(near, derivation)
        right += not any(differs(node, step, at) for step, node in wrong)
    assert right <= BY_CHANCE


def test_a_mistake_leaves_no_letter_of_its_rule_behind() -> None:
    for rule, mutation in MISTAKES:
        example = BEST_FOR.get(mutation.id) or example_of(rule.id)
        derivation = example.derivation()
        known = {"x", "y", "y′", "z", "p", *example.definitions}
        for step in steps_of(derivation):
            node = mistaken(rule, mutation, step, derivation)
            if node is not None:
                assert {n.name for n in distinct(node) if isinstance(n, Name)} <= known, mutation.id


def differs(wrong: Node, step: Step, at: Evaluation) -> bool:
    try:
        return not close(at(wrong), at(step.result))
    except DomainError:
        return True  # no number at all, as 1/ln(1)


def mistaken(rule: Rule, mutation: Mutation, step: Step, derivation: Derivation) -> Node | None:
    """The result of a step with a mistake in it, its parts differentiated rightly."""
    task = task_of(derivation, step)
    applied = rule.mutated(mutation, step.operand, task)
    if applied is None:
        return None
    results: list[Node] = []
    for part in applied.parts:
        variable = part.variable or task.variable
        partial = part.partial or variable != task.variable
        definitions = {} if partial else dict(derivation.definitions)
        unknown = {} if partial else task.unknown
        formula = Formula(text="", root=part.operand)
        moves = Task(
            variable=variable,
            moving={variable} if partial else task.moving,
            definitions={},
        ).varies(part.operand)
        if not moves:
            results.append(number(0))
            continue
        found = derive(formula, variable, definitions=definitions, unknown=unknown)
        results.append(found.raw)
    return applied.make(results)


def task_of(derivation: Derivation, step: Step) -> Task:
    """What was asked of the rules."""
    unknown = {"y": name("y′")} if "y′" in str(derivation.raw) else {}
    definitions = {each: formula.root for each, formula in derivation.definitions}
    moving = {step.variable} if step.partial else {step.variable, *unknown, *definitions}
    return Task(
        variable=step.variable,
        moving=frozenset(moving),
        definitions={} if step.partial else definitions,
        unknown=unknown,
    )
