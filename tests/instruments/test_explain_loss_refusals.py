"""What cannot be explained is refused in a sentence that says what to do."""

import numpy as np
import pytest
import torch

from chainrule.instruments.backpropagation import ExplanationError, explain_loss

# ---- bad input -------------------------------------------------------------------------------


def refused(loss: object, wrt: object, **more: object) -> str:
    with pytest.raises(ExplanationError) as caught:
        explain_loss(loss, wrt, **more)  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.endswith(".")
    return message


def test_a_loss_of_several_numbers() -> None:
    w = torch.ones(3, requires_grad=True)
    assert "shape (3,)" in refused(w * 2, w)
    assert "loss.mean()" in refused(w * 2, w)


def test_a_loss_without_a_graph() -> None:
    w = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        loss = w.sum()
    assert "no_grad" in refused(loss, w)
    assert "float" in refused(1.5, w)


def test_a_tensor_that_is_not_in_the_graph() -> None:
    w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    message = refused((w * 2).sum(), v, names={"v": v})
    assert message.startswith("No way leads from the loss to v")
    assert "entry" in refused((w * 2).sum(), w[0])
    assert "no way" in refused((w.detach() * v).sum(), w).lower()


def test_a_tensor_that_requires_no_gradient() -> None:
    w, x = torch.ones(3, requires_grad=True), torch.ones(3)
    message = refused((w * x).sum(), x, names={"x": x})
    assert message.startswith("x does not require a gradient")
    assert "requires_grad_()" in refused((w * x).sum(), w.data)


def test_the_loss_by_itself_and_other_things() -> None:
    w = torch.ones((), requires_grad=True)
    loss = w * 2
    assert "loss itself" in refused(loss, loss)
    assert "'w'" in refused(loss, "w")
    assert "NoneType" not in refused(loss, None)
    assert "twice" in refused(loss, [w, w])
    assert "tensor" in refused(loss, [])


def test_a_graph_that_was_freed() -> None:
    w = torch.ones(3, requires_grad=True)
    loss = (w**2).sum()
    loss.backward()
    assert "retain_graph=True" in refused(loss, w)


def test_a_tensor_that_was_changed_in_place() -> None:
    w = torch.ones(3, requires_grad=True)
    h = torch.tanh(w)
    loss = h.sum()
    h.mul_(2)
    assert "changed in place" in refused(loss, w)


def test_an_entry_that_is_not_there() -> None:
    w = torch.ones(2, 3, requires_grad=True)
    loss = (w**2).sum()
    assert "axis 1 has the size 3" in refused(loss, w, entry=(0, 3))
    assert "shape is (2, 3)" in refused(loss, w, entry=1)
    assert "found 'a'" in refused(loss, w, entry="a")
    assert "found (0.5, 1)" in refused(loss, w, entry=(0.5, 1))
    assert explain_loss(loss, w, entry=(-1, -1)).entry == (1, 2)
    assert explain_loss(loss, w, entry=np.array([1, 2]).tolist()).entry == (1, 2)


def test_complex_numbers() -> None:
    z = torch.ones(2, dtype=torch.complex64, requires_grad=True)
    assert "complex" in refused(z.abs().sum(), z)


def test_an_empty_tensor() -> None:
    w, v = torch.ones(0, requires_grad=True), torch.ones(1, requires_grad=True)
    assert "no entries" in refused(w.sum() + v.sum(), w)
