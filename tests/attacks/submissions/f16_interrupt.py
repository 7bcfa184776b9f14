# F16: raises what the person at the keyboard raises to end the grading
# expected: double raised KeyboardInterrupt


def double(x):
    raise KeyboardInterrupt


def triple(x):
    return 3 * x
