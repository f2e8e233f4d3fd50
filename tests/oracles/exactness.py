"""Run a script as it is and compare every measured path with gradients taken another way.

At each backward pass the reference ‖∂L/∂w‖ of every leaf comes from a separate run of the engine
over the same graph (or, where the engine forbids that, from the change of `.grad`), and from the
records random paths from the loss to that leaf are multiplied out. Prints a JSON line:
`{"paths", "parameters", "passes", "error", "unlabelled"}` with the largest relative error.

Usage: `python exactness.py script.py`.
"""

import contextlib
import io
import json
import math
import random
import runpy
import sys
from pathlib import Path
from typing import Any

import torch
from torch.autograd.variable import Variable
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

sys.path.insert(0, str(Path(__file__).parent))
from memory import MemoryWriter

from chainrule.instruments import Chain
from chainrule.observer import entry, scaling
from chainrule.observer.governor import Governor
from chainrule.observer.observation import Observation
from chainrule.observer.sink import Sink
from chainrule.observer.structure import walk
from chainrule.records import NEVER_RAN, BackwardPass

PATHS = 40  # random paths for each leaf of each pass
# Backward functions an extra run would spoil: a checkpoint refuses it, and compiled code may
# write over the buffers it saved ("donated" buffers), then or in a cache that another run filled.
RUNS_ONCE = {"CheckpointFunctionBackward", "CompiledFunctionBackward"}
SMALL = 1e-30  # below this a float32 gradient is denormal: relative error has no meaning


def reference(outputs: Any, args: tuple[Any, ...]) -> dict[int, float]:
    """‖∂L/∂leaf‖ of every leaf, by identity, from an extra run of the engine."""
    roots = [o.grad_fn for o in outputs if getattr(o, "grad_fn", None) is not None]
    order, structure = walk(roots)
    leaves = [
        n.variable
        for n, name in zip(order, structure.names, strict=True)
        if "AccumulateGrad" in name
    ]
    inputs = args[3] if len(args) > 3 and args[3] else ()
    if inputs:
        leaves = [leaf for leaf in leaves if any(leaf is i for i in inputs)]
    if not leaves or not RUNS_ONCE.isdisjoint(structure.names):
        return {}
    try:
        gradients = Variable._execution_engine.run_backward(
            outputs,
            args[0],
            True,
            False,
            tuple(leaves),
            allow_unreachable=True,
            accumulate_grad=False,
        )
    except Exception as error:  # a pass that fails in the script's own backward, too
        print(f"no reference: {error}", file=sys.stderr)
        return {}
    return {id(leaf): norm(g) for leaf, g in zip(leaves, gradients, strict=True) if g is not None}


def norm(g: torch.Tensor) -> float:
    g = g.detach()
    g = g.coalesce().values() if g.is_sparse else g
    wide = torch.complex128 if g.is_complex() else torch.float64
    return float(torch.linalg.vector_norm(g.to(wide)))


def errors(chain: Chain, leaf: int, truth: float, rng: random.Random) -> list[float]:
    """Relative errors of Π γ μ along random paths from the loss to a leaf."""
    p, graph = chain.backward_pass, chain.graph
    arriving: dict[int, list[int]] = {}
    for e, edge in enumerate(graph.edges):
        arriving.setdefault(edge.target, []).append(e)
    found = []
    for _ in range(PATHS):
        node, log = leaf, 0.0
        while True:
            ways = [e for e in arriving.get(node, []) if p.edge_norms[e] > 0]
            if not ways:
                break
            e = rng.choice(ways)
            edge = graph.edges[e]
            gain = p.edge_norms[e] / p.node_norms[edge.source]
            merge = p.node_norms[node] / p.edge_norms[e]
            log += math.log(gain) + math.log(merge)
            node = edge.source
        if arriving.get(node):  # no contribution came this way
            continue
        product = math.exp(log) * p.node_norms[node]
        found.append(abs(product - truth) / truth)
    return found


def main() -> None:
    script = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path.insert(0, str(Path(script).parent))
    writer = MemoryWriter()
    observation = Observation(Sink(lambda: writer), Governor(None, 1))
    depth = [0]

    def on_backward(outputs: Any, args: Any, kwargs: Any) -> Any:
        if depth[0] == 0:
            truth = reference(outputs, args)
            leaves = {}
            if not truth:
                leaves = {
                    id(q): (q, None if q.grad is None else q.grad.detach().clone())
                    for q in live_parameters()
                }
            passes = len(observation.backward.measured)
        done = observation.backward.enter(outputs, args, kwargs)
        depth[0] += 1

        def after() -> None:
            depth[0] -= 1
            if done:
                done()
            if depth[0] == 0 and len(observation.backward.measured) > passes:
                if not truth:
                    for key, (q, old) in leaves.items():
                        if q.grad is not None:
                            change = q.grad.detach() if old is None else q.grad.detach() - old
                            truth[key] = norm(change)
                observation.backward.measured[-1].truth = truth

        return after

    known: list[Any] = []

    def live_parameters() -> list[Any]:
        import gc

        if not known:
            known.extend(o for o in gc.get_objects() if type(o) is torch.nn.Parameter)
        return known

    results: dict[tuple[int, int], dict[int, float]] = {}
    collect = observation.outlines.backward_pass

    def backward_pass(recorder: Any, step: int, number: int) -> BackwardPass:
        record = collect(recorder, step, number)
        named = {}
        for key, value in getattr(recorder, "truth", {}).items():
            for i, tensor in enumerate(observation.names.tensors):
                if id(tensor()) == key:
                    named[i] = value
        results[step, number] = named
        return record

    observation.outlines.backward_pass = backward_pass  # type: ignore[method-assign]
    scaling.note_scalers()
    entry.attach(on_backward)
    register_optimizer_step_pre_hook(observation.before_step)
    register_optimizer_step_post_hook(observation.after_step)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(ValueError, SystemExit):
        runpy.run_path(script, run_name="__main__")
    observation.finish()
    rng = random.Random(0)
    worst, paths, parameters, passes, missing = 0.0, 0, set(), 0, []
    unlabelled = set()
    for sample in writer.samples:
        for p in sample.backward_passes:
            chain = Chain(writer.graphs[p.graph], p)
            passes += 1
            for i, truth in results.get((p.step, p.index), {}).items():
                leaf = chain.leaves.get(i)
                if leaf is None or p.node_norms[leaf] == NEVER_RAN:
                    if truth > 0:
                        missing.append(writer.parameters[i].name)
                    continue
                if not SMALL < truth < math.inf:
                    continue
                found = errors(chain, leaf, truth, rng)
                paths += len(found)
                parameters.add(i)
                worst = max([worst, *found])
            for node in chain.graph.nodes:
                if (
                    node.parameter is None
                    and "AccumulateGrad" not in node.name
                    and not node.place.source
                ):
                    unlabelled.add(node.name)
    print(
        json.dumps(
            {
                "paths": paths,
                "parameters": len(parameters),
                "passes": passes,
                "error": worst,
                "missing": sorted(set(missing)),
                "unlabelled": sorted(unlabelled),
                "errors": [e.text for e in writer.events if e.kind == "internal-error"],
                "notes": [e.text for e in writer.events if e.kind == "note"],
            }
        )
    )


if __name__ == "__main__":
    main()
