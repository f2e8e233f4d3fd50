"""Flat places: which kind each is, how sure that is, and all of them in a box."""

import math
from itertools import pairwise, product

import pytest
import sympy
import torch

from chainrule.calculus import parse
from chainrule.instruments.flat_place import Situation, flat_place
from chainrule.instruments.flatness import classify
from chainrule.instruments.kink_places import kink_places
from chainrule.instruments.stationary_points import stationary_points
from chainrule.objective import Objective, ObjectiveError
from chainrule.records.flatness import PlaceMeasurements


def objective(function, *start: float, dtype: torch.dtype = torch.float64) -> Objective:
    """L of one scalar an argument, called x, y, ..."""
    names = "xyzuvw"[: len(start)]
    theta = {n: torch.tensor(s, dtype=dtype) for n, s in zip(names, start, strict=True)}
    return Objective.from_callable(lambda point: function(*(point[n] for n in names)), theta)


def himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def beale(x, y):
    terms = (1.5, 1), (2.25, 2), (2.625, 3)
    return sum((c - x + x * y**k) ** 2 for c, k in terms)


def rastrigin(x, y):
    return 20 + sum(q**2 - 10 * torch.cos(2 * math.pi * q) for q in (x, y))


# ---- one place


@pytest.mark.parametrize(
    ("function", "at", "kind", "certainty"),
    [
        (lambda x, y: x**2 + 3 * y**2, (0, 0), "minimum", "certain"),
        (lambda x, y: -(x**2) - 3 * y**2, (0, 0), "maximum", "certain"),
        (lambda x, y: x**2 - 3 * y**2, (0, 0), "saddle", "certain"),
        (lambda x, y: x**2 + 1e6 + y**2, (0.5, 0), "slope", "certain"),
        (rosenbrock, (1, 1), "minimum", "certain"),
        (rosenbrock, (-1, 1), "slope", "certain"),
        (lambda x: x**4, (0,), "minimum", "likely"),
        (lambda x: -(x**4), (0,), "maximum", "likely"),
        (lambda x: x**3, (0,), "saddle", "likely"),
        (lambda x, y: x**3 - 3 * x * y**2, (0, 0), "saddle", "likely"),
        (lambda x, y: x**2 - y**4, (0, 0), "saddle", "likely"),
        (lambda x, y: (x - y) ** 2, (1, 1), "minimum", "likely"),
        (torch.abs, (0,), "minimum", "likely"),
        (lambda x: -torch.abs(x), (0,), "maximum", "likely"),
        (lambda x: torch.relu(x) + x, (0,), "kink", "likely"),
        (lambda x: x**2 - y_squared(x), (1e4,), "slope", "certain"),
    ],
)
def test_a_place_has_its_kind(function, at, kind: str, certainty: str) -> None:
    place = flat_place(objective(function, *map(float, at)))
    assert (place.kind, place.certainty) == (kind, certainty)
    assert place.reason
    assert {fact.quantity for fact in place.facts} >= {"gradient norm", "smallest eigenvalue"}


def y_squared(x: torch.Tensor) -> torch.Tensor:
    return 2 * x**2


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("function", "at", "plateau"),
    [
        (lambda x: (torch.sigmoid(x) - 1) ** 2, -20.0, "vanished-chain"),
        (lambda x: (torch.tanh(x - 8) - 1) ** 2, 0.0, "vanished-chain"),
        (lambda x: torch.relu(x) ** 2 + 1, -5.0, "dead-units"),
    ],
    ids=["sigmoid", "tanh", "relu"],
)
def test_a_plateau_has_its_kind(function, at: float, plateau: str, dtype: torch.dtype) -> None:
    place = flat_place(objective(function, at, dtype=dtype))
    assert (place.kind, place.plateau) == ("plateau", plateau)


def test_scaling_and_shifting_the_loss_changes_no_kind() -> None:
    for factor, shift in product((1e-6, 1.0, 1e6), (0.0, 5.0)):
        for at, kind in (((3.0, 2.0), "minimum"), ((1.0, 1.0), "slope")):
            place = flat_place(objective(lambda x, y: factor * himmelblau(x, y) + shift, *at))  # noqa: B023
            assert place.kind == kind


def test_the_way_down_from_a_saddle_is_along_its_negative_eigenvector() -> None:
    place = flat_place(objective(lambda x, y: x**2 + 4 * x * y + y**2 + y**4 + x**4, 0.0, 0.0))
    assert place.kind == "saddle"
    escape = place.escape
    assert escape is not None
    assert escape.direction[0] == pytest.approx(-escape.direction[1])
    assert escape.curvature == pytest.approx(-2)
    # along it L = −t² + t⁴/2, lowest at t = 1 with −½
    assert escape.distance == pytest.approx(1, rel=0.25)
    assert escape.fall == pytest.approx(0.5, rel=0.05)
    assert not escape.goes_on


