"""No gradient.

What it is
    Parameters that an optimizer holds but that no backward pass ever reaches: there is no path
    from the loss to them, so ∂L/∂w does not exist and they never move.

Why it happens
    A `.detach()`, `.data`, `torch.no_grad()` or a trip through NumPy cuts the path; a layer is
    made and never called; an argmax or a rounding has no derivative; a code is drawn by `sample()`
    where `rsample()` was meant.

How it is found
    After every step of an optimizer, sampled or not, it is seen whether its parameters have a
    gradient. One that never had any (quantity `steps_with_a_gradient`, threshold 0: existence
    needs no tolerance), is not frozen (`requires_grad=False`), and was a leaf of no graph that
    was walked from the loss on at least two sampled steps, has no path from the loss. It is an
    error if it is a tenth of the optimized weights or more (`unreached_share`, threshold 0.1),
    else a warning: the rest trains. It is a warning, too, if others of the same name but for a
    number, and of the same shape, are reached on some passes and not on others: then the data
    choose among branches, as in a mixture of experts, and no example chose this one. Where the
    path was cut is told if a call was seen that took what depends on these parameters, gave back
    what has no gradient, and was used afterwards (`cut_parameters`). Where PyTorch refuses a
    backward pass because the loss depends on no weight, the first or a later one, that is the
    finding, and how many parameters of the modules at hand were frozen is told
    (`frozen_at_hand`). A path that
    leads through a step function (round, floor, ceil, trunc, sign, sgn, a division that rounds) is
    none either: if all paths to a parameter do, and its gradient was exactly 0 on every measured
    pass (quantity `gradient_norm`, threshold 0), the step function is named. A path is cut at a
    random draw, too, whose settings were computed by some weights, if other weights take what was
    drawn and send these none of their gradient, nor do any others: then they learn from a term of
    their own output alone, as an encoder does from a divergence from a prior. It is told if the
    range of that output fell to half or below (`range_left`, threshold 0.5), and not if what was
    drawn met the weights before the draw again, as in `log_prob(z)` of a score function.

Example that has it
    `examples/detached_encoder_digits.py`.

Example that has not
    A branch that is used in one batch of a hundred. Frozen parameters, and parameters that no
    optimizer holds, are not reported here.

Remedies
    Take out the cut, or take the parameters out of the optimizer if they are meant to rest.

Known limits
    Of draws only those by `torch.normal`, `bernoulli`, `poisson`, `binomial` and `multinomial` are
    known, which most of `torch.distributions` use in `sample()`.

References
    PyTorch documentation, "Autograd mechanics".
"""

import re

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.cut_at_a_draw import cut_at_a_draw
from chainrule.diagnosis.level_path import level_path
from chainrule.diagnosis.whole_path_cut import whole_path_cut
from chainrule.diagnosis.wording import count, names, percent, plural
from chainrule.records import Cut, Evidence, Finding, Parameter, Place, Remedy

NAME = "no-gradient"
SUMMARY = "Parameters that training never reaches: no path from the loss."

SAMPLES = 2
"""Sampled steps needed: one pass may be a special first one."""

ERROR_SHARE = 0.1
"""Share of the optimized weights from which it is an error: a tenth of the model does not learn."""


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    stepped = {s.optimizer for s in case.samples}
    passes = len(case.chains)
    if len({s.step for s in case.samples}) < SAMPLES or not passes:
        return whole_path_cut(case)
    all_reached = {p for _, chain in case.chains for p in chain.leaves}
    unreached = [
        p
        for i, p in case.parameters.items()
        if p.requires_grad
        and p.without_gradient
        and set(p.optimizers) & stepped
        and i not in all_reached
    ]
    return [
        *whole_path_cut(case),
        *([_finding(case, unreached, passes)] if unreached else []),
        *level_path(case),
        *cut_at_a_draw(case),
    ]


