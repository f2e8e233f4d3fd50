"""Steps that are too long, and a turned sign, where they show in other numbers than usual."""

from pathlib import Path

import pytest
from script_verdict import findings_of

ADAM = """
    import torch
    from sklearn.datasets import load_digits
    from torch import nn

    torch.manual_seed(0)
    data, target = load_digits(return_X_y=True)
    x, y = torch.tensor(data / 16).float(), torch.tensor(target)
    net = nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.5)
    for _ in range(8):
        for rows in torch.randperm(len(x)).split(100):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            optimizer.step()
"""

LEAST_SQUARES = """
    import torch
    from sklearn.datasets import load_diabetes

    torch.manual_seed(0)
    x, y = (torch.tensor(each) for each in load_diabetes(return_X_y=True))
    x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    w = torch.randn(10, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.3)
    for _ in range(200):
        optimizer.zero_grad()
        ((x @ w - y) ** 2).mean().backward()
        optimizer.step()
"""

LIKELIHOOD = """
    import torch
    from sklearn.datasets import load_wine
    from torch import nn
    from torch.distributions import Categorical

    torch.manual_seed(0)
    data, target = load_wine(return_X_y=True)
    x, y = torch.tensor((data - data.mean(0)) / data.std(0)).float(), torch.tensor(target)
    net = nn.Sequential(nn.Linear(13, 12), nn.Tanh(), nn.Linear(12, 3))
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(100):
        optimizer.zero_grad()
        Categorical(logits=net(x)).log_prob(y).mean().backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("script", "right", "wrong", "fault"),
    [
        pytest.param(ADAM, "lr=0.5", "lr=0.5", "learning-rate-too-high", id="adam"),
        pytest.param(ADAM, "lr=0.5", "lr=0.005", "healthy", id="adam-mended"),
        pytest.param(LEAST_SQUARES, "", "", "learning-rate-too-high", id="diverges"),
        pytest.param(LEAST_SQUARES, "lr=0.3", "lr=0.1", "healthy", id="converges"),
        pytest.param(LIKELIHOOD, "", "", "gradient-ascent", id="likelihood-falls"),
        pytest.param(LIKELIHOOD, ".mean()", ".mean().neg()", "healthy", id="likelihood-rises"),
    ],
)
def test_verdict(script: str, right: str, wrong: str, fault: str, tmp_path: Path) -> None:
    findings = findings_of(script.replace(right, wrong) if right else script, tmp_path)
    assert findings[0]["fault"] == fault
