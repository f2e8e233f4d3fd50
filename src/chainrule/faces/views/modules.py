"""The modules of a backward graph as a tree, each with the gain between its two ends.

A network of a thousand nodes is read by its modules first. The gain of a module is the product of
the width-normalised factors on any path through it, which telescopes to the gradient that leaves it
by the gradient that arrives: no path has to be chosen.
"""

import math
from collections.abc import Sequence
from typing import TypedDict

from chainrule.instruments import Chain
from chainrule.records import NEVER_RAN, Graph, Node
from chainrule.records.json_values import json_number

from .series import Number

BOXES = 60
"""Boxes that a collapsed graph begins with at most."""


class ModuleGroup(TypedDict):
    """A module with everything inside it.

    Attributes:
        path: As PyTorch names it, e.g. `encoder.layers.3`.
        parent: Index of the module around it.
        nodes: Nodes inside, those of inner modules included.
        entry: The node inside that is nearest to the loss.
        exit: The node outside to which the gradient goes on; null if it ends here.
        gain: RMS of the gradient at `exit` by that at `entry`.
    """

    path: str
    name: str
    parent: int | None
    depth: int
    nodes: int
    entry: int | None
    exit: int | None
    gain: Number | None


def module_of(node: Node) -> str:
    """The module that a node belongs to; a parameter's leaf is labelled with its own name."""
    module = node.place.module
    return module.rpartition(".")[0] if node.parameter is not None else module


def module_groups(graph: Graph, chain: Chain) -> tuple[list[ModuleGroup], list[int | None]]:
    """The tree of modules, parents first, and for each node its innermost one."""
    members: dict[str, list[int]] = {}
    for i, node in enumerate(graph.nodes):
        path = module_of(node)
        while path:
            members.setdefault(path, []).append(i)
            path = path.rpartition(".")[0]
    paths = sorted(members, key=lambda path: (path.count("."), members[path][0]))
    numbers = {path: number for number, path in enumerate(paths)}
    leaving = _leaving(graph)
    groups: list[ModuleGroup] = []
    for path in paths:
        above, _, name = path.rpartition(".")
        entry, way_out = _ends(chain, members[path], leaving)
        gain = None
        if entry is not None and way_out is not None:
            arrived, left = chain.rms(entry), chain.rms(way_out)
            gain = left / arrived if arrived else (0.0 if left == 0 else math.inf)
        groups.append(
            {
                "path": path,
                "name": name,
                "parent": numbers[above] if above else None,
                "depth": path.count("."),
                "nodes": len(members[path]),
                "entry": entry,
                "exit": way_out,
                "gain": None if gain is None else json_number(gain),
            }
        )
    return groups, [numbers.get(module_of(node)) for node in graph.nodes]


def start_depth(graph: Graph) -> int | None:
    """The depth of modules at which the collapsed graph has few enough boxes; None for no need."""
    if len(graph.nodes) <= BOXES:
        return None
    modules = [module_of(node) for node in graph.nodes]
    deepest = max((module.count(".") for module in modules), default=0)
    for depth in range(deepest, 0, -1):
        boxes = {
            ".".join(m.split(".")[: depth + 1]) if m else str(i) for i, m in enumerate(modules)
        }
        if len(boxes) <= BOXES:
            return depth
    return 0


def _leaving(graph: Graph) -> list[list[int]]:
    targets: list[list[int]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        targets[edge.source].append(edge.target)
    return targets


def _ends(
    chain: Chain, members: Sequence[int], leaving: Sequence[Sequence[int]]
) -> tuple[int | None, int | None]:
    """The first node inside that a gradient reached, and the node outside that gets most of it."""
    norms = chain.backward_pass.node_norms
    inside = set(members)
    entry = next((i for i in members if norms[i] != NEVER_RAN), None)
    outside = {
        target
        for i in members
        for target in leaving[i]
        if target not in inside
        and norms[target] != NEVER_RAN
        and chain.graph.nodes[target].parameter is None
    }
    return entry, max(outside, key=lambda i: (norms[i], -i), default=None)
