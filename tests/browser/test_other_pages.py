"""What the page of a stranger can do in the browser in which ours is open: nothing."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from pages import serving
from playwright.sync_api import Browser, BrowserContext

ATTEMPTS = """async (ours) => {
  const outcome = {};
  const attempt = async (name, make) => {
    try { outcome[name] = await make(); } catch (error) { outcome[name] = "refused"; }
  };
  const read = async (path, options) => (await fetch(ours + path, options)).text();
  const element = (tag, attributes) => new Promise((resolve, reject) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.onload = () => resolve("loaded");
    made.onerror = reject;
    document.body.append(made);
  });
  await attempt("fetch", () => read("/api/ask/runs", { credentials: "include" }));
  await attempt("fetch without cookies", () => read("/api/ask/runs"));
  await attempt("job", () => read("/api/jobs", {
    method: "POST", credentials: "include", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question: "runs", parameters: {} }),
  }));
  await attempt("blind job", async () => (await fetch(ours + "/api/jobs", {
    method: "POST", credentials: "include", mode: "no-cors",
    body: JSON.stringify({ question: "runs", parameters: {} }),
  })).type);
  await attempt("script", () => element("script", { src: ours + "/static/core.js" }));
  await attempt("module", () =>
    element("script", { type: "module", src: ours + "/static/core.js" }));
  await attempt("picture", () => element("img", { src: ours + "/static/icon.svg" }));
  await attempt("events", () => new Promise((resolve, reject) => {
    const events = new EventSource(ours + "/api/events", { withCredentials: true });
    events.onopen = () => resolve("open");
    events.onerror = () => { events.close(); reject(); };
  }));
  await attempt("window", () => new Promise((resolve, reject) => {
    const opened = window.open(ours + "/");
    setTimeout(() => { try { resolve(opened.document.title); } catch { reject(); } }, 1000);
  }));
  return outcome;
}"""


class Stranger(BaseHTTPRequestHandler):
    """A page without anything on it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>stranger</title><body></body>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def stranger() -> Iterator[int]:
    """The port of a stranger's server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("other"), "--host", "localhost") as url:
        yield url


@pytest.fixture
def visited(browser: Browser, url: str) -> Iterator[BrowserContext]:
    """A browser in which our page was opened, so that it has the cookie."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    assert [cookie["name"] for cookie in context.cookies()] == [f"chainrule-{urlsplit(url).port}"]
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("fetch('/api/ask/runs').then(answer => answer.status)") == 200
    yield context
    context.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_of_another_port_gets_nothing(
    visited: BrowserContext, url: str, stranger: int, host: str
) -> None:
    """To the browser another port of `localhost` is the same site: cookies are sent along."""
    page = visited.new_page()
    page.goto(f"http://{host}:{stranger}/")
    outcome = page.evaluate(ATTEMPTS, f"http://{urlsplit(url).netloc}")
    # A request that may not be read is sent all the same; the server refuses it, its tests say.
    assert outcome.pop("blind job") in ("opaque", "refused")
    assert set(outcome.values()) == {"refused"}, json.dumps(outcome)
    assert len(outcome) == 8


def test_no_page_can_frame_ours(visited: BrowserContext, url: str, stranger: int) -> None:
    page = visited.new_page()
    page.goto(f"http://localhost:{stranger}/")
    with page.expect_event(
        "console",
        lambda message: (
            "frame-ancestors" in message.text
            or ("refused to connect" in message.text or "403" in message.text)
        ),
    ):
        page.evaluate(
            "src => document.body.append(Object.assign(document.createElement('iframe'), {src}))",
            url,
        )
    assert "chainrule" not in page.frames[-1].content()


def test_a_name_that_leads_here_gets_nothing(launch: Callable[..., Browser], url: str) -> None:
    """DNS rebinding: a stranger's name leads to our server now. Even the token does not help."""
    parts = urlsplit(url)
    browser = launch("--host-resolver-rules=MAP evil.example 127.0.0.1")
    try:
        page = browser.new_page()
        for path in (f"/?{parts.query}", "/static/core.js", "/api/ask/runs"):
            response = page.goto(f"http://evil.example:{parts.port}{path}")
            assert response is not None
            assert response.status == 400
            assert "Host" in response.text()
    finally:
        browser.close()


def test_nothing_inline_runs_on_our_page(visited: BrowserContext, url: str) -> None:
    page = visited.new_page()
    page.goto(url)
    blocked = page.evaluate(
        """async () => {
          const kinds = [];
          document.addEventListener("securitypolicyviolation",
            event => kinds.push(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          const image = new Image();
          image.src = "http://evil.example/x.png";
          await fetch("http://evil.example/").catch(() => 0);
          document.body.insertAdjacentHTML("beforeend", "<p style='color: red' onclick='1'>");
          await new Promise(resolve => setTimeout(resolve, 200));
          return [window.ran, kinds];
        }"""
    )
    assert blocked[0] is None
    assert {"script-src-elem", "img-src", "connect-src", "style-src-attr"} <= set(blocked[1])
