"""Losses that use one operation each: what is written on paper must hold for all of them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Make = Callable[..., Tensor]
PAIRED = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


@dataclass(frozen=True)
class Case:
    """A loss of some tensors.

    Attributes:
        name: Of the test.
        loss: From the tensors.
        shapes: Of the tensors.
        positive: Whether they must be.
        unknown: An operation on the way whose formula is not written out.
    """

    name: str
    loss: Make
    shapes: tuple[tuple[int, ...], ...] = ((4, 3),)
    positive: bool = False
    unknown: str = ""

    def tensors(self) -> list[Tensor]:
        """Fresh leaves, always the same numbers."""
        generator = torch.Generator().manual_seed(11)
        made = [torch.randn(s, generator=generator, dtype=torch.float64) for s in self.shapes]
        if self.positive:
            made = [tensor.abs() + 0.2 for tensor in made]
        return [tensor.requires_grad_() for tensor in made]


def fixed(*shape: int) -> Tensor:
    """Data that is always the same."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


def squared(f: Make) -> Make:
    """A loss whose gradient at the operation's output is not the same everywhere."""
    return lambda *tensors: (f(*tensors) ** 2).sum()


def weighed(f: Make) -> Make:
    """The same for operations whose squares would always add up to one number."""
    return lambda *tensors: (made := f(*tensors)).mul(fixed(*made.shape)).sum()


def entrywise() -> list[Case]:
    named = (
        "exp log log2 log10 log1p expm1 sqrt rsqrt neg abs sin cos tan atan sinh cosh asinh erf "
        "reciprocal sigmoid tanh relu"
    )
    cases = [
        Case(name, weighed(lambda x, name=name: getattr(x, name)()), positive=True)
        for name in named.split()
    ]
    cases += [
        Case(name, squared(lambda x, name=name: getattr(torch.tanh(x), name)()))
        for name in ("asin", "acos")
    ]
    activations = (
        "leaky_relu elu selu gelu silu softplus hardtanh relu6 hardswish hardsigmoid mish "
        "logsigmoid softsign tanhshrink"
    )
    cases += [
        Case(name, squared(lambda x, name=name: getattr(F, name)(2 * x)))
        for name in activations.split()
    ]
    return [
        *cases,
        Case("gelu tanh", squared(lambda x: F.gelu(x, approximate="tanh"))),
        Case("threshold", squared(lambda x: F.threshold(x, 0.1, 0.0))),
        Case("dropout", squared(lambda x: F.dropout(x, 0.5))),
        Case("native dropout", squared(lambda x: torch.native_dropout(x, 0.4, True)[0])),
    ]


def arithmetic() -> list[Case]:
    wide, row, column = (4, 3), (3,), (4, 1)
    return [
        Case("add row", squared(lambda x, b: x + b), (wide, row)),
        Case("add column", squared(lambda x, b: x + b), (wide, column)),
        Case("sub", squared(lambda x, b: x - b), (wide, row)),
        Case("sub alpha", squared(lambda x, b: torch.sub(x, b, alpha=2)), (wide, row)),
        Case("rsub", squared(lambda x: 1 - x)),
        Case("mul", squared(lambda x, b: x * b), (wide, (1, 3))),
        Case("div", squared(lambda x, b: x / b), (wide, row), positive=True),
        Case("div wide", squared(lambda x, b: b / x), (wide, row), positive=True),
        Case("half", squared(lambda x: x / 2)),
        Case("reciprocal of", squared(lambda x: 2 / x), positive=True),
        Case("cube", lambda x: (x**3).sum()),
        Case("root", lambda x: (x**0.5).sum(), positive=True),
        Case("power of tensors", lambda x, y: (x**y).sum(), (wide, row), positive=True),
        Case("two to the", lambda x: (2**x).sum()),
        Case("power 0", lambda x: (x**0 + x).sum()),
        Case("power -2", lambda x: (x**-2).sum(), positive=True),
        Case("maximum", squared(torch.maximum), (wide, row)),
        Case("minimum", squared(torch.minimum), (wide, row)),
        Case("where", squared(lambda x, y: torch.where(x > 0, x, y)), (wide, row)),
        Case("masked_fill", squared(lambda x: x.masked_fill(x > 0, 3.0))),
        Case("clamp", squared(lambda x: x.clamp(-0.5, 0.5))),
        Case("clamp_min", squared(lambda x: x.clamp_min(-0.5))),
        Case("x times x", lambda x: (x * x).sum()),
    ]


