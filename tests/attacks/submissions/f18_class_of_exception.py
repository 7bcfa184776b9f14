# F18: raises an exception that claims to be of another class, and has no text or traceback
# expected: double (raised|ended early)


class Evil(BaseException):
    __class__ = property(lambda self: SystemExit)
    __traceback__ = property(lambda self: 1 / 0)

    def __str__(self):
        raise self

    __repr__ = __str__


def double(x):
    raise Evil


def triple(x):
    return 3 * x
