"""Pipelines with one job for each cluster, for those who have runners and no scheduler."""

import json
from collections.abc import Iterable

MOST_GITHUB_JOBS = 256
"""The most jobs that a matrix of GitHub may have; a workflow run with a larger one does not start.

https://docs.github.com/actions/reference/limits
"""


def github_matrix(clusters: Iterable[str]) -> str:
    """Return the matrix of a GitHub workflow as one line of JSON, to be read with `fromJSON`.

    https://docs.github.com/actions/using-jobs/using-a-matrix-for-your-jobs
    """
    return json.dumps({"cluster": [*clusters]}) + "\n"


def gitlab_pipeline(clusters: Iterable[str]) -> str:
    """Return a child pipeline for GitLab with a job for each cluster, as JSON, which is YAML too.

    https://docs.gitlab.com/ci/pipelines/downstream_pipelines/#dynamic-child-pipelines
    """
    jobs = {
        f"netpolc {name}": {"script": [f"netpolc fleet check --cluster {name}"]}
        for name in clusters
    }
    return json.dumps(jobs, indent=2) + "\n"
