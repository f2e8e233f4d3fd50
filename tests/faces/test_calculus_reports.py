"""What a learner reads: each question of calculus as it is printed on a terminal of 80 columns."""

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.faces.cli import status_of

NETWORK = "L = (sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2"
SHAPES = ("--shapes", "X=3x2,w=2,y=3")
AT = ("--at", "X=[[1,2],[3,4],[5,6]],w=[0.5,-0.25],y=[0,1,2]")


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "sigmoid(w*x + b)", "--wrt", "w", "--at", "w=0.5,x=2,b=-1"),
        ("explain", "z = x^2 y; x = cos t; y = sin t", "--at", "t=0.5"),
        ("explain", "x^2 + y^2 = 25", "--at", "x=3,y=4"),
        ("explain", "x^2 + y^2 = 25", "--wrt", "y", "--of", "x"),
        (
            "explain",
            "sum((X @ w - y)^2)",
            "--wrt",
            "w",
            "--at",
            "X=[[1,2],[3,4],[5,6]],w=[0.5,-1],y=[1,0,1]",
        ),
        (
            "explain",
            "sum((X @ w - y)^2)",
            "--wrt",
            "w",
            "--shapes",
            "X=3x2,w=2,y=3",
            "--entry",
            "1",
        ),
        ("explain", NETWORK, "--graph", "--wrt", "w1", "--at", "w1=0.5,w2=1,b1=0,b2=0.1,x=2,t=1"),
        ("explain", "logsumexp([x, 2x, 1])", "--at", "x=0.5"),
        ("gradient", "x^2 y + sin x", "--at", "x=1,y=2", "--direction", "x=3,y=-4"),
        ("gradient", "(sigmoid(w*x + b) - t)^2", "--wrt", "w,b"),
        ("jacobian", "r cos(t), r sin(t)", "--wrt", "r,t", "--at", "r=2,t=0.5"),
        ("hessian", "x^2 y + sin x", "--at", "x=1,y=2"),
        ("hessian", "x^3"),
        ("taylor", "exp(x) cos(y)", "--at", "x=0,y=1"),
        ("taylor", "log(x)", "--at", "x=0.5"),
        ("gradient", "sum((X @ w - y)^2)", *SHAPES),
        ("gradient", "sum((X @ w - y)^2)", *AT, "--wrt", "w,y"),
        ("gradient", "sum(relu(w))", "--at", "w=[0,1]"),
        ("jacobian", "tanh(X @ w) - y", *SHAPES),
        ("jacobian", "w/norm(w)", "--at", "w=[3,4]"),
        ("hessian", "sum((X @ w - y)^2)", *AT, "--wrt", "w"),
        ("hessian", "trace(W)^2", "--shapes", "W=2x2"),
        ("explain", "L = sum(r^2); r = X @ w - y", *SHAPES, "--wrt", "w"),
    ],
    ids=" ".join,
)
def test_what_a_learner_reads(
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert status_of([*arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out == snapshot
