"""What a reader sees of a loss that is explained, in the terminal, a notebook and as JSON."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from syrupy.assertion import SnapshotAssertion
from torch import Tensor, nn

from chainrule.faces.document import to_json
from chainrule.faces.loss_explanation import (
    ExplainedLoss,
    loss_explanation_markdown,
    loss_explanation_text,
    shown,
    write_loss_explanation,
)
from chainrule.faces.loss_explanation_document import loss_explanation_document
from chainrule.instruments.backpropagation import explain_loss
from chainrule.records.loss_explanation import LossExplanation

Render = Callable[..., str]


def made(*shape: int, seed: int = 3) -> Tensor:
    """Numbers with few digits, the same on every machine."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randint(-20, 21, shape, generator=generator).double() / 10).requires_grad_()


@pytest.fixture
def numbers() -> LossExplanation:
    w1, b1, w2, b2, x, t = (
        torch.tensor(v, dtype=torch.float64) for v in (0.5, 0.1, -0.7, 0.2, 1.5, 1.0)
    )
    w1.requires_grad_()
    loss = (torch.sigmoid(w2 * torch.tanh(w1 * x + b1) + b2) - t) ** 2
    return explain_loss(loss, w1)


@pytest.fixture
def tensors() -> LossExplanation:
    w1, b1, w2, b2 = made(4, 3), made(4), made(3, 4, seed=4), made(3, seed=5)
    x, target = made(8, 3, seed=6).detach(), torch.arange(8) % 3
    loss = F.cross_entropy(F.linear(torch.tanh(F.linear(x, w1, b1)), w2, b2), target)
    return explain_loss(loss, w1, entry=(1, 2))


@pytest.fixture
def unknown() -> LossExplanation:
    h, a, w = made(2, 3), made(3, seed=8).abs().detach().requires_grad_(), made(3, 3, seed=9)
    loss = ((F.prelu(h @ w, a) + h @ w) ** 2).mean()
    return explain_loss(loss, w, entry=(0, 0))


@pytest.mark.parametrize("width", [80, 120])
def test_numbers_in_the_terminal(
    numbers: LossExplanation, render: Render, width: int, snapshot: SnapshotAssertion
) -> None:
    assert render(lambda page: write_loss_explanation(page, numbers), width=width) == snapshot


@pytest.mark.parametrize("width", [80, 120])
def test_tensors_in_the_terminal(
    tensors: LossExplanation, render: Render, width: int, snapshot: SnapshotAssertion
) -> None:
    assert render(lambda page: write_loss_explanation(page, tensors), width=width) == snapshot


def test_an_operation_whose_inside_is_not_known(
    unknown: LossExplanation, render: Render, snapshot: SnapshotAssertion
) -> None:
    assert render(lambda page: write_loss_explanation(page, unknown), width=100) == snapshot


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_line_is_wider_than_a_page_but_for_what_cannot_be_broken(
    tensors: LossExplanation, render: Render, width: int
) -> None:
    text = render(lambda page: write_loss_explanation(page, tensors), width=width)
    words = [word for word in text.split() if len(word) > width]
    assert not words
    wide = [line for line in text.splitlines() if len(line) > max(width, 80)]
    assert not wide


def test_in_ascii(tensors: LossExplanation, numbers: LossExplanation, render: Render) -> None:
    for told in (tensors, numbers):
        text = render(lambda page, t=told: write_loss_explanation(page, t), encoding="ascii")
        assert text.isascii()
        assert "?" not in text


def test_a_tensor_called_g_is_not_taken_for_a_gradient(render: Render) -> None:
    G, x = made(3), made(3, seed=7)
    told = explain_loss((G * x).exp().sum(), x)
    text = render(lambda page: write_loss_explanation(page, told))
    assert "G ⊙ G, with G = ∂L/∂u₁" in text


def test_the_numbers_of_an_entry_can_be_checked_by_hand(tensors: LossExplanation) -> None:
    """What is printed of a sum adds up to what is printed as its result."""
    text = loss_explanation_text(tensors, width=400)
    sums = re.findall(r"= (\S.* · .*)\n +(?:= )(-?[\d.]+)\n", text)
    checked = 0
    for terms, result in sums:
        if "∂" in terms or "tanh" in terms:
            continue
        spelled = re.sub(r"… \(\d+ more terms?: ([-\d.]+)\)", r"(\1)", terms)
        spelled = spelled.replace("·", "*").replace("²", "**2")
        assert re.fullmatch(r"[-+*/(). \d]+", spelled), spelled
        value = eval(spelled, {"__builtins__": {}})
        assert value == pytest.approx(float(result), rel=2e-3, abs=1e-4)
        checked += 1
    assert checked >= 4


def test_a_notebook_shows_it(tensors: LossExplanation) -> None:
    cell = shown(tensors)
    assert isinstance(cell, ExplainedLoss)
    assert isinstance(cell, LossExplanation)
    assert cell.graph is tensors.graph
    assert cell._repr_markdown_() == loss_explanation_markdown(tensors)
    assert cell._repr_markdown_().startswith("```text\n")
    assert str(cell) == loss_explanation_text(tensors)
    assert repr(cell).endswith("differentiated by w1>")


def test_as_json(tensors: LossExplanation, numbers: LossExplanation) -> None:
    for told in (tensors, numbers):
        document = json.loads(to_json(loss_explanation_document(told)))
        assert document["graph"]["wrt"] == list(told.graph.wrt)
        assert len(document["graph"]["edges"]) == len(told.graph.edges)
        assert document["steps"] == [] if told.scalar else len(document["steps"]) == 6
    assert document["loss"] == pytest.approx(numbers.loss)
    infinite = torch.zeros(2, requires_grad=True)
    told = explain_loss(infinite.sqrt().sum(), infinite)
    document = json.loads(to_json(loss_explanation_document(told)))
    assert document["steps"][0]["value"] == "Infinity"


_CALLED = """
def explain(loss, wrt, **more):
    return shown(explain_loss(loss, wrt, **more))
"""


def test_the_page_in_the_docs_shows_what_is_printed() -> None:
    page = (Path(__file__).parents[2] / "docs" / "explain-a-loss.md").read_text("utf-8")
    programs = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    printed = re.findall(r"```text\n(.+?)```", page, re.DOTALL)
    assert len(programs) == len(printed) == 2
    package = {"__name__": "chainrule.stand_in", "shown": shown, "explain_loss": explain_loss}
    exec(_CALLED, package)
    written: list[str] = []
    learner = {
        "__name__": "learner",
        "chainrule": SimpleNamespace(explain=package["explain"]),
        "print": lambda told: written.append(loss_explanation_text(told, width=96)),
    }
    for program in programs:
        exec(program.replace("import chainrule\n", ""), learner)
    for shown_there, said in zip(printed, written, strict=True):
        assert shown_there.strip("\n") == said.strip("\n")


def test_a_module_by_its_names(render: Render) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(inplace=True), nn.Flatten())
    told = explain_loss(net(torch.randn(4, 1, 5, 5)).pow(2).mean(), net[0].weight)
    text = render(lambda page: write_loss_explanation(page, told), width=120)
    assert "conv(" in text
    assert "batch_norm(" in text
    assert "[0].weight" in text
    assert "It has the largest gradient of its tensor" in text
