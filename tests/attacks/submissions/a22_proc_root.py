# A22: reaches the reference through the root folders of processes
# stopped at: FILTERED
# expected: LookupError: nothing found


def double(x):
    for process in ("self", "thread-self", "1", "@GRADER@"):
        for door in ("root", "cwd/../../../../../../.."):
            try:
                with open(f"/proc/{process}/{door}@SECRET@") as file:
                    file.read()
            except OSError:
                continue
            return 2 * x
    raise LookupError("nothing found")


def triple(x):
    return 3 * x
