"""Pages before the page: signing in, signing out, and taking a guest's runs along to another browser."""

from html import escape
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from workbench.access.login import LONGEST_PASSWORD, Accounts, LoginBrake
from workbench.access.middleware import session_cookie
from workbench.access.security import Access
from workbench.contract.errors import AccessError

LONGEST_FORM = 8_192


def login_routes(access: Access, accounts: Accounts, secure: bool) -> APIRouter:
    """Return `/login`, `/logout` where there are accounts; `/owner` where there are guests."""
    routes = APIRouter(include_in_schema=False)
    if access.mode == "accounts":
        _add_login(routes, access, accounts, secure)
    if access.mode == "guests":
        _add_owner(routes, access, secure)
    return routes


def owner_link(base_url: str, access: Access, name: str) -> str:
    """Return a link that makes another browser the same guest. Behind the `#` the secret never reaches a server log."""
    return f"{base_url.rstrip('/')}/owner#{access.token(name)}"


def _add_login(routes: APIRouter, access: Access, accounts: Accounts, secure: bool) -> None:
    brake = LoginBrake()

    @routes.get("/login")
    def show(next: str = "") -> HTMLResponse:
        return HTMLResponse(_login_form(next, several=len(accounts.hashes) > 1))

    @routes.post("/login")
    async def sign_in(request: Request) -> Response:
        form = await _form(request)
        names = list(accounts.hashes)
        name = form.get("name", names[0] if len(names) == 1 else "")
        address = request.client.host if request.client else ""
        try:
            brake.enter(address)
        except AccessError as refusal:
            page = _login_form(form.get("next", ""), len(names) > 1, f"{refusal} {refusal.hint}")
            return HTMLResponse(page, 429)
        if not await run_in_threadpool(accounts.accepts, name, form.get("password", "")[:LONGEST_PASSWORD]):
            page = _login_form(form.get("next", ""), len(names) > 1, "That name and password do not belong together.")
            return HTMLResponse(page, 401)
        brake.succeeded(address)
        answer = RedirectResponse(_destination(form.get("next", "")), 303)
        answer.headers["set-cookie"] = session_cookie(access.token(name), secure)
        return answer

    @routes.post("/logout")
    def sign_out() -> Response:
        return RedirectResponse("/login", 303, {"set-cookie": session_cookie("", secure, lasting=0)})


def _add_owner(routes: APIRouter, access: Access, secure: bool) -> None:
    @routes.get("/owner")
    def show() -> HTMLResponse:
        return HTMLResponse(_document("Take your runs along", _OWNER_FORM))

    @routes.post("/owner")
    async def take_over(request: Request) -> Response:
        name = access.name_in((await _form(request)).get("token", ""))
        if name is None:
            return HTMLResponse(_document("Take your runs along", "<p>This link is not valid, or no longer.</p>"), 403)
        return RedirectResponse("/", 303, {"set-cookie": session_cookie(access.token(name), secure)})


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body())[:LONGEST_FORM].decode("utf-8", "replace")
    try:
        return {name: values[0] for name, values in parse_qs(body, max_num_fields=10).items()}
    except ValueError:  # more fields than any form of ours
        return {}


def _destination(query: str) -> str:
    """Where to go after signing in: the page itself, with the query string that was asked for, never elsewhere."""
    return f"/?{quote(query[:500], safe='=&-_.')}" if query else "/"


def _login_form(query: str, several: bool, problem: str = "") -> str:
    name = '<label for="name">Name</label><input id="name" name="name" autocomplete="username" required autofocus>'
    said = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    focus = "" if several else " autofocus"
    return _document(
        "Sign in",
        f'{said}<form method="post" action="/login">{name if several else ""}'
        f'<label for="password">Password</label><input id="password" name="password" type="password"'
        f' autocomplete="current-password" required{focus}>'
        f'<input type="hidden" name="next" value="{escape(query[:500])}"><button>Sign in</button></form>',
    )


def _document(title: str, body: str) -> str:
    return _DOCUMENT.replace("{title}", title).replace("{body}", body)


_OWNER_FORM = """<p>This browser will own the runs that were started in another one.</p>
<form method="post" action="/owner"><input type="hidden" name="token" id="token">
<button>Use this browser</button></form>
<script>document.getElementById("token").value = location.hash.slice(1);</script>"""

_DOCUMENT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Benchwright</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<link rel="icon" href="/favicon.ico"><style>
:root { color-scheme: light dark; --ink: #17212b; --paper: #f7f6f2; --card: #fff; --line: #d5d3ca; --accent: #0b6b63 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #11161b; --card: #1a2128; --line: #38424c; --accent: #4fc0b2 } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif }
main { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 2rem;
  width: min(22rem, 84vw) }
h1 { font-size: 1.25rem; margin: 0 0 1.25rem; display: flex; gap: .6rem; align-items: center }
label { display: block; font-weight: 600; font-size: .875rem; margin-top: .75rem }
input { box-sizing: border-box; width: 100%; padding: .6rem .7rem; margin-top: .25rem; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: 8px }
button { width: 100%; margin-top: 1.25rem; padding: .65rem; font: inherit; font-weight: 600; border: 0;
  border-radius: 8px; background: var(--accent); color: var(--card); cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.problem { border-left: 4px solid #c2410c; padding-left: .75rem }
</style></head><body><main><h1><img src="/favicon.ico" alt="" width="28" height="28">{title}</h1>
{body}</main></body></html>"""
