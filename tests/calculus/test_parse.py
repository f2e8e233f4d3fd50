"""What is typed is what is read: order, grouping, places, in every way of writing."""

import json

import pytest
from formula_trees import meaning, soups
from hypothesis import given, settings
from scalar_formulas import scalar_texts

from chainrule.calculus import FormulaError, Node, parse, to_json
from chainrule.calculus.tree import (
    Call,
    Constant,
    MatrixProduct,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
)


def outline(node: Node) -> str:
    """The grouping of a tree, with brackets around everything that has parts."""
    match node:
        case Number() | Constant() | Name():
            return node.text
        case Unary():
            return f"({node.operator}{outline(node.operand)})"
        case Sum():
            rest = zip(node.operators, node.terms[1:], strict=True)
            return f"({outline(node.terms[0])}{''.join(s + outline(t) for s, t in rest)})"
        case Product():
            return "(" + "*".join(map(outline, node.factors)) + ")"
        case Quotient():
            return f"({outline(node.numerator)}/{outline(node.denominator)})"
        case MatrixProduct():
            return f"({outline(node.left)}@{outline(node.right)})"
        case Power():
            return f"({outline(node.base)}^{outline(node.exponent)})"
        case Call():
            return f"{node.function}[{','.join(map(outline, node.arguments))}]"
        case _:
            return "[" + ",".join(map(outline, node.entries)) + "]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # numbers and names
        ("1", "1"),
        (".5 + 1. + 2e-3 + 1E+2", "(.5+1.+2e-3+1E+2)"),
        ("2e x", "(2*e*x)"),
        ("w1 + x_1 + θ_ab + loss", "(w1+x_1+θ_ab+loss)"),
        ("½", "(1/2)"),
        ("½x^4 + ⅓y³ - ¾", "(((1/2)*(x^4))+((1/3)*(y^3))-(3/4))"),
        ("-½x²", "(-((1/2)*(x^2)))"),
        ("½(x − t)²", "((1/2)*((x-t)^2))"),
        ("½ x ÷ ⅞", "(((1/2)*x)/(7/8))"),
        ("x^½ · 2^-½", "((x^(1/2))*(2^(-(1/2))))"),
        ("½²", "((1/2)^2)"),
        ("sin ½x + √½", "(sin[((1/2)*x)]+sqrt[(1/2)])"),
        ("½ sin x cos x", "((1/2)*sin[x]*cos[x])"),
        # order of operations
        ("a + b - c + d", "(a+b-c+d)"),
        ("a - (b - c)", "(a-(b-c))"),
        ("a + b c", "(a+(b*c))"),
        ("a*b/c*d", "(((a*b)/c)*d)"),
        ("a/b/c", "((a/b)/c)"),
        ("a @ b @ c", "((a@b)@c)"),
        ("-x^2", "(-(x^2))"),
        ("-x y", "(-(x*y))"),
        ("-a + b", "((-a)+b)"),
        ("a - -b", "(a-(-b))"),
        ("a * -b", "(a*(-b))"),
        ("+-+x", "(+(-(+x)))"),
        ("2^-x", "(2^(-x))"),
        ("2^-x y", "((2^(-x))*y)"),
        ("x^y^z", "(x^(y^z))"),
        ("x**y^z", "(x^(y^z))"),
        ("(x^y)^z", "((x^y)^z)"),
        ("x^2y^3", "((x^2)*(y^3))"),
        # factors side by side
        ("2x", "(2*x)"),
        ("2 x y", "(2*x*y)"),
        ("3(x+1)", "(3*(x+1))"),
        ("(x+1)(x-1)", "((x+1)*(x-1))"),
        ("x(y+1)", "(x*(y+1))"),
        ("x_1(y+1)", "(x_1*(y+1))"),
        ("f (y+1)", "(f*(y+1))"),
        ("2πr", "(2*π*r)"),
        ("2x/3", "((2*x)/3)"),
        ("2x*3y", "(2*x*3*y)"),
        ("2 sin(x) cos(x)", "(2*sin[x]*cos[x])"),
        ("e^x sin(x)", "((e^x)*sin[x])"),
        ("(e^2)x", "((e^2)*x)"),
        # signs from books
        ("a − b × c · d ÷ e", "(a-((b*c*d)/e))"),
        ("x² + x⁻¹ + y¹²", "((x^2)+(x^(-1))+(y^12))"),
        ("-x²", "(-(x^2))"),
        ("√x + √(x+1) + ∛8", "(sqrt[x]+sqrt[(x+1)]+cbrt[8])"),
        ("|x| + 2|x - |y|| + |x||y|", "(abs[x]+(2*abs[(x-abs[y])])+(abs[x]*abs[y]))"),
        ("|(2|x|)|", "abs[(2*abs[x])]"),
        ("‖w‖²", "(norm[w]^2)"),
        ("Aᵀ @ A²ᵀ", "(transpose[A]@transpose[(A^2)])"),
        ("µ + x₁", "(µ+x₁)"),
        # functions
        ("sin x", "sin[x]"),
        ("sin 2x + 1", "(sin[(2*x)]+1)"),
        ("2 sin x cos y", "(2*sin[x]*cos[y])"),
        ("ln x / ln 2", "(log[x]/log[2])"),
        ("x ln|x| + √‖w‖/ln²|y|", "((x*log[abs[x]])+(sqrt[norm[w]]/(log[abs[y]]^2)))"),
        ("ln|sin x| - ln ||x||", "(log[abs[sin[x]]]-log[abs[abs[x]]])"),
        ("sin²(x) + cos^2(x)", "((sin[x]^2)+(cos[x]^2))"),
        ("sin² x cos**2 x", "((sin[x]^2)*(cos[x]^2))"),
        ("sin(x)²", "(sin[x]^2)"),
        ("max(x, 0, y+1)", "max[x,0,(y+1)]"),
        ("log(x, 2) + arctan2(y, x)", "(log[x,2]+atan2[y,x])"),
        ("exp(-x)(1 + x)", "(exp[(-x)]*(1+x))"),
        ("[[1, 2], [x, -y]] @ [1, 2]", "([[1,2],[x,(-y)]]@[1,2])"),
    ],
)
def test_a_formula_is_grouped_as_people_group_it(text: str, expected: str) -> None:
    assert outline(parse(text).root) == expected


