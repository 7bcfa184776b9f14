"""Grading a class: many submissions, one store, any number of processes or machines.

layouts   what in a folder is whose submission; reading reads it, names calls it,
          gradescope tells who it is
terms     what a verdict rests on besides the submission
unit      one submission in, one report out; runs in a process of its own
pool      the processes; cluster, the nodes of a Dask scheduler in their place
store     what is known of every submission, in one SQLite file
run       the batch: hands out what is not done, keeps what comes back
"""
