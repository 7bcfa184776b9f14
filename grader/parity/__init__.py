"""The showdown: one network, the same parameters, the same batches, trained by JAX and by PyTorch.

    showdown   the grader's side: starts a process for each precision and gathers what it tells
    child      such a process: reads a job, tells of its progress, a JSON object a line
    training   the trainings themselves; nothing else here imports JAX or PyTorch
    record     what is measured
    report     the table, parity.json
    plots      the pictures

The networks are those of the reference solutions of chapters 10 and 11.
"""