def matrices() -> list[Case]:
    return [
        Case("mm", squared(torch.mm), ((4, 3), (3, 2))),
        Case("linear", squared(F.linear), ((4, 3), (2, 3), (2,))),
        Case("linear 3d", squared(F.linear), ((2, 4, 3), (2, 3), (2,))),
        Case("linear 1d", squared(F.linear), ((3,), (2, 3), (2,))),
        Case(
            "addmm",
            squared(lambda b, x, w: torch.addmm(b, x, w, beta=0.5, alpha=2)),
            ((2,), (4, 3), (3, 2)),
        ),
        Case("bmm", squared(torch.bmm), ((2, 4, 3), (2, 3, 2))),
        Case(
            "baddbmm",
            squared(lambda b, x, w: torch.baddbmm(b, x, w, alpha=2)),
            ((1, 4, 2), (2, 4, 3), (2, 3, 2)),
        ),
        Case("mv", squared(torch.mv), ((4, 3), (3,))),
        Case("dot", lambda x, y: torch.dot(x, y) ** 2, ((3,), (3,))),
        Case("matmul 4d", squared(torch.matmul), ((2, 2, 4, 3), (3, 2))),
        Case(
            "einsum",
            squared(lambda x, y: torch.einsum("bij,bkj->bik", x, y)),
            ((2, 4, 3), (2, 5, 3)),
        ),
        Case("outer", squared(torch.outer), ((4,), (3,))),
    ]


def reductions() -> list[Case]:
    asked: list[tuple[str, tuple[object, ...]]] = [
        ("sum", ()),
        ("sum", (1,)),
        ("sum", ((0, 1), True)),
        ("sum", (-1, True)),
        ("mean", ()),
        ("mean", (0,)),
        ("amax", (1,)),
        ("amin", (0,)),
        ("max", ()),
        ("min", ()),
        ("logsumexp", (-1,)),
        ("norm", ()),
        ("norm", (2, 1)),
        ("norm", (1,)),
        ("var", ()),
        ("var", (1,)),
        ("std", ()),
        ("std", (0,)),
        ("prod", ()),
        ("prod", (1,)),
        ("cumsum", (1,)),
    ]
    cases = [
        Case(f"{name}{given}", squared(lambda x, n=name, g=given: getattr(x, n)(*g)))
        for name, given in asked
    ]
    return [
        *cases,
        Case("max along", squared(lambda x: x.max(1)[0])),
        Case("min along", squared(lambda x: x.min(0, keepdim=True)[0])),
        Case("ties", lambda x: (x * 0 + 1).amax() + x.sum()),
        Case("softmax", squared(lambda x: x.softmax(-1))),
        Case("safe softmax", squared(lambda x: torch._safe_softmax(x, 1))),
        Case("log_softmax", squared(lambda x: x.log_softmax(0))),
    ]


def losses() -> list[Case]:
    target = torch.tensor([0, 2, 1, -100])
    cases = [
        Case(f"{name} {how}", squared(lambda x, n=name, h=how: _paired(n, x, h)))
        for name in (*PAIRED, "binary_cross_entropy_with_logits")
        for how in ("mean", "sum", "none")
    ]
    weight = fixed(3)
    return [
        *cases,
        Case("mse of two", F.mse_loss, ((4, 3), (4, 3))),
        Case("cross_entropy", lambda x: F.cross_entropy(x, target)),
        Case(
            "cross_entropy sum",
            lambda x: F.cross_entropy(x, target, weight=weight, reduction="sum"),
        ),
        Case("cross_entropy weighed", lambda x: F.cross_entropy(x, target, weight=weight)),
        Case("cross_entropy none", squared(lambda x: F.cross_entropy(x, target, reduction="none"))),
        Case("label smoothing", lambda x: F.cross_entropy(x, target, label_smoothing=0.1)),
        Case("one example", lambda x: F.cross_entropy(x, torch.tensor(1)), ((3,),)),
        Case(
            "of pictures",
            lambda x: F.cross_entropy(x, torch.arange(32).reshape(2, 4, 4) % 3),
            ((2, 3, 4, 4),),
        ),
        Case("soft targets", lambda x: F.cross_entropy(x, fixed(4, 3))),
        Case("bce", lambda x: F.binary_cross_entropy(x.sigmoid(), fixed(4, 3))),
        Case(
            "bce weighed",
            lambda x: F.binary_cross_entropy(x.sigmoid(), fixed(4, 3), weight=weight),
        ),
    ]


def _paired(name: str, x: Tensor, how: str) -> Tensor:
    made: Tensor = getattr(F, name)(x, fixed(4, 3), reduction=how)
    return made


