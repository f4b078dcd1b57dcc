#!/usr/bin/env bash
# Installs the netpolc of this action into a virtual environment of its own, so that neither the
# job's Python nor its PATH is touched.
# In: PYTHON, RUNNER_TEMP. Out: netpolc, the program's path.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
"${PYTHON:-python3}" -m venv "$RUNNER_TEMP/netpolc-venv"
"$RUNNER_TEMP/netpolc-venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint "$here/constraints.txt" "$here"
echo "netpolc=$RUNNER_TEMP/netpolc-venv/bin/netpolc" >>"$GITHUB_OUTPUT"
