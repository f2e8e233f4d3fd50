"""A captured step is a real objective, or says why not; and nobody notices the capture."""

import re
import threading
import weakref

import pytest
import torch
import torch.nn.functional as F
from capturing import SCRIPTS, captured, run, run_twice
from torch import Tensor, nn

from chainrule.objective import Objective, ObjectiveError
from chainrule.observer.captured import Capture, CaptureError, Captures
from chainrule.observer.interception import Interception
from chainrule.observer.purity import side_effect
from chainrule.observer.recorder import Recorder

OPTIMIZERS = {"gan": 2, "sparse_embedding": 3}

# every captured step of these scripts verifies, the gradients to the last bit
EXACT = [
    "architectures/accumulation",
    "architectures/anomaly",
    "architectures/autocast_bf16",
    "architectures/autocast_scaler",
    "architectures/autograd_grad",
    "architectures/checkpoint_nonreentrant",
    "architectures/checkpoint_reentrant",
    "architectures/complex_parameters",
    "architectures/convnet_inplace",
    "architectures/custom_function",
    "architectures/float64",
    "architectures/frozen_backbone",
    "architectures/gan",
    "architectures/lbfgs",
    "architectures/lstm",
    "architectures/mlp",
    "architectures/no_item",
    "architectures/resnet",
    "architectures/retain_graph",
    "architectures/rng_streams",
    "architectures/rnn_loop",
    "architectures/saved_tensor_hooks",
    "architectures/several_losses",
    "architectures/shared_weights",
    "architectures/threads_count",
    "architectures/transformer",
    "architectures/transformer_encoder",
    "capture/autoencoder",
    "capture/called_twice",
    "capture/carried_state",
    "capture/clipped_weights",
    "capture/dataloader_terms",
    "capture/guards",
    "capture/input_changed",
    "capture/metrics_by_numpy",
    "capture/normed_weights",
    "capture/other_randomness",
    "capture/preallocated",
    "capture/skipped_steps",
    "capture/talks",
    "capture/teacher",
    "capture/truncated",
    "capture/warned",
]

# why steps of these do not: the reasons that are found in them, in any order
REASONS = {
    "architectures/dispatch_mode": ["mode of the script is on"],
    "architectures/exception_in_backward": [r"Fragile.backward sets .calls"],
    "architectures/tensor_hooks": [r"tensor_hooks.py:14 reads a number .* in the forward pass"],
    "capture/adversarial": [r"gradient for model.0.weight .* a hook of the script"],
    "capture/decides_by_output": [r"decides_by_output.py:\d+ decides by a number"],
    "capture/evaluations": ["more than 5,000 operations without gradients"],
    "capture/numpy_weights": [r"numpy_weights.py:\d+ reads a tensor that depends on θ \(numpy\)"],
    "capture/undetached": [r"undetached.py:\d+ was made before the step began"],
}


@pytest.mark.parametrize("name", EXACT)
def test_verifies_and_nobody_notices(name: str) -> None:
    script = SCRIPTS / f"{name}.py"
    (bare, seen), captures = run_twice(script, OPTIMIZERS.get(script.stem, 1))
    assert without_addresses(seen[0]) == without_addresses(bare[0])
    assert without_addresses(seen[1]) == without_addresses(bare[1])
    assert len(captures) >= 3
    assert [c.reason for c in captures if c.reason] == []
    assert all(c.exact_gradient for c in captures)
    assert {c.optimizer_index for c in captures} == set(range(OPTIMIZERS.get(script.stem, 1)))


@pytest.mark.parametrize("name", REASONS)
def test_says_why_not(name: str) -> None:
    script = SCRIPTS / f"{name}.py"
    (bare, seen), captures = run_twice(script)
    assert without_addresses(seen[0]) == without_addresses(bare[0])
    assert without_addresses(seen[1]) == without_addresses(bare[1])
    reasons = {c.reason for c in captures if c.reason}
    assert reasons
    for reason in reasons:
        assert any(re.search(pattern, reason) for pattern in REASONS[name]), reason
    with pytest.raises(CaptureError, match=re.escape(max(reasons))):
        next(c for c in captures if c.reason == max(reasons)).objective()


def test_sparse_gradients_become_dense() -> None:
    with captured(optimizers=3) as captures:
        run(SCRIPTS / "architectures/sparse_embedding.py")
    assert [c.reason for c in captures if c.reason] == []
    words = next(c for c in captures if c.optimizer_index == 0)
    (gradient,) = words.objective().gradient().values()
    assert not gradient.is_sparse
    assert gradient.abs().sum() > 0


def without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+|\bpid[ =]\d+", "", text)


# ---- the objective ------------------------------------------------------------------------------


