"""Value algebra without a word of Kubernetes.

Each class here is an immutable value in a canonical form, so that `==` decides
whether two sets are the same set. The operators are those of Python's own sets.
"""

from netpolc.sets.interval_set import IntervalSet
from netpolc.sets.value_set import ValueSet

__all__ = ["IntervalSet", "ValueSet"]
