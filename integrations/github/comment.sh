#!/usr/bin/env bash
# Keeps one comment of a pull request up to date; there is none until something changed.
# In: GH_TOKEN, PULL_REQUEST, MARKDOWN, CHANGED, GITHUB_REPOSITORY. Never fails: a pull request from a
# fork has no right to comment, and what would be said is in the job summary.
set -euo pipefail

marker='<!-- netpolc: what this change permits -->'
longest=65000 # GitHub takes 65,536 characters

fall_back() {
    echo "::notice title=netpolc::no comment was made ($1); what the change permits is in the job summary"
    exit 0
}

command -v gh >/dev/null || fall_back "there is no gh on this runner"
[[ $PULL_REQUEST =~ ^[0-9]+$ ]] || fall_back "no pull request"

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
    echo "$marker"
    if [ "$(wc -c <"$MARKDOWN")" -le "$longest" ]; then
        cat "$MARKDOWN"
    else
        echo "What this change permits is too long for a comment; it is in the job summary."
    fi
} >"$body"

comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
# Anybody may write the marker; only a comment that a bot wrote is ours to change.
own=".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id"
known=$(gh api --paginate "$comments?per_page=100" --jq "$own") || fall_back "comments cannot be read"
known=${known%%$'\n'*}

if [ -n "$known" ]; then
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$known" \
        --field "body=@$body" --silent || fall_back "the comment cannot be changed"
elif [ "$CHANGED" = true ]; then
    gh api --method POST "$comments" --field "body=@$body" --silent || fall_back "comments are not permitted"
fi
