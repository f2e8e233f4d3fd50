"""Bad input to the commands of derivatives: the place, what was expected, what to try."""

import pytest

from chainrule.faces.cli import status_of

REFUSED = [
    ("explain", ("",), "The formula is empty"),
    ("explain", ("x^2", "--wrt", "y"), "found 'y'; it has x"),
    ("explain", ("x^2 y",), "say by which with --wrt x"),
    ("explain", ("foo(x)",), "There is no function 'foo'"),
    ("explain", ("sin(x",), "write a ) for it (column 4"),
    ("explain", ("x ** ** 2",), "found '**' (column 6"),
    ("explain", ("a = b; b = a", "--wrt", "a"), "must not go round in a circle"),
    ("explain", ("y = x^2; y = x^3",), "y is defined twice, first at column 1"),
    ("explain", ("x^2", "--at", "x"), "such as x=3,y=-1"),
    ("explain", ("x^2", "--at", "x=abc"), "which is no number"),
    ("explain", ("x^2", "--at", "x=1,x=2"), "gives x twice"),
    ("explain", ("x^2", "--at", "y=1"), "y is not in the formula"),
    ("explain", ("x^2", "--at", "x=nan"), "no finite number"),
    ("explain", ("x^2", "--notation", "greek"), "leibniz, lagrange, operator"),
    ("explain", ("x^2", "--format", "xml"), "one of text, latex, json, markdown"),
    ("explain", ("X @ w", "--wrt", "w", "--shapes", "X=3x2,w=3"), "2 and 3, differ (column 3"),
    ("explain", ("X @ w", "--wrt", "w"), "found two numbers: write *"),
    (
        "explain",
        ("sum(X @ w)", "--wrt", "w", "--shapes", "X=3x2,w=2", "--entry", "7"),
        "counted from 0",
    ),
    ("explain", ("x^2", "--of", "y"), "--of is for equations"),
    ("explain", ("x^2+y^2=25", "--wrt", "z"), "Expected 'z' in the equation"),
    ("explain", ("x^2+y^2=25", "--of", "x", "--wrt", "x"), "two different names"),
    ("explain", ("x^2 + y^2 = -25", "--at", "x=1,y=1"), "choose another x"),
    ("explain", ("d/dx x^2",), "type only the formula that follows it"),
    ("explain", ("∫x dx",), "(integral), which no formula has (column 1"),
    ("explain", (r"\frac{1}{x}",), "LaTeX is not read here: write sin(x), 1/x"),
    ("explain", ("where(x < 1, x, 0)",), "where(c, x, y) is x where c > 0"),
    ("explain", ("3", "--wrt", "x", "--at", "y=1"), "the formula has no names"),
    ("jacobian", ("x^2; x^3",), "only between definitions"),
    ("explain", ("x y", "--graph", "--notation", "lagrange"), "Leave out one of the two"),
    ("explain", ("x y", "--graph", "--routes"), "and not its graph"),
    ("explain", ("x^2 + y^2 = 1", "--routes"), "the steps of a formula of numbers"),
    ("explain", ("sum(x)", "--shapes", "x=3", "--routes"), "the steps of a formula of numbers"),
    ("explain", ("x^2 + y^2 = 1", "--shapes", "x=3"), "equations are of numbers"),
    ("explain", ("softmax(x)",), "takes a vector or the rows of a matrix"),
    ("gradient", ("5",), "Expected a formula with a variable"),
    ("gradient", ("x^2+y", "--at", "x=1"), "y is missing"),
    ("gradient", ("x^2+y", "--direction", "x=1,y=2"), "give one with --at"),
    ("gradient", ("x^2+y", "--at", "x=1,y=2", "--direction", "x=0,y=0"), "points nowhere"),
    ("gradient", ("ln(x*y)", "--at", "x=-1,y=1"), "choose a point where x * y > 0 (column 1"),
    ("gradient", ("[x, y]",), "ask chainrule jacobian"),
    ("jacobian", ("[x, [y]]",), "found a matrix"),
    ("jacobian", ("[x, ln(y)]", "--at", "x=1,y=0"), "choose y > 0 (column 5"),
    ("hessian", ("[x,y]",), "found a vector of 2"),
    ("hessian", ("x y", "--wrt", "z"), "found 'z'; it has x, y"),
    ("taylor", ("ln(x)", "--at", "x=0"), "choose x > 0 (column 1"),
    ("taylor", ("x^2",), "--at"),
    ("critical", ("x y z",), "one or two variables, found 3"),
    ("critical", ("5",), "found only numbers"),
]
NO_NUMBER = [
    ("explain", ("ln(x)", "--at", "x=-1"), "choose x > 0"),
    ("explain", ("asin(x)", "--at", "x=2"), "asin needs"),
    ("explain", ("abs(x)", "--at", "x=0"), "PyTorch takes 0"),
    ("explain", ("exp(x)", "--at", "x=1000"), "too large"),
    ("gradient", ("abs(x)+y", "--at", "x=0,y=1"), "PyTorch takes 0"),
    ("hessian", ("abs(x)*y", "--at", "x=0,y=1"), "PyTorch takes 0"),
    ("taylor", ("abs(x)", "--at", "x=0"), "no expansion to second order"),
]


@pytest.mark.parametrize(("command", "arguments", "said"), REFUSED)
def test_it_is_refused_in_a_sentence(
    command: str, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([command, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in " ".join(captured.err.split())
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(("command", "arguments", "said"), NO_NUMBER)
def test_where_there_is_no_number_none_is_given(
    command: str, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([command, *arguments]) == 0
    captured = capsys.readouterr()
    text = " ".join(captured.out.split())
    assert captured.err == ""
    assert said in text
    assert "nan" not in text
