"""The built files of the page, from an explicit listing: no path of a request reaches the disk."""

import hashlib
import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .security import refused

STATIC = Path(__file__).parents[1] / "static"
"""Made by the build of the package; not in the repository."""

NOT_BUILT = (
    "The views of this page are not built: install chainrule once more "
    "(pip install -e . in its checkout), which builds them."
)

_KINDS = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",  # browsers refuse modules of another kind; some systems map it so
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


def listing(folder: Path = STATIC) -> dict[str, Path]:
    """The files that may be asked for, by name relative to the folder."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def index(folder: Path = STATIC) -> Response:
    """The page itself."""
    page = folder / "index.html"
    if page.is_file():
        return HTMLResponse(page.read_bytes())
    text = "<!doctype html><html lang=en><meta charset=utf-8><title>chainrule</title>"
    return HTMLResponse(f"{text}<main><h1>chainrule</h1><p>{NOT_BUILT}</p></main>\n", 503)


def file(name: str, request: Request, folder: Path = STATIC) -> Response:
    """One of the built files, or that there is none of this name."""
    path = listing(folder).get(name)
    if path is None:
        return refused(request.url.path, 404, "There is no file of this name.")
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in [given.strip() for given in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return Response(content, headers=headers, media_type=kind or "application/octet-stream")
