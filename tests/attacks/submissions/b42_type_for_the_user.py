# B42: types into the terminal of the person who grades
# stopped at: PARTIAL
# expected: PermissionError
import fcntl


def double(x):
    fcntl.ioctl(1, 0x5412, b"x")
    return 2 * x


def triple(x):
    return 3 * x
