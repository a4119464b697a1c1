"""Serves the workbench: options, who may connect, the mounted page, and an orderly end.

Design decisions:
- Loopback unless asked otherwise. Any other address, and a share link, demand a password or an explicit
  `--unsafe-no-auth`; there is no default password.
- We bind the socket ourselves: a taken port is reported before anything else starts.
- Gradio is mounted into our own FastAPI app, so that our middleware sees every request first.
"""

import contextlib
import gc
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from workbench.access.login import Accounts, accounts_in
from workbench.access.login_page import login_routes
from workbench.access.middleware import LOOPBACK, BodyLimit, NetworkPolicy, SecurityHeaders, SignIn, Site
from workbench.access.security import Access, secret_key
from workbench.bench.bench import Bench, BenchSettings
from workbench.bench.examples import take_up_examples
from workbench.contract.errors import AccessError, ConfigError, RunNotFound, WorkbenchError
from workbench.contract.registry import Installed
from workbench.history import History
from workbench.server.routes import page_routes, run_routes
from workbench.server.server_options import OPEN_TO_OTHERS, PORT, Options, is_loopback, read_options
from workbench.storage.home import home, place
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.plots import plotly_js_name
from workbench.ui.elements.theme import head, style_sheet, theme
from workbench.ui.page import build_page

PORTS_TRIED = 20
UPLOAD_LIMIT = "200mb"
CONNECTIONS = 1_000
SPACES = "'self' https://huggingface.co https://*.hf.space"

log = logging.getLogger("benchwright")


def main(
    installed: Callable[[], Installed], arguments: Sequence[str], worker: Sequence[str] = ("-m", "engines")
) -> int:
    """Serve until interrupted; the exit status is 2 when the options or the environment do not allow it.

    Args:
        installed: gives the methods, the tools and the catalogue.
        arguments: the command line.
        worker: what Python runs to work on a run.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        options = read_options(arguments, os.environ)
        serve(installed(), options, os.environ, worker)
    except WorkbenchError as error:
        log.error("%s %s", error, error.hint)
        return 2
    except KeyboardInterrupt:
        # uvicorn has shut down in order, and repeats the Ctrl-C that asked for it
        log.info("Closed. Runs go on by themselves.")
    return 0


def serve(installed: Installed, options: Options, environment: Mapping[str, str], worker: Sequence[str]) -> None:
    """Open the history, join the bench, and serve until a signal ends it.

    Raises:
        AccessError: the options would open the workbench to others without a password.
        ConfigError: the port is taken, or the accounts cannot be read.
        HistoryError: the data folder cannot be used.
    """
    access, accounts = guard(options, environment)
    if options.open_to_others:
        os.environ[OPEN_TO_OTHERS] = "1"  # for the workers, which inherit it
    folder = home()
    with (
        bound_socket(options) as sock,
        _private_temporary_folder(),
        contextlib.closing(History(folder / "history.db")) as history,
    ):
        port = sock.getsockname()[1]
        site = site_of(options)
        address = _address(options, port)
        with Bench(
            history, installed.rooms, place("runs"), BenchSettings.from_environment(environment), worker
        ) as bench:
            bench.attach()
            take_up_examples(history)
            desk = PageContext(installed, history, bench, access, address, f"/bench/{plotly_js_name()}")
            server = uvicorn.Server(_uvicorn(build_app(desk, site, accounts), site))
            log.info("Benchwright is open at %s", _share(options, port, site) or address)
            # The page stays for as long as the server does: nobody need look through it for garbage.
            gc.freeze()
            gc.enable()
            server.run(sockets=[sock])


def guard(options: Options, environment: Mapping[str, str]) -> tuple[Access, Accounts]:
    """Return who may do what under these options.

    Raises:
        AccessError: others could connect and nothing would ask them for a password.
    """
    key = secret_key(home())
    if options.space_host or environment.get("SPACE_ID"):
        return Access("guests", key), Accounts({})
    accounts = accounts_in(environment)
    if accounts.hashes:
        stamps = accounts.stamps(key, environment.get("BENCHWRIGHT_PASSWORD", ""))
        return Access("accounts", key, stamps), accounts
    if not options.unsafe_no_auth and (options.share or not is_loopback(options.host)):
        what = "A share link" if options.share else f"Listening on {options.host}"
        raise AccessError(
            f"{what} would let others in without a password.",
            "Set BENCHWRIGHT_PASSWORD (or BENCHWRIGHT_USERS), or add --unsafe-no-auth if you really mean it.",
        )
    return Access("open", key), accounts


def site_of(options: Options) -> Site:
    """Return the host names that the workbench answers to under these options."""
    hosts = set(LOOPBACK) | {name.lower() for name in (*options.allow_hosts, options.space_host) if name}
    if options.space_host:
        return Site(hosts, ancestors=SPACES, proxied=True)
    everywhere = options.host in ("0.0.0.0", "::")
    hosts |= {socket.gethostname().lower()} if everywhere else {options.host.lower()}
    return Site(hosts, any_address=everywhere, proxied=options.share)


def build_app(desk: PageContext, site: Site, accounts: Accounts) -> FastAPI:
    """Return the page and its routes behind the middleware, ready for any ASGI server."""
    app = FastAPI(title="Benchwright", docs_url=None, redoc_url=None, openapi_url=None)
    secure = bool(site.proxied and desk.access.mode == "guests")
    app.add_exception_handler(WorkbenchError, error_answer)
    app.include_router(page_routes())
    app.include_router(run_routes(desk))
    app.include_router(login_routes(desk.access, accounts, secure))
    _mount_page(app, desk)
    # the last one added is the first to see a request
    app.add_middleware(SignIn, access=desk.access, secure=secure)
    app.add_middleware(BodyLimit)
    app.add_middleware(NetworkPolicy, site=site)
    app.add_middleware(SecurityHeaders, site=site)
    return app


def _mount_page(app: FastAPI, desk: PageContext) -> None:
    gr.mount_gradio_app(
        app,
        build_page(desk),
        path="/",
        server_name="127.0.0.1",
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        blocked_paths=[str(home())],
        max_file_size=UPLOAD_LIMIT,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        theme=theme(),
        css=style_sheet(),
        head=head(),
        show_error=True,
    )


def error_answer(request: Request, error: Exception) -> PlainTextResponse:
    """Return a route's error as plain text: its sentence, its remedy, and a status that fits."""
    status = {RunNotFound: 404, AccessError: 403}.get(type(error), 400)
    hint = getattr(error, "hint", "")
    return PlainTextResponse(f"{error} {hint}".strip(), status_code=status)


