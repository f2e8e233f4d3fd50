"""Which programs say the same whatever the seed: only those are kept."""

from collections.abc import Sequence

from .outcome import Outcome


def stability(outcomes: Sequence[Outcome]) -> list[str]:
    """One line for each program and variant, the unstable ones first.

    Args:
        outcomes: Several seeds of each.
    """
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.program.name, outcome.variant), []).append(outcome)
    unstable, stable = [], []
    for (name, variant), group in groups.items():
        met = sum(o.as_described for o in group)
        said = {o.first.fault if o.first else "no verdict" for o in group}
        numbers = ", ".join("none" if o.metric is None else f"{o.metric:.4g}" for o in group)
        line = (
            f"{name:52} {variant:8} metric as described {met}/{len(group)} ({numbers}); "
            f"verdict {', '.join(sorted(said))}"
        )
        (stable if met == len(group) and len(said) == 1 else unstable).append(line)
    return [f"UNSTABLE {line}" for line in unstable] + [f"stable   {line}" for line in stable]
