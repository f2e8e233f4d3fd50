"""Who is not let in, and what is not answered."""

import json
import socket

import pytest
from served import Served

from chainrule.faces.server.security import BODY_LIMIT_BYTES, CONTENT_SECURITY_POLICY


def test_the_token_of_the_url_lets_in_and_becomes_a_cookie(served: Served) -> None:
    path = served.url.removeprefix(served.origin)
    answer = served.send(path, cookie=None, origin=None)
    assert answer.status in (200, 503)  # 503: the views are not built on this machine
    assert b"chainrule" in answer.body
    assert answer.headers["set-cookie"] == f"{served.cookie}; HttpOnly; SameSite=Strict; Path=/"
    with_cookie = served.send("/", origin=None)
    assert (with_cookie.status, with_cookie.body) == (answer.status, answer.body)
    assert with_cookie.headers["set-cookie"] is None


@pytest.mark.parametrize("path", ["/", "/static/index.html", "/api/ask/runs", "/api/events", "/x"])
@pytest.mark.parametrize("given", ["", "wrong", "é", "chainrule"])
def test_without_the_token_nothing_is_served(served: Served, path: str, given: str) -> None:
    in_cookie = {"cookie": f"chainrule-{served.port}={given}".encode().decode("latin-1")}
    for headers in ({"cookie": None}, in_cookie, {"cookie": f"other={served.token}"}):
        answer = served.send(f"{path}?token={given.encode().hex()}", **headers)
        assert answer.status == 403
        assert b"token" in answer.body
        assert answer.headers["set-cookie"] is None
    elsewhere = served.send(f"/api/ask/runs?token={served.token}", cookie=None)
    assert elsewhere.status == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example",
        "evil.example@127.0.0.1:{port}",
        "127.0.0.1:{port}@evil.example",
        "127.0.0.1:{port}, evil.example",
        "127.0.0.2:{port}",
        "0.0.0.0:{port}",
        "[::]:{port}",
        "[::1",
        "127.1",
        "localhost.",
        "",
    ],
)
def test_a_host_that_is_not_ours_is_refused(served: Served, host: str) -> None:
    for path in (f"/?token={served.token}", "/api/ask/runs", "/static/core.js"):
        answer = served.send(path, host=host.format(port=served.port))
        assert answer.status == 400
        assert b"Host" in answer.body


def test_several_hosts_or_none_are_refused(served: Served) -> None:
    ours = f"Host: 127.0.0.1:{served.port}\r\n"
    for hosts in ("", ours + "Host: evil.example\r\n"):
        with socket.create_connection((served.host, served.port), timeout=20) as connection:
            connection.sendall(
                f"GET /api/ask/runs HTTP/1.0\r\n{hosts}Cookie: {served.cookie}\r\n\r\n".encode()
            )
            assert b" 400 " in connection.recv(10_000).splitlines()[0]


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost", "LOCALHOST:1", "[::1]:8765"])
def test_our_own_names_are_served_at_any_port(served: Served, host: str) -> None:
    """Behind `ssh -L` the browser's port is another."""
    answer = served.send("/api/ask/runs", host=host, origin=f"http://{host.lower()}")
    assert answer.status == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://localhost:{port}", "", "x"],
)
def test_an_origin_that_is_not_ours_is_refused(served: Served, origin: str) -> None:
    origin = origin.format(port=served.port)
    asked = {"question": "runs", "parameters": {}}
    assert served.post(asked, origin=origin).status == 403
    assert served.send("/api/events?run=digits", origin=origin).status == 403
    assert served.send("/api/ask/runs", origin=origin).status == 403


def test_what_changes_something_must_name_its_origin(served: Served) -> None:
    answer = served.post({"question": "runs", "parameters": {}}, origin=None)
    assert answer.status == 403
    assert "Origin" in answer.sentence
    assert served.send("/api/jobs/x", "DELETE", origin=None).status == 403
    assert served.send("/api/ask/runs", origin=None).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_another_page_made_is_refused(served: Served, site: str) -> None:
    """A page on another port of this host is same-site: our cookie comes along."""
    answer = served.send("/api/ask/runs", origin=None, sec_fetch_site=site)
    assert answer.status == 403
    assert served.send("/api/ask/runs", sec_fetch_site="same-origin").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/../../server/app.py",
        "/static/%2e%2e/%2e%2e/server/app.py",
        "/static/..%2f..%2fserver%2fapp.py",
        "/static/%2e%2e%5c%2e%2e%5cserver%5capp.py",
        "/static/%252e%252e/server/app.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/....//....//etc/passwd",
        "/static/%00",
        "/static/",
        "/static",
        "/../secret.txt",
        "/secret.txt",
        "/chainrule-runs/digits.db",
        "//evil.example/",
        "/api/ask/../../secret.txt",
        "/api",
    ],
)
def test_no_path_leads_to_the_disk(served: Served, path: str) -> None:
    answer = served.send(path)
    assert answer.status in (404, 307)
    assert b"secret" not in answer.body
    assert b"root:" not in answer.body
    assert b"import" not in answer.body


@pytest.mark.parametrize(
    "run",
    [
        "nothing",
        "../secret",
        "../secret.txt",
        "chainrule-runs/digits",
        "digits.db",
        "./digits",
        "/etc/passwd",
        "..",
        "",
        "a" * 5000,
        "\0",
        "digits\0",
        "é/ü",
    ],
)
def test_a_run_is_a_name_of_the_list_and_no_path(served: Served, run: str) -> None:
    document = served.ask("run", run=run)
    assert document["error"]["field"] == "run"
    assert document["error"]["sentence"].startswith("Expected the name of a run, found")
    assert len(document["error"]["sentence"]) < 250


