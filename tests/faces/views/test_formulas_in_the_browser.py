"""The closures of the browser give the numbers of Python, kinks and edges of domains included."""

import math
import random

import pytest
from hypothesis import HealthCheck, given, settings
from node_formulas import Node, ordered, program, value_program, words
from scalar_formulas import NAMES, points, scalar_texts

from chainrule.calculus import Evaluation, parse
from chainrule.calculus.evaluate import DomainError
from chainrule.calculus.float_functions import FLOAT_FUNCTIONS
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.tree import Node as Part
from chainrule.calculus.tree import distinct
from chainrule.faces.views.examples import FORMULAS

ULPS = 4 * 2.0**-52
"""Of one function: C's mathematics library and V8's err by up to one unit in the last place each,
and some functions here are made of two or three of them."""

CLOSE = 1e-12
"""Of a whole formula, relative to its largest part: some thirty operations that round."""

EDGES = (
    *(0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, math.pi, math.e, -7.25, 0.84, 1.25, 2.9),
    *(1e-300, -1e-12, 1e-5, 20.0, -20.0, 40.0, 710.0, -710.0, 1e10, 1e300, -1e300, 6.0, 27.0),
)


def numbers_at(node: Part, evaluation: Evaluation) -> float:
    """As the browser has it: NaN where there is no value."""
    try:
        return evaluation(node)
    except DomainError:
        return math.nan


def largest_part(node: Part, evaluation: Evaluation) -> float:
    """What the rounding of a formula is measured by: its terms may cancel one another."""
    sizes = [abs(numbers_at(each, evaluation)) for each in distinct(node)]
    return max((size for size in sizes if math.isfinite(size)), default=0.0)


def differs(left: float, right: float, tolerance: float) -> bool:
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) != math.isnan(right)
    if math.isinf(left) or math.isinf(right):
        return left != right
    return abs(left - right) > tolerance


def arguments(count: int) -> list[tuple[float, ...]]:
    """Edges, and numbers of all sizes; of several arguments each edge beside others."""
    chance = random.Random(count)
    sizes = [chance.uniform(-1, 1) * 10 ** chance.uniform(-6, 3) for _ in range(60)]
    if count == 1:
        return [(each,) for each in (*EDGES, *sizes)]
    pool = [*EDGES, *sizes]
    return [tuple(chance.choice(pool) for _ in range(count)) for _ in range(250)]


CALLS = [
    (name, count)
    for name in FLOAT_FUNCTIONS
    for count in range(FUNCTIONS[name].least, min(FUNCTIONS[name].most or 3, 3) + 1)
]


@pytest.mark.parametrize(("name", "count"), CALLS, ids=[f"{n}-{c}" for n, c in CALLS])
def test_every_function_is_that_of_python(name: str, count: int, browser_formulas: Node) -> None:
    names = ("a", "b", "c")[:count]
    formula = parse(f"{name}({', '.join(names)})")
    places = arguments(count)
    found = browser_formulas.ask(
        "at", program=value_program(formula, names), points=[words(each) for each in places]
    )
    wrong = []
    for place, said in zip(places, found, strict=True):
        expected = numbers_at(formula.root, Evaluation(dict(zip(names, place, strict=True))))
        # acot(x) is π/2 − atan(x), in which digits cancel for large x
        scale = math.pi / 2 if name == "acot" else abs(expected)
        if differs(said["value"], expected, ULPS * scale):
            wrong.append((place, expected, said["value"]))
    assert not wrong, f"{name}: (arguments, Python, browser) {wrong[:5]} of {len(wrong)}"


