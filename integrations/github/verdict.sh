#!/usr/bin/env bash
# Fails where a step before has. In: CHECK, FRESHNESS, DIFF, each `true` where it failed.
set -euo pipefail
code=0
verdict() {
    if [ "$1" = true ]; then
        echo "::error title=netpolc::$2"
        code=1
    fi
}
verdict "${CHECK:-}" "the intents have errors"
verdict "${FRESHNESS:-}" "the manifests are not those of the intents"
verdict "${DIFF:-}" "the change permits what it must not, or could not be compared"
exit "$code"
