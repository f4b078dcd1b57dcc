"""Which strings Kubernetes accepts as names and labels.

The API server refuses an object whose name or label is not of the right form, so a
manifest that carries one is an outage. The rules are those of
`k8s.io/apimachinery/pkg/util/validation` ("Object Names and IDs", "Labels and
Selectors" in the Kubernetes documentation).

Each `..._problem` function returns what is wrong with a string, as the end of a
sentence that begins with it, or None when nothing is.
"""

import re
from collections.abc import Mapping

from netpolc.remembered import remembered_by_text

METADATA_NAME = "kubernetes.io/metadata.name"
"""The label that every namespace has, with its own name for value."""


def named_labels(labels: Mapping[str, str], namespace: str) -> dict[str, str]:
    """Return the labels of a namespace with the one that it has for its name."""
    return {**labels, METADATA_NAME: namespace}


_DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(rf"{_DNS_LABEL.pattern}(?:\.{_DNS_LABEL.pattern})*")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PORT_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
LABEL_LENGTH, _MAX_SUBDOMAIN, _MAX_PORT_NAME = 63, 253, 15


@remembered_by_text
def namespace_problem(name: str) -> str | None:
    """The reason why a string cannot name a namespace (RFC 1123 label)."""
    if len(name) > LABEL_LENGTH:
        return f"has {len(name)} characters; a namespace's name has at most {LABEL_LENGTH}"
    if not _DNS_LABEL.fullmatch(name):
        return "is not a valid namespace name: small letters, digits and `-`, a letter or digit at both ends"
    return None


def subdomain_problem(name: str) -> str | None:
    """The reason why a string cannot name an object, a NetworkPolicy say (RFC 1123 subdomain)."""
    if len(name) > _MAX_SUBDOMAIN:
        return f"has {len(name)} characters; a name has at most {_MAX_SUBDOMAIN}"
    if not _DNS_SUBDOMAIN.fullmatch(name):
        return "is not a valid object name: small letters, digits, `-` and `.`, a letter or digit at both ends"
    return None


def label_key_problem(key: str) -> str | None:
    """The reason why a string is not a label key: an optional DNS prefix, `/`, a short name."""
    prefix, slash, name = key.rpartition("/")
    if slash and (problem := subdomain_problem(prefix)) is not None:
        return "has a prefix that " + problem.replace("object name", "DNS name")
    if len(name) > LABEL_LENGTH:
        return f"has {len(name)} characters; a label key has at most {LABEL_LENGTH}"
    if not _QUALIFIED.fullmatch(name):
        return "is not a valid label key: letters, digits, `-`, `_` and `.`, a letter or digit at both ends"
    return None


def label_value_problem(value: str) -> str | None:
    """The reason why a string cannot be a label value; the empty string can."""
    if len(value) > LABEL_LENGTH:
        return f"has {len(value)} characters; a label value has at most {LABEL_LENGTH}"
    if value and not _QUALIFIED.fullmatch(value):
        return "is not a valid label value: letters, digits, `-`, `_` and `.`, a letter or digit at both ends"
    return None


def port_name_problem(name: str) -> str | None:
    """The reason why a string cannot name a container port (IANA service name, RFC 6335)."""
    if len(name) > _MAX_PORT_NAME:
        return f"has {len(name)} characters; a port's name has at most {_MAX_PORT_NAME}"
    if not re.fullmatch(_PORT_NAME, name) or not any(char.isalpha() for char in name):
        return "is not a valid port name: small letters, digits and single `-`, at least one letter"
    return None
