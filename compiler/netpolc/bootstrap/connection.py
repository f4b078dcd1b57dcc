"""Connections that manifests show, with their evidence, and notes on what an arrow cannot express."""

from netpolc.kube.inventory import Workload
from netpolc.kube.ports import Protocol
from netpolc.syntax import parts
from netpolc.syntax.formatter import peers_text
from netpolc.values import frozen

OWN = "the pods' own address: enable it where they call one another, as the members of a cluster do"
"""The doubt about a connection from pods to themselves."""


@frozen(kw_only=True)
class Connection:
    """A connection and the evidence for it.

    `doubt` says why it is only a guess, `advice` what to do with an arrow for it. `sender` is a
    workload, or a peer that is none of the workloads. The port is a name where its number is not known.
    """

    receiver: Workload
    sender: Workload | parts.Peer
    port: int | str
    protocol: Protocol
    evidence: str
    doubt: str = ""
    advice: str = ""

    def ends(self) -> tuple[str, str, str]:
        """The receiver, then the sender as a workload or as another peer, the other one empty."""
        if isinstance(self.sender, Workload):
            return str(self.receiver), str(self.sender), ""
        peer = parts.PeerPorts(peer=self.sender, ports=None)
        return str(self.receiver), "", peers_text((peer,))

    def key(self) -> tuple[object, ...]:
        """A key that distinguishes it from other connections."""
        return (*self.ends(), self.port, self.protocol, self.evidence, self.doubt)


@frozen
class Note:
    """A note for readers of a workload's file that an arrow cannot express.

    Without a workload it goes into the file of a namespace's settings. A note that
    `is_question` is about a port that somebody may need and that stays closed.
    """

    workload: Workload | None
    text: str
    namespace: str = ""
    is_question: bool = False
