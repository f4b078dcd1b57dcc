#!/usr/bin/env bash
# Says what a change permits: Markdown in the job summary and in a file.
# In: NETPOLC, BASE, HEAD, FAIL_ON, RUNNER_TEMP. Out: changed, markdown, failed.
# Nothing is said where there is nothing to compare with (the first push of a branch).
set -euo pipefail

out() { echo "$1=$2" >>"$GITHUB_OUTPUT"; }

if ! [[ ${BASE:-} =~ [^0] ]]; then
    echo "netpolc: there is no base to compare with"
    exit 0
fi
for revision in "$BASE" "$HEAD"; do
    if ! [[ $revision =~ ^[A-Za-z0-9][A-Za-z0-9._/~^@-]*$ ]]; then
        echo "::error title=netpolc::base and head must be revisions of git"
        out failed true
        exit 0
    fi
done

# What a shallow checkout lacks is asked for; where that is refused, netpolc says what is missing.
if ! git merge-base "$BASE" "$HEAD" >/dev/null 2>&1; then
    if [ "$(git rev-parse --is-shallow-repository)" = true ]; then deeper=(--unshallow); else deeper=(); fi
    git fetch --quiet --no-tags ${deeper[@]+"${deeper[@]}"} origin "$BASE" "$HEAD" || true
fi

case ${FAIL_ON:-none} in
    none | opened | risk | any) ;;
    *)
        echo "::error title=netpolc::fail-on is none, opened, risk or any"
        out failed true
        exit 0
        ;;
esac

compare() { "${NETPOLC:-netpolc}" diff "$BASE...$HEAD" --format markdown --fail-on "$1" </dev/null; }

markdown=$RUNNER_TEMP/netpolc-diff.md
code=0
compare any >"$markdown" || code=$?
if [ "$code" -gt 1 ]; then
    echo "::error title=netpolc::what the change permits cannot be told; the log says why (does the checkout have fetch-depth: 0?)"
    out failed true
    exit 0
fi
failed=false
if [ "${FAIL_ON:-none}" != none ] && [ "$code" = 1 ]; then
    compare "$FAIL_ON" >/dev/null || failed=true
fi
if [ "$code" = 0 ]; then changed=false; else changed=true; fi
cat "$markdown" >>"$GITHUB_STEP_SUMMARY"
out changed "$changed"
out markdown "$markdown"
out failed "$failed"
