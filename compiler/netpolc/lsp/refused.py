"""Why a request that is in order cannot be fulfilled, as the user is to read it."""

from pygls.exceptions import JsonRpcException


class Refused(JsonRpcException):
    """An answer that editors show as a message (`RequestFailed` of the protocol)."""

    CODE = -32803
    MESSAGE = "refused"
