"""Findings as a diagnosis would make them, for every face to show."""

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from recording import record

from chainrule.faces.page import Page
from chainrule.records import ChainLink, Consequence, Evidence, Finding, Place, Remedy, Run
from chainrule.store import RunWriter


class Stream(io.StringIO):
    """A stream with an encoding, as a terminal's or a pipe's."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def write(self, text: str) -> int:
        text.encode(self._encoding)
        return super().write(text)


Render = Callable[..., str]


@pytest.fixture
def render() -> Render:
    """Run `write(page)` on a page and give back what it wrote."""

    def render_(
        write: Callable[[Page], None],
        width: int = 80,
        encoding: str = "utf-8",
        color: bool | None = None,
    ) -> str:
        stream = Stream(encoding)
        write(Page(stream, width=width, color=color))
        return stream.getvalue()

    return render_


def make_run(**changes: object) -> Run:
    run = Run(
        name="deep-sigmoid",
        path="chainrule-runs/deep-sigmoid.db",
        schema_version=1,
        command=("train.py", "--depth", "12"),
        cwd="/home/ada/digits",
        started_at=1760000000.0,
        ended_at=1760000030.5,
        status="finished",
        exit_code=0,
        exception=None,
        versions={"python": "3.11.9", "torch": "2.6.0", "chainrule": "0.1.0"},
        device="cpu",
        world_size=1,
        pid=4242,
        options={"budget": 0.01, "every": None},
        steps=640,
        backward_passes=640,
        sampled_steps=34,
        observed_s=0.214,
        training_s=30.1,
    )
    return replace(run, **changes)  # type: ignore[arg-type]


def make_chain(
    factors: Sequence[tuple[str, str, str, float]], culprit_kind: str = "activation"
) -> tuple[ChainLink, ...]:
    rms, links = 1.0, []
    for module, operation, kind, gain in factors:
        rms *= gain
        culprit = kind == culprit_kind and not 0.5 < gain < 2
        place = Place(module, operation, "train.py:21" if operation != "NllLoss" else "train.py:40")
        links.append(ChainLink(place, kind, gain, rms, culprit))
    return tuple(links)


def sigmoid_chain(layers: int = 12) -> tuple[ChainLink, ...]:
    factors = [("", "NllLoss", "loss", 0.29), (f"layers.{2 * layers}", "Addmm", "weight", 0.41)]
    for i in reversed(range(layers)):
        factors.append((f"layers.{2 * i + 1}", "Sigmoid", "activation", 0.24 - 0.002 * i))
        if i:
            factors.append((f"layers.{2 * i}", "Addmm", "weight", 0.58 + 0.01 * (i % 4)))
    return make_chain(factors)


@pytest.fixture
def run() -> Run:
    return make_run()


@pytest.fixture
def vanishing() -> Finding:
    chain = sigmoid_chain()
    return Finding(
        fault="vanishing-gradient",
        severity="error",
        title=f"The first layer receives {chain[-1].gradient_rms:.1e} of the loss's gradient",
        where=Place("layers.0", "Sigmoid", "train.py:21"),
        steps=(0, 639),
        evidence={
            "update_ratio": Evidence(
                1.8e-11,
                "",
                1e-6,
                "moves a weight by under 1 % in this run's 640 steps",
                "steps 0-639",
            ),
            "gradient_ratio": Evidence(chain[-1].gradient_rms, "", None, "", "steps 0-639"),
        },
        explanation=(
            "The gradient of the first layer's weights is a product with one factor for each\n"
            "operation between the loss and that layer. Twelve of the factors are σ′(z), the slope "
            "of a sigmoid, which is never larger than 0.25. The other factors are too small to "
            "make up for them.\n"
            "\n"
            "    ∂L/∂w₁ = 0.29 · 0.41 · 0.218 · 0.61 · 0.22 · 0.6 · … 14 more … · 0.24\n"
            "           = 2.9·10⁻¹¹\n"
            "\n"
            "In the 640 steps of this run the weights of layers.0 moved by 1.2·10⁻⁸ of their size. "
            "They are still what the initialisation made them."
        ),
        remedies=(
            Remedy(
                "replace Sigmoid with ReLU in layers.1 to layers.23",
                "The slope of ReLU is 1 wherever a unit is active, so the twelve factors of 0.22 "
                "become about 0.7 each, which He initialisation makes up for.",
                "Glorot, Bordes, Bengio (2011), Deep sparse rectifier neural networks",
            ),
            Remedy(
                "put a BatchNorm1d before each Sigmoid",
                "It keeps z near 0, where the slope is largest, and scales the gradient up again.",
            ),
        ),
        consequences=(
            "The loss stays at 2.303, which is ln 10: guessing among ten digits.",
            "Only layers.24 learns: it is fitted to features that are random.",
        ),
        chain=chain,
    )


@pytest.fixture
def dead_units() -> Finding:
    return Finding(
        fault="dead-units",
        severity="warning",
        title="183 of 256 units of fc1 gave 0 for every example since step 12",
        where=Place("fc1", "Relu", "model.py:33"),
        steps=(12, 639),
        evidence={
            "dead_share": Evidence(
                183 / 256, "share of units", 0.4, "Lu et al. (2019)", "steps 12-639"
            )
        },
        explanation=(
            "A ReLU passes no gradient on where its input is negative. 71.5 % of the units of fc1 "
            "have a negative input for every example, so their weights get a gradient of exactly 0 "
            "and cannot come back."
        ),
        remedies=(
            Remedy(
                "lower the learning rate from 0.5 to 0.05",
                "The units died in the 12 steps in which the updates were 40 % of the weights.",
            ),
            Remedy("replace ReLU with LeakyReLU", "It passes 1 % of the gradient on where z < 0."),
        ),
        consequences=("fc1 computes with 73 units, not with 256.",),
    )


@pytest.fixture
def non_finite() -> Finding:
    return Finding(
        fault="non-finite",
        severity="error",
        title="The loss became NaN at step 57: log(0) in the forward pass",
        where=Place("", "Log", "train.py:88"),
        steps=(57, 640),
        evidence={
            "loss": Evidence(math.nan, "", None, "", "step 57"),
            "smallest_input": Evidence(0.0, "", 0.0, "log is -inf at 0", "step 57"),
            "largest_gradient": Evidence(math.inf, "", None, "", "step 57"),
            "loss_before": Evidence(-math.inf, "", None, "", "step 56"),
        },
        explanation=(
            "At step 57 `torch.log` at train.py:88 was given a probability of exactly 0. Its value "
            "is -∞ and its derivative 1/0 is ∞.\n\n    ∂L/∂p = −1/p = −1/0 = −∞"
        ),
        remedies=(
            Remedy(
                "use F.cross_entropy on the logits",
                "It computes log softmax in one step and never takes the logarithm of 0.",
                "https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html",
            ),
        ),
    )


@pytest.fixture
def healthy() -> Finding:
    return Finding(
        fault="healthy",
        severity="note",
        title="No fault found in 34 measured steps",
        where=Place(),
        steps=(0, 639),
        evidence={"loss_first": Evidence(2.31), "loss_last": Evidence(0.082)},
        explanation=(
            "The loss fell from 2.31 to 0.082. Every layer learns: one update changes the weights "
            "by between 0.0004 and 0.003 of their size."
        ),
    )


@pytest.fixture
def long_names(vanishing: Finding) -> Finding:
    prefix = "module.backbone.encoder.transformer.blocks"
    factors = [
        (f"{prefix}.{i}.self_attention.output_projection.dense", name, kind, gain)
        for i in reversed(range(6))
        for name, kind, gain in (
            ("ScaledDotProductFlashAttentionForCpu", "attention", 0.12),
            ("NativeLayerNorm", "normalization", 1.3),
        )
    ]
    return replace(
        vanishing,
        where=Place(
            f"{prefix}.0.self_attention.output_projection.dense",
            "ScaledDotProductFlashAttentionForCpu",
            "a_training_script_with_a_long_name.py:1204",
        ),
        chain=make_chain(factors, culprit_kind="attention"),
    )


@pytest.fixture
def thousand_links(vanishing: Finding) -> Finding:
    factors = []
    for i in reversed(range(250)):
        stage = i // 50
        factors += [
            (f"stages.{stage}.{i % 50}.norm", "NativeBatchNorm", "normalization", 1.02),
            (f"stages.{stage}.{i % 50}.act", "Tanh", "activation", 0.3 if i in (3, 120) else 0.97),
            (f"stages.{stage}.{i % 50}.conv", "Convolution", "weight", 0.99),
            (f"stages.{stage}.{i % 50}", "Add", "merge", 1.01),
        ]
    return replace(vanishing, where=Place("stages.0.0.conv"), chain=make_chain(factors))


@pytest.fixture
def with_consequences(dead_units: Finding) -> Finding:
    """Dead units, what follows from them, and what follows from that."""
    because = "Where units are switched off, no gradient comes by: dead-units (dead share 0.715)"
    chain = (
        Consequence(
            fault="vanishing-gradient",
            severity="error",
            title="the gradient shrinks 1,000-fold on its way to conv1",
            where=Place("conv1", "Convolution", "model.py:30"),
            steps=(12, 639),
            because=f"{because} from step 12 on, vanishing-gradient from step 12 on.",
        ),
        Consequence(
            fault="plateau",
            severity="error",
            title="the loss stands still on a flat place",
            where=Place(),
            steps=(639, 639),
            because="Short steps, whatever the rate: vanishing-gradient from step 12 on.",
            depth=1,
        ),
    )
    told = tuple(link.sentence for link in chain)
    return replace(dead_units, links=chain, consequences=(*dead_units.consequences, *told))


@pytest.fixture
def several(vanishing: Finding, dead_units: Finding, non_finite: Finding) -> tuple[Finding, ...]:
    return vanishing, dead_units, non_finite


@pytest.fixture
def changed_run() -> Callable[..., Run]:
    return make_run


@pytest.fixture
def chain_of() -> Callable[..., tuple[ChainLink, ...]]:
    return make_chain


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RunWriter]:
    """A run of 200 steps that is still being written, by this process."""
    writer = record(tmp_path)
    yield writer
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1760000004.0)