def layers() -> list[Case]:
    picture, filters = (2, 3, 6, 5), (4, 3, 3, 2)
    settings: list[dict[str, object]] = [
        {},
        {"padding": 1},
        {"padding": 1, "stride": 2},
        {"dilation": 2},
    ]
    cases = [
        Case(
            f"conv2d {given}",
            squared(lambda x, w, b, g=given: F.conv2d(x, w, b, **g)),
            (picture, filters, (4,)),
        )
        for given in settings
    ]
    four = (2, 3, 4, 4)
    return [
        *cases,
        Case(
            "conv2d groups",
            squared(lambda x, w, b: F.conv2d(x, w, b, groups=2, padding=1)),
            ((2, 4, 5, 5), (6, 2, 3, 3), (6,)),
        ),
        Case("conv1d", squared(F.conv1d), ((2, 3, 6), (4, 3, 3))),
        Case("conv3d", squared(F.conv3d), ((1, 2, 4, 4, 4), (2, 2, 3, 3, 3))),
        Case(
            "conv_transpose2d",
            squared(F.conv_transpose2d),
            ((1, 2, 4, 4), (2, 2, 3, 3)),
            unknown="Convolution",
        ),
        Case("max_pool2d", squared(lambda x: F.max_pool2d(x, 2)), (four,)),
        Case("max_pool2d overlap", squared(lambda x: F.max_pool2d(x, 3, 1, 1)), (four,)),
        Case("avg_pool2d", squared(lambda x: F.avg_pool2d(x, 2)), (four,)),
        Case("adaptive", squared(lambda x: F.adaptive_avg_pool2d(x, (2, 3))), ((2, 2, 5, 4),)),
        Case(
            "layer_norm",
            weighed(lambda x, w, b: F.layer_norm(x, (4, 4), w, b)),
            (four, (4, 4), (4, 4)),
        ),
        Case("layer_norm plain", weighed(lambda x: F.layer_norm(x, (4,))), (four,)),
        Case(
            "batch_norm",
            weighed(lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True)),
            (four, (3,), (3,)),
        ),
        Case(
            "batch_norm eval",
            weighed(lambda x, w, b: F.batch_norm(x, fixed(3), fixed(3), w, b)),
            (four, (3,), (3,)),
        ),
        Case(
            "group_norm",
            weighed(lambda x, w, b: F.group_norm(x, 2, w, b)),
            ((2, 4, 4, 4), (4,), (4,)),
        ),
        Case("rms_norm", weighed(lambda x, w: F.rms_norm(x, (4,), w)), (four, (4,))),
        Case("embedding", squared(lambda w: F.embedding(_words(), w)), ((5, 3),)),
        Case("padding_idx", squared(lambda w: F.embedding(_words(), w, padding_idx=2)), ((5, 3),)),
        Case(
            "by frequency",
            squared(lambda w: F.embedding(_words(), w, scale_grad_by_freq=True)),
            ((5, 3),),
        ),
        Case("sparse", squared(lambda w: F.embedding(_words(), w, sparse=True)), ((5, 3),)),
        Case(
            "attention",
            squared(F.scaled_dot_product_attention),
            ((1, 2, 4, 3),) * 3,
            unknown="ScaledDotProduct",
        ),
        Case("prelu", squared(F.prelu), ((4, 3), (3,)), unknown="PreluKernel"),
    ]


def _words() -> Tensor:
    return torch.tensor([[0, 2], [2, 1]])


def rearrangements() -> list[Case]:
    moves: dict[str, Make] = {
        "t": lambda x: x.t(),
        "transpose": lambda x: x.transpose(0, 1),
        "permute": lambda x: x.permute(1, 0),
        "view": lambda x: x.view(12),
        "reshape": lambda x: x.t().reshape(2, 6),
        "squeeze": lambda x: x[None].squeeze(0),
        "unsqueeze": lambda x: x.unsqueeze(-1),
        "expand": lambda x: x[None].expand(2, 4, 3),
        "repeat": lambda x: x.repeat(2, 2),
        "clone": lambda x: x.clone(),
        "to": lambda x: x.float(),
        "select": lambda x: x[:, -1],
        "slice": lambda x: x[::2, :-1],
        "flip": lambda x: x.flip(0),
        "roll": lambda x: x.roll(1, 0),
        "index": lambda x: x[[0, 2, 2]],
        "index pairs": lambda x: x[torch.tensor([0, 1]), torch.tensor([2, 0])],
        "index column": lambda x: x[:, [0, 0]],
        "mask": lambda x: x[x > 0],
        "index_select": lambda x: x.index_select(1, torch.tensor([0, 0, 2])),
        "gather": lambda x: x.gather(1, torch.tensor([[0], [1], [2], [2]])),
        "pad": lambda x: F.pad(x, (1, 2)),
        "cat": lambda x: torch.cat([x, x * 2], 1),
        "stack": lambda x: torch.stack([x, x * 2], -1),
        "unbind": lambda x: x.unbind(0)[1] * x.unbind(0)[2],
        "split": lambda x: x.split(3)[0] * x.split(3)[1].sum(),
        "split sizes": lambda x: x.split([1, 3])[1],
        "chunk": lambda x: x.chunk(2, 1)[0],
        "flatten": lambda x: x.flatten(),
    }
    return [
        *(Case(name, squared(move)) for name, move in moves.items()),
        Case("diagonal", squared(lambda x: x.diagonal()), unknown="Diagonal"),
        Case("in place", squared(_in_place)),
        Case("into a slice", squared(_into_a_slice), unknown="CopySlices"),
        Case("lstm", lambda x: _recurrent()(x)[0].sum(), ((4, 1, 3),)),
    ]


def _in_place(x: Tensor) -> Tensor:
    made = x * 2
    return made.relu_()


def _into_a_slice(x: Tensor) -> Tensor:
    made = x * 2
    made[0] = x[1] * 3
    return made


def _recurrent() -> nn.Module:
    torch.manual_seed(0)
    return nn.LSTM(3, 4, dtype=torch.float64)


CASES = (
    *entrywise(),
    *arithmetic(),
    *matrices(),
    *reductions(),
    *losses(),
    *layers(),
    *rearrangements(),
)
