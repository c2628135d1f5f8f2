"""Whose files the portal holds on their way to the house: those of visits that may give any, and only so many.

Streamlit takes a file from every open page, whoever it is that has it open, under any name and as many as come; they
lie in memory until the page closes. So a stranger could fill it. Here a visit's files are taken once a page was drawn
in it for somebody whom the house knows, and only so many.
"""

import threading
from typing import Final

from starlette.exceptions import HTTPException
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.web.server import server

_open: Final[set[str]] = set()


def opened() -> None:
    """The visit of this page may give files from now on. To be called once the house has said who is here."""
    if context := get_script_run_ctx():
        _open.add(context.session_id)


class Uploads(MemoryUploadedFileManager):
    """Files in memory, of visits that were opened to them. Refusals are HTTP 403 and 413; the page then says so.

    `of_one` is how many bytes one visit may hold, `of_all` how many all of them together. How large one file may be is
    Streamlit's own bound.
    """

    of_one = 256 << 20
    of_all = 1024 << 20

    def __init__(self, upload_endpoint: str) -> None:
        super().__init__(upload_endpoint)
        self._one_at_a_time = threading.Lock()

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep it. Raises HTTPException if the visit may give none, or it and the others hold too much already."""
        with self._one_at_a_time:
            if session_id not in _open:
                raise HTTPException(403, "This visit gives no files.")
            size, everybody = len(file.data), sum(self._held(session) for session in list(self.file_storage))
            if self._held(session_id) + size > self.of_one or everybody + size > self.of_all:
                raise HTTPException(413, "Too much at once.")
            super().add_file(session_id, file)

    def remove_session_files(self, session_id: str) -> None:
        """The visit is over."""
        _open.discard(session_id)
        super().remove_session_files(session_id)

    def _held(self, session_id: str) -> int:
        return sum(len(file.data) for file in self.file_storage.get(session_id, {}).values())


def instead_of_streamlits() -> None:
    """Have Streamlit's server make this one: it looks its class up by name when it starts (1.67), and has no option."""
    server.MemoryUploadedFileManager = Uploads  # type: ignore[attr-defined]
