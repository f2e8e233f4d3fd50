"""Mistakes that stand with no rule: in longer sums and products, in chains, and of the whole.

The rules of `calculus` have the mistakes that can be written in the letters of their statement.
What needs more than those letters, or is about no rule, is here.
"""

from collections.abc import Callable, Iterator, Sequence

from chainrule.calculus.build import add, exact, multiply, negative, number, raised, template
from chainrule.calculus.rules import ALL_RULES, Application, Mutation, Part, Rule, Task
from chainrule.calculus.tree import (
    Call,
    Name,
    Node,
    Power,
    Product,
    Sum,
    SumOperator,
    children,
    distinct,
    with_children,
)

from .stated_mistakes import STATED

Found = tuple[Mutation, str, Application]
"""The mistake, the rule that it was made with, and what comes of it."""


def _of(rule: str, mutation: str) -> Mutation:
    return next(each for each in ALL_RULES[rule].mutations if each.id == mutation)


def further_mistakes(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    """Mistakes at a part that its rule does not list.

    Args:
        rule: The rule that is used there.
        applied: What comes of it.
        node: The part.
        task: By what.
    """
    rules = {rule.id, *(outer.rule for outer in applied.outer)}
    for owner, mutation in STATED:
        if owner in rules:
            wrong = ALL_RULES[owner].mutated(mutation, node, task)
            if wrong is not None:
                yield mutation, owner, wrong
    for owner, id, after in _WITHOUT_INNER:
        if owner in rules and applied.outer:
            mutation = _of(owner, id)
            short = Mutation(id=id, after=after, message=mutation.message)
            wrong = ALL_RULES[owner].mutated(short, node, task)
            if wrong is not None:
                yield short, owner, wrong
    for about, of in _BY_SHAPE:
        if about in rules:
            yield from of(rule, applied, node, task)


_WITHOUT_INNER = (
    ("exponential", "exponential-as-power", "u c^(u-1)"),
    ("exp", "exp-as-power", "u*exp(u - 1)"),
)
"""Who takes the power rule for e^(3x) sees no inside whose derivative might be missing."""

# ---- sums -----------------------------------------------------------------------------------

_SUM_SIGN = Mutation(
    id="sum-sign",
    after="du - dv",
    message="A plus sign became a minus sign: what is added stays added.",
)


def _of_sums(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    if not isinstance(node, Sum):
        return
    lost = _of("sum", "sum-term-lost")
    for i in range(len(node.terms)):
        if len(node.terms) == 2 and i == 1 and rule.id == "sum":
            continue  # the rule's own
        signs = ["+", *node.operators]
        kept = [j for j in range(len(node.terms)) if j != i]

        def without(
            made: Sequence[Node], kept: list[int] = kept, signs: Sequence[str] = signs
        ) -> Node:
            return add(*(negative(made[j]) if signs[j] == "-" else made[j] for j in kept))

        yield lost, rule.id, Application(parts=applied.parts, make=without)
    for i, operator in enumerate(node.operators):
        if len(node.operators) == 1 and operator == "-":
            continue
        turned = list(node.operators)
        turned[i] = "+" if operator == "-" else "-"
        operators = tuple(turned)

        def other(made: Sequence[Node], operators: tuple[SumOperator, ...] = operators) -> Node:
            return Sum(terms=tuple(made), operators=operators)

        mutation = _SUM_SIGN if operator == "+" else _of("difference", "difference-sign-lost")
        yield mutation, rule.id, Application(parts=applied.parts, make=other)


# ---- products -------------------------------------------------------------------------------

_TERM_LOST = Mutation(
    id="product-term-lost",
    after="du*v",
    message="One of the factors was not moved: of three factors each moves in turn, which gives "
    "three terms.",
)


def _of_products(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    if not isinstance(node, Product) or len(node.factors) < 3:
        return
    factors = node.factors
    yield (
        _of("product", "product-of-derivatives"),
        "product",
        Application(parts=applied.parts, make=lambda made: multiply(*made)),
    )
    for i in range(len(factors)):

        def without(made: Sequence[Node], i: int = i) -> Node:
            return add(
                *(
                    multiply(*factors[:j], derivative, *factors[j + 1 :])
                    for j, derivative in enumerate(made)
                    if j != i
                )
            )

        yield _TERM_LOST, "product", Application(parts=applied.parts, make=without)


# ---- powers ---------------------------------------------------------------------------------

_SIGN_OF_EXPONENT = Mutation(
    id="power-sign-lost",
    after="u^(n-1)*du",
    message="The exponent is negative, and it comes down in front with its minus sign.",
)
_DISTRIBUTED = Mutation(
    id="power-of-sum",
    after="du^n + dv^n",
    message="The power was taken of each term: (a + b)ⁿ is not aⁿ + bⁿ.",
)


def _of_powers(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    if not isinstance(node, Power) or task.varies(node.exponent):
        return
    base, exponent = node.base, exact(node.exponent)
    if exponent is None:
        return
    if exponent < 0:
        yield (
            _SIGN_OF_EXPONENT,
            "power",
            Application(
                parts=(Part(operand=base),),
                make=lambda made: multiply(
                    number(-exponent), raised(base, number(exponent - 1)), made[0]
                ),
            ),
        )
    if isinstance(base, Sum):
        powers = tuple(raised(term, node.exponent) for term in base.terms)
        moved = with_children(base, powers)
        yield (
            _DISTRIBUTED,
            "power",
            Application(parts=(Part(operand=moved),), make=lambda made: made[0]),
        )


# ---- chains ---------------------------------------------------------------------------------

_AT_VARIABLE = Mutation(
    id="chain-inside-forgotten",
    after="p*du",
    message="The outer derivative was taken at the variable instead of at the inside: f′(g(x))·"
    "g′(x), not f′(x)·g′(x).",
)
_AS_FACTOR = Mutation(
    id="chain-inside-as-factor",
    after="p*u",
    message="The inside itself was put behind as a factor: what belongs there is its derivative.",
)
_DIVIDED = Mutation(
    id="chain-inner-divided",
    after="p/du",
    message="The outer derivative was divided by that of the inside: along a chain they multiply. "
    "Dividing is what one does when integrating.",
)
_AS_PRODUCT = Mutation(
    id="chain-as-product",
    after="f*u",
    message="The function of a function was differentiated as a product of two functions: the "
    "inside is put into the outside, it does not stand beside it.",
)
_BOTH_INNER = Mutation(
    id="chain-inside-differentiated",
    after="q*du",
    message="The derivative of the inside was put into the outer derivative: the inside stays as "
    "it is, and its derivative is a factor behind.",
)


def _of_chains(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    if len(applied.outer) != 1 or len(applied.parts) != 1:
        return
    outer, inside = applied.outer[0], applied.parts[0].operand
    found = rule.match(node, task)
    if found is None:
        return
    partial = found["p"]
    part = applied.parts

    def letters(made: Sequence[Node]) -> dict[str, Node]:
        return {"p": partial, "u": inside, "du": made[0]}

    for mutation in (_AS_FACTOR, _DIVIDED):

        def instead(made: Sequence[Node], after: str = mutation.after) -> Node:
            return template(after, letters(made))

        yield mutation, "chain", Application(parts=part, make=instead)
    variable = Name(name=task.variable, text=task.variable)
    at_variable = _with_letter(outer.derivative, outer.letter, variable)
    yield (
        _AT_VARIABLE,
        "chain",
        Application(parts=part, make=lambda made: multiply(at_variable, made[0])),
    )
    yield (
        _BOTH_INNER,
        "chain",
        Application(
            parts=part,
            make=lambda made: multiply(
                _with_letter(outer.derivative, outer.letter, made[0]), made[0]
            ),
        ),
    )
    if isinstance(node, Call):
        beside = multiply(_with_letter(outer.operand, outer.letter, variable), inside)
        yield (
            _AS_PRODUCT,
            "chain",
            Application(parts=(Part(operand=beside),), make=lambda made: made[0]),
        )


def _with_letter(node: Node, letter: str, by: Node) -> Node:
    made: dict[int, Node] = {}
    for part in distinct(node):
        if isinstance(part, Name) and part.name == letter:
            made[id(part)] = by
        else:
            made[id(part)] = with_children(part, [made[id(child)] for child in children(part)])
    return made[id(node)]


# ---- what is held ---------------------------------------------------------------------------

_HELD_KEPT = Mutation(
    id="held-kept",
    after="c",
    message="A term without the variable was left standing: it is held constant, so its derivative "
    "is 0.",
)


def _of_held(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    yield _HELD_KEPT, "held-constant", Application(parts=(), make=lambda _: node)
    names = {part.name for part in distinct(node) if isinstance(part, Name)}
    if not isinstance(node, Name):
        for each in sorted(names):
            yield (
                _of("held-constant", "held-differentiated"),
                "held-constant",
                Application(
                    parts=(Part(operand=node, variable=each, partial=True),),
                    make=lambda made: made[0],
                ),
            )


# ---- paths ----------------------------------------------------------------------------------

_PATH_LOST = Mutation(
    id="total-path-lost",
    after="q*du",
    message="The variable acts along several paths, and one of them is missing: the paths add.",
)
_PATHS_MULTIPLIED = Mutation(
    id="total-paths-multiplied",
    after="q*du*r*dv",
    message="Along a path the factors multiply, but the paths add.",
)


def _of_paths(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    direct = len(applied.parts) % 2
    ways = [(i, i + 1) for i in range(direct, len(applied.parts), 2)]
    if len(ways) + direct < 2:
        return

    def terms(made: Sequence[Node]) -> list[Node]:
        return [*made[:direct], *(multiply(made[i], made[j]) for i, j in ways)]

    for lost in range(direct, len(ways) + direct):

        def without(made: Sequence[Node], lost: int = lost) -> Node:
            return add(*(term for i, term in enumerate(terms(made)) if i != lost))

        yield _PATH_LOST, rule.id, Application(parts=applied.parts, make=without)
    yield (
        _PATHS_MULTIPLIED,
        rule.id,
        Application(parts=applied.parts, make=lambda made: multiply(*terms(made))),
    )


_BY_SHAPE: tuple[tuple[str, Callable[[Rule, Application, Node, Task], Iterator[Found]]], ...] = (
    ("sum", _of_sums),
    ("difference", _of_sums),
    ("product", _of_products),
    ("power", _of_powers),
    ("chain", _of_chains),
    ("held-constant", _of_held),
    ("total-derivative", _of_paths),
)
