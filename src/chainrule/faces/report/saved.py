"""A report: the views of one run or several, with every answer that they need."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.records.json_values import Json
from chainrule.records.shown import ShownInNotebook
from chainrule.store import find_run

from .answers import Answers, NamedRuns, opened, saved_answers
from .sections import ReportDocument, report_document, run_sections


class SameName(ValueError):
    """Two runs go by one name; the message is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(ShownInNotebook):
    """What `chainrule report` writes; in a notebook it shows itself.

    Attributes:
        document: What is shown.
        answers: To the questions of its views.
        text: The verdicts as plain text, for a browser without JavaScript.
        files: The run files that it was made of, by name.
    """

    document: ReportDocument
    answers: Answers
    text: str
    files: Mapping[str, Path]

    @property
    def title(self) -> str:
        """Names of the runs."""
        return self.document["title"]

    def answer(self, question: str, parameters: Mapping[str, Json]) -> Mapping[str, Json] | None:
        """An answer that was saved; None for a question that was not."""
        return self.answers.find(question, parameters)

    def html(self) -> str:
        """One self-contained page.

        Raises:
            NotBuilt: If the views are not built.
        """
        from .page import page

        return page(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page into a file, whole or not at all.

        Raises:
            CommandFailed: If it cannot be written; the message is a sentence.
            NotBuilt: If the views are not built.
        """
        from chainrule.faces.cli.verdict import write_whole

        write_whole(Path(path), self.html(), "The report")

    def __repr__(self) -> str:
        return f"<Report of {', '.join(self.files)}>"


def report(
    runs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
) -> Report:
    """A report of one run, or of several side by side; it shows itself in a notebook.

    Args:
        runs: A run file, the name of a run, or several of them.

    Raises:
        RunFileError: If there is none, or it cannot be read.
        SameName: If two of them have the same name.
    """
    named = [runs] if isinstance(runs, str | os.PathLike) else runs
    context = named_runs(named)
    names = list(context.files)
    return Report(
        document=report_document(
            " and ".join(names), run_sections(names), remarks=_remarks(context)
        ),
        answers=saved_answers(context),
        text=_text(context),
        files=context.files,
    )


def named_runs(runs: Sequence[str | os.PathLike[str]]) -> NamedRuns:
    """The files of runs by their names.

    Raises:
        RunFileError: If there is no such run.
        SameName: If two of them have the same name.
    """
    files: dict[str, Path] = {}
    for run in runs:
        path = find_run(run).absolute()
        if path.stem in files:
            there = files[path.stem]
            raise SameName(
                f"Expected runs with names of their own, found {path.stem!r} twice ({there}, "
                f"{path}): copy one of the files under another name."
            )
        files[path.stem] = path
    return NamedRuns(folder=Path(), files=files)


def _remarks(context: NamedRuns) -> list[str]:
    from chainrule import __version__
    from chainrule.faces.terminal import describe_ending

    endings = []
    with opened(context) as readers:
        for name, reader in readers.items():
            run = reader.run()
            ending = describe_ending(run)
            if len(readers) > 1:  # by the names of their files, as everything below
                ending = f"{name}: {ending.removeprefix(f'{run.name}: ')}"
            endings.append(ending)
    made = (
        f"Saved by chainrule {__version__}. Everything in it can be moved in and looked at; "
        "questions that were not asked when it was saved have no answer here."
    )
    return [*endings, made]


def _text(context: NamedRuns) -> str:
    import io

    from chainrule.faces.page import Page
    from chainrule.faces.terminal import write_verdict
    from chainrule.faces.views.run import verdict

    stream = io.StringIO()
    page = Page(stream, width=100, color=False)
    with opened(context) as readers:
        for reader in readers.values():
            run = reader.run()
            write_verdict(page, run, verdict(reader, run)[1], full=True)
    return stream.getvalue()
