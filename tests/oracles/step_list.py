"""A derivation as a learner reads it, in one compact text, for snapshots."""

from dataclasses import replace

from chainrule.calculus import Derivation, Node, write
from chainrule.calculus.derivation import HOLE, Step
from chainrule.calculus.rules import ALL_RULES
from chainrule.calculus.tidy import reason


def step_list(derivation: Derivation) -> str:
    """The steps, the algebra after them, the three results and the other ways."""
    lines = [f"d/d{derivation.variable} {derivation.formula.text}"]
    _steps(derivation.root, 1, lines)
    lines.append(f"  raw: {write(derivation.raw)}")
    lines += [f"    {reason(each)}: {write(each.after)}" for each in derivation.tidying]
    lines.append(f"  tidy: {write(derivation.tidy)}")
    lines += [f"    {reason(each)}: {write(each.after)}" for each in derivation.factoring]
    if derivation.factoring:
        lines.append(f"  factored: {write(derivation.factored)}")
    lines += [
        f"  also, {ALL_RULES[route.rule].name}: {write(route.result)}"
        for route in derivation.root.alternatives
    ]
    return "\n".join(lines)


def _steps(step: Step, depth: int, lines: list[str]) -> None:
    after = write(step.after)
    for i, below in enumerate(step.steps):
        after = after.replace(f"{HOLE}{i}", f"[{_bare(below.operand)}]′")
    lines.append(f"{'  ' * depth}{ALL_RULES[step.rule].name}: {_bare(step.operand)} → {after}")
    for outer in step.outer:
        inside = f"{outer.letter} = {_bare(outer.inside)}"
        lines.append(
            f"{'  ' * depth}  outside, {inside}: {write(outer.operand)} → {write(outer.derivative)}"
        )
    if step.remark:
        lines.append(f"{'  ' * depth}  note: {step.remark}")
    for below in step.steps:
        _steps(below, depth + 1, lines)


def _bare(node: Node) -> str:
    return write(replace(node, parentheses=0))
