"""Points that do not fit a formula, and what is said of expansions and slopes at kinks."""

import pytest

from chainrule.faces.cli import status_of


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of([*arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "x^2", "--at", "y=3"], "but x is missing, and y is not in the formula"),
        (
            ["explain", "f = t*x; x = t^2", "--at", "t=2,x=5"],
            "but x has its value from the definition x = t^2",
        ),
        (["explain", "x^2", "--at", "x=[1,[2]]"], "rows of different lengths"),
        (["explain", "sin"], "sin needs an argument: write sin(x)"),
        (["gradient", "log(x)", "--at", "x=-1"], "log needs a number above 0, found −1"),
        (["hessian", "log(x)*y", "--at", "x=-1,y=1"], "(column 1 of the formula)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_point_that_does_not_fit_is_one_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert message in captured.err


def test_what_is_said_of_an_expansion_comes_from_its_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "a thousand times smaller" in printed(capsys, "taylor", "exp(x)", "--at", "x=0")
    assert "the expansion is f" in printed(capsys, "taylor", "x^2", "--at", "x=3")
    assert "no expansion to second order" in printed(capsys, "taylor", "abs(x)", "--at", "x=0")
    kinked = printed(capsys, "gradient", "abs(x)+y", "--at", "x=0,y=1", "--direction", "x=1")
    assert "no number here" in kinked
    assert "ahead  D_u f = 1" in kinked
    assert "behind D_u f = -1" in kinked
