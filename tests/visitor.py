"""A visitor to the page without a browser: it presses what it likes, by the index of the event."""

import httpx


class Visitor:
    """A page in a browser, as the server hears it."""

    def __init__(self, client: httpx.Client, session: str) -> None:
        self.client, self.session = client, session
        config = client.get("/config").json()
        self.components, self.events = config["components"], config["dependencies"]

    def call(self, event: dict, *data) -> dict:
        body = {
            "data": list(data) or [None] * len(event["inputs"]),
            "fn_index": event["id"],
            "session_hash": self.session,
        }
        return self.client.post("/gradio_api/run/predict", json=body).json()

    def enter(self, tab: str) -> None:
        """Open a tab: the room in it may then be furnished."""
        (button,) = [c["id"] for c in self.components if c["type"] == "tabitem" and c["props"]["id"] == tab]
        for event in self.events:
            if [button, "select"] in event["targets"]:
                self.call(event)

    def furnish(self) -> list[dict]:
        """What each room answers when it is asked for its furniture."""
        return [self.call(event) for event in self.events if event["render_id"] is not None]

    def furniture(self) -> list[dict]:
        """What is laid out now in the rooms that were entered: Gradio's `components` and `dependencies` of each."""
        return [answer["render_config"] for answer in self.furnish() if answer.get("render_config")]

    def enter_everywhere(self) -> list[dict]:
        """Open every tab; gives all events of the page by then, those in the rooms too."""
        for tab in [c["props"]["id"] for c in self.components if c["type"] == "tabitem" and c["props"].get("id")]:
            self.enter(tab)
        return [*self.events, *events(self.furniture())]


def events(rooms: list[dict]) -> list[dict]:
    """The events of rooms that were furnished."""
    return [event for room in rooms for event in room["dependencies"]]
