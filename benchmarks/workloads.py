"""The training steps that are timed: an MLP, a small ResNet and a character transformer."""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn


@dataclass(frozen=True)
class Workload:
    """A model, its optimizer and one training step.

    Attributes:
        name: Short name.
        model: The model.
        optimizer: Its optimizer.
        step: Runs one training step, `loss.item()` included, and returns the loss.
        segment: Steps of one timed segment.
    """

    name: str
    model: nn.Module
    optimizer: torch.optim.Optimizer
    step: Callable[[], float]
    segment: int


def mlp(device: str) -> Workload:
    """Ten tanh layers of 256 on scikit-learn's digits, batch 64, SGD with momentum."""
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    inputs = torch.tensor(x / 16, dtype=torch.float32, device=device)
    targets = torch.tensor(y, device=device)
    layers: list[nn.Module] = [nn.Linear(64, 256), nn.Tanh()]
    for _ in range(9):
        layers += [nn.Linear(256, 256), nn.Tanh()]
    model = nn.Sequential(*layers, nn.Linear(256, 10)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    generator = torch.Generator(device).manual_seed(0)

    def step() -> float:
        pick = torch.randint(0, len(inputs), (64,), generator=generator, device=device)
        loss = F.cross_entropy(model(inputs[pick]), targets[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return Workload("MLP 10×256 tanh, batch 64", model, optimizer, step, 10)


class _Block(nn.Module):
    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.short = (
            nn.Sequential()
            if stride == 1 and channels_in == channels
            else nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.short(x))


def resnet(device: str) -> Workload:
    """ResNet-20 (He et al., 2016) on 3×32×32 noise images, batch 32."""
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    channels_in = 16
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        for i in range(3):
            layers.append(_Block(channels_in, channels, stride if i == 0 else 1))
            channels_in = channels
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=5e-4)
    images = torch.randn(256, 3, 32, 32).to(device)
    targets = torch.randint(0, 10, (256,)).to(device)
    at = [0]

    def step() -> float:
        pick = slice(at[0] % 256, at[0] % 256 + 32)
        at[0] += 32
        loss = F.cross_entropy(model(images[pick]), targets[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return Workload("ResNet-20, 3×32×32, batch 32", model, optimizer, step, 2)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        batch, time, width = x.shape
        q, k, v = (
            t.view(batch, time, self.heads, -1).transpose(1, 2)
            for t in self.qkv(self.ln1(x)).split(width, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, time, width))
        return x + self.mlp(self.ln2(x))


class _CharacterModel(nn.Module):
    def __init__(self, vocabulary: int, width: int, context: int, layers: int) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(_Attention(width, 4) for _ in range(layers))
        self.ln = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, x: Tensor) -> Tensor:
        h = self.token(x) + self.position(torch.arange(x.shape[1], device=x.device))
        for block in self.blocks:
            h = block(h)
        return self.head(self.ln(h))


def transformer(device: str) -> Workload:
    """Four pre-norm layers of width 128, context 128, batch 16, on Python's own source text."""
    torch.manual_seed(0)
    text = inspect.getsource(inspect) + inspect.getsource(textwrap)
    letters = sorted(set(text))
    data = torch.tensor([letters.index(c) for c in text], device=device)
    model = _CharacterModel(len(letters), 128, 128, 4).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-4)
    generator = torch.Generator().manual_seed(0)

    def step() -> float:
        starts = torch.randint(0, len(data) - 129, (16,), generator=generator)
        windows = torch.stack([data[s : s + 129] for s in starts.tolist()])
        logits = model(windows[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return Workload("character transformer 4×128, batch 16", model, optimizer, step, 2)


WORKLOADS = (mlp, resnet, transformer)
