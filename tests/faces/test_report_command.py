"""`chainrule report`: pages, pictures and Markdown of run files, and what it refuses."""

import base64
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import chainrule
from chainrule.faces.cli import status_of
from chainrule.faces.report import answers
from chainrule.faces.report.answers import key
from chainrule.records import Finding
from chainrule.store import RunWriter, write_findings


@pytest.fixture
def digits(
    writer: RunWriter, vanishing: Finding, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """The run `digits` in ./chainrule-runs, with its verdict."""
    monkeypatch.chdir(tmp_path)
    for step in range(200):
        writer.point("loss", step, 2.3 - step / 1000)
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1760000004.0)
    write_findings(writer.path, [vanishing])
    return writer.path


def contents(page: str) -> dict[str, Any]:
    """What a browser reads in a report."""
    found = re.search(r'id="chainrule-contents">([^<]*)</script>', page)
    assert found is not None
    read: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return read


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of(["report", *arguments]) == 2
    written = capsys.readouterr()
    assert not written.out
    assert written.err.startswith("chainrule: ")
    assert written.err.count("\n") == 1
    return written.err


def test_a_page_holds_what_its_sections_ask_for(digits: Path, capsys: Any, tmp_path: Path) -> None:
    assert status_of(["report", "digits", "-o", "out.html"]) == 0
    assert capsys.readouterr().out.startswith("out.html (")
    page = (tmp_path / "out.html").read_text("utf-8")
    saved = contents(page)
    for section in saved["document"]["sections"]:
        place = saved["answers"][key(section["question"], section["parameters"])]
        assert saved["documents"][place]["view"] in ("run", "chain", "slope", "landscape")
    assert "vanishing-gradient" in page  # for who has no JavaScript
    assert set(saved["fonts"]) >= {"KaTeX_Main-Regular.woff2", "KaTeX_Math-Italic.woff2"}


def test_a_chain_lists_the_steps_that_were_saved(digits: Path) -> None:
    report = chainrule.report("digits")
    chain = report.answer("chain", {"run": "digits"})
    assert chain is not None
    for step in chain["steps"]:
        assert report.answer("chain", {"run": "digits", "step": step}) is not None
    assert report.answer("chain", {"run": "digits", "step": 199}) is None


def test_chains_are_bounded_in_bytes(digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "CHAIN_BYTES", 1)
    saved = chainrule.report("digits").answers
    assert len([place for place in saved.places if place.startswith('["chain"')]) == 3
    assert saved.find("chain", {"run": "digits"}) is not None


def test_a_key_has_its_parameters_in_order() -> None:
    """As `JSON.stringify` writes it in the browser."""
    made = key("chain", {"step": 12, "run": 'é"\u2028'})
    assert made == '["chain",["run","é\\"\u2028"],["step",12]]'


def test_the_newest_run_is_taken_and_gives_the_file_its_name(
    digits: Path, capsys: Any, tmp_path: Path
) -> None:
    assert status_of(["report"]) == 0
    assert (tmp_path / "digits.html").is_file()


def test_markdown_for_a_pull_request(digits: Path, capsys: Any, snapshot: Any) -> None:
    assert status_of(["report", "digits", "--format", "md"]) == 0
    written = capsys.readouterr().out.replace(str(digits.parent.parent), "")
    assert written.partition("<details>")[0] == snapshot
    assert written.count("<details>") == written.count("</details>") == 1
    assert "### What to change" in written
    assert status_of(["report", "digits", "--format", "md", "-o", "-"]) == 0
    assert capsys.readouterr().out.replace(str(digits.parent.parent), "") == written


def test_two_runs_in_markdown_tell_what_they_differ_in(
    digits: Path, capsys: Any, tmp_path: Path
) -> None:
    other = RunWriter.create(
        tmp_path / "chainrule-runs",
        "other",
        command=("train.py", "--lr", "1|2"),
        cwd=str(tmp_path),
        versions={"torch": "2.6.0"},
        options={},
        pid=1,
        started_at=0.0,
    )
    other.close(status="failed", exit_code=1, exception="a | b", ended_at=1.0)
    assert status_of(["report", "digits", "other", "-o", "both.md"]) == 0
    written = (tmp_path / "both.md").read_text("utf-8")
    assert "| `digits` | error **vanishing-gradient** |" in written
    assert "| differs | `digits` | `other` |" in written
    assert "`train.py --lr 1\\|2`" in written


@pytest.mark.parametrize("picture", ["loss", "chain"])
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures(picture: str, ending: str, digits: Path, tmp_path: Path) -> None:
    name = f"{picture}.{ending}"
    assert status_of(["report", "digits", "-o", name, "--picture", picture]) == 0
    start = (tmp_path / name).read_bytes()[:5]
    assert start.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF-"}[ending])


def test_a_picture_names_what_it_shows(digits: Path, tmp_path: Path) -> None:
    assert status_of(["report", "digits", "-o", "c.svg", "--picture", "chain"]) == 0
    drawn = (tmp_path / "c.svg").read_text("utf-8")
    assert "layers.1 Sigmoid" in drawn
    assert "digits: vanishing-gradient" in drawn


def test_what_was_not_measured_is_not_drawn(digits: Path, capsys: Any, tmp_path: Path) -> None:
    said = refused(capsys, "digits", "-o", "s.png", "--picture", "landscape")
    assert "No step of this run was scanned" in said
    assert not list(tmp_path.glob("s.png*"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["digits", "-o", "x.doc"], "does not say what to write"),
        (["digits", "-o", "nowhere/x.html"], "there is no folder"),
        (["digits", "-o", "."], "does not say what to write"),
        (["digits", "-o", "x.html", "--picture", "loss"], "leave --picture out"),
        (["digits", "-o", "x.html", "--format", "svg"], "do not agree"),
        (["digits", "-o", "-", "--format", "html"], "-o - is for Markdown"),
        (["digits", "digits"], "twice"),
        (["nothing"], "found nothing"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], sentence: str, digits: Path, capsys: Any, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    assert sentence in refused(capsys, *arguments)
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_cannot_be_replaced_stays_as_it_was(
    digits: Path, capsys: Any, tmp_path: Path
) -> None:
    target = tmp_path / "kept.html"
    target.mkdir()
    assert "it is a folder" in refused(capsys, "digits", "-o", "kept.html")
    full = Path("/dev/full")
    if full.exists():
        said = refused(capsys, "digits", "-o", str(full), "--format", "html")
        assert "could not be written" in said


def test_without_matplotlib_the_page_is_written_and_a_picture_says_how_to_get_it(
    digits: Path, tmp_path: Path
) -> None:
    """In a Python that has no matplotlib."""
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'matplotlib' else find(name, *a)\n"
        "from chainrule.faces.cli import status_of\n"
        "print(status_of(['report', 'digits', '-o', 'p.html']), "
        "status_of(['report', 'digits', '-o', 'p.png']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "0 2"
    assert "pip install 'chainrule[plot]'" in done.stderr


def test_names_from_a_run_file_are_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "</script></title><script>alert(1)</script>"
    monkeypatch.chdir(tmp_path)
    writer = RunWriter.create(
        tmp_path,
        "evil",
        command=(evil,),
        cwd=evil,
        versions={evil: evil},
        options={evil: evil},
        pid=1,
        started_at=0.0,
    )
    writer.close(status="failed", exit_code=1, exception=evil, ended_at=1.0)
    page = chainrule.report("evil.db").html()
    assert "<script>alert" not in page
    assert page.count("<script") == 2 + page.split('<script type="module">')[1].count("<script")
    assert "&lt;/script&gt;&lt;/title&gt;" in page
