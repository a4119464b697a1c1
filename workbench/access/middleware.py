"""What every request passes before it reaches a route: network policy, body limit, sign-in, security headers.

Plain ASGI, innermost last; each layer looks at headers only and costs microseconds.

Design decisions:
- The Host must be one of ours: this ends DNS rebinding. Ports are not compared, so that `ssh -L 9000:localhost:7860`
  works; another port is another origin, and the Origin is compared with the Host to the letter.
- A request from another site may only be a plain navigation. It never carries out anything, because no GET does.
- Forwarding headers are believed only where a proxy of ours sets them (a Space, a share tunnel).
"""

from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.access.security import COOKIE, SESSION_SECONDS, Access, new_guest

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
UPLOAD_BYTES = 200 * 2**20
BODY_BYTES = 2 * 2**20
UPLOAD_PATH = "/gradio_api/upload"
OPEN_PATHS = frozenset({"/login", "/healthz", "/favicon.ico"})
CLOSED_PATHS = (
    "/monitoring",
    "/openapi.json",
    "/gradio_api/proxy=",
    "/gradio_api/dev",
    "/gradio_api/vibe",
    "/gradio_api/undo-vibe",
    "/gradio_api/deep_link",
    "/gradio_api/runs",
    "/gradio_api/run-history",
    "/gradio_api/profiling",
    "/gradio_api/process_recording",
    "/gradio_api/token",
)
"""Gradio's routes that the workbench has no use for."""

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)
"""Gradio builds its page with inline scripts and compiles templates; all else stays on this server."""

FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@dataclass
class Site:
    """Where the workbench is reached.

    Attributes:
        hosts: host names it answers to, without ports.
        any_address: it also answers to bare IP addresses (bound to all of them; an address cannot be rebound).
        ancestors: who may show it in a frame, as in the Content-Security-Policy.
        proxied: a proxy of ours stands before it; its forwarding headers are believed and the outside is https.
    """

    hosts: set[str] = field(default_factory=lambda: set(LOOPBACK))
    any_address: bool = False
    ancestors: str = "'none'"
    proxied: bool = False

    def answers_to(self, host: str) -> bool:
        """Return whether the Host header is one of ours."""
        name = _host_name(host)
        return name in self.hosts or (self.any_address and _is_address(name))


class NetworkPolicy:
    """Refuses foreign hosts, foreign origins, cross-site requests and the paths that are closed."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 403 (404 for closed paths)."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is None:
            return await self.app(self._trimmed(scope), receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        return await refusal(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.site.answers_to(hosts[0]):
            return _refused("This server does not answer to that host name.")
        origin = headers.get("origin")
        if origin is not None and not self._is_own(origin, hosts[0]):
            return _refused("Requests from other sites are not accepted.")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not _is_visit(scope, headers):
            return _refused("Requests from other sites are not accepted.")
        if scope["path"].startswith(CLOSED_PATHS):
            return PlainTextResponse("Not found.", status_code=404)
        return None

    def _is_own(self, origin: str, host: str) -> bool:
        scheme, _, rest = origin.partition("://")
        return scheme in ("https", "http") and rest.lower() == host.lower()

    def _trimmed(self, scope: Scope) -> Scope:
        if self.site.proxied:
            return scope
        kept = [
            (name, value) for name, value in scope["headers"] if not name.startswith((b"x-forwarded", b"forwarded"))
        ]
        return {**scope, "headers": kept}


class BodyLimit:
    """Ends a request whose body is too long, while it arrives; nothing of it is kept."""

    def __init__(self, app: ASGIApp, uploads: int = UPLOAD_BYTES, others: int = BODY_BYTES) -> None:
        self.app = app
        self.uploads = uploads
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body; 413 as soon as it is too long."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        limit = self.uploads if scope["path"] == UPLOAD_PATH else self.others
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > limit:
            return await _too_large(limit)(scope, receive, send)
        counted = _CountedBody(receive, send, limit)
        with suppress(_BodyTooLargeError):
            await self.app(scope, counted.receive, counted.send)
        if counted.exceeded and not counted.answered:
            await _too_large(limit)(scope, receive, send)


class SignIn:
    """Lets only signed-in visitors past where accounts exist; gives guests a name where they do not."""

    def __init__(self, app: ASGIApp, access: Access, secure: bool) -> None:
        self.app = app
        self.access = access
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, send the visitor to the sign-in page, or answer 401."""
        if scope["type"] != "http" or self.access.mode == "open" or scope["path"] in OPEN_PATHS:
            return await self.app(scope, receive, send)
        name = self.access.name_in(token_in(Headers(scope=scope)))
        if name is not None:
            return await self.app(scope, receive, send)
        is_page = scope["method"] in ("GET", "HEAD") and scope["path"] == "/"
        if self.access.mode == "guests":
            named = self._naming(send) if is_page else send
            return await self.app(scope, receive, named)
        refusal = RedirectResponse(_login_address(scope), 303) if is_page else _refused("Sign in first.", 401)
        return await refusal(scope, receive, send)

    def _naming(self, send: Send) -> Send:
        cookie = session_cookie(self.access.token(new_guest()), self.secure)

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        return naming


class SecurityHeaders:
    """Adds the headers that tell browsers to keep the page to itself."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        page = {
            "content-security-policy": CONTENT_POLICY.format(ancestors=site.ancestors),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
            "cross-origin-resource-policy": "same-origin",
        }
        if site.ancestors == "'none'":
            page |= {"x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin"}
        self.page = _encoded(page)
        self.file = _encoded(page | {"content-security-policy": FILE_POLICY})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; every answer leaves with the headers."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        added = self.file if scope["path"].startswith(("/gradio_api/file", "/runs/")) else self.page
        names = {name for name, _ in added} | {b"access-control-allow-origin", b"access-control-allow-credentials"}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in names]
                message = {**message, "headers": kept + added}
            await send(message)

        await self.app(scope, receive, guarded)


def session_cookie(token: str, secure: bool, lasting: int = SESSION_SECONDS) -> str:
    """Return the Set-Cookie header of a session; on a Space it also works inside the frame of the hub's page."""
    place = "Secure; SameSite=None; Partitioned" if secure else "SameSite=Lax"
    return f"{COOKIE}={token}; Path=/; Max-Age={lasting}; HttpOnly; {place}"


def token_in(headers: Headers) -> str:
    """Return the session token among the request's cookies, "" where there is none."""
    for part in headers.get("cookie", "")[:8_000].split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


class _BodyTooLargeError(Exception):
    pass


class _CountedBody:
    """Counts what arrives; once it is too much, nothing of the application's answer leaves any more."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._left = receive, send, limit
        self.exceeded = False
        self.answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            raise _BodyTooLargeError
        return message

    async def send(self, message: Message) -> None:
        if self.exceeded and not self.answered:
            return
        self.answered = True
        await self._send(message)


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_visit(scope: Scope, headers: Headers) -> bool:
    """A link or a frame on another site that leads here."""
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest", "document") in ("document", "iframe")
    )


def _login_address(scope: Scope) -> str:
    from urllib.parse import quote

    asked = scope.get("query_string", b"").decode("latin-1")[:500]
    return f"/login?next={quote(asked, safe='')}" if asked else "/login"


def _refused(text: str, status: int = 403) -> Response:
    return PlainTextResponse(text, status_code=status)


def _too_large(limit: int) -> Response:
    return PlainTextResponse(
        f"The request is too large; at most {limit // 2**20} MB are accepted.", 413, {"connection": "close"}
    )


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
