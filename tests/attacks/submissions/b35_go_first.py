# B35: has its process scheduled before the grader's
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return 2 * x


def triple(x):
    return 3 * x
