"""What a notebook shows, without a notebook: bundles, widgets, their questions, and live runs."""

import asyncio
import base64
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import chainrule
from chainrule.faces.notebook import depiction, showing
from chainrule.faces.notebook.conversation import Conversation
from chainrule.faces.notebook.view_widget import INSTALL
from chainrule.observer.watch import Watch
from chainrule.store import open_run

WIDGET = showing.WIDGET


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_STRICT", "1")


@pytest.fixture
def formula() -> Any:
    return chainrule.Objective.from_formula("x**2 + 3*y**2", {"x": 1.0, "y": 2.0})


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.Sigmoid(), nn.Linear(16, 1))


def train(net: nn.Module, seconds: float = 0.0, steps: int = 12) -> None:
    optimizer = torch.optim.SGD(net.parameters(), 0.05)
    torch.manual_seed(0)
    x = torch.randn(32, 4)
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end or done < steps:
        loss = (net(x) - x.sum(1, keepdim=True)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        done += 1


class Sent:
    """What a widget of an object sends to its notebook."""

    def __init__(self, thing: Any) -> None:
        self.messages: list[dict[str, Any]] = []
        self.buffers: list[list[bytes]] = []
        self.hear = Conversation(depiction.depiction(thing), self._send).hear

    def _send(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self.messages.append(message)
        self.buffers.append(buffers)


def bundle(thing: Any) -> dict[str, Any]:
    data, _ = thing._repr_mimebundle_()
    found: dict[str, Any] = data
    return found


def is_png(text: str) -> bool:
    return base64.b64decode(text).startswith(b"\x89PNG")


def test_an_objective_of_a_formula_is_drawn_by_the_view_of_formulas(formula: Any) -> None:
    shown = bundle(formula)
    assert shown[WIDGET]["model_id"] == chainrule.widget(formula).model_id
    assert is_png(shown["image/png"])
    document = chainrule.widget(formula).document
    assert document["view"] == "formula"
    assert document["at"] == {"x": 1.0, "y": 2.0}
    _, metadata = formula._repr_mimebundle_()
    # where nbconvert looks for it
    assert metadata["image/png"] == {"alt": "<Objective of x**2 + 3*y**2, θ of 2 numbers>"}


def test_another_objective_is_looked_at_from_the_kernel() -> None:
    x = torch.randn(32, 4)
    objective = chainrule.Objective.from_module(
        model(), nn.functional.mse_loss, (x, x.sum(1, keepdim=True))
    )
    shown = bundle(objective)
    assert is_png(shown["image/png"])
    document = chainrule.widget(objective).document
    assert (document["view"], document["of"]) == ("landscape", "slice")
    assert len(document["values"]) == depiction.POINTS**2


def test_an_objective_that_is_slow_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depiction, "LOOK_S", -1.0)
    slow = chainrule.Objective.from_callable(lambda x: (x**2).sum(), torch.ones(3))
    assert bundle(slow) == {"text/plain": chainrule.faces.notebook.depiction._Look(slow).words()}
    with pytest.raises(TypeError, match="There is no view of this"):
        chainrule.widget(slow)


def test_a_derivation_keeps_its_text() -> None:
    derivation = chainrule.explain("z = x^2 y; x = cos t; y = sin t", at={"t": 1.0})
    shown = bundle(derivation)
    assert shown["text/markdown"].startswith("**") or "$" in shown["text/markdown"]
    assert shown["text/plain"].startswith("<dz/dt")


def test_a_run_before_training_during_and_after(tmp_path: Path) -> None:
    with chainrule.watch(folder=tmp_path, name="mine") as run:
        assert chainrule.widget(run).document["remarks"] == ["No step has been taken yet."]
        train(model())
    shown = bundle(run)
    assert is_png(shown["image/png"])
    assert "mine: finished after 12 steps" in shown["text/plain"]
    document = chainrule.widget(run).document
    assert [section["question"] for section in document["sections"]] == [
        "run",
        "chain",
        "slope",
        "scans",
    ]
    assert document["sections"][0]["document"]["view"] == "run"
    assert not document["busy"]


def test_what_is_written_as_text_stays_text_in_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich, where it finds itself in one, writes into the cell instead of the stream."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert "cos" in str(chainrule.explain("sin(x)"))


def test_a_report_answers_from_what_it_saved(tmp_path: Path) -> None:
    with chainrule.watch(folder=tmp_path, name="mine") as run:
        train(model())
    report = chainrule.report(run.path)
    assert is_png(bundle(report)["image/png"])
    sent = Sent(report)
    sent.hear({"kind": "ask", "id": "1", "question": "slope", "parameters": {"run": "mine"}})
    sent.hear({"kind": "ask", "id": "2", "question": "slope", "parameters": {"run": "other"}})
    assert [message["id"] for message in sent.messages] == ["1", "2"]
    assert sent.messages[0]["answer"]["view"] == "slope"
    assert "not saved" in sent.messages[1]["answer"]["error"]["sentence"]


def test_a_live_run_is_followed_without_waiting(tmp_path: Path) -> None:
    seen: list[int] = []
    with chainrule.watch(folder=tmp_path, name="live") as run:
        widget = showing.displayed(run)
        widget.observe(lambda change: seen.append(_steps(change["new"])), "document")
        net = model()
        for _ in range(10):  # what is shown follows later on a machine with other work
            train(net, seconds=4.0)
            during = list(seen)
            if len(during) >= 2:
                break
        assert widget.document["busy"]
    assert len(during) >= 2
    assert during == sorted(during)
    assert seen[-1] == open_run(run.path).run().steps > during[-1]
    assert widget.document["version"] == 1
    assert not widget.document["busy"]


def _steps(document: dict[str, Any]) -> int:
    steps: int = document["sections"][0]["document"]["live"]["steps"]
    return steps


def test_a_run_that_is_shown_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    plain, shown = model(), model()
    train(plain, steps=300)
    with chainrule.watch(folder=tmp_path) as run:
        showing.displayed(run)
        train(shown, steps=300)
    for a, b in zip(plain.parameters(), shown.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_listener_that_fails_does_not_end_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CHAINRULE_STRICT")

    def fail() -> None:
        raise RuntimeError("the notebook has gone")

    with chainrule.watch(folder=tmp_path) as run:
        run.tell(fail)
        train(model())
    assert open_run(run.path).run().steps == 12
    assert "the notebook has gone" in capsys.readouterr().err


def test_the_process_that_reads_ends_with_the_run(tmp_path: Path) -> None:
    with chainrule.watch(folder=tmp_path) as run:
        showing.displayed(run)
        train(model(), seconds=1.5)
        live = showing._remembered(run).live
        assert live is not None
        reader = live._reader
        assert reader is not None
        assert reader._process.poll() is None
    assert reader._process.poll() is not None


def test_short_questions_are_answered_in_the_kernel(formula: Any) -> None:
    sent = Sent(formula)
    ask = {"kind": "ask", "question": "formula"}
    sent.hear({**ask, "id": "1", "parameters": {"formula": "sin(z)"}})
    sent.hear({**ask, "id": "2", "parameters": {"formula": "sin(z"}})
    sent.hear({"kind": "ask", "id": "3", "question": "nothing", "parameters": {}})
    assert sent.messages[0]["answer"]["names"] == ["z"]
    assert sent.messages[1]["answer"]["error"]["column"] == 3  # the bracket that is not closed
    assert "Expected a question" in sent.messages[2]["answer"]["error"]["sentence"]


def test_long_questions_show_progress_and_can_be_cancelled(formula: Any) -> None:
    sent = Sent(formula)
    ask = {"kind": "ask", "question": "slice"}

    async def talk() -> None:
        sent.hear({**ask, "id": "1", "parameters": {"formula": "a**2 + b**2", "points": 5}})
        sent.hear({**ask, "id": "2", "parameters": {"formula": "a**2 + b**2", "points": 1001}})
        end = time.monotonic() + 60
        while not any(m["kind"] == "answer" for m in sent.messages) and time.monotonic() < end:
            await asyncio.sleep(0.05)
        sent.hear({"kind": "cancel", "id": "2"})
        await asyncio.sleep(0.2)

    asyncio.run(talk())
    kinds = {(message["id"], message["kind"]) for message in sent.messages}
    assert {("1", "progress"), ("1", "answer")} <= kinds
    assert ("2", "answer") not in kinds
    (answer,) = [m["answer"] for m in sent.messages if m["kind"] == "answer"]
    assert len(answer["values"]) == 25


@pytest.mark.parametrize("message", [None, "ask", {}, {"kind": "ask"}, {"id": 1, "kind": "ask"}])
def test_what_is_no_message_of_ours_is_not_answered(message: Any, formula: Any) -> None:
    sent = Sent(formula)
    sent.hear(message)
    assert not sent.messages


def test_fonts_are_sent_once_asked_for_and_nothing_else_of_the_disk(formula: Any) -> None:
    sent = Sent(formula)
    sent.hear({"kind": "files", "id": "1", "name": "fonts/"})
    assert "fonts/KaTeX_Main-Regular.woff2" in sent.messages[0]["names"]
    assert sent.buffers[0][0].startswith(b"wOF2")
    for name in ("../__init__.py", "/etc/passwd", "../", ""):
        sent.hear({"kind": "files", "id": "2", "name": name})
        assert sent.messages[-1]["names"] == []


def test_what_shows_itself_not_is_refused() -> None:
    with pytest.raises(TypeError, match="found int"):
        chainrule.widget(3)


def test_an_object_has_one_widget_and_many_objects_do_not_pile_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(showing, "REMEMBERED", 2)
    derivations = [chainrule.explain(f"x^{n}") for n in range(2, 6)]
    first = [chainrule.widget(each) for each in derivations]
    assert chainrule.widget(derivations[-1]) is first[-1]
    assert len(showing._shown) <= 2


@pytest.fixture(scope="module")
def without() -> Iterator[str]:
    """What a Python without anywidget and matplotlib gives for a derivation and an objective."""
    code = (
        "import sys; sys.modules['anywidget'] = sys.modules['matplotlib.figure'] = None\n"
        "import chainrule\n"
        "f = chainrule.Objective.from_formula('x**2', {'x': 1.0})\n"
        "print(chainrule.explain('x^2')._repr_mimebundle_()[0]['text/markdown'])\n"
        "data, _ = f._repr_mimebundle_()\n"
        "print(sorted(data), data['text/html'])\n"
        "try: chainrule.widget(f)\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    yield done.stdout


def test_without_anywidget_a_sentence_says_how_to_get_it(without: str) -> None:
    assert without.count("pip install 'chainrule[notebook]'") >= 2
    assert "['text/html', 'text/plain'] <pre>&lt;Objective of x**2" in without
    assert "Expected anywidget, found none." in without
    assert INSTALL.startswith("To move in it here")


def test_in_a_terminal_ipython_writes_text() -> None:
    code = (
        "import chainrule\n"
        "f = chainrule.explain('x^2')\n"
        "from IPython import get_ipython\n"
        "print(get_ipython().display_formatter.format(f))\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "widget-view" not in done.stdout
    assert "'text/plain': '<dy/dx = 2x, of x^2>'" in done.stdout


def test_a_watch_says_that_it_runs(tmp_path: Path) -> None:
    with chainrule.watch(folder=tmp_path) as run:
        assert isinstance(run, Watch)
        assert run.running
    assert not run.running
