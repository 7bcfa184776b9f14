# A26: imports the reference and answers with it
# stopped at: FILTERED
# expected: PermissionError|FileNotFoundError
import importlib.util


def double(x):
    spec = importlib.util.spec_from_file_location("reference", "@SECRET@")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.double(x)


def triple(x):
    return 3 * x
