"""The question `runs`, and parameters as questions take them."""

from pathlib import Path
from typing import Any

import pytest
from recording import record

from chainrule.faces.views import runs
from chainrule.faces.views.question import Parameters, Refusal, Written
from chainrule.faces.views.questions import QUESTIONS, Context, answer
from chainrule.records import Run
from chainrule.store import RunReader


def names(document: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["run"]["status"] for entry in document["runs"]}


def test_only_what_was_written_to_or_runs_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read = tmp_path / "chainrule-runs", []

    class Noted(RunReader):
        def run(self) -> Run:
            read.append(self.path.stem)
            return super().run()

    monkeypatch.setattr(runs, "RunReader", Noted)
    writer = record(tmp_path)
    context = Context(folder)
    assert names(answer("runs", {}, context))["digits"] == "running"
    read.clear()
    assert names(answer("runs", {}, context))["digits"] == "running"
    assert "digits" in read
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1.0)
    assert names(answer("runs", {}, context))["digits"] == "finished"
    read.clear()
    assert names(answer("runs", {}, context))["digits"] == "finished"
    assert "digits" not in read


def test_every_question_has_a_name_of_its_own() -> None:
    asked = [question.name for question in QUESTIONS]
    assert len(set(asked)) == len(asked) >= 5
    with pytest.raises(Refusal, match=r"Expected a question \(.*runs.*\), found 'nothing'"):
        answer("nothing", {}, Context(Path()))


@pytest.mark.parametrize(
    ("take", "written", "typed"),
    [
        ("text", "12", "12"),
        ("text", "true", "true"),
        ("text", "x**2", "x**2"),
        ("text", '"x"', "x"),
        ("text", "[1]", "[1]"),
        ("whole", "12", 12),
        ("number", "12", 12.0),
        ("number", "1e-3", 1e-3),
        ("flag", "true", True),
        ("texts", '["a,b", "c"]', ("a,b", "c")),
        ("texts", "a,b", ("a", "b")),
        ("numbers", '{"x": 1}', {"x": 1.0}),
        ("any", "x=1", "x=1"),
        ("any", "null", None),
    ],
)
def test_what_stands_in_a_url_is_what_the_question_takes_it_for(
    take: str, written: str, typed: object
) -> None:
    taken = getattr(Parameters({"p": Written(written)}), take)("p")
    assert (taken, type(taken)) == (typed, type(typed))


@pytest.mark.parametrize(
    ("take", "value"),
    [
        ("text", 12),
        ("text", None),
        ("whole", 1.0),
        ("whole", True),
        ("whole", "12"),
        ("whole", Written("soon")),
        ("number", "NaN"),
        ("number", Written("NaN")),
        ("number", Written("1e999")),
        ("number", 10**400),
        ("number", True),
        ("number", [1]),
        ("flag", 1),
        ("texts", [1]),
        ("texts", {}),
        ("numbers", [1]),
        ("numbers", {"x": "1"}),
        ("numbers", {"x": 10**400}),
        ("numbers", Written("x=1")),
    ],
)
def test_a_parameter_of_another_kind_is_a_sentence(take: str, value: Any) -> None:
    with pytest.raises(Refusal, match=r"(?s)Expected .* for `\w`, found .*\.") as refused:
        getattr(Parameters({"p": value}), take)("p")
    assert refused.value.field == "p"
    assert len(refused.value.sentence) < 200