def train(steps: int = 3, *, dropout: float = 0.0) -> tuple[nn.Module, Tensor, Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(dropout), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x, y = torch.randn(16, 4), torch.randn(16, 1)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
    return model, x, y


def test_the_objective_is_the_loss_at_other_weights() -> None:
    with captured() as captures:
        model, x, y = train()
    last = captures[-1]
    objective = last.objective()
    assert objective.source == "step"
    assert objective.value() == last.loss == objective.start_value
    ahead = {name: t + last.update[name] for name, t in objective.parameters.items()}
    with torch.no_grad():
        now = float(F.mse_loss(model(x), y))
    assert objective.value(ahead) == pytest.approx(now, rel=1e-6)
    earlier = captures[-2]
    there = {n: t + earlier.update[n] for n, t in earlier.objective().parameters.items()}
    assert objective.value(there) == pytest.approx(last.loss, rel=1e-5)


def test_gradients_and_curvature() -> None:
    with captured() as captures:
        train(dropout=0.4)
    objective = captures[-1].objective()
    v = {n: torch.randn_like(t) for n, t in objective.parameters.items()}
    eps = 1e-3
    up = objective.gradient({n: t + eps * v[n] for n, t in objective.parameters.items()})
    down = objective.gradient({n: t - eps * v[n] for n, t in objective.parameters.items()})
    product = objective.hvp(None, v)
    for name in v:
        difference = (up[name] - down[name]) / (2 * eps)
        torch.testing.assert_close(product[name], difference, rtol=2e-2, atol=1e-3)


def test_a_loss_that_is_computed_another_way_without_a_gradient_is_captured() -> None:
    """By weights that require a gradient PyTorch multiplies a transposed tensor another way."""
    torch.manual_seed(0)
    embedding, mix = nn.Embedding(27, 256), nn.Linear(6, 1, bias=False)
    normalise = nn.LayerNorm(256)
    model = nn.ModuleList([embedding, mix, normalise])
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    with captured() as captures:
        for _ in range(24):
            letters = torch.randint(0, 27, (64, 7))
            mixed = mix(embedding(letters[:, :6]).transpose(1, 2)).squeeze(2)
            loss = F.cross_entropy(normalise(mixed) @ embedding.weight.T, letters[:, 6])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert len(captures) == 23
    assert [c.reason for c in captures if c.reason] == []


def test_asking_in_the_middle_of_training_leaves_no_trace() -> None:
    def ask(capture: Capture) -> None:
        objective: Objective = capture.objective()
        before = [t.clone() for t in state()]
        objective.value()
        objective.gradient()
        objective.hvp(None, dict(objective.parameters))
        random = torch.rand(3)
        torch.set_rng_state(streams[0])
        assert torch.equal(random, torch.rand(3))  # the stream stood where it had been
        torch.set_rng_state(streams[0])
        for then, now in zip(before, state(), strict=True):
            assert torch.equal(then, now)

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5))
    optimizer = torch.optim.Adam(model.parameters())
    streams = [torch.get_rng_state()]

    def state() -> list[Tensor]:
        grads = [p.grad for p in model.parameters() if p.grad is not None]
        return [*model.parameters(), *model.buffers(), *grads]

    def ask_there(capture: Capture) -> None:
        streams[0] = torch.get_rng_state()
        ask(capture)

    with captured(ask_there) as captures:
        for _ in range(4):
            optimizer.zero_grad()
            model(torch.randn(16, 4)).pow(2).mean().backward()
            optimizer.step()
    assert len(captures) == 3
    assert all(c.reason is None for c in captures)
    assert all(c.preconditioner is not None for c in captures)
    values = {c.objective().value(captures[0].parameters) for c in captures}
    assert len(values) == 3  # three batches


def test_several_passes_are_one_objective() -> None:
    with captured() as captures:
        run(SCRIPTS / "architectures/accumulation.py")
    assert {len(c.program.terms) for c in captures if c.program} == {4}
    for c in captures:
        assert c.objective().value() == c.loss


# ---- limits -------------------------------------------------------------------------------------


def test_large_inputs_are_watched_instead_of_copied() -> None:
    torch.manual_seed(0)
    weight = torch.randn(50, requires_grad=True)
    x = torch.randn(1000, 50)
    optimizer = torch.optim.SGD([weight], lr=1e-3)
    with captured(most_bytes=10_000) as captures:
        for _ in range(3):
            optimizer.zero_grad()
            (x @ weight).pow(2).mean().backward()
            optimizer.step()
    objective = captures[-1].objective()
    assert captures[-1].bytes < 10_000
    assert objective.value() == captures[-1].loss
    x += 1
    with pytest.raises(ObjectiveError, match=r"changed a tensor of shape \(1000, 50\) in place"):
        objective.value()


