# F26: returns a dictionary whose keys fill the sheet
# expected: double does not return what it should
# shows no: ^FORGED|\x1b


def double(x):
    return {f"\nFORGED {n} " + "x" * 1000: n for n in range(1000)}


def triple(x):
    return 3 * x
