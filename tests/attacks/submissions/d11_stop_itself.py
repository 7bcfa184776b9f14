# D11: stops, so that it uses no time of the processor
# expected: gave no answer within 1 s
# timeout: 1
import signal


def double(x):
    signal.raise_signal(signal.SIGSTOP)
    return 2 * x


def triple(x):
    return 3 * x