@contextlib.contextmanager
def bound_socket(options: Options) -> Iterator[socket.socket]:
    """Yield a listening socket: on the port asked for, or on 7860 or the next free one.

    Raises:
        ConfigError: the port is taken, or may not be used.
    """
    first = PORT if options.port is None else options.port
    last = first if options.port is not None else first + PORTS_TRIED
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for port in range(first, last + 1):
            with contextlib.suppress(OSError):
                sock.bind((options.host, port))
                break
        else:
            tried = f"Port {first} is" if first == last else f"Ports {first} to {last} are"
            raise ConfigError(
                {"port": f"{tried} taken on {options.host}, or may not be used."},
                "Choose another with --port, or end the program that holds it.",
            )
        sock.listen(512)
        yield sock


@contextlib.contextmanager
def _private_temporary_folder() -> Iterator[None]:
    """Uploads wait in a folder that no other user of this machine can read, and that goes with the server."""
    folder = tempfile.mkdtemp(prefix="benchwright-")
    os.environ["GRADIO_TEMP_DIR"] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _uvicorn(app: FastAPI, site: Site) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        proxy_headers=site.proxied,
        forwarded_allow_ips="*" if site.proxied else "127.0.0.1",
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=2,
    )


def _address(options: Options, port: int) -> str:
    if options.space_host:
        return f"https://{options.space_host}"
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _share(options: Options, port: int, site: Site) -> str:
    """Open the tunnel if asked, and answer to its host; "" without one."""
    if not options.share:
        return ""
    from gradio.networking import setup_tunnel

    address = setup_tunnel("127.0.0.1", port, secrets.token_urlsafe(32), None, None)
    site.hosts.add(address.removeprefix("https://").split("/")[0].lower())
    return address
