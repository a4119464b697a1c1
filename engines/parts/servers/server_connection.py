"""The wire to a model server: pinned to one address, without redirects or proxies, and every failure as a sentence.

Design decisions:
- The `openai` package speaks the protocol, retries with backoff and heeds Retry-After (up to two minutes). What leaves
  goes through a transport of ours, which refuses any other host and lets only the headers pass that the protocol needs.
- A server is not trusted: what it sends is bounded in size, and shown only in excerpts without the key.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx2

from engines.parts.servers.server_addresses import ServerAddress
from workbench.contract.errors import ModelError

if TYPE_CHECKING:
    import ssl

    import openai

MOST_BYTES = 64 << 20
"""Of one response."""

_HEADERS = frozenset(
    {"host", "authorization", "content-type", "content-length", "transfer-encoding", "accept", "connection"}
)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, and how often to ask it.

    Attributes:
        connect: seconds until it accepts a connection.
        silence: seconds between two signs of life; the first comes when it has read the prompt.
        each_token: seconds that a whole answer may take beyond that, for each of its most tokens.
        retries: after a refused connection, a rate limit or a failure of the server, before the answer begins.
        at_once: answers that are waited for side by side.
    """

    connect: float = 10.0
    silence: float = 300.0
    each_token: float = 2.0
    retries: int = 4
    at_once: int = 32


class PinnedTransport(httpx2.AsyncBaseTransport):
    """Sends to one server at the address of the network that was checked, and to nobody else."""

    def __init__(self, address: ServerAddress) -> None:
        self.address = address
        self._inner = httpx2.AsyncHTTPTransport(verify=_certificates(), trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; its name stays in the Host header and in the check of the certificate.

        Raises:
            ModelError: it is for another server, or the response is compressed.
        """
        address, url = self.address, request.url
        if (url.scheme, url.host, url.port or _usual(url.scheme)) != (address.scheme, address.host, address.port):
            raise ModelError(f"A request for {url.host} was held back: only {address.origin} is asked.")
        # the package reads its own request again, so what is sent is another one
        sent = httpx2.Request(
            request.method,
            url.copy_with(host=address.pinned),
            headers=_passed(request, address),
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": address.host},
        )
        response = await self._inner.handle_async_request(sent)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise ModelError(f"{address.origin} sends compressed answers unasked.", "Switch its compression off.")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, address)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """The bytes of a response, up to the bound."""

    def __init__(self, inner: httpx2.AsyncByteStream, address: ServerAddress) -> None:
        self._inner = inner
        self._address = address

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._inner:
            read += len(chunk)
            if read > MOST_BYTES:
                raise ModelError(f"{self._address.origin} sent more than {MOST_BYTES >> 20} MB in one response.")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def connected(address: ServerAddress, patience: Patience) -> "openai.AsyncOpenAI":
    """Open a client of the server, to be used with `async with`, in one event loop."""
    import openai

    timeout = httpx2.Timeout(patience.silence, connect=patience.connect)
    return openai.AsyncOpenAI(
        base_url=address.text,
        api_key=address.key or "none",
        organization="",
        project="",
        max_retries=patience.retries,
        timeout=timeout,
        http_client=httpx2.AsyncClient(
            transport=PinnedTransport(address), trust_env=False, follow_redirects=False, timeout=timeout
        ),
    )


@contextmanager
def failures_of(address: ServerAddress, patience: Patience) -> Iterator[None]:
    """Whatever goes wrong with the server inside comes out as a ModelError that says what and what to do."""
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        # without its origin: the log would repeat what the server said, and with it perhaps the key
        raise refusal(error, address) from None
    except (openai.OpenAIError, httpx2.HTTPError) as error:
        cause = error.__cause__ if isinstance(error, openai.APIConnectionError) and error.__cause__ else error
        if isinstance(cause, ModelError):
            raise cause from None
        raise _broken(cause, address, patience) from None


def refusal(error: "openai.APIStatusError", address: ServerAddress) -> ModelError:
    """Return a status other than success, as a sentence and a remedy."""
    status, said = error.status_code, address.excerpt(_message(error))
    where = address.origin
    if status in (401, 403):
        given = f"the key in {address.key_variable}" if address.key else "being asked without a key"
        hint = f"Put the right key into the environment variable {address.key_variable} and start the workbench again."
        return ModelError(f"{where} refuses {given} ({status}): {said}", hint)
    if 300 <= status < 400:
        return ModelError(
            f"{where} redirects elsewhere ({status}), and redirects are not followed.", "Give the server's own address."
        )
    if status == 404:
        return ModelError(
            f"{where} has nothing at {error.request.url.path} (404): {said}",
            "Check the address; it usually ends in /v1.",
        )
    if status == 429:
        return ModelError(
            f"{where} lets no more requests through for now (429): {said}", "Wait, then press Resume; answers are kept."
        )
    hint = (
        "See the server's own log; then press Resume." if status >= 500 else "The server does not take what was asked."
    )
    return ModelError(f"{where} answers with status {status}: {said}", hint)


def _broken(cause: BaseException, address: ServerAddress, patience: Patience) -> ModelError:
    where = address.origin
    if isinstance(cause, httpx2.ConnectTimeout):
        return ModelError(f"{where} did not accept a connection for {patience.connect:g} seconds.", _START)
    if isinstance(cause, httpx2.TimeoutException):
        return ModelError(
            f"{where} was silent for {patience.silence:g} seconds.", "See the server's own log; then press Resume."
        )
    if isinstance(cause, httpx2.ConnectError):
        said = address.excerpt(str(cause))
        if "certificate" in said.lower():
            return ModelError(f"{where} shows a certificate that does not hold: {said}", "Correct the certificate.")
        return ModelError(f"{where} refuses the connection: {said}", _START)
    if isinstance(cause, httpx2.TransportError):
        return ModelError(f"{where} broke the connection in the middle of an answer.", _START)
    return ModelError(f"{where} answers what is no answer: {address.excerpt(str(cause))}", _PROTOCOL)


_START = "Start the server, or check its address; then press Resume. Answers that had finished are kept."
_PROTOCOL = "Check that the address is that of a server that speaks OpenAI's protocol."


def _message(error: "openai.APIStatusError") -> str:
    body: Any = error.body
    if isinstance(body, dict):
        body = body.get("message") or body.get("error") or body.get("detail") or body
    return str(body or error.response.text)


def _passed(request: httpx2.Request, address: ServerAddress) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in request.headers.items() if name.lower() in _HEADERS]
    if not address.key:
        kept = [(name, value) for name, value in kept if name.lower() != "authorization"]
    return [*kept, ("accept-encoding", "identity"), ("user-agent", "benchwright")]


def _usual(scheme: str) -> int:
    return {"http": 80, "https": 443}[scheme]


@cache
def _certificates() -> "ssl.SSLContext":
    return httpx2.create_ssl_context()
