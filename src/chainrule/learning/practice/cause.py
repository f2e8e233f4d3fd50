"""One mistake at one place, how likely it is, and which can be made with a part of a formula."""

from dataclasses import dataclass

from chainrule.calculus.rules import ALL_RULES, Application, Mutation, Rule, Task
from chainrule.calculus.tree import Node

from .likelihood import likelihood
from .mistakes import further_mistakes


@dataclass(frozen=True, slots=True)
class Cause:
    """One mistake at one place.

    Attributes:
        mutation: What was done wrong.
        rule: With which rule.
        node: The part of the formula; −1 where a rule made it and no part around it is known.
        everywhere: Whether it was made at all places where it can be made, of which node is the
            first.
        aside: Whether it was made after writing the part otherwise, as few people do.
    """

    mutation: Mutation
    rule: str
    node: int
    everywhere: bool = False
    aside: bool = False

    @property
    def likelihood(self) -> float:
        """How often people do this, relative to other mistakes."""
        rarer = (0.9 if self.everywhere else 1.0) * (0.05 if self.aside else 1.0)
        return likelihood(self.mutation.id) * rarer


Causes = tuple[Cause, ...]


def weight(causes: Causes) -> float:
    """How likely it is that somebody makes these mistakes."""
    product = 1.0
    for cause in causes:
        product *= cause.likelihood
    return product


def mutated(
    rule: Rule, applied: Application, node: Node, task: Task, around: int
) -> list[tuple[Cause, Application]]:
    """The mistakes that can be made with a part, each with what comes of it.

    Args:
        rule: The rule that is used there.
        applied: What rightly comes of it.
        node: The part.
        task: By what.
        around: The part of the formula that it is or belongs to.
    """
    found = []
    rules = [rule, *(ALL_RULES[outer.rule] for outer in applied.outer)]
    for each in dict.fromkeys(rules):
        for mutation in each.mutations:
            wrong = each.mutated(mutation, node, task)
            if wrong is not None:
                found.append((Cause(mutation, each.id, around), wrong))
    for mutation, owner, wrong in further_mistakes(rule, applied, node, task):
        found.append((Cause(mutation, owner, around), wrong))
    return found
