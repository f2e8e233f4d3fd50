"""Scripts as people write them, each with one line that is wrong, run as a user would."""

from pathlib import Path
from textwrap import dedent

import pytest
from script_verdict import findings_of

DATA = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    torch.manual_seed(0)
    y = torch.randint(0, 3, (256,))
    x = torch.randn(256, 8) + 2 * F.one_hot(y, 8)
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
"""

SCRIPTS = {
    "gradients-zeroed": """
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
        for _ in range(120):
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
    """,
    "gradients-accumulate": """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(120):
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
    """,
    "gradient-ascent": """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        for _ in range(120):
            optimizer.zero_grad()
            loss = -F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
    """,
    "schedule-out-of-step": """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.02)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)
        for epoch in range(30):
            for i in range(0, 256, 64):
                optimizer.zero_grad()
                F.cross_entropy(net(x[i : i + 64]), y[i : i + 64]).backward()
                optimizer.step()
                scheduler.step()
    """,
    "weight-decay-too-strong": """
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=2.0)
        for _ in range(150):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    """,
    "saturated-units": """
        net[0].bias.data.fill_(30.0)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(120):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    """,
    "healthy": """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
        for i in range(480):  # four passes are added up on purpose
            (F.cross_entropy(net(x), y) / 4).backward()
            if i % 4 == 3:
                optimizer.step()
                optimizer.zero_grad()
    """,
}


@pytest.mark.parametrize("fault", SCRIPTS)
def test_verdict(fault: str, tmp_path: Path) -> None:
    findings = findings_of(dedent(DATA) + dedent(SCRIPTS[fault]), tmp_path)
    assert [f["fault"] for f in findings] == [fault]
