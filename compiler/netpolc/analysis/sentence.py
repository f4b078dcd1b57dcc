"""A connection in a plain sentence, for those who are shown a counterexample or a witness."""

from netpolc.analysis.concrete_evaluator import Connection, End, Pod
from netpolc.kube.name_rules import METADATA_NAME


def sentence(connection: Connection) -> str:
    """A connection in a plain sentence."""
    port = f"{connection.protocol.value} {connection.port}"
    ends = f"{_end(connection.sender)} reaches {_end(connection.receiver)}"
    return f"{ends} on {port}{_version(connection)}"


def _version(connection: Connection) -> str:
    """The IP version, where it decides and no address shows it."""
    ends = (connection.sender, connection.receiver)
    is_shown = any(not isinstance(end, Pod) or end.address is not None for end in ends)
    return "" if connection.version is None or is_shown else f" over IPv{connection.version}"


def _end(end: End) -> str:
    if not isinstance(end, Pod):
        return str(end)
    labels = ", ".join(f"{key}={value}" for key, value in end.labels.items())
    pod = f"a pod labelled {labels}" if labels else "a pod without labels"
    where = ", ".join(
        f"{key}={value}" for key, value in end.namespace_labels.items() if key != METADATA_NAME
    )
    pod += f" with address {end.address}" if end.address is not None else ""
    return f"{pod} in namespace {end.namespace}" + (f" (labelled {where})" if where else "")
