# F19: raises an exception whose text imitates lines of the sheet and commands of a terminal
# expected: double raised ValueError
# shows no: ^\s*(FORGED|::error)|\x1b|\x9b


def double(x):
    raise ValueError("wrong\rFORGED\n\x1b[2J\x1b]0;title\x07\x9b1A")


def triple(x):
    return 3 * x