def _finding(case: Case, unreached: list[Parameter], passes: int) -> Finding:
    groups = [p.module for p in unreached]
    held = [p for p in case.parameters.values() if p.optimizers]
    share = sum(p.numel for p in unreached) / max(1, sum(p.numel for p in held))
    where = common_module([p.name for p in unreached])
    alone = len(unreached) == len(held)
    chosen = all(_is_a_choice(case, p) for p in unreached)
    cut = _cut(case, {p.index for p in unreached})
    return Finding(
        fault=NAME,
        severity="error" if share >= ERROR_SHARE and not chosen else "warning",
        title=f"no gradient ever reaches {names(groups)}",
        where=(
            Place(where or groups[0], cut.function, cut.place.source)
            if cut is not None
            else Place(module=where or groups[0])
        ),
        steps=(case.samples[0].step, case.last_step),
        evidence={
            "steps_with_a_gradient": Evidence(0.0, "steps", 0.0),
            "steps": Evidence(float(case.run.steps), "steps"),
            "passes_that_reached_it": Evidence(0.0, "backward passes", 0.0),
            "passes_seen": Evidence(float(passes), "backward passes"),
            "unreached_parameters": Evidence(float(len(unreached)), "tensors"),
            "unreached_in_models": Evidence(
                float(sum(p.in_module for p in unreached)), "tensors of a module that was found"
            ),
            "unreached_share": Evidence(share, "share of optimized weights", ERROR_SHARE),
            **_behind(cut, unreached),
        },
        explanation=(
            f"{plural(len(unreached), 'parameter')} of the optimizer "
            f"({names([p.name for p in unreached])}) had no gradient at any of the "
            f"{plural(case.run.steps, 'step')}, and on the {count(passes)} backward passes that "
            f"were measured, walking back from the loss, there is no path to them. The chain "
            f"rule multiplies along paths and adds over them; with no path there is nothing to "
            f"add:\n\n"
            f"    ∂L/∂w = (sum over no paths) = none,   θ ← θ − η · none\n\n"
            f"so {percent(share)} of the weights that the optimizer was given keep their first "
            f"values. "
            + (
                f"The path ends in {_call(cut)}: it takes what these parameters made, a tensor "
                f"of shape {cut.given}, and gives back numbers that no longer know where they "
                "came from."
                if cut is not None
                else "Somewhere between these modules and the loss the path is cut, or their "
                "output is not used."
            )
            + (
                " No parameter at all is reached: is the loss computed from the model?"
                if alone
                else " Others like them are reached on some passes and not on others, so the "
                "data choose which of them are used, and never chose these."
                if chosen
                else ""
            )
        ),
        remedies=(
            *((_BALANCE,) if chosen else ()),
            *((_take_out(cut),) if cut is not None else ()),
            Remedy(
                f"look for .detach(), .data, .item(), torch.no_grad() or a NumPy round trip after "
                f"{where or groups[0]}, and take it out",
                "each of these ends the graph there",
                "PyTorch, Autograd mechanics",
            ),
            Remedy(
                "check that forward() calls these modules and uses their output",
                "a module that is not called, or a branch that no example ever takes, has no path "
                "from the loss",
            ),
            Remedy(
                "if they are meant to rest, set requires_grad_(False) and leave them out of the "
                "optimizer",
                "then it is plain to the reader that they do not train",
            ),
        ),
    )


_NO_DERIVATIVE = frozenset({"argmax", "argmin", "round", "floor", "ceil", "trunc", "sign", "bool"})
"""What would have a derivative of 0 everywhere, or none, even if it kept the path."""


_READS = frozenset({"grad", "data"})
"""What reads a parameter or its gradient, and takes no part in a forward pass."""


def _cut(case: Case, unreached: set[int]) -> Cut | None:
    """The call that cut most of these parameters off from what was used; the last of several.

    If none was seen to be used again, as after a trip through NumPy, one behind which there are
    none but these parameters: what they make is not looked at for nothing in every step.
    """
    cuts = [c for f in case.forward_passes for c in f.cuts if c.function not in _READS]
    used = [c for c in cuts if c.used and unreached & {*c.parameters}]
    alone = [c for c in cuts if c.parameters and unreached >= {*c.parameters}]
    behind = used or alone
    return max(reversed(behind), key=lambda c: len(unreached & {*c.parameters}), default=None)


def _behind(cut: Cut | None, unreached: list[Parameter]) -> dict[str, Evidence]:
    if cut is None:
        return {}
    behind = {*cut.parameters} & {p.index for p in unreached}
    return {"cut_parameters": Evidence(float(len(behind)), "tensors behind the cut", 0.0)}


def _call(cut: Cut) -> str:
    name = "torch.no_grad" if cut.function == "no_grad" else cut.function
    return f"{name} ({cut.place.source})" if cut.place.source else name


def _take_out(cut: Cut) -> Remedy:
    if cut.function in _NO_DERIVATIVE:
        return Remedy(
            f"train with something smooth in place of {_call(cut)}: a softmax, the value itself",
            "a step function is level between its steps: its derivative is 0 wherever it has one",
        )
    return Remedy(
        f"take out {_call(cut)}",
        "it gives back a tensor without a history, and the chain of derivatives ends there",
        "PyTorch, Autograd mechanics",
    )


_BALANCE = Remedy(
    "add a loss that balances how often each branch is chosen, or noise to the choice",
    "a branch that is not chosen at first does not get better, and is not chosen later either",
    "Shazeer et al. (2017), arXiv 1701.06538",
)


def _is_a_choice(case: Case, parameter: Parameter) -> bool:
    """True if a twin, alike but for the numbers in its name, is reached on some passes only."""
    pattern = _unnumbered(parameter.name)
    twins = [
        i
        for i, p in case.parameters.items()
        if i != parameter.index and p.shape == parameter.shape and _unnumbered(p.name) == pattern
    ]
    reaching = [sum(i in chain.leaves for _, chain in case.chains) for i in twins]
    return any(0 < passes < len(case.chains) for passes in reaching)


def _unnumbered(name: str) -> str:
    return re.sub(r"\d+", "#", name)


def common_module(parameter_names: list[str]) -> str:
    """Longest module path that all the parameters share; empty if they share none."""
    split = [name.split(".")[:-1] for name in parameter_names]
    shared: list[str] = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)
