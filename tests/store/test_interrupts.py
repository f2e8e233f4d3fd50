"""A signal may arrive at any moment of a flush: nothing is lost, nothing doubled, nothing hangs."""

import sys
from pathlib import Path

import pytest
from run_files import a_sample, create, fill, finish

from chainrule.records import Event
from chainrule.store import RunWriter, open_run


def flush_interrupted(writer: RunWriter, at: int) -> bool:
    """Flush, with a Ctrl-C at the given call or return; CPython looks for signals at these."""
    left = at

    def interrupt(frame: object, event: str, argument: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            sys.setprofile(None)
            raise KeyboardInterrupt

    previous = sys.getprofile()
    try:
        sys.setprofile(interrupt)
        writer.flush()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(previous)
    return False


def test_interrupts_at_any_moment_lose_nothing_and_double_nothing(tmp_path: Path):
    writer = create(tmp_path)
    number = interrupts = 0
    while interrupts == number:
        for step in range(7 * number, 7 * number + 7):
            writer.point("loss", step, step / 3)
        writer.sample(a_sample(number))
        writer.event(Event(number, "note", "flush"))
        interrupts += flush_interrupted(writer, at=number)
        number += 1
        if number % 3 == 0:  # some flushes find one batch, some three
            writer.flush()
    assert interrupts > 100
    assert not writer.failed
    finish(writer)
    with open_run(writer.path) as reader:
        assert reader.series("loss").steps == tuple(range(7 * number))
        assert sum(bucket.count for bucket in reader.pyramid("loss", 1)) == 7 * number
        assert [sample.step for sample in reader.samples()] == list(range(number))
        assert [event.step for event in reader.events()] == list(range(number))


@pytest.mark.parametrize("stage", ["put_records", "put_samples", "put_points"])
def test_an_interrupted_flush_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
):
    writer = create(tmp_path)
    fill(writer)
    with monkeypatch.context() as patch:

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(f"chainrule.store.writer.{stage}", interrupt)
        with pytest.raises(KeyboardInterrupt):
            writer.flush()
    assert not writer.failed
    finish(writer)
    with open_run(writer.path) as reader:
        assert len(reader.series("loss").steps) == 100
        assert len(list(reader.samples())) == 10
        assert len(reader.events()) == len(reader.parameters()) == 1


def test_a_signals_handler_within_a_flush_does_not_wait_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from chainrule.store import writer as writing

    writer = create(tmp_path)
    put_points = writing.put_points

    def interrupted(*arguments):
        writer.flush()
        finish(writer)
        return put_points(*arguments)

    monkeypatch.setattr(writing, "put_points", interrupted)
    fill(writer)
    writer.flush()
    monkeypatch.undo()
    finish(writer)
    with open_run(writer.path) as reader:
        assert len(reader.series("loss").steps) == 100
        assert reader.run().status == "finished"
