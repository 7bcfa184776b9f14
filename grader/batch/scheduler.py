"""Finding a Dask scheduler: at its address or in its scheduler file, with an error that says what is amiss."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
from typing import Any

from grader.errors import UsageError
from grader.text import one_line

CONNECT_SECONDS = 6.0
_MANY_BYTES = "1 GiB"  # submissions of some megabytes are no mistake


def connected(place: str, shown: str) -> Any:
    """A client of the scheduler at an address, or at the one in a scheduler file."""
    try:
        import dask
        from distributed import Client, Security
    except ImportError:
        raise UsageError(
            '--scheduler needs dask.distributed, which is not installed: pip install -e ".[cluster]"'
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said here
    dask.config.set({"distributed.admin.large-graph-warning-threshold": _MANY_BYTES})
    try:
        address = _in_file(place) if os.path.isfile(place) else place
        security = Security()  # certificates are named in Dask's own settings
        kind = asyncio.run(_knock(address, security))
        if kind != "Scheduler":
            raise ValueError(f"a {one_line(kind, 40).lower()} answers there")
        return Client(address, security=security, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:
        raise UsageError(
            f"There is no Dask scheduler to be reached at {shown} ({_reason(error)}). Name the address that "
            "`dask scheduler` shows, such as tcp://host:8786."
        ) from None


def _in_file(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return str(json.load(file)["address"])
    except (ValueError, TypeError, KeyError):
        raise ValueError("it is no scheduler file") from None


async def _knock(address: str, security: Any) -> str:
    """What kind of server answers; a client that is refused can neither be used nor closed at once."""
    from distributed.core import rpc

    arguments = security.get_connection_args("client")
    patience = CONNECT_SECONDS - 1  # so that it is the connection which says why
    async with rpc(address, timeout=patience, connection_args=arguments) as server:
        known = await asyncio.wait_for(server.identity(), CONNECT_SECONDS)
        return str(known["type"])


def _reason(error: Exception) -> str:
    """Why nobody answers, in a few words."""
    if isinstance(error, TypeError) and "ssl_context" in str(error):
        return "it asks for TLS, and Dask's settings here name no certificates"
    if isinstance(error, OSError):
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError) or "SSL" in str(cause):
                return "the certificates of both ends do not go together"
            cause = cause.__cause__
        return f"nobody answers within {CONNECT_SECONDS:.0f} s"
    if isinstance(error, ValueError):
        return one_line(str(error), 200)
    return (
        f"something else answers there, or Dask's settings here are wrong: {type(error).__name__}"
    )
