"""What can be wrong with the text of an intent file, before any name is looked up.

Each kind says what a reader of the language may not know yet; the texts of the single
findings stand where they are found (`literals`, `statements`, `shapes`, `mistakes`).
What is wrong with single characters, and its kinds, is in `characters`.
"""

from netpolc.diagnostics import Kind, Severity


def _error(code: str, name: str, explanation: str) -> Kind:
    return Kind(code=code, name=name, severity=Severity.ERROR, explanation=explanation)


UNEXPECTED_TEXT = _error(
    "NP101",
    "unexpected-text",
    """\
A statement was read up to a place, and what stands there cannot follow. The message says
what could. The rest of the file is read on as if the line were not there.

    db <- api:5432 please        # unexpected-text

Write one of the things that the message names, or look the statement up in LANGUAGE.md.
""",
)
UNCLOSED_BRACKET = _error(
    "NP102",
    "unclosed-bracket",
    """\
A bracket is opened and never closed. A statement goes on inside brackets, so everything up
to the next line that can only be a statement of its own was taken to be inside.

    service db = {app=postgres, role=primary      # unclosed-bracket
    db <- api:5432

Close the bracket: `{app=postgres, role=primary}`.
""",
)
UNCLOSED_QUOTE = _error(
    "NP103",
    "unclosed-quote",
    """\
A double quote is opened and not closed on the same line. A reason or a quoted name cannot
go over a line end.

    db <- api:5432 because "OPS-7       # unclosed-quote

Close the quote. A quote inside a reason is written `\\"`.
""",
)
WRONG_ARROW = _error(
    "NP108",
    "wrong-arrow",
    """\
An arrow is written in another way than `<-` or `->`.

    db = api:5432            # wrong-arrow
    db <= api:5432           # wrong-arrow

`db <- api:5432` lets api reach db; `api -> db:5432` says where api may go. The `=` stands
only in declarations: `service db = {app=postgres}`.
""",
)
MISSING_SUBJECT = _error(
    "NP109",
    "missing-subject",
    """\
An arrow has no left side. The left side is the subject: the pods that the arrow protects.

    <- api:5432              # missing-subject

Name the pods: `db <- api:5432`, or `* <- api:5432` for every pod of the namespace.
""",
)
MISSING_PEER = _error(
    "NP110",
    "missing-peer",
    """\
Nothing follows where a peer, a port or a label must stand: the line ends after an arrow, a
comma or a colon. A line that ends in a comma goes on in the next one.

    db <-                    # missing-peer
    web <- api:8080,         # missing-peer

Write what is missing. For nobody write `none`: `db <- none`.
""",
)
MISSING_NS = _error(
    "NP111",
    "missing-ns",
    """\
A namespace stands where the word `ns` must announce it. Without it a reader could not tell
a namespace from a service.

    db <- api in payments    # missing-ns
    db <- payments/api       # missing-ns

Write `api in ns payments`, or `ns payments` for every pod of the namespace.
""",
)
MISSING_BRACKET = _error(
    "NP112",
    "missing-bracket",
    """\
A comma separates peers. Several ports of one peer, and several blocks after `except`, stand
in square brackets; without them the second one would be a peer of its own.

    db <- api:5432, 5433                               # missing-bracket
    db <- 10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16   # missing-bracket

Write `api:[5432, 5433]` and `except [10.1.0.0/16, 10.2.0.0/16]`.
""",
)
MISPLACED_PORT = _error(
    "NP113",
    "misplaced-port",
    """\
Ports stand at the end of a peer, after everything that says who the peer is. The subject
of an arrow has none: the ports are always those of the pod that receives the connection.

    db <- api:5432 in ns payments        # misplaced-port
    db:5432 <- api                       # misplaced-port

Write `api in ns payments:5432` and `db <- api:5432`.
""",
)
MISSING_MASK = _error(
    "NP114",
    "missing-mask",
    """\
An IP address stands without a mask. The mask is always written, so that nobody has to
guess, and so that an IPv6 block and a port never mix up.

    db <- 192.168.1.7:5432               # missing-mask

For one address write `192.168.1.7/32`, or `/128` for IPv6.
""",
)
INVALID_BLOCK = _error(
    "NP115",
    "invalid-block",
    """\
An address block is not one: its address is not an IP address, its mask is too long, or it
is an IPv4 block written as IPv6 (`::ffff:…`), which matches no connection.

    db <- 10.0.0.256/32                  # invalid-block

Write a block like `10.0.0.0/8` or `2001:db8::/32`.
""",
)
HOST_BITS = _error(
    "NP116",
    "host-bits",
    """\
A block's address has bits set beyond its mask, so it names one address inside a block. API
servers and network plugins disagree on what that means.

    db <- 192.168.1.7/24                 # host-bits

Write `192.168.1.0/24` for the whole block or `192.168.1.7/32` for the one address.
""",
)
INVALID_EXCEPT = _error(
    "NP117",
    "invalid-except",
    """\
What `except` names does not lie inside its block, or nothing is left of the block. The API
server refuses a manifest that says so.

    db <- 10.0.0.0/8 except 192.168.0.0/16    # invalid-except

Except only parts of the block that stands before it.
""",
)
INVALID_PORT = _error(
    "NP118",
    "invalid-port",
    """\
What stands after the colon is no port. A port is a number from 1 to 65535, a range
`8080-8090`, the name of a container port, or `*`; `/udp` or `/sctp` may follow.

    db <- api:543210                     # invalid-port
    db <- api:udp/53                     # invalid-port
    db <- api:8090-8080                  # invalid-port

Write `api:5432`, `api:53/udp`, `api:8080-8090`.
""",
)
INVALID_NAME = _error(
    "NP119",
    "invalid-name",
    """\
A name is not of the form that Kubernetes asks for, so the API server would refuse the
manifest or nothing could ever match. Namespaces have small letters, digits and `-`, at
most 63; services and label values may have capitals, `_` and `.` besides; a label key may
have a DNS name and `/` in front.

    namespace Shop                       # invalid-name

Write the name as the cluster has it.
""",
)
RESERVED_WORD = _error(
    "NP120",
    "reserved-word",
    """\
A word of the language stands where a name is expected.

    group <- api:8080                    # reserved-word

If a service is called so, put it in double quotes: `"group" <- api:8080`. After `namespace`
and `ns`, and inside braces, no quotes are needed.
""",
)
INVALID_DATE = _error(
    "NP121",
    "invalid-date",
    """\
What follows `until` is not a day of the calendar.

    db <- migrator:5432 until 31.3.2027  # invalid-date

Write year, month and day: `until 2027-03-31`.
""",
)
UNKNOWN_SETTING = _error(
    "NP122",
    "unknown-setting",
    """\
A line looks like a setting and there is none of that name. The settings are `default`,
`label`, `dns`, `mirror`, and in a cluster section `pods`, `services` and `nodes`.

    defualt: deny                        # unknown-setting

Write the setting meant.
""",
)
INVALID_SETTING = _error(
    "NP123",
    "invalid-setting",
    """\
A setting has a value that it cannot have.

    default: closed                      # invalid-setting
    mirror: off                          # invalid-setting

Write `default: deny`, `default: deny egress`, `default: deny ingress egress` or
`default: allow`; `mirror: yes` or `mirror: no`.
""",
)
PASTED_MANIFEST = _error(
    "NP124",
    "pasted-manifest",
    """\
The lines are YAML or JSON, such as a NetworkPolicy, not intents. The whole run of them is
reported once.

    - from:
      - podSelector:
          matchLabels: {app: api}        # pasted-manifest

Write the same as an arrow: `db <- api`.
""",
)
POLICY_VERB = _error(
    "NP125",
    "policy-verb",
    """\
A line begins with a verb such as `allow` or `deny`. An arrow is always a permission, and
NetworkPolicy cannot deny: what no arrow lists is refused once an arrow closes its subject.

    deny db <- internet                  # policy-verb

Leave `allow` out. For nobody write `db <- none`; `never db <- internet` has the compiler
prove that no arrow permits it.
""",
)
MISSING_BRACES = _error(
    "NP126",
    "missing-braces",
    """\
A label stands where pods or namespaces are named, without the braces of a selector.

    db <- app=api:5432                   # missing-braces

Write `{app=api}:5432`; for the usual label just its value, `api:5432`.
""",
)
WRONG_QUOTES = _error(
    "NP127",
    "wrong-quotes",
    """\
Single quotes or backticks stand where the language has double quotes.

    db <- api until 2027-03-31 because 'OPS-7'     # wrong-quotes

Write `because "OPS-7"`.
""",
)
INVALID_ESCAPE = _error(
    "NP128",
    "invalid-escape",
    """\
A backslash stands in a quoted text before something other than a quote or a backslash.

    db <- api because "C:\\temp"          # invalid-escape

Write `\\\\` for a backslash and `\\"` for a quote. Every other character stands for itself.
""",
)
INVALID_SUBJECT = _error(
    "NP129",
    "invalid-subject",
    """\
The left side of an arrow is something that nothing can protect: addresses, or several
subjects at once. The subject is pods: a name, a selector or `*`.

    10.0.0.0/8 -> db                     # invalid-subject
    db, cache <- api                     # invalid-subject

Write the arrow from the side of the pods, `db <- 10.0.0.0/8`, and one line for each
subject, or one selector for all of them: `{app in (db, cache)} <- api`.
""",
)
INVALID_FACT = _error(
    "NP130",
    "invalid-fact",
    """\
The braces after a namespace's name state its labels, so each entry is a key and a value,
once. Tests such as `!key` or `key in (a, b)` state nothing.

    namespace shop {env in (dev, test)}  # invalid-fact

Write the labels that the namespace has: `namespace shop {env=dev}`.
""",
)
MISPLACED_CLAUSE = _error(
    "NP131",
    "misplaced-clause",
    """\
`until` or `because` stands twice, or where it says nothing: an assertion has no end date,
and settings and declarations have neither.

    never db <- internet until 2027-03-31    # misplaced-clause

Leave the clause out; a comment can say what it was meant to.
""",
)
MISPLACED_NONE = _error(
    "NP132",
    "misplaced-none",
    """\
`none` is no peer but the statement that there is none, so it stands alone, on the right.
It has no ports. With `never` and `always` it would claim nothing.

    db <- none, api:5432                 # misplaced-none

Leave `none` out, or the other peers. `only db <- none` has it proved that nobody reaches db.
""",
)
MISSING_COMMA = _error(
    "NP133",
    "missing-comma",
    """\
Two peers, ports or labels follow each other without a comma.

    db <- api worker                     # missing-comma

Write `db <- api, worker`.
""",
)
UNKNOWN_STATEMENT = _error(
    "NP134",
    "unknown-statement",
    """\
A line begins with no word of the language and has no arrow, so it is not known what it
means to say.

    namspace shop                        # unknown-statement

A line is a header (`namespace`, `cluster`), a setting (`default: deny`), a declaration
(`service`, `group`), an assertion (`never`, `always`, `only`), or an arrow. A comment
begins with `#`.
""",
)
