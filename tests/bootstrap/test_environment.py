"""What a host's port is, and what variables in a text stand for."""

import pytest

from netpolc.bootstrap.environment import Environment
from netpolc.kube.inventory import KubeService, ServicePort
from netpolc.kube.selectors import Selector
from netpolc.manifest.references import FieldRef, Mention, mentions
from netpolc.source import SourceFile

DB = KubeService(
    namespace="shop",
    name="my-db",
    selector=Selector.labels({"app": "db"}),
    ports=(ServicePort(number=5432, target=5432, name="pg-main"),),
)
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop}
spec:
  containers:
  - name: c
    env:
    - {name: A, value: a}
    - {name: B, valueFrom: {configMapKeyRef: {name: conf, key: b.host}}}
    envFrom: [{configMapRef: {name: all}}]
    command: [run, --fast]
    args: [x]
  volumes:
  - {name: v, configMap: {name: files}}
  - {name: w, projected: {sources: [{configMap: {name: more}}]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: conf, namespace: shop}, data: {b.host: b, c: c}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: all, namespace: shop}, data: {D: d}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: files, namespace: shop}, data: {e.conf: e}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: more, namespace: shop}, data: {f: f}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: all, namespace: other}, data: {D: other}}
"""


def mention(text: str, field: FieldRef, *, name: str = "api", namespace: str = "shop") -> Mention:
    """A text of a Pod."""
    return Mention(
        namespace=namespace, kind="Pod", name=name, field=field, text=text, path="a.yaml", line=1
    )


def variables(**texts: str) -> list[Mention]:
    """The variables of a Pod, in their order."""
    return [mention(text, FieldRef(variable=name)) for name, text in texts.items()]


def environment(some: list[Mention]) -> Environment:
    """What all these texts and the Service `my-db` give."""
    return Environment(some, {("shop", "my-db"): DB})


def test_fields_are_named_as_people_name_them() -> None:
    found = mentions((SourceFile("a.yaml", POD),)).mentions
    assert [(str(one.field), one.text) for one in found] == [
        ("env A", "a"),
        ("command[0]", "run"),
        ("command[1]", "--fast"),
        ("args[0]", "x"),
        ("command", "run"),
        ("env B from ConfigMap conf, key b.host", "b"),
        ("env from ConfigMap all, key D", "d"),
        ("ConfigMap files, key e.conf", "e"),
        ("ConfigMap more, key f", "f"),
    ]
    assert [list(one.field.names()) for one in found if one.text in "abde"] == [
        [("", "A")],
        [("", "B"), ("conf", "b.host")],
        [("", "D"), ("all", "D")],
        [("files", "e.conf")],
    ]


@pytest.mark.parametrize(
    ("host", "port", "text", "found"),
    [
        ("DB_HOST", "DB_PORT", "5432", 5432),
        ("DB_HOSTNAME", "DB_PORT", " 5432\n", 5432),
        ("dbHost", "dbPort", "05432", 5432),
        ("db.host", "db.port", "65535", 65535),
        ("DB_HOST", "DB_PORT", "65536", None),
        ("DB_HOST", "DB_PORT", "0", None),
        ("DB_HOST", "DB_PORT", "5432x", None),
        ("DB_HOST", "WEB_PORT", "5432", None),
        ("DB_HOST", "DB_port", "5432", None),
        ("dbHost", "dbport", "5432", None),
        ("DB", "DB_PORT", "5432", None),
    ],
)
def test_the_port_is_in_the_field_of_the_same_name(
    host: str, port: str, text: str, found: int | None
) -> None:
    some = variables(**{host: "db", port: text})
    assert environment(some).port_for(some[0]) == ((port, found) if found else ("", None))


def test_two_containers_must_agree_about_the_port() -> None:
    same = [*variables(DB_HOST="db", DB_PORT="1"), *variables(DB_PORT="1")]
    assert environment(same).port_for(same[0]) == ("DB_PORT", 1)
    other = [*same, *variables(DB_PORT="2")]
    assert environment(other).port_for(other[0]) == ("", None)


def test_ports_of_other_workloads_and_config_maps_do_not_count() -> None:
    host = mention("db", FieldRef(config="conf", key="host"))
    elsewhere = [
        mention("1", FieldRef(config="other", key="port")),
        mention("1", FieldRef(config="conf", key="port"), name="web"),
        mention("1", FieldRef(config="conf", key="port"), namespace="pay"),
        mention("1", FieldRef(variable="port")),
    ]
    assert environment([host, *elsewhere]).port_for(host) == ("", None)
    port = mention("2", FieldRef(config="conf", key="port"))
    assert environment([host, *elsewhere, port]).port_for(host) == ("port", 2)


def test_a_variable_of_one_key_has_the_port_of_the_other() -> None:
    host = mention("db", FieldRef(variable="DB_HOST", config="conf", key="where"))
    port = mention("1", FieldRef(variable="DB_PORT", config="conf", key="number"))
    assert environment([host, port]).port_for(host) == ("DB_PORT", 1)
    host = mention("db", FieldRef(variable="A", config="conf", key="host"))
    port = mention("1", FieldRef(variable="B", config="conf", key="port"))
    assert environment([host, port]).port_for(host) == ("port", 1)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("http://$(HOST):${NUMBER}/$HOST", "http://db:1/db"),
        ("$(UNKNOWN)", "$(UNKNOWN)"),
        ("$(EMPTY)", "$(EMPTY)"),
        ("$(TWICE)", "$(TWICE)"),
        ("$(MY_DB_SERVICE_HOST):$(MY_DB_SERVICE_PORT)", "my-db:5432"),
        ("$(MY_DB_SERVICE_PORT_PG_MAIN)", "5432"),
        ("$(MY_DB_SERVICE_PORT_OTHER)", "$(MY_DB_SERVICE_PORT_OTHER)"),
        ("$(DB_SERVICE_HOST)", "$(DB_SERVICE_HOST)"),
        ("plain", "plain"),
        ("$HOST" + "x" * 10_000, "$HOST" + "x" * 10_000),
    ],
)
def test_variables_become_their_values_as_far_as_they_are_known(text: str, expanded: str) -> None:
    some = [*variables(HOST="db", NUMBER="1", EMPTY="", TWICE="a"), *variables(TWICE="b")]
    assert environment(some).expand(text, some[0]) == expanded


def test_a_variable_of_its_own_hides_that_of_a_service() -> None:
    some = variables(MY_DB_SERVICE_HOST="elsewhere", MY_DB_SERVICE_PORT="")
    assert environment(some).expand("$MY_DB_SERVICE_HOST", some[0]) == "elsewhere"
    assert environment(some).expand("$MY_DB_SERVICE_PORT", some[0]) == "$MY_DB_SERVICE_PORT"


def test_services_of_other_namespaces_have_no_variables() -> None:
    other = mention("x", FieldRef(variable="X"), namespace="pay")
    text = "$(MY_DB_SERVICE_HOST)"
    assert environment([other]).expand(text, other) == text
