"""Every shape of statement, and the exact tree that it gives."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from netpolc.kube.cidr import Block, Cidr
from netpolc.kube.ports import Protocol
from netpolc.source import SourceFile, Span
from netpolc.syntax.parser import parse
from netpolc.syntax.parts import (
    BlockPeer,
    LabelTest,
    Name,
    NamePort,
    NumberPort,
    Operator,
    Peer,
    PeerPorts,
    PodPeer,
    PodTest,
    Port,
    Requirement,
    Star,
    Word,
    WordPeer,
)
from netpolc.syntax.tree import (
    AddressSetting,
    Arrow,
    ArrowStatement,
    AssertionStatement,
    Claim,
    ClusterHeader,
    Connection,
    DefaultSetting,
    DnsSetting,
    GroupDeclaration,
    Header,
    IntentFile,
    LabelSetting,
    MirrorSetting,
    NamespaceHeader,
    Section,
    ServiceDeclaration,
    Setting,
    Statement,
)

_SPAN = SourceFile("", "").whole()
_TCP, _UDP, _SCTP = Protocol.TCP, Protocol.UDP, Protocol.SCTP


def _name(text: str) -> Name:
    return Name(text)


def _pods(pods: PodTest | str | None, home: PodTest | str | None = None) -> PodPeer:
    test = _name(pods) if isinstance(pods, str) else pods
    where = _name(home) if isinstance(home, str) else home
    return PodPeer(pods=test, namespaces=where)


def _test(*requirements: tuple[str, Operator, *tuple[str, ...]]) -> LabelTest:
    return LabelTest(
        tuple(
            Requirement(key=_name(key), operator=operator, values=tuple(map(_name, values)))
            for key, operator, *values in requirements
        ),
        _SPAN,
    )


def _number(first: int, last: int = 0, protocol: Protocol = _TCP) -> NumberPort:
    return NumberPort(protocol, first, last or first)


def _named(name: str, protocol: Protocol = _TCP) -> NamePort:
    return NamePort(protocol, name)


def _peer(peer: Peer | str, *ports: Port) -> PeerPorts:
    who = _pods(peer) if isinstance(peer, str) else peer
    return PeerPorts(peer=who, ports=ports or None)


def _block(cidr: str, *holes: str) -> BlockPeer:
    return BlockPeer(Block(Cidr.parse(cidr), tuple(map(Cidr.parse, holes))))


def _word(word: Word) -> WordPeer:
    return WordPeer(word)


def _connection(subject: PodPeer | str, arrow: Arrow, *peers: PeerPorts) -> Connection:
    who = _pods(subject) if isinstance(subject, str) else subject
    return Connection(subject=who, arrow=arrow, peers=peers)


def _in(
    *peers: PeerPorts,
    subject: PodPeer | str = "db",
    until: date | None = None,
    because: str | None = None,
) -> ArrowStatement:
    connection = _connection(subject, Arrow.IN, *peers)
    return ArrowStatement(connection=connection, until=until, because=because, span=_SPAN)


def _claim(claim: Claim, connection: Connection, because: str | None = None) -> AssertionStatement:
    return AssertionStatement(claim=claim, connection=connection, because=because, span=_SPAN)


def _default(*, deny: bool, ingress: bool = False, egress: bool = False) -> DefaultSetting:
    return DefaultSetting(deny=deny, ingress=ingress, egress=egress, span=_SPAN)


def _service(name: str, pods: LabelTest) -> ServiceDeclaration:
    return ServiceDeclaration(name=_name(name), pods=pods, span=_SPAN)


def _group(name: str, *peers: PeerPorts) -> GroupDeclaration:
    return GroupDeclaration(name=_name(name), peers=peers, span=_SPAN)


_STAR = Star()
_IN, _NOT_IN, _EXISTS, _ABSENT = (
    Operator.IN,
    Operator.NOT_IN,
    Operator.EXISTS,
    Operator.ABSENT,
)

_STATEMENTS: list[tuple[str, Statement]] = [
    ("db <- api", _in(_peer("api"))),
    ("db <- api:5432", _in(_peer("api", _number(5432)))),
    ("db <- api:[5432]", _in(_peer("api", _number(5432)))),
    ("db<-api:5432,web", _in(_peer("api", _number(5432)), _peer("web"))),
    ("db <- none", _in()),
    ("* <- *", _in(_peer(_pods(_STAR)), subject=_pods(_STAR))),
    ("db <- ns default", _in(_peer(_pods(None, "default")))),
    ("db <- ns *", _in(_peer(_pods(None, _STAR)))),
    ("db <- ns {env=a}", _in(_peer(_pods(None, _test(("env", _IN, "a")))))),
    ("db <- api in ns b:1", _in(_peer(_pods("api", "b"), _number(1)))),
    ("db <- * in ns *", _in(_peer(_pods(_STAR, _STAR)))),
    (
        "db <- api in ns {a}:5432",
        _in(_peer(_pods("api", _test(("a", _EXISTS))), _number(5432))),
    ),
    ("db <- {in in (a)}", _in(_peer(_pods(_test(("in", _IN, "a")))))),
    ("db <- {}", _in(_peer(_pods(_test())))),
    (
        "{a=b, c==d, e!=f, g in (h, i), j notin (k), l, !m} <- any",
        _in(
            _peer(_word(Word.ANY)),
            subject=_pods(
                _test(
                    ("a", _IN, "b"),
                    ("c", _IN, "d"),
                    ("e", _NOT_IN, "f"),
                    ("g", _IN, "h", "i"),
                    ("j", _NOT_IN, "k"),
                    ("l", _EXISTS),
                    ("m", _ABSENT),
                )
            ),
        ),
    ),
    (
        'db <- {k=, k!=, k in ("", x)}',
        _in(_peer(_pods(_test(("k", _IN, ""), ("k", _NOT_IN, ""), ("k", _IN, "", "x"))))),
    ),
    (
        "db <- {app.kubernetes.io/name=Api_1.x}",
        _in(_peer(_pods(_test(("app.kubernetes.io/name", _IN, "Api_1.x"))))),
    ),
    ("db <- 10.0.0.0/8:443", _in(_peer(_block("10.0.0.0/8"), _number(443)))),
    ("db <- 2001:DB8:0::/32:443", _in(_peer(_block("2001:db8::/32"), _number(443)))),
    ("db <- ::/0", _in(_peer(_block("::/0")))),
    (
        "db <- 10.0.0.0/8 except 10.1.0.0/16:443",
        _in(_peer(_block("10.0.0.0/8", "10.1.0.0/16"), _number(443))),
    ),
    (
        "db <- 10.0.0.0/8 except [10.2.0.0/16, 10.1.0.0/16]",
        _in(_peer(_block("10.0.0.0/8", "10.2.0.0/16", "10.1.0.0/16"))),
    ),
    (
        "db <- any:443, internet, dns",
        _in(
            _peer(_word(Word.ANY), _number(443)),
            _peer(_word(Word.INTERNET)),
            _peer(_word(Word.DNS)),
        ),
    ),
    (
        "db <- a:[80, 8080-8090, 53/udp, 1/tcp, metrics, */sctp, *]",
        _in(
            _peer(
                "a",
                _number(80),
                _number(8080, 8090),
                _number(53, protocol=_UDP),
                _number(1),
                _named("metrics"),
                _number(1, 65535, _SCTP),
                _number(1, 65535),
            )
        ),
    ),
    ("db <- a:web-1/udp", _in(_peer("a", _named("web-1", _UDP)))),
    ("2048-game <- A_b.c", _in(_peer("A_b.c"), subject="2048-game")),
    ('"default" <- "ab"', _in(_peer("ab"), subject="default")),
    (
        'db <- x until 2027-03-31 because "a \\"b\\" \\\\ # c"',
        _in(_peer("x"), until=date(2027, 3, 31), because='a "b" \\ # c'),
    ),
    ('db <- none because ""', _in(because="")),
    (
        "api -> db",
        ArrowStatement(
            connection=_connection("api", Arrow.OUT, _peer("db")),
            until=None,
            because=None,
            span=_SPAN,
        ),
    ),
    (
        "never {pci=true} in ns * <- ns dev",
        _claim(
            Claim.NEVER,
            _connection(
                _pods(_test(("pci", _IN, "true")), _STAR), Arrow.IN, _peer(_pods(None, "dev"))
            ),
        ),
    ),
    (
        'always ns a -> db:1 because "x"',
        _claim(
            Claim.ALWAYS,
            _connection(_pods(None, "a"), Arrow.OUT, _peer("db", _number(1))),
            "x",
        ),
    ),
    ("only db <- none", _claim(Claim.ONLY, _connection("db", Arrow.IN))),
    ("default: deny", _default(deny=True)),
    ("default: deny egress ingress", _default(deny=True, ingress=True, egress=True)),
    ("default: deny ingress", _default(deny=True, ingress=True)),
    ("default: allow", _default(deny=False)),
    ("label: a.b/c", LabelSetting(key=_name("a.b/c"), span=_SPAN)),
    ("mirror: yes", MirrorSetting(mirror=True, span=_SPAN)),
    ("mirror: no", MirrorSetting(mirror=False, span=_SPAN)),
    ("dns: none", DnsSetting(peers=(), span=_SPAN)),
    (
        "dns: ns kube-system:[53/udp, 53/tcp]",
        DnsSetting(
            peers=(_peer(_pods(None, "kube-system"), _number(53, protocol=_UDP), _number(53)),),
            span=_SPAN,
        ),
    ),
    (
        "pods: 10.0.0.0/8, fd00::/8 except fd01::/16",
        AddressSetting(
            setting=Setting.PODS,
            blocks=(_block("10.0.0.0/8"), _block("fd00::/8", "fd01::/16")),
            span=_SPAN,
        ),
    ),
    (
        "services: 10.0.0.0/8",
        AddressSetting(setting=Setting.SERVICES, blocks=(_block("10.0.0.0/8"),), span=_SPAN),
    ),
    (
        "nodes: 10.0.0.0/8",
        AddressSetting(setting=Setting.NODES, blocks=(_block("10.0.0.0/8"),), span=_SPAN),
    ),
    ("service db = {a=b}", _service("db", _test(("a", _IN, "b")))),
    ('service "dns" = {}', _service("dns", _test())),
    ("group g = a:1, ns b", _group("g", _peer("a", _number(1)), _peer(_pods(None, "b")))),
    ("group g = none", _group("g")),
]
_HEADERS: list[tuple[str, Header]] = [
    ("cluster", ClusterHeader(span=_SPAN)),
    ("namespace shop", NamespaceHeader(name=_name("shop"), facts=(), span=_SPAN)),
    ("namespace cluster {}", NamespaceHeader(name=_name("cluster"), facts=(), span=_SPAN)),
    (
        'namespace "ns" {env=a, team=, "a.b/c"="d"}',
        NamespaceHeader(
            name=_name("ns"),
            facts=(
                (_name("env"), _name("a")),
                (_name("team"), _name("")),
                (_name("a.b/c"), _name("d")),
            ),
            span=_SPAN,
        ),
    ),
]


def _tree(text: str) -> IntentFile:
    outcome = parse(SourceFile("test.intent", text))
    assert not outcome.diagnostics, outcome.diagnostics
    return outcome.value


@pytest.mark.parametrize(("text", "expected"), _STATEMENTS, ids=[t for t, _ in _STATEMENTS])
def test_statement(text: str, expected: Statement) -> None:
    assert _tree(text).sections == (Section(header=None, statements=(expected,)),)


@pytest.mark.parametrize(("text", "expected"), _HEADERS, ids=[t for t, _ in _HEADERS])
def test_header(text: str, expected: Header) -> None:
    assert _tree(text).sections == (Section(header=expected, statements=()),)


@pytest.mark.parametrize("text", [t for t, _ in (*_STATEMENTS, *_HEADERS)])
def test_spaces_and_line_breaks_change_nothing(text: str) -> None:
    wide = "\ufeff\r\n\t " + text.replace(", ", " ,\r\n\t# inside\r\n\t") + "\t # after"
    assert _tree(wide) == _tree(text)


def test_empty_files_have_no_sections() -> None:
    for text in ("", "\n", "  \t\n\n", "\ufeff", "# only a comment"):
        assert _tree(text).sections == ()


def test_sections_have_their_statements() -> None:
    tree = _tree("a <- b\nnamespace x\nc <- d\ncluster\nnamespace y\ndefault: deny")
    headers = [type(section.header).__name__ for section in tree.sections]
    assert headers == ["NoneType", "NamespaceHeader", "ClusterHeader", "NamespaceHeader"]
    assert [len(section.statements) for section in tree.sections] == [1, 1, 0, 1]


def test_spans_are_places_in_the_whole_file() -> None:
    text = "# first\n\n  db <- api in ns b:[1,\n 2], {x in (y)}:z  until 2027-01-01 # end\n"
    (section,) = _tree(text).sections
    (arrow,) = section.statements
    assert isinstance(arrow, ArrowStatement)
    first, second = arrow.connection.peers
    assert first.ports is not None
    assert second.ports is not None
    assert isinstance(second.peer, PodPeer)
    assert isinstance(second.peer.pods, LabelTest)
    requirement = second.peer.pods.requirements[0]
    spans: list[tuple[Span, str]] = [
        (arrow.span, "db <- api in ns b:[1,\n 2], {x in (y)}:z  until 2027-01-01"),
        (arrow.connection.span, "db <- api in ns b:[1,\n 2], {x in (y)}:z"),
        (arrow.connection.subject.span, "db"),
        (first.span, "api in ns b:[1,\n 2]"),
        (first.peer.span, "api in ns b"),
        (first.ports[1].span, "2"),
        (second.peer.span, "{x in (y)}"),
        (requirement.span, "x in (y)"),
        (requirement.values[0].span, "y"),
        (second.ports[0].span, "z"),
    ]
    assert [span.text for span, _ in spans] == [text for _, text in spans]
    assert (arrow.span.line, arrow.span.column) == (3, 3)


def test_comments_stay_with_their_statement() -> None:
    text = "# a\n\n\n# b\ndb <- api, # c\n\n# d\n web # e\n\n# f\nnamespace x # g\n\n# h\n"
    tree = _tree(text)
    arrow = tree.sections[0].statements[0]
    header = tree.sections[1].header
    assert header is not None
    assert arrow.comments.before == ("# a", "", "# b")
    assert arrow.comments.inside == ("# c", "# d")
    assert arrow.comments.after == "# e"
    assert header.comments.before == ("", "# f")
    assert header.comments.after == "# g"
    assert tree.tail == ("", "# h")


def test_a_broken_header_takes_its_section_with_it() -> None:
    outcome = parse(SourceFile("x", "a <- b\nnamespace X\nc <- d\nnamespace y\ne <- f"))
    assert [section.broken for section in outcome.value.sections] == [False, True, False]
    assert [found.rule.name for found in outcome.diagnostics] == ["invalid-name"]


def test_findings_are_in_the_order_of_the_file() -> None:
    outcome = parse(SourceFile("x", "a <-\nb <- c:0\n# \u202e\nfoo: bar\nd <- e:[\n"))
    assert [found.label.span.line for found in outcome.diagnostics] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ("namespace shop\ndb <- api:[80, http]\ndb <- 10.0.0.0/8, ns x # c", False),
        (
            'namespace shop {a=b}\ndb <- {a=b}:80\ndb <- any because "c"\nnever db <- internet',
            False,
        ),
        ("db <- {a!=b}", True),
    ],
)
def test_lark_is_loaded_when_a_line_needs_it(text: str, *, loaded: bool) -> None:
    code = (
        "import sys; from netpolc.source import SourceFile; from netpolc.syntax.parser import parse;"
        f"assert 'lark' not in sys.modules; assert not parse(SourceFile('x', {text!r})).diagnostics;"
        f"assert ('lark' in sys.modules) is {loaded}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "namespace shop {\ndefault: deny\n}",
            ["a section has no braces around it", "`}` closes nothing"],
        ),
        (
            "<<<<<<< HEAD\ndb <- api\n=======\ndb <- web\n>>>>>>> main",
            ["a merge conflict is not resolved"],
        ),
        (
            "<<<<<<< a\ndb <- api,\n||||||| b\n=======\n>>>>>>> c\ndb <- web\n=======\n>>>>>>> d",
            [
                "a merge conflict is not resolved",
                "nothing follows the comma",
                "a merge conflict is not resolved",
            ],
        ),
        (
            "db {\n  from = api\n  ports { number = 5432 }\n}",
            ["statements are not nested in braces"],
        ),
        ("service db {\n  app = db\n}", ["unexpected `{`"]),
        ("never allow db <- x", ["`allow` is not part of the language"]),
        ("db <- api:5432/TCP", ["protocols are in small letters: `tcp`"]),
    ],
)
def test_slips_are_named(text: str, messages: list[str]) -> None:
    assert [found.message for found in parse(SourceFile("x", text)).diagnostics] == messages
