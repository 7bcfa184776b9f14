# D04: starts threads without end
# stopped at: PARTIAL
# expected: RuntimeError: can't (start|allocate)|MemoryError
import threading


def double(x):
    end = threading.Event()
    try:
        for _ in range(3000):
            threading.Thread(target=end.wait, daemon=True).start()
    finally:
        end.set()
    return 2 * x


def triple(x):
    return 3 * x
