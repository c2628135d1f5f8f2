"""Mail to the duty officers, inside the house: who opened an emergency, when, until when and why. Never any content.

The notice in the portal does not wait for it, and nothing is stopped by a mail that does not go; it is told loudly.
"""

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

from appliance.errors import RegistryUnavailable
from appliance.records import Emergency, Mailed
from appliance.settings import Settings

SECONDS: Final = 10.0
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
TRIES: Final = 3
PAUSE_SECONDS: Final = 5.0
log = logging.getLogger(__name__)
Told = Callable[[str, str, Mailed], None]
"""Takes the tenant, the emergency's id and what became of the mail."""


class Post:
    """The site's mail server, as `notice_smtp` names it. With none, nothing is sent and nothing is said to be."""

    def __init__(self, settings: Settings, told: Told, *, pause: float = PAUSE_SECONDS) -> None:
        self._server = settings.notice_smtp
        self._from = settings.notice_from or ""
        self._to = settings.notice_to or ""
        self._told = told
        self._pause = threading.Event(), pause

    def tell(self, emergency: Emergency) -> None:
        """Send it beside everything else: returns at once, raises nothing."""
        if self._server is None:
            return
        threading.Thread(target=self._deliver, args=(emergency, self._server), daemon=True, name="post").start()

    def _deliver(self, emergency: Emergency, server: str) -> None:
        self._note(emergency, Mailed.WAITING)
        for tried in range(1, TRIES + 1):
            try:
                self._send(letter(emergency, sender=self._from, to=self._to), server)
            except (OSError, ValueError, smtplib.SMTPException) as error:
                log.warning("notice of emergency=%s not sent, try %d: %s", emergency.id, tried, type(error).__name__)
                waiting, seconds = self._pause
                waiting.wait(seconds if tried < TRIES else 0)
            else:
                self._note(emergency, Mailed.SENT)
                return
        log.error("notice of emergency=%s could not be sent; tell the duty officers", emergency.id)
        self._note(emergency, Mailed.FAILED)

    def _note(self, emergency: Emergency, state: Mailed) -> None:
        try:
            self._told(emergency.tenant, emergency.id, state)
        except RegistryUnavailable as error:
            log.warning("notice of emergency=%s is %s, which could not be kept: %s", emergency.id, state, error)

    def _send(self, message: EmailMessage, server: str) -> None:
        where = urlsplit(server)
        host = where.hostname or ""
        if where.scheme == "smtps":
            context = ssl.create_default_context()
            with smtplib.SMTP_SSL(host, where.port or 465, timeout=SECONDS, context=context) as line:
                line.send_message(message)
        else:
            with smtplib.SMTP(host, where.port or 25, timeout=SECONDS) as line:
                if host not in _HERE:  # names and reasons cross no wire in clear
                    line.starttls(context=ssl.create_default_context())
                line.send_message(message)


def letter(emergency: Emergency, *, sender: str, to: str) -> EmailMessage:
    """The mail. Its subject is the same for all; names and reasons stand only in the body, as text."""
    message = EmailMessage()
    message["Subject"] = "Muniment: an emergency was opened"
    message["From"], message["To"] = sender, to
    message.set_content(
        f"Who: {emergency.name} ({emergency.person})\n"
        f"From: {emergency.opened:%Y-%m-%d %H:%M} UTC\nUntil: {emergency.until:%Y-%m-%d %H:%M} UTC\n"
        f"Why: {emergency.reason}\n\nLook at it, end it or review it in the portal, under Reviews.\n"
    )
    return message
