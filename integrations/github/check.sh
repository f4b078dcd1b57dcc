#!/usr/bin/env bash
# Checks the intents: annotations in the log, the findings as SARIF in a file.
# In: NETPOLC, SOURCES (one a line), STRICT, RUNNER_TEMP. Out: sarif, failed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=arguments.sh
. "$(dirname "$0")/arguments.sh"

options=()
if [ "${STRICT:-false}" = true ]; then options+=(--strict); fi

failed=false
"${NETPOLC:-netpolc}" check ${options[@]+"${options[@]}"} --format github -- ${sources[@]+"${sources[@]}"} || failed=true
sarif=$RUNNER_TEMP/netpolc.sarif
"${NETPOLC:-netpolc}" check ${options[@]+"${options[@]}"} --format sarif -- ${sources[@]+"${sources[@]}"} >"$sarif" || true
# An internal error or wrong usage prints no SARIF; an upload of nothing would hide that.
if [ -s "$sarif" ]; then echo "sarif=$sarif" >>"$GITHUB_OUTPUT"; fi
echo "failed=$failed" >>"$GITHUB_OUTPUT"
if [ "$failed" = true ]; then
    echo "**netpolc check** found errors; they are annotated at their lines." >>"$GITHUB_STEP_SUMMARY"
fi
