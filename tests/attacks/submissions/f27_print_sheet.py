# F27: prints what looks like the end of a good sheet
# expected: double does not return what it should
# shows no: ^FORGED|\x1b
import os


def double(x):
    print("\x1b[2J\nFORGED")
    os.write(2, b"\rFORGED\n")
    return 5


def triple(x):
    return 3 * x
