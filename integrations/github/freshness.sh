#!/usr/bin/env bash
# Holds the compiled manifests to the intents: annotations at the files that differ.
# In: NETPOLC, SOURCES (one a line), OUTPUT, STAGE. Out: failed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=arguments.sh
. "$(dirname "$0")/arguments.sh"

options=()
if [ -n "${OUTPUT:-}" ]; then options+=(--output "$OUTPUT"); fi
if [ -n "${STAGE:-}" ]; then options+=(--stage "$STAGE"); fi

failed=false
"${NETPOLC:-netpolc}" compile --check ${options[@]+"${options[@]}"} --format github -- ${sources[@]+"${sources[@]}"} || failed=true
echo "failed=$failed" >>"$GITHUB_OUTPUT"
if [ "$failed" = true ]; then
    echo "**The manifests are not those of the intents.** Run \`netpolc compile\` and commit what it writes." \
        >>"$GITHUB_STEP_SUMMARY"
fi