def test_a_way_down_that_does_not_end_says_so() -> None:
    place = flat_place(objective(lambda x, y: x**2 - y**2, 0.0, 0.0))
    assert place.escape is not None
    assert place.escape.goes_on


def test_a_minimum_has_no_way_down() -> None:
    assert flat_place(objective(rosenbrock, 1.0, 1.0)).escape is None


@pytest.mark.parametrize(
    ("low", "high", "kind"), [(1, 10, "minimum"), (-2, 10, "saddle"), (-10, -1, "maximum")]
)
def test_of_many_parameters_only_the_ends_of_the_spectrum_are_needed(
    low: float, high: float, kind: str
) -> None:
    values = torch.linspace(low, high, 60, dtype=torch.float64)
    near = Objective.from_callable(
        lambda theta: (values * theta**2).sum(), torch.full((60,), 1e-6, dtype=torch.float64)
    )
    place = flat_place(near)
    assert (place.kind, place.certainty) == (kind, "certain")
    assert flat_place(near, torch.ones(60, dtype=torch.float64)).kind == "slope"


def test_bouncing_is_seen_with_what_the_run_knows() -> None:
    made = objective(lambda x: 5 * x**2, 1.0)
    situation = Situation(learning_rate=0.2, loss_falls=False, turn=-1.0, sharpness_times_rate=1.0)
    place = flat_place(made, situation=situation)
    assert (place.kind, place.certainty) == ("bouncing", "certain")
    assert flat_place(made).kind == "slope"


def test_that_a_short_step_lowers_the_loss_is_tried_before_it_is_said() -> None:
    falls = flat_place(objective(lambda x: 5 * x**2, 1.0))
    assert (falls.kind, falls.certainty) == ("slope", "certain")
    assert "a short step down it lowers the loss" in falls.reason
    says = {True: "lowers the loss", False: "no step down it that was tried", None: "was tried"}
    for tried, words in says.items():
        place = classify(measured(short_step_falls=tried))
        assert (place.kind, place.certainty) == ("slope", "certain" if tried else "likely")
        assert words in place.reason


def test_small_kinks_beside_a_slope_are_no_kind_of_place() -> None:
    # as in any network of relus: the slope is 1, its jump at 0 a twentieth of that
    made = objective(lambda x: x + 0.05 * torch.relu(x), 0.0)
    assert flat_place(made).kind == "slope"


def test_a_place_without_a_finite_loss_is_refused() -> None:
    made = Objective(lambda p: torch.log(p["x"]), {"x": torch.tensor(-1.0)}, source="formula")
    with pytest.raises(ObjectiveError, match="finite"):
        flat_place(made)


# ---- the verdict from numbers alone


def measured(**changes: object) -> PlaceMeasurements:
    known: dict[str, object] = {"loss": 2.0, "gradient_norm": 1.0, "loss_falls": False, **changes}
    return PlaceMeasurements(**known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "kind", "plateau"),
    [
        ({"learning_rate": 0.0}, "plateau", "zero-learning-rate"),
        ({"turn": -0.9}, "bouncing", None),
        ({"sharpness_times_rate": 1.05}, "bouncing", None),
        ({"gradient_noise": 5.0}, "plateau", "noise-floor"),
        ({"gradient_noise": 1.0}, "plateau", "noise-floor"),
        ({"gradient_noise": 0.6}, "slope", None),
        ({"turn": -0.9, "kink": True}, "bouncing", None),
        ({"gradient_noise": 0.1}, "slope", None),
        ({"turn": -0.9, "loss_falls": True}, "slope", None),
        (
            {"gradient_norm": 1e-9, "fall_in_sight": 1.0, "chain_gain": 1e-6},
            "plateau",
            "vanished-chain",
        ),
        ({"gradient_norm": 1e-9, "fall_in_sight": 1.0, "dead_share": 0.9}, "plateau", "dead-units"),
        ({"gradient_norm": 1e-9, "fall_in_sight": 1.0, "chain_gain": 0.5}, "plateau", "unknown"),
        ({"gradient_norm": 0.0}, "undecided", None),
    ],
)
def test_runs_that_stand_still_are_told_apart(
    changes: dict[str, object], kind: str, plateau: str | None
) -> None:
    place = classify(measured(**changes))
    assert (place.kind, place.plateau) == (kind, plateau)


