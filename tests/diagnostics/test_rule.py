"""Each code and each name of a rule is declared once."""

import pytest

from netpolc.diagnostics import Rule, Severity, rules
from netpolc.diagnostics.all_rules import all_rules


def test_a_code_or_a_name_is_not_declared_twice() -> None:
    known = all_rules()[0]
    for code, name in ((known.code, "another-name"), ("NP000", known.name)):
        with pytest.raises(ValueError, match=known.code):
            Rule(code=code, name=name, severity=Severity.NOTE)
    assert not [rule for rule in rules() if rule.name == "another-name" or rule.code == "NP000"]
