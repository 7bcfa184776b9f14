#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python, the libraries, the grader.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

# A Python that is new enough and can make environments.
find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

install_python() {
    apt-get update --quiet || true
    apt-get install --yes --quiet python3.12 python3.12-venv ||
        apt-get install --yes --quiet python3 python3-venv python3-pip curl ca-certificates
}

# Where the system has no such Python, uv brings one.
python_of_uv() {
    python3 -m pip install --quiet --target "$root/uv" uv >&2
    UV_PYTHON_INSTALL_DIR="$root/python" "$root/uv/bin/uv" python install 3.12 >&2
    UV_PYTHON_INSTALL_DIR="$root/python" "$root/uv/bin/uv" python find 3.12
}

python="$(find_python)" || { install_python && python="$(find_python)"; } || python="$(python_of_uv)"
"$python" -m venv "$root/venv"
pip="$root/venv/bin/pip"
"$pip" install --quiet --no-cache-dir -r "$source/requirements.txt"
if [ -f "$source/requirements-torch.txt" ]; then
    "$pip" install --quiet --no-cache-dir --index-url https://download.pytorch.org/whl/cpu \
        -r "$source/requirements-torch.txt"
fi

# The grader among the libraries, where the processes of learners may read it; the solutions elsewhere.
site="$("$root/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
rm -rf "$site/grader"
mv "$source/kit/grader" "$site/grader"
"$root/venv/bin/python" -I -m compileall -q "$site/grader"

# Code that is graded runs as root without root's rights: what belongs to somebody else is closed to it.
if [ "$(id -u)" = 0 ]; then
    chown -R 60606:60606 "$source"
    chmod -R go= "$source"
fi
"$root/venv/bin/python" -I -m grader list --pack "$source/kit" >/dev/null
echo "The autograder is ready."
