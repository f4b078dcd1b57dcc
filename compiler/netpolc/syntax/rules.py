"""The rules about the text of an intent file, before any name is looked up.

The texts of single findings are where they are made: `literals`, `peer_builder`, `setting_builder`,
`statement_builder`, `error_patterns` and `syntax_errors`. The rules about single characters are
in `unicode_checks`.
"""

from netpolc.diagnostics import Rule, Severity


def _error(code: str, name: str) -> Rule:
    return Rule(code=code, name=name, severity=Severity.ERROR)


UNEXPECTED_TEXT = _error("NP101", "unexpected-text")
UNCLOSED_BRACKET = _error("NP102", "unclosed-bracket")
UNCLOSED_QUOTE = _error("NP103", "unclosed-quote")
WRONG_ARROW = _error("NP108", "wrong-arrow")
MISSING_SUBJECT = _error("NP109", "missing-subject")
MISSING_PEER = _error("NP110", "missing-peer")
MISSING_NS = _error("NP111", "missing-ns")
MISSING_BRACKET = _error("NP112", "missing-bracket")
MISPLACED_PORT = _error("NP113", "misplaced-port")
MISSING_MASK = _error("NP114", "missing-mask")
INVALID_BLOCK = _error("NP115", "invalid-block")
HOST_BITS = _error("NP116", "host-bits")
INVALID_EXCEPT = _error("NP117", "invalid-except")
INVALID_PORT = _error("NP118", "invalid-port")
INVALID_NAME = _error("NP119", "invalid-name")
RESERVED_WORD = _error("NP120", "reserved-word")
INVALID_DATE = _error("NP121", "invalid-date")
UNKNOWN_SETTING = _error("NP122", "unknown-setting")
INVALID_SETTING = _error("NP123", "invalid-setting")
PASTED_MANIFEST = _error("NP124", "pasted-manifest")
POLICY_VERB = _error("NP125", "policy-verb")
MISSING_BRACES = _error("NP126", "missing-braces")
WRONG_QUOTES = _error("NP127", "wrong-quotes")
INVALID_ESCAPE = _error("NP128", "invalid-escape")
INVALID_SUBJECT = _error("NP129", "invalid-subject")
INVALID_FACT = _error("NP130", "invalid-fact")
MISPLACED_CLAUSE = _error("NP131", "misplaced-clause")
MISPLACED_NONE = _error("NP132", "misplaced-none")
MISSING_COMMA = _error("NP133", "missing-comma")
UNKNOWN_STATEMENT = _error("NP134", "unknown-statement")
TOO_MANY_MISTAKES = _error("NP135", "too-many-mistakes")
