"""`python -m grader`."""

import os
import sys

if __name__ == "__main__":
    # `-m` puts the current folder first, where a learner's jax.py would pass for the library.
    if sys.path[0] == os.getcwd():
        sys.path.append(sys.path.pop(0))
    try:
        from grader.cli import main
    except ModuleNotFoundError as error:
        from grader.errors import missing_package

        print(missing_package(error.name), file=sys.stderr)
        sys.exit(2)
    main()