@pytest.mark.parametrize(("run", "why"), [("empty", "is empty"), ("notes", "no SQLite file")])
def test_a_file_that_is_no_run_is_a_sentence(served: Served, run: str, why: str) -> None:
    assert why in served.ask("run", run=run)["error"]["sentence"]
    stream = served.listen(f"/api/events?run={run}")
    assert why in stream.next("refusal")[1]["error"]["sentence"]
    stream.close()
    listed = {entry["name"]: entry for entry in served.ask("runs")["runs"]}
    assert why in listed[run]["error"]
    assert listed["digits"]["run"]["status"] == "finished"


def test_a_question_that_is_none(served: Served) -> None:
    answer = served.send("/api/ask/nothing")
    assert answer.status == 404
    assert "Expected a question (" in answer.sentence
    answer = served.post({"question": "nothing", "parameters": {}})
    assert answer.status == 404


def test_a_question_asked_twice_over_or_with_a_wrong_parameter(served: Served) -> None:
    assert "found two" in served.send("/api/ask/run?run=a&run=b").sentence
    assert "found nothing" in served.send("/api/ask/run").sentence
    document = served.send("/api/ask/chain?run=digits&step=soon").document
    assert document["error"]["field"] == "step"
    assert "found 'soon'" in document["error"]["sentence"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Expected JSON"),
        (b"{", "Expected JSON"),
        (b"\xff\xfe", "Expected JSON"),
        (b"[" * 50_000, "Expected JSON"),
        (b'{"question": "runs", "parameters": {"x": NaN}}', "no number of JSON"),
        (b"[]", "as the body"),
        (b'{"question": 1}', "as the body"),
        (b'{"question": "runs", "parameters": []}', "as the body"),
    ],
)
def test_a_body_that_is_no_question(served: Served, body: bytes, says: str) -> None:
    answer = served.post(body)
    assert answer.status == 400
    assert says in answer.sentence


def test_a_body_of_another_kind(served: Served) -> None:
    answer = served.post({"question": "runs"}, content_type="text/plain")
    assert answer.status == 415


@pytest.mark.parametrize("question", ["answer", "wall", "export-progress", "erase-progress"])
def test_what_is_the_learners_own_is_asked_by_post_from_this_page_alone(
    served: Served, question: str
) -> None:
    path = f"/api/ask/{question}"
    got = served.send(f"{path}?seed=1")
    assert (got.status, got.headers["allow"]) == (405, "POST")
    assert "is asked by POST" in got.sentence
    sent: dict[str, str | None] = {"content_type": "application/json"}
    for wrong in ({"origin": None}, {"origin": "http://evil.example"}, {"cookie": None}):
        assert served.send(path, "POST", b"{}", **{**sent, **wrong}).status == 403
    # a form of another page can send no other kind, and a browser asks before it sends this one
    assert served.send(path, "POST", b"{}", content_type="text/plain").status == 415
    assert served.send(path, "POST", b'{"seed": 1}', **sent).status == 200


def test_a_body_that_is_too_long(served: Served) -> None:
    fits = json.dumps({"question": "runs", "parameters": {}}).encode()
    assert served.post(fits.ljust(BODY_LIMIT_BYTES)).status == 201
    assert served.post(fits.ljust(BODY_LIMIT_BYTES + 1)).status == 413
    answer = served.post(bytes(10_000_000))
    assert answer.status == 413
    assert str(BODY_LIMIT_BYTES) in answer.sentence
    pieces = iter([bytes(100_000)] * 100)
    connection = served.connect()
    headers = {"cookie": served.cookie, "origin": served.origin}
    connection.request("POST", "/api/jobs", pieces, headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()
    connection = served.connect()
    headers["content-length"] = str(10**12)
    connection.request("POST", "/api/jobs", headers=headers)  # it does not wait for all of it
    assert connection.getresponse().status == 413
    connection.close()
    assert served.memory_mb() < 200


@pytest.mark.parametrize(
    ("path", "method"),
    [("/", "POST"), ("/api/jobs", "GET"), ("/api/ask/runs", "PUT"), ("/static/core.js", "DELETE")],
)
def test_a_method_that_a_path_has_not(served: Served, path: str, method: str) -> None:
    assert served.send(path, method).status == 405


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/ask/runs", "/api/nothing", "/static/x"])
@pytest.mark.parametrize("let_in", [True, False])
def test_every_response_says_what_browsers_may_do(served: Served, path: str, let_in: bool) -> None:
    headers = served.send(path, cookie=served.cookie if let_in else None).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["access-control-allow-origin"] is None
    assert headers["server"] is None


def test_a_websocket_and_a_line_of_nonsense_do_no_harm(served: Served) -> None:
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec_websocket_version": "13"}
    assert served.send("/api/events/ws", **upgrade).status == 404
    for line in (b"\x16\x03\x01\x02\x00\n\n", b"GET / HTTP/9.9\r\n\r\n", b"GET " + b"a" * 200_000):
        with socket.create_connection((served.host, served.port), timeout=20) as connection:
            connection.sendall(line + b"\r\n\r\n")
            connection.recv(1000)
    assert served.ask("runs")["view"] == "runs"
