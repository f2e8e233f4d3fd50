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
    children,
    distinct,
    with_children,
)

Found = tuple[Mutation, str, Application]
"""The mistake, the rule that it was made with, and what comes of it."""


def _of(rule: str, mutation: str) -> Mutation:
    return next(each for each in ALL_RULES[rule].mutations if each.id == mutation)


def _letters(rule: str, after: str, id: str, message: str) -> tuple[str, Mutation]:
    return rule, Mutation(id=id, after=after, message=message)


_BY_LETTERS: tuple[tuple[str, Mutation], ...] = (
    _letters(
        "quotient",
        "du*v - u*dv",
        "quotient-denominator-lost",
        "The numerator of the quotient rule is right; it is divided by v².",
    ),
    _letters(
        "quotient",
        "du/v",
        "quotient-denominator-held",
        "Only the numerator was moved. The denominator varies too: − u·v′/v² is missing.",
    ),
    _letters(
        "quotient",
        "-(u*dv)/v^2",
        "quotient-numerator-held",
        "Only the denominator was moved. The numerator varies too: u′/v is missing.",
    ),
    _letters(
        "quotient",
        "(du*v - u*dv)/dv^2",
        "quotient-square-of-derivative",
        "What is squared below is the denominator itself, not its derivative.",
    ),
    _letters(
        "reciprocal",
        "-(c*dv)/v",
        "reciprocal-square-lost",
        "The denominator is squared in the derivative of c/v: −c·v′/v².",
    ),
    _letters(
        "product",
        "du + dv",
        "product-added",
        "The derivatives of the factors were added. Each factor moves in turn while the other "
        "stays as a factor: u′v + uv′.",
    ),
    _letters(
        "constant-multiple",
        "c + du",
        "multiple-added",
        "The constant factor was added to the derivative: it multiplies it.",
    ),
    _letters(
        "constant-multiple",
        "u + c*du",
        "multiple-as-product",
        "The constant factor was differentiated to 1, as if it were the variable: its slope is 0.",
    ),
    _letters(
        "log",
        "u/du",
        "log-turned",
        "The fraction is upside down: the derivative of ln u is u′/u.",
    ),
    _letters(
        "sin", "sin(u)*du", "sin-kept", "The sine was left as it is: its derivative is the cosine."
    ),
    _letters(
        "cos",
        "-cos(u)*du",
        "cos-kept",
        "The cosine was left as it is: its derivative is minus the sine.",
    ),
    _letters(
        "tan",
        "sec(u)*tan(u)*du",
        "tan-as-sec",
        "That is the derivative of sec; of tan it is sec squared.",
    ),
    _letters(
        "sec", "tan(u)^2*du", "sec-as-tan", "The derivative of sec is sec·tan, with one of each."
    ),
    _letters(
        "sigmoid",
        "(1 - sigmoid(u))*du",
        "sigmoid-first-factor-lost",
        "σ(1 − σ) has two factors; the first is missing.",
    ),
    _letters(
        "sigmoid",
        "(1 - sigmoid(u)^2)*du",
        "sigmoid-as-tanh",
        "That is the form of tanh's derivative; of the sigmoid it is σ(1 − σ).",
    ),
    _letters(
        "tanh",
        "tanh(u)*(1 - tanh(u))*du",
        "tanh-as-sigmoid",
        "That is the form of the sigmoid's derivative; of tanh it is 1 − tanh².",
    ),
    _letters(
        "relu",
        "du",
        "relu-one",
        "That is the slope where the argument of ReLU is positive; elsewhere it is 0.",
    ),
    _letters(
        "exp",
        "u*exp(u)*du",
        "exp-exponent-in-front",
        "eᵘ is its own derivative: no exponent comes down in front.",
    ),
    _letters(
        "exponential",
        "u c^u*du",
        "exponential-exponent-in-front",
        "The exponent does not come down in front of an exponential.",
    ),
    _letters(
        "exponential",
        "c^u/log(c)*du",
        "exponential-log-below",
        "Another base than e brings ln(base) as a factor; dividing by it is for the integral.",
    ),
)


