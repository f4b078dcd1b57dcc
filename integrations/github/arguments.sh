# shellcheck shell=bash
# Sourced: `sources` from SOURCES, one a line, empty lines left out. A path may have spaces in it.
sources=()
while IFS= read -r line; do
    line=${line%$'\r'}
    if [ -n "${line//[[:space:]]/}" ]; then sources+=("$line"); fi
done <<<"${SOURCES:-}"
