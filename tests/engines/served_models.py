"""A server of this machine that answers `/v1/models` as it is told, for tests of what asks it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def serving_models(answer: Any, status: int = 200, key: str = "") -> Iterator[str]:
    """Serve `answer` as JSON at `/v1/models` (text as it stands); gives the address. With `key` others are refused."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            refused = bool(key) and self.headers.get("authorization") != f"Bearer {key}"
            body = answer if isinstance(answer, str) else json.dumps(answer)
            self.send_response(401 if refused else status if self.path == "/v1/models" else 404)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"error": {"message": "wrong key"}}' if refused else body.encode())

        def log_message(self, format: str, *given: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            thread.join()
