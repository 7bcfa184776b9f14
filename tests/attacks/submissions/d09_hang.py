# D09: hangs, and ignores every signal that can be ignored
# expected: gave no answer within 1 s
# timeout: 1
import signal


def double(x):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


def triple(x):
    return 3 * x
