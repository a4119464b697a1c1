"""What the page says while the workbench does not answer; `assets/connection.js` shows and hides it."""

from workbench.messages import say
from workbench.ui.elements.elements import Html, tag


def connection_notice() -> Html:
    """Return the remark, hidden: the script shows it once two questions in a row went unanswered."""
    words = say(
        "The workbench does not answer: it was closed, the network is gone, or other tabs of this browser hold all its"
        " connections. Runs go on. This page goes on by itself once it is answered."
    )
    return tag("p", words, class_="bw-connection", role="alert", hidden=True)
