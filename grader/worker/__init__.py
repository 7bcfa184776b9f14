"""Worker processes: the only place where an answer's code runs.

`host` belongs to the grader, `zygote` and `child` to the worker, and `wire` is what the two say to each
other. `toolbox` holds the helpers that probes call inside a worker.
"""
