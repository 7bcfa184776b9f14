"""The grader of the JAX workshop kit: a package, a command line and a pytest plugin.

Importing it is cheap on purpose: neither JAX nor PyTorch is loaded until a check runs.
"""

__version__ = "0.1.0"
