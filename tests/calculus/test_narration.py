"""Derivations told in every notation: complete, in order, and with the right numbers."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from scalar_formulas import points, scalar_texts, well_conditioned
from syrupy.assertion import SnapshotAssertion
from told_derivations import PROBLEMS

from chainrule.calculus import Evaluation, FormulaError, derive, parse
from chainrule.calculus.derivation import walk_steps
from chainrule.calculus.glossary import glossary
from chainrule.calculus.narrate import narrate
from chainrule.calculus.narration import Line, told
from chainrule.calculus.notations import NOTATIONS, notation_named
from chainrule.calculus.typeset import to_latex, to_markdown

IDS = [notation.id for notation in NOTATIONS]


def test_every_notation_is_registered_once() -> None:
    import chainrule.calculus.notations as folder

    files = {path.stem for path in Path(folder.__path__[0]).glob("*.py")}
    named = [type(notation).__module__.rpartition(".")[2] for notation in NOTATIONS]
    assert sorted(named) == sorted(files - {"__init__", "notation"})
    assert sorted(named) == sorted(IDS)
    for notation in NOTATIONS:
        assert notation.name
        assert notation.about.endswith(".")


def lines(line: Line) -> list[Line]:
    return [line, *(below for each in line.lines for below in lines(each))]


@pytest.fixture(params=IDS)
def notation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_step_is_told_in_its_place(problem: str, notation: str) -> None:
    derivation = PROBLEMS[problem].derivation
    narration = narrate(derivation, notation)
    found = lines(narration.line)
    steps = walk_steps(derivation.root)
    if not any(line.same_as for line in found):
        assert [line.rule for line in found] == [step.rule for step in steps]
        assert [line.node for line in found] == [step.operand.id for step in steps]
    assert len({line.id for line in found}) == len(found)
    for line in found:
        assert all(below.id.startswith(f"{line.id}.") for below in line.lines)
        assert all(below.depth == line.depth + 1 for below in line.lines)
        assert line.before
        assert line.equation
        assert "□" not in repr(line)
    assert narration.line.result == narration.raw


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_notation_changes_how_it_is_said_and_not_what(problem: str, notation: str) -> None:
    here = PROBLEMS[problem]
    one = narrate(here.derivation, "leibniz", evaluation=here.evaluation)
    other = narrate(here.derivation, notation, evaluation=here.evaluation)
    assert [facts(line) for line in lines(one.line)] == [facts(line) for line in lines(other.line)]
    assert (one.value, one.no_value, one.checks) == (other.value, other.no_value, other.checks)


def facts(line: Line) -> tuple[Any, ...]:
    return line.id, line.rule, line.node, line.brief, line.same_as, line.value, line.why


def test_no_two_notations_write_the_same() -> None:
    derivation = PROBLEMS["chain"].derivation
    assert len({narrate(derivation, each).line.before for each in NOTATIONS}) == len(NOTATIONS)


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(text=scalar_texts, point=points)
def test_each_line_has_its_number_and_equal_sides_are_equal(
    text: str, point: dict[str, float]
) -> None:
    formula = parse(text)
    if not formula.names or not well_conditioned(formula, point):
        return
    derivation = derive(formula, formula.names[0])
    evaluation = Evaluation(point, text)
    narration = narrate(derivation, evaluation=evaluation, routes=True)
    for line, step in zip(lines(narration.line), walk_steps(derivation.root), strict=False):
        if line.value is not None and not line.same_as and line.rule == step.rule:
            assert line.value == evaluation(step.result) or math.isnan(line.value)
        if line.value is None:
            break  # a line told elsewhere shifts those after it
    for check in narration.checks:
        if check.name != "the difference quotient":
            assert check.agrees, (text, check)
    for line in told(narration.line):
        for route in line.routes:
            assert route.line is not None
            if route.line.value is not None and line.value is not None:
                assert route.line.value == pytest.approx(line.value, rel=1e-6, abs=1e-8)


def test_names_held_constant_make_the_round_d() -> None:
    one = narrate(derive(parse("x^2"), "x"))
    several = narrate(derive(parse("x^2 y"), "x"))
    assert (one.asked, several.asked) == ("dy/dx", "∂z/∂x")
    assert one.line.before == "d/dx(x²)"
    assert several.line.before == "∂/∂x(x² · y)"
    neuron = narrate(PROBLEMS["neuron"].derivation)
    assert neuron.line.chain is not None
    assert neuron.line.chain.pattern == "∂y/∂w = dy/du · ∂u/∂w"  # sigmoid has one variable
    total = narrate(PROBLEMS["total"].derivation)
    assert total.line.statement == "dz/dt = ∂z/∂t + ∂z/∂x · dx/dt + ∂z/∂y · dy/dt"


@pytest.mark.parametrize(
    ("notation", "before", "after", "pattern"),
    [
        (
            "leibniz",
            "d/dx(sin(1 + x²))",
            "cos(1 + x²) · d/dx(1 + x²)",
            "dy/dx = dy/du · du/dx",
        ),
        ("lagrange", "(sin(1 + x²))′", "cos(1 + x²) · (1 + x²)′", "f(g(x))′ = f′(g(x)) · g′(x)"),
        ("operator", "D(sin(1 + x²))", "cos(1 + x²) · D(1 + x²)", "D(f ∘ g) = (D f ∘ g) · D g"),
        ("partial", "∂ₓ(sin(1 + x²))", "cos(1 + x²) · ∂ₓ(1 + x²)", "∂ₓf = ∂ᵤf · ∂ₓu"),
        ("differential", "d(sin(1 + x²))", "cos(1 + x²) · d(1 + x²)", "dy = cos(u) · du"),
        (
            "index",
            "∂₁(sin(1 + x²))",
            "cos(1 + x²) · ∂₁(1 + x²)",
            "∂₁f = Σₖ ∂f/∂uₖ · ∂₁uₖ = ∂f/∂u₁ · ∂₁u₁",
        ),
        (
            "pytorch",
            "grad(torch.sin(1 + x**2), x)",
            "torch.cos(1 + x**2) * grad(1 + x**2, x)",
            "dy_dx = dy_du * du_dx",
        ),
        (
            "words",
            "the derivative of the sine of (1 plus x squared)",
            "the cosine of (1 plus x squared), times the derivative of (1 plus x squared)",
            "Multiply the derivative of the outside by the derivative of the inside.",
        ),
    ],
)
def test_the_chain_rule_in_each_notation(
    notation: str, before: str, after: str, pattern: str
) -> None:
    line = narrate(PROBLEMS["chain"].derivation, notation).line
    assert line.chain is not None
    assert (line.before, line.after, line.chain.pattern) == (before, after, pattern)


def test_each_chain_has_letters_of_its_own() -> None:
    narration = narrate(PROBLEMS["three_levels"].derivation)
    chains = [line.chain for line in told(narration.line) if line.chain]
    assert [chain.pattern for chain in chains] == [
        "dy/dx = dy/du · du/dx",
        "du/dx = du/dv · dv/dx",
    ]
    taken = narrate(derive(parse("sin(u^2 + v)"), "u"))
    assert taken.line.chain is not None
    assert taken.line.chain.letters == (("w", "u² + v"),)


def test_what_needs_no_ceremony_is_filled_in() -> None:
    line = narrate(derive(parse("3x + 7"), "x")).line
    assert line.equation == "d/dx(3x + 7) = d/dx(3x) + d/dx(7) = d/dx(3x) + 0"
    assert [each.brief for each in line.lines] == [False, True]
    assert [each.id for each in told(line)] == ["1", "1.1"]
    assert not narrate(derive(parse("x"), "x")).line.brief


def test_what_was_told_is_referred_to() -> None:
    narration = narrate(derive(parse("sin(x^2 + x) cos(x^2 + x)"), "x"))
    again = [line for line in told(narration.line) if line.same_as]
    assert [(line.id, line.same_as) for line in again] == [("1.2.1", "1.1.1")]
    assert again[0].lines == ()
    assert again[0].equation == "d/dx(x² + x) = 2x + 1"


def test_a_step_has_no_number_at_its_kink_and_outside_its_domain() -> None:
    told_at = narrate(derive(parse("max(x, 1)"), "x"), evaluation=Evaluation({"x": 1.0}))
    assert told_at.line.value is None
    assert told_at.line.no_value.startswith("max(x, 1) has a kink or jump here")
    power = narrate(derive(parse("x^x"), "x"), evaluation=Evaluation({"x": -2.0}))
    by_rule = {line.rule: line for line in told(power.line)}
    assert by_rule["log"].value is None


def test_where_there_is_no_number_a_sentence_says_why() -> None:
    problem = PROBLEMS["outside"]
    narration = narrate(problem.derivation, evaluation=problem.evaluation)
    assert narration.value is None
    assert "sqrt needs a number that is not negative" in narration.no_value
    assert narration.checks == ()
    by_rule = {line.rule: line for line in told(narration.line)}
    assert by_rule["log"].value is None  # 1/x is −1 there, but ln(−1) has no slope
    assert by_rule["sqrt"].value is None


def test_a_name_without_a_value_is_asked_for() -> None:
    with pytest.raises(FormulaError, match="b has no value"):
        narrate(PROBLEMS["neuron"].derivation, evaluation=Evaluation({"w": 1.0, "x": 1.0}))


def test_a_difference_quotient_that_disagrees_is_shown_and_not_hidden() -> None:
    near = narrate(derive(parse("relu(x)"), "x"), evaluation=Evaluation({"x": 1e-8}))
    assert near.value == 1
    assert [check.agrees for check in near.checks] == [False]
    assert 0.5 <= near.checks[0].right < 0.6  # the step h reaches over the kink


@pytest.mark.parametrize("text", ["relu(x)", "|x|", "max(x, 2x)"])
def test_at_a_kink_there_is_no_number_but_both_slopes_and_pytorchs(text: str) -> None:
    narration = narrate(derive(parse(text), "x"), evaluation=Evaluation({"x": 0.0}))
    assert narration.value is None
    assert narration.no_value == " ".join(narration.kinks)
    assert "PyTorch takes" in narration.no_value
    assert narration.checks == ()


def test_kinks_that_cancel_leave_a_number_and_a_warning() -> None:
    narration = narrate(derive(parse("relu(x) - relu(-x)"), "x"), evaluation=Evaluation({"x": 0.0}))
    assert narration.value == 1
    assert len(narration.kinks) == 1
    assert narration.kinks[0].startswith("relu(x) (column 1) and relu(-x) (column 11) have kinks")


def test_other_ways_are_named_and_told_if_asked_for() -> None:
    derivation = PROBLEMS["quotient"].derivation
    named = narrate(derivation).line.routes
    assert [(route.name, route.line) for route in named] == [("quotient as a product", None)]
    line = narrate(derivation, routes=True).line.routes[0].line
    assert line is not None
    assert line.id == "1a"
    assert line.rewritten == "sin(x)/x = sin(x) · x⁻¹"
    assert line.lines[0].id == "1a.1"


def test_a_name_that_is_no_notation() -> None:
    with pytest.raises(FormulaError, match=r"leibniz, .*found 'leibnitz'.*'leibniz'"):
        notation_named("leibnitz")


def test_definitions_are_followed_with_values_of_their_own() -> None:
    problem = PROBLEMS["total"]
    narration = narrate(problem.derivation, evaluation=problem.evaluation)
    assert narration.at == (("t", 1.0),)
    assert narration.value == pytest.approx(
        1 - 2 * math.cos(1) * math.sin(1) * math.e**2 + 2 * math.cos(1) ** 2 * math.e**2
    )
    assert [check.agrees for check in narration.checks] == [True] * len(narration.checks)
    assert any(check.name == "the difference quotient" for check in narration.checks)


def test_a_long_chain_is_told_without_recursion() -> None:
    text = "x"
    for _ in range(49):
        text = f"sin({text})"
    narration = narrate(derive(parse(text), "x", routes=False))
    assert max(line.depth for line in told(narration.line)) == 48
    definitions = {f"a{i}": parse(f"sin(a{i - 1})" if i else "x^2") for i in range(120)}
    deep = derive(parse("a119"), "x", definitions=definitions, routes=False)
    assert len(told(narrate(deep).line)) > 200


@pytest.mark.parametrize("problem", ["three_levels", "power", "two_ways", "total", "curve"])
def test_in_latex_everything_is_balanced(problem: str, notation: str) -> None:
    here = PROBLEMS[problem]
    narration = narrate(
        here.derivation, notation, evaluation=here.evaluation, script="latex", routes=True
    )
    if narration.style == "mathematics":
        for line in lines(narration.line):
            for text in (line.before, line.after, line.result, line.statement):
                assert text.count("{") == text.count("}")
                assert text.count(r"\left") == text.count(r"\right")
                assert not set(text) & set("∂′∇²·√σ□")
    for document in (to_markdown(narration), to_latex(narration)):
        assert document.count("$$") % 2 == 0
        assert "\n\n\n" not in document


@pytest.mark.parametrize("problem", ["chain", "neuron", "total"])
def test_a_notebook_shows_it(problem: str, snapshot: SnapshotAssertion) -> None:
    derivation = PROBLEMS[problem].derivation
    assert derivation._repr_markdown_() == snapshot
    assert derivation._repr_latex_() == snapshot


def test_markdown_and_latex_in_each_notation(notation: str, snapshot: SnapshotAssertion) -> None:
    problem = PROBLEMS["neuron"]
    narration = narrate(problem.derivation, notation, evaluation=problem.evaluation, script="latex")
    assert to_markdown(narration) == snapshot
    assert to_latex(narration) == snapshot


def test_the_glossary_types_each_symbol(notation: str, snapshot: SnapshotAssertion) -> None:
    entries = glossary(PROBLEMS["neuron"].derivation, notation)
    assert {"number"} <= {entry.kind for entry in entries}
    assert len({entry.symbol for entry in entries}) == len(entries)
    assert [f"{e.symbol}: {e.kind} {e.shape or ''} {e.meaning}" for e in entries] == snapshot


def test_the_gradient_is_a_vector_with_one_entry_a_variable() -> None:
    entries = {entry.symbol: entry for entry in glossary(PROBLEMS["neuron"].derivation, "partial")}
    assert (entries["∇f"].kind, entries["∇f"].shape) == ("vector", (3,))
    assert entries["∂_w"].kind == "operator"
    assert entries["w"].kind == "number"


@pytest.mark.parametrize(
    ("text", "variable", "statement"),
    [
        ("x sin(x) e^x", "x", "d/dx(u · v · w) = du/dx · v · w + u · dv/dx · w + u · v · dw/dx"),
        ("x sin(x)", "x", "d/dx(u · v) = du/dx · v + u · dv/dx"),
        ("u^2 sin(u)", "u", "d/du(v · w) = dv/du · w + v · dw/du"),
        ("3 c^2", "c", "d/dc(k · u) = k · du/dc"),
        ("n^2", "n", "d/dn(n^m) = m · n^(m − 1)"),
        ("u + sin(u)", "u", "d/du(v + w) = dv/du + dw/du"),
        ("log(u, v)", "u", "∂/∂u(log(w, p)) = ∂w/∂u / (w · ln(p))"),
    ],
)
def test_a_statement_has_all_factors_and_none_of_the_letters_of_the_problem(
    text: str, variable: str, statement: str
) -> None:
    assert narrate(derive(parse(text), variable)).line.statement == statement


def test_a_product_of_nine_factors_has_nine_terms() -> None:
    text = " ".join(f"sin({n}x)" for n in range(1, 10))
    line = narrate(derive(parse(text), "x")).line
    assert line.statement.count("d/dx(") == 1
    assert line.statement.count(" + ") == 8