@pytest.mark.parametrize("text", ["a/b", "a^b", "a*b*c", "a - b + c", "-a", "where(a, b, c)"])
def test_every_operation_is_that_of_python(text: str, browser_formulas: Node) -> None:
    formula = parse(text)
    names = formula.names
    places = arguments(len(names))
    found = browser_formulas.ask(
        "at", program=value_program(formula), points=[words(each) for each in places]
    )
    for place, said in zip(places, found, strict=True):
        evaluation = Evaluation(dict(zip(names, place, strict=True)))
        expected = numbers_at(formula.root, evaluation)
        largest = largest_part(formula.root, evaluation) if text.startswith("a -") else 0.0
        scale = max(abs(expected), largest)
        assert not differs(said["value"], expected, ULPS * scale), (place, expected, said)


def test_whole_powers_are_those_of_python(browser_formulas: Node) -> None:
    for exponent in ("2", "3", "-1", "-2", "0.5", "7", "1/3", "0"):
        formula = parse(f"a^({exponent})")
        places = arguments(1)
        found = browser_formulas.ask(
            "at", program=value_program(formula, ("a",)), points=[words(each) for each in places]
        )
        for place, said in zip(places, found, strict=True):
            expected = numbers_at(formula.root, Evaluation({"a": place[0]}))
            assert not differs(said["value"], expected, ULPS * abs(expected)), (exponent, place)


def test_a_case_that_does_not_hold_needs_no_value(browser_formulas: Node) -> None:
    formula = parse("where(x, ln(x), 5)")
    found = browser_formulas.ask(
        "at", program=value_program(formula), points=[[-1.0], [0.0], [1.0], ["NaN"]]
    )
    values = [each["value"] for each in found]
    assert values[:3] == [5.0, 5.0, 0.0]
    assert math.isnan(values[3])


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=scalar_texts, point=points)
def test_random_formulas_are_those_of_python(
    text: str, point: dict[str, float], browser_formulas: Node
) -> None:
    formula = parse(text)
    evaluation = Evaluation(point)
    expected = numbers_at(formula.root, evaluation)
    place = [point[name] for name in NAMES]
    found = browser_formulas.ask("at", program=value_program(formula, NAMES), points=[words(place)])
    tolerance = CLOSE * largest_part(formula.root, evaluation)
    assert not differs(found[0]["value"], expected, tolerance), (text, point, expected, found)


def slope(formula: str, at: dict[str, float], name: str) -> float:
    """∂f/∂name by a central difference of Python's values."""
    by = 1e-5 * max(1.0, abs(at[name]))
    root = parse(formula).root
    ahead, behind = (Evaluation({**at, name: at[name] + side})(root) for side in (by, -by))
    return (ahead - behind) / (2 * by)


SMOOTH = [
    (each.formula, each.start)
    for each in FORMULAS
    if ";" not in each.formula and "|" not in each.formula
]


@pytest.mark.parametrize(("text", "start"), SMOOTH, ids=[text for text, _ in SMOOTH])
def test_gradient_and_hessian_are_slopes_of_the_value(
    text: str, start: dict[str, float], browser_formulas: Node
) -> None:
    """Central differences, whose own error is some 1e-10 of the largest value nearby."""
    given_program = program(text)
    names = given_program["names"]
    (found,) = browser_formulas.ask(
        "at", program=given_program, points=[ordered(given_program, start)]
    )
    assert found["both"] == found["value"]
    scale = 1 + abs(found["value"])
    for name, entry in zip(names, found["gradient"], strict=True):
        assert entry == pytest.approx(slope(text, start, name), rel=1e-6, abs=1e-6 * scale)
    by = 1e-5
    for i, name in enumerate(given_program["axes"]):
        sides = [{**start, name: start[name] + side} for side in (by, -by)]
        ahead, behind = browser_formulas.ask(
            "at", program=given_program, points=[ordered(given_program, each) for each in sides]
        )
        rows = found["hessian"][i * len(names) : (i + 1) * len(names)]
        for j, entry in enumerate(rows):
            expected = (ahead["gradient"][j] - behind["gradient"][j]) / (2 * by)
            assert entry == pytest.approx(expected, rel=1e-6, abs=1e-5 * scale)


