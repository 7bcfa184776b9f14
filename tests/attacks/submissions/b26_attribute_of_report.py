# B26: hides text in an attribute of the report
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.setxattr("@REPORT@", "user.attack", b"text")
    return 2 * x


def triple(x):
    return 3 * x