def further_mistakes(rule: Rule, applied: Application, node: Node, task: Task) -> Iterator[Found]:
    """Mistakes at a part that its rule does not list.

    Args:
        rule: The rule that is used there.
        applied: What comes of it.
        node: The part.
        task: By what.
    """
    rules = {rule.id, *(outer.rule for outer in applied.outer)}
    for owner, mutation in _BY_LETTERS:
        if owner in rules:
            wrong = ALL_RULES[owner].mutated(mutation, node, task)
            if wrong is not None:
                yield mutation, owner, wrong
    for about, of in _BY_SHAPE:
        if about in rules:
            yield from of(rule, applied, node, task)


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

        def other(made: Sequence[Node], operators: tuple = operators) -> Node:  # type: ignore[type-arg]
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
_TWICE = Mutation(
    id="chain-inner-twice",
    after="p*du*du",
    message="The derivative of the inside stands there twice: it is a factor once.",
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

    for mutation in (_AS_FACTOR, _TWICE, _DIVIDED):
        after = mutation.after
        yield (
            mutation,
            "chain",
            Application(parts=part, make=lambda made, after=after: template(after, letters(made))),  # type: ignore[misc]
        )
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

# ---- of the whole ---------------------------------------------------------------------------

NOT_DIFFERENTIATED = Mutation(
    id="not-differentiated",
    after="f",
    message="That is the function itself: it has not been differentiated.",
)
INTEGRATED = Mutation(
    id="integrated",
    after="F",
    message="That is an integral: its derivative is the function of the question. Asked is the "
    "derivative of the function.",
)
TWICE = Mutation(
    id="differentiated-twice",
    after="ddf",
    message="That is the second derivative: it has been differentiated once too often.",
)
WHOLE_SIGN = Mutation(
    id="sign-of-whole",
    after="-df",
    message="Everything is right but the sign of the whole.",
)
OTHER_VARIABLE = Mutation(
    id="other-variable",
    after="df/dv",
    message="That is the derivative by {other}; asked is the one by {variable}.",
)
ALL_VARIABLES = Mutation(
    id="all-variables",
    after="df/dx + df/dy",
    message="The function was differentiated by every variable, and the derivatives were added. "
    "Asked is the derivative by {variable} alone, with the others held constant.",
)
RECIPROCAL = Mutation(
    id="reciprocal-of-whole",
    after="1/df",
    message="That is 1 over the derivative: how fast {variable} moves with the function, not the "
    "function with {variable}.",
)

WHOLE = (
    NOT_DIFFERENTIATED,
    INTEGRATED,
    TWICE,
    WHOLE_SIGN,
    OTHER_VARIABLE,
    ALL_VARIABLES,
    RECIPROCAL,
)

# ---- how often ------------------------------------------------------------------------------

_LIKELIHOOD = {
    "chain-inner-lost": 4.0,
    "product-of-derivatives": 3.0,
    "quotient-of-derivatives": 3.0,
    "power-not-lowered": 2.0,
    "power-factor-lost": 2.0,
    "exponential-as-power": 2.0,
    "cos-sign": 2.0,
    "sin-sign": 2.0,
    "quotient-order": 2.0,
    "minus-lost": 2.0,
    "multiple-lost": 1.5,
    "constant-kept": 1.5,
    "held-kept": 1.5,
    "chain-inside-differentiated": 1.5,
    "reciprocal-sign": 1.5,
    "not-differentiated": 5.0,
    "integrated": 4.0,
    "other-variable": 4.0,
    "sign-of-whole": 1.2,
    "variable-kept": 0.3,
    "variable-zero": 0.25,
    "constant-one": 0.4,
    "multiple-differentiated": 0.4,
    "sum-sign": 0.5,
    "product-minus": 0.7,
    "chain-added": 0.5,
    "chain-inner-twice": 0.25,
    "chain-inner-divided": 0.3,
    "chain-as-product": 0.6,
    "multiple-added": 0.3,
    "multiple-as-product": 0.5,
    "power-raised": 0.6,
    "power-integrated": 0.8,
    "power-of-derivative": 0.8,
    "differentiated-twice": 0.5,
    "reciprocal-of-whole": 0.3,
    "quotient-square-of-derivative": 0.4,
    "root-as-half": 0.3,
    "root-as-negative-power": 0.5,
    "quotient-as-product-turned": 0.2,
    "repeated-factor-as-sum": 0.3,
    "definition-of-tan-turned": 0.3,
    "exponential-log-below": 0.5,
}


def likelihood(mutation: str) -> float:
    """How often people make a mistake, relative to others; 1 where nothing is known.

    From the order of the difficulties that teachers and forums name (docs/practice.md). It only
    orders what is said of one answer, and decides which pairs of mistakes are kept if there are
    too many.
    """
    return _LIKELIHOOD.get(mutation, 1.0)