def test_without_a_hessian_differences_stand_in(browser_formulas: Node) -> None:
    text = "exp(x*y) + x**3*y + a*x"
    whole = program(text)
    place = [0.7, -0.4, 2.0]
    exact, near = (
        browser_formulas.ask("at", program=each, points=[place])[0]["hessian"]
        for each in (whole, {**whole, "hessian": None})
    )
    assert near != exact
    assert near == pytest.approx(exact, rel=1e-8, abs=1e-8)


def test_definitions_are_filled_in(browser_formulas: Node) -> None:
    text = "z = x^2 y; x = cos(t); y = sin(t) + x"
    given_program = program(text)
    assert given_program["names"] == ["t"]
    at = 0.7
    (found,) = browser_formulas.ask("at", program=given_program, points=[[at]])
    c, s = math.cos(at), math.sin(at)
    assert found["value"] == pytest.approx(c * c * (s + c), rel=1e-14)
    first = -2 * c * s * (s + c) + c * c * (c - s)
    assert found["gradient"] == [pytest.approx(first, rel=1e-13)]
    second = -2 * (c * c - s * s) * (s + c) - 4 * c * s * (c - s) - c * c * (s + c)
    assert found["hessian"] == [pytest.approx(second, rel=1e-12)]


@pytest.mark.parametrize("count", [2, 33, 128])
def test_a_grid_is_the_value_at_each_of_its_points(count: int, browser_formulas: Node) -> None:
    """128² points are sixteen blocks, 33² one and a rest."""
    text = "ln(x) * sin(3 y) + w"
    given_program = program(text)
    found = browser_formulas.ask(
        "grid",
        program=given_program,
        at=[0.0, 0.0, 0.25],
        axes=["x", "y"],
        across=[-1.0, 3.0],
        upwards=[-2.0, 2.0],
        count=count,
    )
    assert (found["x"][0], found["x"][-1]) == (-1.0, 3.0)
    assert (found["y"][0], found["y"][-1]) == (-2.0, 2.0)
    root = parse(text).root
    for k, value in enumerate(found["values"]):
        x, y = found["x"][k % count], found["y"][k // count]
        expected = numbers_at(root, Evaluation({"x": x, "y": y, "w": 0.25}))
        assert not differs(value, expected, CLOSE * 5), (x, y, value, expected)


def test_a_curve_is_the_value_along_one_name(browser_formulas: Node) -> None:
    found = browser_formulas.ask(
        "curve", program=program("x^2 + a"), at=[0.0, 3.0], axis="x", bounds=[-1.0, 1.0], count=5
    )
    assert found == {"x": [-1.0, -0.5, 0.0, 0.5, 1.0], "values": [4.0, 3.25, 3.0, 3.25, 4.0]}


def test_what_f_and_its_slopes_share_is_computed_once() -> None:
    """e^(x·y) stands in f, both slopes and all curvatures."""
    rows = program("exp(x*y)")["nodes"]
    assert sum(row["kind"] == "Call" for row in rows) == 1
    assert len({repr(row) for row in rows}) == len(rows)


def test_a_grid_in_blocks_is_faster_than_point_by_point(browser_formulas: Node) -> None:
    text = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
    told = browser_formulas.ask(
        "times",
        program=program(text),
        at=[0.0, 0.0],
        axes=["x", "y"],
        bounds=[-6.0, 6.0],
        count=128,
    )
    assert told["grid"] < told["one_by_one"], told


def test_a_program_that_is_none_is_refused(browser_formulas: Node) -> None:
    rows = [{"kind": "Number", "children": [], "value": 1.0}]
    rows.append({"kind": "Call", "children": [0], "function": "besselj"})
    broken = {"names": [], "nodes": rows, "value": 1, "gradient": [], "axes": [], "hessian": None}
    with pytest.raises(AssertionError, match="There is no function besselj of one number"):
        browser_formulas.ask("at", program=broken, points=[[]])


def test_all_functions_of_numbers_are_compared() -> None:
    assert {name for name, _ in CALLS} == set(FLOAT_FUNCTIONS)
