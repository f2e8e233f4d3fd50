"""Long questions: their progress, their end, and what ends them."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import HERE, Served, serving, wait_until

SLOW = (sys.executable, str(HERE / "slow_questions.py"), "view")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a question that takes as long as one likes."""
    with serving(tmp_path_factory.mktemp("jobs"), command=SLOW) as served:
        yield served


def events_of(served: Served, job: str) -> list[tuple[str, dict[str, object]]]:
    stream, seen = served.listen(f"/api/jobs/{job}/events"), []
    try:
        while True:
            seen.append(stream.next())
    except EOFError:
        return seen
    finally:
        stream.close()


def workers(served: Served) -> list[int]:
    """Children of the server that live."""
    pid = served.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def test_progress_and_then_the_answer(served: Served) -> None:
    *progress, (kind, answer) = events_of(served, served.job("slow", steps=5))
    assert (kind, answer["steps"]) == ("answer", 5)
    assert [kind for kind, _ in progress] == ["progress"] * len(progress)
    done = [data["done"] for _, data in progress]
    assert done == sorted(done)
    assert progress[-1][1] == {"done": done[-1], "total": 5, "sentence": f"step {done[-1]}"}


def test_a_process_is_used_again(served: Served) -> None:
    first, second = (events_of(served, served.job("slow", steps=0))[-1][1] for _ in range(2))
    assert first["pid"] == second["pid"]
    assert workers(served) == [first["pid"]]


def test_a_short_question_can_be_asked_so_too(served: Served) -> None:
    assert events_of(served, served.job("runs"))[-1] == ("answer", {"view": "runs", "runs": []})


def test_a_long_question_must_be(served: Served) -> None:
    answer = served.send("/api/ask/slow?steps=1")
    assert answer.status == 409
    assert "POST /api/jobs" in answer.sentence


def test_two_browsers_hear_of_one_job_and_one_comes_late(served: Served) -> None:
    job = served.job("slow", steps=10)
    stream = served.listen(f"/api/jobs/{job}/events")
    stream.next("progress")
    assert events_of(served, job)[-1][0] == "answer"
    assert stream.next("answer")[1]["steps"] == 10
    stream.close()
    assert [kind for kind, _ in events_of(served, job)] == ["answer"]


def test_cancelling_ends_the_process(served: Served) -> None:
    job = served.job("slow", steps=10_000)
    stream = served.listen(f"/api/jobs/{job}/events")
    assert stream.next("progress")[1]["total"] == 10_000
    (worker,) = workers(served)
    assert served.send(f"/api/jobs/{job}", "DELETE").status == 204
    assert "cancelled" in stream.next("refusal")[1]["error"]["sentence"]
    with pytest.raises(EOFError):
        stream.next()
    stream.close()
    wait_until(lambda: not Path(f"/proc/{worker}").exists())
    assert served.send(f"/api/jobs/{job}", "DELETE").status == 204  # twice does no harm


def test_a_job_that_waits_is_cancelled_too(served: Served) -> None:
    jobs = [served.job("slow", steps=10_000) for _ in range(3)]
    waiting = served.listen(f"/api/jobs/{jobs[2]}/events")
    assert waiting.next()[1]["sentence"] == "waiting for others"
    wait_until(lambda: len(workers(served)) == 2)
    assert served.send(f"/api/jobs/{jobs[2]}", "DELETE").status == 204
    assert waiting.next()[0] == "refusal"
    waiting.close()
    last = served.job("slow", steps=0)
    for job in jobs[:2]:
        served.send(f"/api/jobs/{job}", "DELETE")
    assert events_of(served, last)[-1][0] == "answer"


def test_too_many_are_refused(served: Served) -> None:
    document = {"question": "slow", "parameters": {"steps": 10_000}}
    answers = [served.post(document) for _ in range(20)]
    jobs = [answer.document["job"] for answer in answers if answer.status == 201]
    try:
        assert len(jobs) == 18
        assert {answer.status for answer in answers[18:]} == {429}
        assert "already waiting" in answers[-1].sentence
        assert len(workers(served)) <= 2
    finally:
        for job in jobs:
            served.send(f"/api/jobs/{job}", "DELETE")


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ("killed", "was killed (SIGKILL), perhaps because memory ran out"),
        ("exit", "ended with exit code 3"),
        ("refusal", "No."),
        ("fault", "ZeroDivisionError: division by zero"),
        ("nan", "ValueError"),
    ],
)
def test_an_end_that_is_no_answer_is_a_sentence(served: Served, end: str, says: str) -> None:
    kind, document = events_of(served, served.job("slow", steps=1, end=end))[-1]
    assert kind == "refusal"
    assert says in document["error"]["sentence"]
    if end == "refusal":
        assert document == {
            "error": {"sentence": "No.", "field": "end", "column": 1, "text": "refusal"}
        }
    assert events_of(served, served.job("slow", steps=0))[-1][0] == "answer"


def test_what_a_library_prints_is_no_answer(served: Served) -> None:
    kind, answer = events_of(served, served.job("slow", steps=0, end="print"))[-1]
    assert (kind, answer["steps"]) == ("answer", 0)


def test_a_long_answer_arrives_whole(served: Served) -> None:
    answer = events_of(served, served.job("slow", steps=0, end="long"))[-1][1]
    assert answer == {"text": "x" * 5_000_000}


def test_a_job_that_nobody_knows(served: Served) -> None:
    assert served.send("/api/jobs/nothing/events").status == 404
    assert served.send("/api/jobs/nothing", "DELETE").status == 404
    assert "no such job" in served.send("/api/jobs/nothing", "DELETE").sentence


def test_a_wrong_parameter_is_refused_by_the_worker(served: Served) -> None:
    kind, document = events_of(served, served.job("slow", steps="many"))[-1]
    assert (kind, document["error"]["field"]) == ("refusal", "steps")


def test_what_nobody_waits_for_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPATIENT", "two seconds, and one until it is forgotten")
    with serving(tmp_path, command=SLOW) as served:
        heard = served.job("slow", steps=120)
        stream = served.listen(f"/api/jobs/{heard}/events")
        unheard = served.job("slow", steps=10_000)
        wait_until(lambda: len(workers(served)) == 2)
        wait_until(lambda: len(workers(served)) == 1)
        wait_until(lambda: is_forgotten(served, unheard))
        stream.until("answer", steps=120)
        stream.close()
        wait_until(lambda: not workers(served))
        wait_until(lambda: is_forgotten(served, heard))


def is_forgotten(served: Served, ended: str) -> bool:
    """Whether there is no such job any more; asked by a request that is not one to hear of it."""
    return served.send(f"/api/jobs/{ended}", "DELETE").status == 404


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_processes_end_with_the_server(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, command=SLOW) as served:
        stream = served.listen(f"/api/jobs/{served.job('slow', steps=10_000)}/events")
        stream.next("progress")
        (worker,) = workers(served)
        began = time.monotonic()
        assert served.end(number) == (0 if number == signal.SIGTERM else -number)
        assert time.monotonic() - began < 4.5  # else its patience ran out, which is 5 s
        wait_until(lambda: not alive(worker))
        stream.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state not in "ZX"  # nobody may be there to reap it
