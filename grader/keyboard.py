"""Single keys from a terminal, without waiting for a line."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def keys(tell: Callable[[str], None]) -> Iterator[None]:
    """While this lasts, `tell` hears of every key that is pressed, from another thread.

    Where standard input is no terminal, nothing is heard.
    """
    if not sys.stdin.isatty():
        yield
    elif sys.platform == "win32":
        _listen(_windows_key, tell)
        yield
    else:
        import termios
        import tty

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        tty.setcbreak(terminal)
        _listen(lambda: sys.stdin.read(1), tell)
        try:
            yield
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _listen(read: Callable[[], str], tell: Callable[[str], None]) -> None:
    def listen() -> None:
        with contextlib.suppress(OSError, ValueError):
            while key := read():
                tell(key)

    threading.Thread(target=listen, daemon=True).start()


def _windows_key() -> str:
    import msvcrt

    return msvcrt.getwch()  # type: ignore[attr-defined,no-any-return,unused-ignore]