def test_what_is_watched_instead_of_copied_counts_and_makes_room() -> None:
    weight = torch.randn(50, requires_grad=True)
    optimizer = torch.optim.Adam([weight], lr=1e-3, weight_decay=0.01)
    kept = Captures(most=8, most_bytes=500_000)
    again = torch.randn(1000, 50)
    with captured(most_bytes=10_000) as captures:
        for i in range(8):
            x = again if i < 3 else torch.randn(1000, 50)  # 200,000 bytes
            optimizer.zero_grad()
            (x @ weight).pow(2).mean().backward()
            optimizer.step()
            del x
    for capture in captures:
        assert list(capture.borrowed.values()) == [200_000]
        kept.add(capture)
        assert sum({k: n for c in kept.kept for k, n in c.borrowed.items()}.values()) <= 500_000
    same = Captures(most=8, most_bytes=250_000)
    for capture in captures[:2]:
        same.add(capture)
    assert len(same.kept) == 2  # of one tensor
    # θ, Δθ and of Adam the preconditioner with its shift: four times 50 numbers of 4 bytes
    assert captures[-1].bytes >= 4 * 50 * 4


def test_no_more_is_kept_than_asked() -> None:
    kept = Captures(most=6, most_bytes=10**9)
    for step in range(10):
        kept.add(Capture(step=step, optimizer_index=0, bytes=1))
    assert [c.step for c in kept.kept] == [0, 1, 2, 3, 8, 9]
    small = Captures(most=6, most_bytes=3)
    for step in range(10):
        small.add(Capture(step=step, optimizer_index=0, bytes=1))
    assert sum(c.bytes for c in small.kept) <= 3
    small.add(Capture(step=11, optimizer_index=0, reason="its loss is not finite"))
    with pytest.raises(CaptureError, match=r"Step 11 .* its loss is not finite"):
        small.at(11)
    with pytest.raises(CaptureError, match=r"found 5; captured and kept are: \d+, \d+, \d+\."):
        small.at(5)


def test_the_script_keeps_its_tensors_alive_not_we() -> None:
    torch.manual_seed(0)
    model = nn.Linear(4, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    gone: list[bool] = []
    with captured():
        for _ in range(3):
            with torch.no_grad():
                large = model(torch.randn(64, 4)).cos()
            watched = weakref.ref(large)
            del large
            gone.append(watched() is None)
            optimizer.zero_grad()
            model(torch.randn(2, 4)).sum().backward()
            optimizer.step()
    assert gone == [True] * 3


# ---- the recording itself -----------------------------------------------------------------------


class Told:
    def __init__(self) -> None:
        self.names: list[str] = []

    def before(self, function: object, arguments: object, keywords: object) -> None:
        self.names.append(getattr(function, "__name__", ""))

    def after(self, result: object) -> None:
        self.names.append("done")


def test_calls_are_told_and_given_back() -> None:
    told = Told()
    questions = F.has_torch_function_variadic, torch.overrides.has_torch_function
    watching = Interception(told, lambda *_: None)
    watching.start()
    a = torch.ones(3, requires_grad=True)
    assert not torch.overrides.has_torch_function((a,))
    F.mse_loss(a, torch.zeros(3)).backward()
    thread = threading.Thread(target=lambda: torch.ones(2).sum())
    thread.start()
    thread.join()
    watching.stop()
    torch.ones(3) + 1
    assert "mse_loss" in told.names
    assert "sum" not in told.names and "backward" not in told.names
    assert told.names.count("done") * 2 == len(told.names)
    assert (F.has_torch_function_variadic, torch.overrides.has_torch_function) == questions
    assert torch._C._len_torch_function_stack() == 0


def test_an_interrupt_inside_stays_an_interrupt() -> None:
    torch.manual_seed(0)
    weight = torch.randn(3, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    with captured() as captures:
        weight.sum().backward()
        optimizer.step()
        original = Recorder._before

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        Recorder._before = interrupted  # type: ignore[method-assign, assignment]
        try:
            with pytest.raises(KeyboardInterrupt):
                weight * 2
        finally:
            Recorder._before = original  # type: ignore[method-assign]
    assert captures == []


def test_side_effects_of_custom_functions_are_found() -> None:
    seen: list[int] = []

    class Pure(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):  # type: ignore[no-untyped-def]
            ctx.scale = 2.0
            ctx.save_for_backward(x)
            out = x.clone()
            out[0] = 0
            return out

        @staticmethod
        def backward(ctx, g):  # type: ignore[no-untyped-def]
            return ctx.scale * g

    class Collects(Pure):
        @staticmethod
        def forward(ctx, x):  # type: ignore[no-untyped-def]
            seen.append(1)
            return x.clone()

    class Prints(Pure):
        @staticmethod
        def backward(ctx, g):  # type: ignore[no-untyped-def]
            print(g)
            return g

    assert side_effect(Pure) is None
    assert side_effect(Collects) == "Collects.forward uses seen, which it may change"
    assert side_effect(Prints) == "Prints.backward calls print"
