"""Loops without an optimizer, as courses write them: the same faults, in the script's own terms."""

from pathlib import Path

import pytest
from script_verdict import findings_of

SCRIPT = """
    import torch
    from sklearn.datasets import load_digits

    torch.manual_seed(0)
    data, target = load_digits(return_X_y=True)
    X, Y = torch.tensor(data / 16).float(), torch.tensor(target)
    W1, b1 = torch.randn(64, 32) * 0.1, torch.zeros(32)
    W2, b2 = torch.randn(32, 10) * 0.1, torch.zeros(10)
    weights = [W1, b1, W2, b2]
    for p in weights:
        p.requires_grad_()
    for step in range(300):
        rows = torch.randint(0, len(X), (64,))
        h = torch.tanh(X[rows] @ W1 + b1)
        loss = torch.nn.functional.cross_entropy(h @ W2 + b2, Y[rows])
        loss.backward()
        with torch.no_grad():
            for p in weights:
                p -= 0.5 * p.grad
                p.grad = None
"""


@pytest.mark.parametrize(
    ("right", "wrong", "fault", "remedy"),
    [
        pytest.param("", "", "healthy", "", id="right"),
        pytest.param(
            "p -= 0.5 * p.grad", "p.data -= 0.5 * p.grad.data", "healthy", "", id="through-data"
        ),
        pytest.param(
            "p.grad = None",
            "pass",
            "gradients-accumulate",
            "after each update: w.grad = None, for every weight",
            id="grad-is-kept",
        ),
        pytest.param(
            "p -= 0.5",
            "p += 0.5",
            "gradient-ascent",
            "turn the sign of the update: w -= lr * w.grad",
            id="uphill",
        ),
        pytest.param(
            "for p in weights:\n                p -=",
            "for p in [W2, b2]:\n                p -=",
            "not-optimized",
            "in the loop that updates: every weight, w -= lr * w.grad",
            id="left-out",
        ),
    ],
)
def test_a_loop_by_hand(right: str, wrong: str, fault: str, remedy: str, tmp_path: Path) -> None:
    assert right in SCRIPT
    (found,) = findings_of(SCRIPT.replace(right, wrong) if right else SCRIPT, tmp_path)
    assert found["fault"] == fault
    if remedy:
        assert remedy in [r["change"] for r in found["remedies"]]
        assert "optimizer" not in found["explanation"]
