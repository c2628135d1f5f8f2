"""A visit of the portal without a browser: what Streamlit's page says over its socket, said by a thread.

Fifty browsers would measure the machine's memory; fifty of these measure the portal. A visitor draws nothing.
"""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

PATIENCE_S: Final = 600.0


@dataclass
class Visitor:
    """Somebody whose page is open. `seen` are the texts and HTML that came since his last step, with when they came;
    `links` the pages that it led to."""

    portal: str
    seen: list[tuple[float, str]] = field(default_factory=list)
    widgets: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    _socket: ClientConnection | None = None
    _page: str = ""
    _open: ExitStack = field(default_factory=ExitStack)

    def enter(self) -> None:
        """Open the page."""
        address = self.portal.replace("http://", "ws://") + "/_stcore/stream"
        opened = connect(
            address, origin=self.portal, subprotocols=["streamlit"], max_size=None, proxy=None,  # type: ignore[arg-type,list-item]
        )  # fmt: skip
        self._socket = self._open.enter_context(opened)
        self._say()

    def go(self, page: str) -> None:
        """Type the address of a page, in the visit that is open."""
        self._page = ""
        self._say(page=page)

    def press(self, label: str) -> None:
        """Press the button whose key ends so."""
        self._say(WidgetState(id=self._named(label), trigger_value=True))

    def ask(self, question: str) -> None:
        """Write into the box, and send."""
        state = WidgetState(id=self.widgets["chat-input"])
        state.chat_input_value.data = question
        self._say(state)

    def leave(self) -> None:
        """Close the page."""
        self._open.close()

    def _named(self, label: str) -> str:
        return next(name for name in self.widgets.values() if name.endswith(label))

    def _say(self, *states: WidgetState, page: str = "") -> None:
        """Have the page drawn again, and read until it is."""
        assert self._socket is not None
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.page_name = page
        message.rerun_script.widget_states.widgets.extend(states)
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.context_info.locale = "en-GB"
        self.seen.clear()
        self.links.clear()
        self._socket.send(message.SerializeToString())
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            told = ForwardMsg.FromString(self._socket.recv(timeout=PATIENCE_S))  # type: ignore[arg-type]
            kind = told.WhichOneof("type")
            if kind == "new_session":
                self.widgets.clear()
                self._page = told.new_session.page_script_hash
            elif kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                self._note(told.delta.new_element)
            elif kind == "script_finished" and told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return
        raise TimeoutError("the page was never finished")

    def _note(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "html":
            self.seen.append((time.time(), element.html.body))
        elif kind == "page_link":
            self.links.append(element.page_link.page)
        elif kind == "button":
            self.widgets[element.button.id] = element.button.id
        elif kind == "chat_input":
            self.widgets["chat-input"] = element.chat_input.id
