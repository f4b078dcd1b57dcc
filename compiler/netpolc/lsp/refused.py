"""The refusal of a valid request, with a reason for the user."""

import logging

from pygls.exceptions import JsonRpcException


class Refused(JsonRpcException):
    """An answer that editors show as a message (`RequestFailed` of the protocol)."""

    CODE = -32803
    MESSAGE = "refused"


class Overtaken(JsonRpcException):
    """The end of work that a later message makes useless (`ContentModified`, or the code given)."""

    CODE = -32801
    MESSAGE = "no longer wanted"


def is_unexpected(record: logging.LogRecord) -> bool:
    """Return whether a log record is about more than a request that got its proper answer."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, Refused | Overtaken)
