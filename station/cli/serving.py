"""Serving the pages until the process is told to stop."""

from __future__ import annotations

import signal
import socket
from types import FrameType

import click
from waitress.server import create_server

from station.errors import UsageError
from station.service.station import Station
from station.settings import Settings
from web import create_app

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
MOST_UNSENT = 1_000_000
"""Bytes of an answer that wait for a slow client before its thread does: a second of the live view, not a minute."""
IN_MEMORY = 16_000_000
"""Bytes of a request that are kept in memory: more than the pages take at all (`web.app.LONGEST_FORM`). The server
would put the rest into a file meanwhile, and no picture of a face ever is in one."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def listening(settings: Settings) -> socket.socket:
    """A socket at the settings' address, taken before anything else is opened. Raises UsageError if it is taken."""
    host, port = settings.server_host, settings.server_port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise UsageError(
            f"The address {host} cannot be used ({error.strerror}); see the setting server.host."
        ) from error
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise UsageError(
            f"Port {port} of {host} cannot be used ({error.strerror}); stop what runs there, or use --port."
        ) from error
    return found


def address(listener: socket.socket) -> str:
    """Where a browser finds the pages."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve_pages(station: Station, listener: socket.socket, announcement: str) -> None:
    """Serves until SIGTERM, SIGINT or SIGHUP, then closes the station.

    Prints the address once the pages can be asked for. Raises ModelError or StorageError before that when the station
    could only show that nothing works.
    """
    settings = station.settings
    announced = False
    names = LOOPBACK if settings.server_host in LOOPBACK else (*LOOPBACK, settings.server_host, socket.gethostname())
    try:
        station.check_ready()
        pages = create_app(
            station, names, language=settings.pages_language, interpretation=settings.text_interpretation
        )
        server = create_server(
            pages,
            sockets=[listener],
            threads=settings.server_threads,
            outbuf_high_watermark=MOST_UNSENT,
            inbuf_overflow=IN_MEMORY,
        )
        for number in STOPS:
            signal.signal(number, _leave)
        station.start()
        announced = True
        click.echo(announcement)
        click.echo(address(listener))
        server.run()  # returns when `_leave` raises inside it
    finally:
        _be_deaf()
        if announced:
            click.echo("Stopping.", err=True)
        station.close()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Ends the server's loop; waitress lets the answers under way finish."""
    _be_deaf()
    raise SystemExit(0)


def _be_deaf() -> None:
    """What ends the station was heard. One more signal while it closes would tear down the run-time's threads."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
