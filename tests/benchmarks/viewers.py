"""Visitors without a browser: what a page asks of the server when a run is opened by its link and watched."""

import json
import os
from dataclasses import dataclass, field
from typing import Any

import httpx

API = "/gradio_api"


@dataclass
class Viewer:
    """One open page that shows a run.

    Attributes:
        values: what each component holds, as the browser would know it.
    """

    client: httpx.AsyncClient
    run: str
    session: str = field(default_factory=lambda: os.urandom(8).hex())
    values: dict[int, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    async def open(self) -> "Viewer":
        """Open the run by its link, until its method's tab is laid out and the run is in it."""
        config = (await self.client.get("/config")).json()
        self.learn(config)
        reads_address = [event for event in config["dependencies"] if "location.search" in str(event["js"])]
        arrive = max(reads_address, key=lambda event: len(event["outputs"]))
        answer = await self.fire(arrive, [f"?run={self.run}"])
        changed = {(each, "change") for each in answer["changed_state_ids"]}
        opened = next(event for event in self.events if changed & {tuple(target) for target in event["targets"]})
        answer = await self.fire(opened)
        rendered = answer["render_config"]
        self.learn(rendered)
        loads = [event for event in rendered["dependencies"] if any(target[1] == "load" for target in event["targets"])]
        for event in loads:
            await self._with_followers(event)
        return self

    async def fire(self, event: dict[str, Any], data: list[Any] | None = None) -> dict[str, Any]:
        """Fire an event with what the page holds, wait for its answer, and take that up."""
        given = [self.values.get(each) for each in event["inputs"]] if data is None else data
        body = {"data": given, "fn_index": event["id"], "session_hash": self.session, "trigger_id": None}
        if event["queue"] is False:
            answer = (await self.client.post(f"{API}/run/predict", json=body)).raise_for_status().json()
        else:
            answer = await self._queued(body)
        for component, value in zip(event["outputs"], answer.get("data", []), strict=False):
            self._take(component, value)
        return answer

    async def _with_followers(self, event: dict[str, Any]) -> None:
        if event["backend_fn"]:
            await self.fire(event)
        for follower in [each for each in self.events if each.get("trigger_after") == event["id"]]:
            await self._with_followers(follower)

    async def _queued(self, body: dict[str, Any]) -> dict[str, Any]:
        (await self.client.post(f"{API}/queue/join", json=body)).raise_for_status()
        async with self.client.stream("GET", f"{API}/queue/data", params={"session_hash": self.session}) as stream:
            async for line in stream.aiter_lines():
                said = json.loads(line[5:]) if line.startswith("data:") else {}
                if said.get("msg") == "process_completed":
                    if not said["success"]:
                        raise RuntimeError(said["output"])
                    return said["output"]
        raise RuntimeError("the stream ended before the event did")

    def learn(self, config: dict[str, Any]) -> None:
        """Take up what a page is made of: its components and events."""
        for each in config["components"]:
            self.values[each["id"]] = each["props"].get("value")
        self.events += config["dependencies"]

    def _take(self, component: int, value: Any) -> None:
        if isinstance(value, dict) and value.get("__type__") == "update":
            if "value" in value:
                self.values[component] = value["value"]
        else:
            self.values[component] = value
