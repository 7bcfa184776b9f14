# F11: returns a tuple whose fields are made anew at every look
# expected: double (does not return what it should|raised|ended early)


class Liar(tuple):
    looks = 0

    @property
    def _fields(self):
        Liar.looks += 1
        return ["x"] * Liar.looks


def double(x):
    return Liar([42])


def triple(x):
    return 3 * x
