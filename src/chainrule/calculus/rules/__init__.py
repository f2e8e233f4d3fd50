"""The rules of differentiation, one small class each; a file holds one kind of them.

Adding a rule is adding it to the `RULES` of its file, or a file to the tuples below.
"""

from chainrule.calculus.tree import Call, Node

from . import (
    activations,
    exponential,
    hyperbolic,
    inverse_hyperbolic,
    inverse_trigonometric,
    kinks,
    logarithm_laws,
    logarithm_of_size,
    losses,
    rewriting,
    trigonometric,
)
from .chain import ChainRule
from .constant import Constant, HeldConstant, Variable
from .dependent import DependentVariable, ImplicitVariable, Substitution, TotalDerivative
from .function import OuterRule
from .linear import ConstantMultiple, DifferenceRule, MinusRule, SumRule
from .logarithmic import LogarithmicPower, LogarithmicProduct, LogarithmicRule
from .power import ExponentialRule, GeneralPower, PowerRule
from .product import ProductRule
from .quotient import QuotientRule, ReciprocalRule
from .rule import Application as Application
from .rule import Mutation as Mutation
from .rule import Part as Part
from .rule import Rule as Rule
from .rule import Task as Task

_FUNCTIONS: tuple[Rule, ...] = (
    *trigonometric.RULES,
    *inverse_trigonometric.RULES,
    *hyperbolic.RULES,
    *inverse_hyperbolic.RULES,
    *logarithm_of_size.RULES,
    *exponential.RULES,
    *activations.RULES,
    *kinks.RULES,
    *losses.RULES,
)

_OUTER: tuple[OuterRule, ...] = (
    PowerRule(),
    ExponentialRule(),
    *(rule for rule in _FUNCTIONS if isinstance(rule, OuterRule)),
)

_CHAIN = ChainRule(_OUTER)

RULES: tuple[Rule, ...] = (
    Constant(),
    HeldConstant(),
    Variable(),
    DependentVariable(),
    ImplicitVariable(),
    TotalDerivative(),
    SumRule(),
    DifferenceRule(),
    MinusRule(),
    ConstantMultiple(),
    ProductRule(),
    rewriting.POWER_BELOW,
    ReciprocalRule(),
    QuotientRule(),
    logarithm_laws.FIRST,
    *_OUTER,
    LogarithmicPower(),
    *(rule for rule in _FUNCTIONS if not isinstance(rule, OuterRule)),
    _CHAIN,
)
"""In the order in which they are tried: the first that applies is the one that is shown."""

ROUTES: tuple[Rule, ...] = (
    Substitution(),
    LogarithmicProduct(),
    logarithm_laws.BESIDE,
    *rewriting.RULES,
    GeneralPower(),
    LogarithmicRule(),
    ReciprocalRule(),
    QuotientRule(),
    ProductRule(),
    _CHAIN,
)
"""Other ways, tried after the rule that is shown; those that apply are kept beside it."""

ALL_RULES: dict[str, Rule] = {rule.id: rule for rule in (*RULES, *ROUTES)}
"""By their ids."""

_FOR: dict[tuple[type[Node], str], tuple[Rule, ...]] = {}


def rules_for(node: Node) -> tuple[Rule, ...]:
    """`RULES` without those that are about another function: a part need not ask all of them."""
    function = node.function if isinstance(node, Call) else ""
    key = (type(node), function)
    if key not in _FOR:
        about = {rule: getattr(rule, "function", None) for rule in RULES}
        _FOR[key] = tuple(rule for rule in RULES if about[rule] in (None, function))
    return _FOR[key]
