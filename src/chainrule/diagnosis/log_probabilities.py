"""Logarithms of probabilities in a graph, and a loss that weighs them by numbers from outside."""

from chainrule.instruments import Chain
from chainrule.records import Graph, kind_of, operation

from .case import Case
from .reach import targets

LOGARITHMS = frozenset({"LogSoftmax", "LogSigmoid", "Log"})
"""What makes log-probabilities: of anything else a negative log-likelihood may have either sign."""

_KEEPS_THE_SIGN = frozenset({"Mean", "Sum", "Div"})
_PICKS = frozenset({"Gather", "Index", "Select"})


def is_log_softmax(graph: Graph, following: list[list[int]], node: int) -> bool:
    """True of z − log Σᵢ exp zᵢ, as torch.distributions writes it: what is subtracted is of z."""
    terms = following[node]
    for sums in terms:
        if operation(graph.nodes[sums].name) == "Logsumexp":
            return set(following[sums]) <= {*terms} - {sums}
    return False


def weighed_log_probabilities(case: Case) -> str:
    """A sentence on a loss Σ aᵢ log p(answerᵢ) with no minus in front; empty of any other loss.

    As in a policy gradient. It goes below 0 or above it as the numbers aᵢ do, which are not
    trained, so its value says nothing of how well the answers do. If they are rewards, a minus
    belongs in front; if they are costs, none does.
    """
    chain = next((chain for _, chain in reversed(case.chains)), None)
    node = None if chain is None or len(case.optimizers) != 1 else _product(chain)
    if chain is None or node is None:
        return ""
    place = chain.graph.nodes[node].place
    return (
        f"At {place} the loss weighs log-probabilities by numbers from outside of the graph, with "
        "no minus in front. Descent makes answers with large numbers rarer: right if these are "
        "costs, or rewards with a minus of their own; of plain rewards it learns the worst "
        "answers. The loss tells neither; look at the mean reward."
    )


def _product(chain: Chain) -> int | None:
    """The product of picked log-probabilities with something else, one for each answer."""
    graph = chain.graph
    following = targets(graph)
    names = [operation(node.name) for node in graph.nodes]
    node, product, picked = 0, None, False
    for _ in graph.nodes:
        name, behind = names[node], following[node]
        if name in LOGARITHMS or (name == "Sub" and is_log_softmax(graph, following, node)):
            return product if picked else None
        if name in _PICKS:
            picked = True
        elif name == "Mul" and product is None and chain.backward_pass.numels[node] > 1:
            product = node
        elif name not in _KEEPS_THE_SIGN and kind_of(name) != "structure":
            return None
        if len(behind) != 1:
            return None
        node = behind[0]
    return None
