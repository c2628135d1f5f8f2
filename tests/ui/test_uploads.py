"""What the portal takes into its memory, and from whom."""

import secrets

import httpx
import pytest
from starlette.exceptions import HTTPException
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from websockets.sync.client import connect

from ui.shell import uploads
from ui.shell.uploads import Uploads


def file(mib: int) -> UploadedFileRec:
    return UploadedFileRec(secrets.token_hex(8), "a", "text/plain", bytes(mib << 20))


def test_a_stranger_puts_nothing_into_the_portals_memory(portal: str) -> None:
    """Fails if `uploads.instead_of_streamlits()` is deleted from `ui.serve.main`: Streamlit takes 100 MB of strangers.

    He has the page open, as anybody can, and says of himself what a browser says.
    """
    with httpx.Client(base_url=portal, trust_env=False) as client:
        client.get("/_stcore/health")
        token = client.cookies.get("_streamlit_xsrf", "")
        headers = {"Cookie": f"_streamlit_xsrf={token}", "Origin": portal}
        with connect(
            portal.replace("http", "ws") + "/_stcore/stream",
            additional_headers=headers,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            proxy=None,
            max_size=None,
        ) as page:
            begun = BackMsg()
            begun.rerun_script.query_string = ""
            page.send(begun.SerializeToString())
            told = ForwardMsg()
            told.ParseFromString(page.recv(timeout=30))  # type: ignore[arg-type]
            visit = told.new_session.initialize.session_id
            assert visit
            put = client.put(
                f"/_stcore/upload_file/{visit}/{secrets.token_hex(8)}",
                files={"file": ("a", b"x" * 1000)},
                headers=headers | {"X-Xsrftoken": token},
            )
            assert put.status_code == 403


class Small(Uploads):
    of_one, of_all = 3 << 20, 4 << 20


def test_a_visit_holds_only_so_much_and_all_together() -> None:
    """Guards the sums in `Uploads.add_file`, and that a visit that is over opens nothing any more."""
    one, other = secrets.token_hex(8), secrets.token_hex(8)
    uploads._open.update({one, other})
    files = Small("/there")
    files.add_file(one, file(3))
    with pytest.raises(HTTPException, match="413"):
        files.add_file(one, file(1))
    files.add_file(other, file(1))
    with pytest.raises(HTTPException, match="413"):
        files.add_file(other, file(1))
    files.remove_session_files(one)
    files.add_file(other, file(1))
    with pytest.raises(HTTPException, match="403"):
        files.add_file(one, file(1))
    files.remove_session_files(other)
