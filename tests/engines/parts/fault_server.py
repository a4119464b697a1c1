"""A real HTTP server that speaks OpenAI's protocol as vLLM does, and misbehaves on demand; `python -m` serves it."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "toy"


@dataclass
class Faults:
    """How a server answers.

    Attributes:
        way: the fault; "" answers properly, with the words of the prompt and the seed.
        vllm: offer what vLLM offers beyond the protocol.
        completions: answer plain prompts too.
        key: that must be sent, if any.
        context: most tokens; words are tokens here.
        pause: seconds before each token.
        refusals: how many requests for answers to refuse first, where the way is a refusal.
        heard: every request: its path, headers and body.
        together: the most answers that were being written at once.
    """

    way: str = ""
    vllm: bool = True
    completions: bool = True
    key: str = ""
    context: int = 40
    pause: float = 0.0
    refusals: int = 10**9
    heard: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    together: int = 0
    now: int = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faults: Faults

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._hear({})
        if self.faults.way == "no list":
            self._send(404, {"detail": "Not Found"})
        elif self.faults.way == "web page":
            self._raw(200, b"<html>Welcome</html>", "text/html")
        elif self._allowed():
            offered = {"id": MODEL, "root": f"/models/{MODEL}", "max_model_len": self.faults.context}
            other = {"id": "other"}
            self._send(200, {"object": "list", "data": [offered if self.faults.vllm else {"id": MODEL}, other]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._hear(body)
        if not self._allowed():
            return
        if self.path == "/tokenize" and self.faults.vllm:
            self._send(200, {"count": len(_words(body)), "max_model_len": self.faults.context})
        elif self.path == "/v1/chat/completions" or (self.path == "/v1/completions" and self.faults.completions):
            self._answer(body)
        else:
            self._send(404, {"detail": "Not Found"})

    def _hear(self, body: dict[str, Any]) -> None:
        self.faults.heard.append((self.path, dict(self.headers), body))

    def _allowed(self) -> bool:
        allowed = not self.faults.key or self.headers.get("Authorization") == f"Bearer {self.faults.key}"
        if not allowed:
            self._send(401, {"error": {"message": f"Wrong key: {self.headers.get('Authorization')}"}})
        return allowed

    def _answer(self, body: dict[str, Any]) -> None:
        faults = self.faults
        refused = faults.refusals > 0 and faults.way in _REFUSALS
        words = _words(body)
        kept = body.get("truncate_prompt_tokens", len(words))
        if refused:
            faults.refusals -= 1
            status, headers, told = _REFUSALS[faults.way]
            self._send(status, told, headers)
        elif min(len(words), kept) + body["max_tokens"] > faults.context:
            self._send(400, {"error": {"message": f"This model's maximum context length is {faults.context} tokens."}})
        else:
            faults.now += 1
            faults.together = max(faults.together, faults.now)
            try:
                self._stream(body, words[len(words) - min(len(words), kept) :])
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                faults.now -= 1

    def _stream(self, body: dict[str, Any], read: list[str]) -> None:
        way = self.faults.way
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        said = [f"{word} " for word in (*read, f"seed{body['seed']}")][: body["max_tokens"]]
        for number, word in enumerate(said * (10**6 if way == "endless" else 1)):
            time.sleep(self.faults.pause)
            if way == "silent":
                time.sleep(3)
            if way in ("dies", "breaks") and number == 1:
                return
            if way == "fails" and number == 1:
                self._event({"error": {"message": "CUDA error", "code": 500}})
            self._event(_GARBAGE[way] if way in _GARBAGE else self._chunk(body, word))
        self._event(self._chunk(body, "", "length" if len(said) == body["max_tokens"] else "stop"))
        if way != "no count":
            self._event({"choices": [], "usage": {"prompt_tokens": len(read), "completion_tokens": len(said)}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _chunk(self, body: dict[str, Any], text: str, finish: str | None = None) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish}
        chat = self.path == "/v1/chat/completions"
        choice |= {"delta": {"content": text}} if chat else {"text": text}
        if (
            body.get("logprobs") is not None
            and body.get("logprobs") is not False
            and text
            and self.faults.way != "mute"
        ):
            tops = [{"token": "b", "logprob": -2.0}, {"token": text, "logprob": -0.5}]
            if chat:
                choice["logprobs"] = {"content": [{"token": text, "logprob": -0.5, "top_logprobs": tops}]}
            else:
                likely = {top["token"]: top["logprob"] for top in tops}
                choice["logprobs"] = {"tokens": [text], "token_logprobs": [-0.5], "top_logprobs": [likely]}
        model = {"other model": "quite-another", "dated": f"{MODEL}-2026-01-31"}.get(self.faults.way, MODEL)
        return {"id": "x", "model": model, "choices": [choice]}

    def _event(self, value: Any) -> None:
        data = value if isinstance(value, bytes) else b"data: " + json.dumps(value).encode() + b"\n\n"
        self.wfile.write(data)
        self.wfile.flush()

    def _send(self, status: int, told: Any, headers: dict[str, str] | None = None) -> None:
        self._raw(status, json.dumps(told).encode(), "application/json", headers)

    def _raw(self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


_REFUSALS: dict[str, tuple[int, dict[str, str], Any]] = {
    "busy": (429, {"Retry-After": "1"}, {"error": {"message": "Too many requests"}}),
    "busy for long": (429, {"Retry-After": "9999"}, {"error": {"message": "Come back tomorrow"}}),
    "broken": (500, {"retry-after-ms": "10"}, {"error": {"message": "Internal error"}}),
    "forbidden": (403, {}, {"error": {"message": "Not yours"}}),
    "redirect": (307, {"Location": "http://127.0.0.1:9/v1/elsewhere"}, {}),
    "strange": (418, {}, ["teapot"]),
    "packed": (200, {"Content-Encoding": "gzip"}, {}),
}
_GARBAGE: dict[str, Any] = {
    "garbage": b"data: {not json\n\n",
    "plain text": b"hello there\n\n",
    "wrong shape": {"choices": [{"delta": {"content": 7}}]},
    "list": [1, 2],
    "endless line": b"data: " + b"x" * (1 << 16),
    "deep": b"data: " + b"[" * 100_000 + b"\n\n",
}


def _words(body: dict[str, Any]) -> list[str]:
    texts: list[str] = [body["prompt"]] if "prompt" in body else [turn["content"] for turn in body["messages"]]
    return " ".join(texts).split()


@contextmanager
def fault_server(faults: Faults, port: int = 0) -> Iterator[str]:
    """Serve on this machine while the block lasts; gives the address of the protocol."""
    handler = type("Handler", (_Handler,), {"faults": faults})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    with fault_server(Faults(pause=float(sys.argv[2]), key="".join(sys.argv[3:])), int(sys.argv[1])) as address:
        while True:
            time.sleep(1)