def test_numbers_and_parentheses_stay_as_typed() -> None:
    root = parse("((1.50)) * 0x").root
    assert isinstance(root, Product)
    assert root.operators == ("*", "")
    assert [f.text for f in root.factors if isinstance(f, Number)] == ["1.50", "0"]
    assert root.factors[0].parentheses == 2


def test_names_are_told_apart_as_python_does() -> None:
    formula = parse("x₁ + x1 + µ + μ + ϕ + φ")
    assert formula.names == ("x1", "μ", "φ")


def test_names_come_in_reading_order() -> None:
    assert parse("sin²(b) + a^c b").names == ("b", "a", "c")


def test_e_and_pi_are_constants_unless_they_are_given() -> None:
    assert parse("e + pi + π").names == ()
    assert parse("e + pi", variables=["e"]).names == ("e",)
    with pytest.raises(FormulaError, match=r"pi and π"):
        parse("pi + π", variables=["pi"])


def test_every_node_has_its_place() -> None:
    text = "2x + sin²(y − 1)/(x y)"
    shown = {node.id: text[slice(*node.span)] for node in parse(text).nodes()}
    assert list(shown) == list(range(len(shown)))
    assert list(shown.values()) == [
        "2",
        "x",
        "2x",
        "y",
        "1",
        "y − 1",
        "sin²(y − 1)",
        "²",
        "sin²(y − 1)",
        "x",
        "y",
        "x y",
        "sin²(y − 1)/(x y)",
        text,
    ]


def test_operators_have_their_columns() -> None:
    text = "a + b - c*d @ e ^ 2"
    for node in parse(text).nodes():
        if isinstance(node, Sum):
            assert [text[c] for c in node.columns] == ["+", "-"]
        elif isinstance(node, Product):
            assert [text[c] for c in node.columns] == ["*"]
        elif isinstance(node, MatrixProduct):
            assert text[node.column] == "@"
        elif isinstance(node, Power):
            assert text[node.column] == "^"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=scalar_texts)
def test_places_of_parts_lie_within_the_whole(text: str) -> None:
    formula = parse(text)
    nodes = formula.nodes()
    assert [node.id for node in nodes] == list(range(len(nodes)))
    raised_by_name = {n.base.id for n in nodes if isinstance(n, Power) and n.on_name}
    for node in nodes:
        start, end = node.span
        assert 0 <= start < end <= len(text)
        part = text[start:end]
        superscript = isinstance(node, Number | Unary) and not part.isascii()
        if not superscript and node.id not in raised_by_name:
            assert meaning(parse(part).root) == meaning(node)


def test_a_tree_is_plain_data() -> None:
    formula = parse("sin(2x)² - [1, 2] @ w")
    loaded = json.loads(json.dumps(to_json(formula)))
    assert loaded == to_json(formula)
    assert loaded["root"] == len(loaded["nodes"]) - 1
    assert [node["kind"] for node in loaded["nodes"]] == [
        *("Number", "Name", "Product", "Call", "Number", "Power"),
        *("Number", "Number", "Array", "Name", "MatrixProduct", "Sum"),
    ]
    call = loaded["nodes"][3]
    assert call == {
        "kind": "Call",
        "children": [2],
        "id": 3,
        "span": [0, 7],
        "parentheses": 0,
        "function": "sin",
        "text": "sin",
        "spelling": "parentheses",
    }
    assert loaded["nodes"][11]["operators"] == ["-"]


@settings(max_examples=800, deadline=None, derandomize=True)
@given(text=soups)
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        formula = parse(text)
    except FormulaError as error:
        assert error.column is None or 1 <= error.column <= len(text) + 1
    else:
        assert formula.root.span[1] <= len(text)