@pytest.mark.parametrize(
    ("smallest", "largest", "bound", "kind"),
    [
        (0.2, 5.0, 0.1, "minimum"),
        (0.05, 5.0, 0.1, "undecided"),
        (-0.05, 5.0, 0.1, "undecided"),
        (-0.2, 5.0, 0.1, "saddle"),
        (-5.0, -0.05, 0.1, "undecided"),
        (-5.0, -0.2, 0.1, "maximum"),
    ],
)
def test_an_eigenvalue_counts_only_beyond_its_error(
    smallest: float, largest: float, bound: float, kind: str
) -> None:
    place = classify(
        measured(
            gradient_norm=0.0,
            smallest_eigenvalue=smallest,
            largest_eigenvalue=largest,
            eigenvalue_bound=bound,
        )
    )
    assert place.kind == kind
    assert (place.certainty == "certain") == (kind != "undecided")


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_no_kind_is_given_to_a_loss_that_is_not_finite(loss: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        classify(measured(loss=loss))


# ---- all places in a box


def places(function, box: tuple[float, float], expected: list[tuple[str, float, float]]):
    """The points found, after checking them against an independent list of kinds and places."""
    found = stationary_points(objective(function, 0.1, 0.2), box)
    got = sorted((p.kind, *(round(x, 4) + 0.0 for x in p.theta)) for p in found.points)
    assert got == sorted((kind, round(x, 4) + 0.0, round(y, 4) + 0.0) for kind, x, y in expected)
    assert found.expected_missing == 0
    assert found.index == found.winding
    return found


def solved(function, box: tuple[float, float]) -> list[tuple[str, float, float]]:
    """All stationary points of a polynomial, by resultants and exact root isolation: no Newton."""
    x, y = sympy.symbols("x y")
    L = sympy.nsimplify(sympy.expand(function(x, y)), rational=True)
    gradient = [sympy.numer(sympy.together(sympy.diff(L, v))) for v in (x, y)]
    low, high = box
    found: dict[tuple[float, float], str] = {}
    candidates = [
        [
            float(sympy.N(root, 30))
            for root in sympy.Poly(sympy.resultant(*gradient, other), keep).real_roots()
            if low <= root <= high
        ]
        for keep, other in ((x, y), (y, x))
    ]
    slope = sympy.lambdify((x, y), gradient)
    second = sympy.lambdify((x, y), sympy.hessian(L, (x, y)).tolist())
    for a, b in product(*candidates):
        size = 1 + max(abs(value) for row in second(a, b) for value in row)
        if max(map(abs, slope(a, b))) < 1e-9 * size:
            values = torch.linalg.eigvalsh(torch.tensor(second(a, b), dtype=torch.float64))
            negative = int((values < 0).sum())
            found[round(a, 6), round(b, 6)] = ("minimum", "saddle", "maximum")[negative]
    return [(kind, a, b) for (a, b), kind in found.items()]


def test_himmelblau() -> None:
    expected = solved(himmelblau, (-6, 6))
    assert len(expected) == 9
    found = places(himmelblau, (-6.0, 6.0), expected)
    assert [len(found.of(k)) for k in ("minimum", "saddle", "maximum")] == [4, 4, 1]
    assert all(point.loss == pytest.approx(0, abs=1e-20) for point in found.of("minimum"))


def test_rosenbrock_has_one() -> None:
    assert solved(rosenbrock, (-3, 3)) == [("minimum", 1.0, 1.0)]
    places(rosenbrock, (-3.0, 3.0), [("minimum", 1.0, 1.0)])


def test_beale() -> None:
    expected = solved(beale, (-4.5, 4.5))
    assert ("minimum", 3.0, 0.5) in expected
    assert ("saddle", 0.0, 1.0) in expected
    places(beale, (-4.5, 4.5), expected)


def test_rastrigin_in_its_box() -> None:
    """A sum of functions of one variable: each stationary point is a pair of theirs."""
    low, high = -5.12, 5.12

    def slope(q: float) -> float:
        return 2 * q + 20 * math.pi * math.sin(2 * math.pi * q)

    grid = [low + (high - low) * k / 20_000 for k in range(20_001)]
    roots = []
    for a, b in pairwise(grid):
        if slope(a) * slope(b) < 0 or slope(b) == 0:
            for _ in range(60):
                middle = (a + b) / 2
                a, b = (middle, b) if slope(a) * slope(middle) > 0 else (a, middle)
            roots.append((a, 2 + 40 * math.pi**2 * math.cos(2 * math.pi * a) > 0))
    assert len(roots) == 21
    expected = [
        (("maximum", "saddle", "minimum")[up + upwards], a, b)
        for (a, up), (b, upwards) in product(roots, roots)
    ]
    found = places(rastrigin, (low, high), expected)
    assert [len(found.of(k)) for k in ("minimum", "saddle", "maximum")] == [121, 220, 100]


@pytest.mark.parametrize(
    ("eigenvalues", "kind"),
    [
        ((1, 2, 3), "minimum"),
        ((-1, 2, 3), "saddle"),
        ((-1, -2, 3), "saddle"),
        ((-1, -2, -3), "maximum"),
    ],
)
def test_quadratics_with_known_spectra(eigenvalues: tuple[float, ...], kind: str) -> None:
    turn, _ = torch.linalg.qr(
        torch.randn(3, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    )
    values, centre = torch.tensor(eigenvalues, dtype=torch.float64), torch.tensor([0.3, -0.2, 0.1])
    made = Objective.from_callable(
        lambda theta: (values * (turn.T @ (theta - centre)) ** 2).sum(),
        torch.zeros(3, dtype=torch.float64),
    )
    (point,) = stationary_points(made, (-1.0, 1.0), starts=64).points
    assert point.kind == kind
    assert point.theta == pytest.approx(tuple(centre.tolist()), abs=1e-6)
    assert point.eigenvalues == pytest.approx(sorted((2.0 * e for e in eigenvalues), reverse=True))
    assert point.starts == 64


def test_a_valley_is_a_curve_and_no_count_of_places() -> None:
    found = stationary_points(objective(lambda x, y: (x - y) ** 2, 0.0, 0.0), (-1, 1), starts=64)
    assert found.points == ()
    assert {point.extent for point in found.extended} == {"curve"}
    assert found.index is None
    assert found.expected_missing == 0


def test_a_loss_that_vmap_cannot_follow_is_searched_point_by_point() -> None:
    def function(x, y):
        return (x - 0.5) ** 2 + y**2 if float(x.detach()) > -10 else x + y

    found = stationary_points(objective(function, 0.0, 0.0), (-1, 1), starts=4)
    assert [point.kind for point in found.points] == ["minimum"]


def test_only_what_is_in_the_box_is_found() -> None:
    found = stationary_points(
        objective(himmelblau, 0.0, 0.0), {"x": (2.0, 4.0), "y": (1.0, 3.0)}, starts=256
    )
    assert [p.kind for p in found.points] == ["minimum"]
    assert found.points[0].theta == pytest.approx((3, 2))


@pytest.mark.parametrize(
    "box", [(1.0, 1.0), (2.0, -2.0), (0.0, math.inf), {"x": (0, 1)}, {"z": (0, 1)}]
)
def test_a_box_that_is_none_is_refused(box) -> None:
    with pytest.raises(ObjectiveError, match="bounds"):
        stationary_points(objective(himmelblau, 0.0, 0.0), box)


def test_too_many_parameters_to_search_are_refused() -> None:
    made = Objective.from_callable(lambda t: (t**2).sum(), torch.zeros(20))
    with pytest.raises(ObjectiveError, match="at most"):
        stationary_points(made, (-1, 1))


@pytest.mark.parametrize(
    ("formula", "start", "kind"),
    [
        ("x^2 y^2", {"x": -3.9e-11, "y": -7.6e-12}, "minimum"),
        ("x^4", {"x": 1e-9}, "minimum"),
        ("x^6", {"x": 1e-4}, "minimum"),
        ("x^4 - y^4", {"x": 1e-9, "y": 1e-9}, "saddle"),
    ],
)
def test_curvature_that_is_0_at_the_place_is_not_believed_beside_it(
    formula: str, start: dict[str, float], kind: str
) -> None:
    place = flat_place(Objective.from_formula(formula, start))
    assert (place.kind, place.certainty) == (kind, "likely")


def test_a_slope_without_curvature_is_no_stationary_point() -> None:
    found = stationary_points(Objective.from_formula("abs(x)"), (-5.0, 5.0))
    assert found.points == ()


@pytest.mark.parametrize(
    ("formula", "single", "extent"),
    [
        ("(x^2 + y^2 - 1)^2", [("maximum", 0.0, 0.0)], "curve"),
        ("x^2 y^2", [], "curve"),
        ("max(x, y)^2", [], "curve"),
        ("x^3 - 3x y^2", [("undecided", 0.0, 0.0)], None),
        ("x^2 - y^4", [("undecided", 0.0, 0.0)], None),
    ],
)
def test_curves_without_slope_are_told_from_single_places(
    formula: str, single: list[tuple[str, float, float]], extent: str | None
) -> None:
    made = Objective.from_formula(formula)
    found = stationary_points(made, (-5.0, 5.0), starts=1024)
    assert [(point.kind, *point.theta) for point in found.points] == single
    assert {point.extent for point in found.extended} == ({extent} if extent else set())
    for point in found.extended:
        assert point.kind == "undecided"
        assert point.gradient_norm < 1e-5
    if extent:
        assert found.index is None


def test_both_axes_of_a_product_of_squares_are_shown() -> None:
    found = stationary_points(Objective.from_formula("x^2 y^2"), (-5.0, 5.0), starts=256)
    assert all(0.0 in point.theta for point in found.extended)
    assert {point.theta.index(0.0) for point in found.extended if any(point.theta)} == {0, 1}


def test_a_region_without_slope_is_told_from_single_places() -> None:
    found = stationary_points(Objective.from_formula("relu(x)^2 + 1"), (-5.0, 5.0))
    assert found.points == ()
    assert {point.extent for point in found.extended} == {"region"}
    assert all(point.theta[0] <= 0 for point in found.extended)


def test_neighbours_without_curvature_do_not_make_a_curve() -> None:
    found = stationary_points(Objective.from_formula("sin(x)^4"), (-5.0, 5.0))
    assert found.extended == ()
    assert {round(p.theta[0] / math.pi, 3) for p in found.of("undecided")} == {-1, 0, 1}


def test_a_value_of_0_is_found_as_0() -> None:
    found = stationary_points(Objective.from_formula("(x^2 - 1)^2"), (-5.0, 5.0))
    assert [(p.theta, p.loss) for p in found.of("minimum")] == [((-1.0,), 0.0), ((1.0,), 0.0)]
    irrational = stationary_points(Objective.from_formula("(x^2 - 2)^2"), (-5.0, 5.0))
    assert all(p.loss <= p.rounding < 1e-25 for p in irrational.of("minimum"))


# ---- critical places at kinks


def at_kinks(formula: str) -> list[tuple[object, ...]]:
    made = Objective.from_formula(formula)
    found = kink_places(made, parse(formula), dict.fromkeys(made.parameters, (-5.0, 5.0)))
    return [(kink.kind, *(round(at, 6) + 0.0 for at in kink.theta)) for kink in found]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("abs(x)", [("minimum", 0)]),
        ("2 - abs(x - 1)", [("maximum", 1)]),
        ("abs(x^2 - 2)", [("minimum", -1.414214), ("minimum", 1.414214)]),
        ("cbrt(x^2)", [("minimum", 0)]),
        ("relu(x) + 2x", [("kink", 0)]),
        ("sign(x)", [("jump", 0)]),
        ("x*abs(x)", []),  # smooth
        ("abs(x) + abs(y)", [("minimum", 0, 0)]),
        ("abs(x) + y^2", [("minimum", 0, 0)]),
        ("abs(x) - y^2", [("saddle", 0, 0)]),
        ("abs(x) - y^4 + 1", [("saddle", 0, 0)]),
        ("sqrt(x^2 + y^2)", [("minimum", 0, 0)]),
        ("norm([x, y])", [("minimum", 0, 0)]),
        ("max(x^2, y)", [("minimum", 0, 0)]),
        ("x + 0.1*abs(x) + y^2", []),  # the slope keeps its sign across the kink
        ("abs(x^2 + y^2 - 4) + x", [("minimum", -2, 0), ("saddle", 2, 0)]),
    ],
)
def test_critical_places_at_kinks(formula: str, expected: list[tuple[object, ...]]) -> None:
    assert at_kinks(formula) == expected


def test_a_ridge_of_minima_is_a_curve() -> None:
    made = Objective.from_formula("abs(x^2 + y^2 - 1)")
    box = {"x": (-2.0, 2.0), "y": (-2.0, 2.0)}
    found = kink_places(made, parse("abs(x^2 + y^2 - 1)"), box)
    assert {(kink.kind, kink.extent) for kink in found} == {("minimum", "curve")}
    assert all(math.hypot(*kink.theta) == pytest.approx(1) for kink in found)


def test_a_degenerate_place_is_no_saddle() -> None:
    found = stationary_points(Objective.from_formula("x^2 y^2"), (-5.0, 5.0))
    assert not [p for p in (*found.points, *found.extended) if p.kind == "saddle"]
