"""Addresses in texts: found with their ports, and nothing secret comes with them."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.bootstrap.find_addresses import find_addresses
from netpolc.bootstrap.first_intents import first_intents
from netpolc.bootstrap.infer_connections import infer_connections
from netpolc.kube.inventory import Inventory, Workload
from netpolc.manifest.references import FieldRef, Mention, Mentions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("postgres.shop.svc:5432", [("postgres.shop.svc", 5432)]),
        ("--up=http://api:8080/v1", [("api", 8080)]),
        ("jdbc:postgresql://db.shop.svc.cluster.local/x", [("db.shop.svc.cluster.local", 5432)]),
        ("redis://u:secret@cache:6379/0", [("cache", 6379)]),
        ("kafka://a:9092,b:9092", [("a", 9092), ("b", 9092)]),
        ("http://a:1/x,http://b:2/y", [("a", 1), ("b", 2)]),
        ("port: 99999 a:99999", []),
        ("db.shop.svc", [("db.shop.svc", None)]),
        ("it is at db.shop.svc.", [("db.shop.svc", None)]),
        ("db.shop.svc.cluster.local:1", [("db.shop.svc.cluster.local", 1)]),
        (
            "0@kafka-0.kafka:9093,1@kafka-1.kafka:9093",
            [("kafka-0.kafka", 9093), ("kafka-1.kafka", 9093)],
        ),
        ("db:80@elsewhere:1", [("elsewhere", 1)]),
        ("user:p@db:5432/x", [("db", 5432)]),
        ("host=pg port=5432 dbname=x", [("pg", 5432)]),
        ("host=pg1,pg2 port=5432", [("pg1", 5432), ("pg2", 5432)]),
        ("Server=mssql,1433;Database=x", [("mssql", 1433)]),
        ("Server=tcp:mssql.shop,1433", [("mssql.shop", 1433)]),
        ("Data Source=mssql,1433", [("mssql", 1433)]),
        ("Host=pg;Port=5432;Username=u", [("pg", 5432)]),
        ("--host=db --port=5432", [("db", 5432)]),
        ("--dsn=host=pg port=5432", [("pg", 5432)]),
        ("--dsn=Server=mssql,1433", [("mssql", 1433)]),
        ("DB_HOST=pg\nDB_PORT=5432", [("pg", 5432)]),
        ("a.host=pg\nb.port=5432", [("pg", None)]),
        ("Server=mssql;Database=x;User Id=sa", [("mssql", None)]),
        ("host=pg dbname=x user=y", [("pg", None)]),
        ("host: db.example.org", [("db.example.org", None)]),
        ("http://[fd00::1]:80/x", [("fd00::1", 80)]),
        ("https://u:p@[FD00:0::1]/x", [("fd00::1", 443)]),
        ("[fd00::1]:5432", [("fd00::1", 5432)]),
        ("http://[fd00::zz]:80", []),
        ("kafka-{0,1}.kafka:9092", [("kafka-0.kafka", 9092), ("kafka-1.kafka", 9092)]),
        ("kafka-[0:1].kafka:9092", [("kafka-0.kafka", 9092), ("kafka-1.kafka", 9092)]),
        ("kafka://kafka-[0-1].kafka:9092/x", [("kafka-0.kafka", 9092), ("kafka-1.kafka", 9092)]),
        ("server.1=zk-0.zk:2888:3888;2181", [("zk-0.zk", 2888), ("zk-0.zk", 3888)]),
        ("0@k-0.k.shop.svc:9093:AbCd", [("k-0.k.shop.svc", 9093)]),
        ("12:30:45 a:1:2", []),
        ("rabbit@r-0.r.shop.svc.cluster.local", [("r-0.r.shop.svc.cluster.local", None)]),
        ("dnssrv+_grpc._tcp.store.shop.svc", [("store.shop.svc", None)]),
        ("gcomm://a-0.a,a-1.a", [("a-0.a", 4567), ("a-1.a", 4567)]),
        ("--join=c-0.c,c-1.c", [("c-0.c", None), ("c-1.c", None)]),
        ("seed_hosts: [\"es-0.es\", 'es-1.es']", [("es-0.es", None), ("es-1.es", None)]),
        ("join_members:\n  - loki\n  - dns+more:7946\n", [("more", 7946), ("loki", None)]),
        ("<host>ch.shop</host>\n <port>9000</port>", [("ch.shop", 9000)]),
        ("mysql -hdb -P3306 -uroot", [("db", 3306)]),
        ("ls -hdb", []),
        ("--replicaof redis-0.redis 6379", [("redis-0.redis", 6379)]),
        ("until nslookup db; do sleep 1; done", [("db", None)]),
        ("getent hosts db", [("db", None)]),
        ("wget -qO- web/health", [("web", None)]),
        ("--default-backend-service=shop/web", [("web.shop", None)]),
        ("web.shop.svc.cluster.local.:80", [("web.shop.svc.cluster.local", 80)]),
        ("proxy_pass http://api$request_uri;", [("api", 80)]),
        ("proxy_pass http://api:8080$request_uri;", [("api", 8080)]),
        ("http://web$SUFFIX:80", []),
        ("kubernetes:///web.shop:80", [("web.shop", 80)]),
        ("host: db\nurl: tcp://db:5432", [("db", 5432)]),
        ("user:p@tcp(mysql)/x", [("mysql", None)]),
        ("[OUTPUT]\n  Name es\n  Host es\n  Port 9200", [("es", 9200)]),
        ("upstream x {\n  server api;\n}", [("api", None)]),
        ("socket_address: { address: api, port_value: 8080 }", [("api", 8080)]),
        ("replicaof redis-0 6379", [("redis-0", 6379)]),
        ("sentinel monitor mymaster redis 6379 2", [("redis", 6379)]),
        ("client --db-host db --db-port 5432", [("db", 5432)]),
        ("client --db-host db --web-port 80", [("db", None)]),
        ("amqp://u:p@rabbit/vh", [("rabbit", 5672)]),
        ("amqp://rabbit?heartbeat=1", [("rabbit", 5672)]),
        ("postgresql+psycopg2://u:p@db/app", [("db", 5432)]),
        ("mysql+pymysql://u:p@db/app", [("db", 3306)]),
        ("mongodb://m-0.m,m-1.m/x", [("m-0.m", 27017), ("m-1.m", 27017)]),
        ("mqtt://broker", [("broker", 1883)]),
        ("tcp://db", [("db", None)]),
        ("redis:\n  host: cache\n  port: 6379\n", [("cache", 6379)]),
        ('{"host": "pg", "port": 5432}', [("pg", 5432)]),
        ("(ADDRESS=(PROTOCOL=TCP)(HOST=ora)(PORT=1521))", [("ora", 1521)]),
        ("jdbc:oracle:thin:@ora:1521:x", [("ora", 1521)]),
        ("jdbc:oracle:thin:@//ora:1521/x", [("ora", 1521)]),
        ("jdbc:oracle:thin:u/p@ora:1521:x", [("ora", 1521)]),
        ("jdbc:mysql:replication://db1,db2/x", [("db1", 3306), ("db2", 3306)]),
        ("jdbc:sqlserver://;serverName=mssql;portNumber=1433", [("mssql", 1433)]),
        ("jdbc:phoenix:zk1:2181:/hbase", [("zk1", 2181)]),
        ("mongodb+srv://u:p@mongo.shop.svc/x", [("mongo.shop.svc", 27017)]),
        ("redis-sentinel://s1,s2:26380/0", [("s1", None), ("s2", 26380)]),
        ("SASL_PLAINTEXT://k1:9092,SASL_PLAINTEXT://k2:9092", [("k1", 9092), ("k2", 9092)]),
        ("tcp://a:1;tcp://b:2", [("a", 1), ("b", 2)]),
        ("postgresql://u:p@/x?host=pg", [("pg", None)]),
        ("dns:///grpc.shop.svc:50051", [("grpc.shop.svc", 50051)]),
        ("user:p@tcp(mysql:3306)/x", [("mysql", 3306)]),
        ("until nc -z -w 5 db 5432; do sleep 1; done", [("db", 5432)]),
        ("exec 3<>/dev/tcp/db/5432", [("db", 5432)]),
        ("pg_isready -h db -p 5432 -U x", [("db", 5432)]),
        ("redis-cli -h cache ping", [("cache", None)]),
        ("nc -l 5432", []),
    ],
)
def test_addresses(text: str, found: list[tuple[str, int | None]]) -> None:
    assert [(one.host, one.port) for one in find_addresses(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jdbc:phoenix:zk1,zk2:2181:/hbase", {("zk1", 2181), ("zk2", 2181)}),
        ("a,b,c:2181/chroot", {("a", 2181), ("b", 2181), ("c", 2181)}),
        ("a:5701,b", {("a", 5701), ("b", 5701)}),
        ("a:6379,password=x,ssl=true", {("a", 6379)}),
        ("rs0/m-0:27017,m-1:27017", {("m-0", 27017), ("m-1", 27017)}),
        ("jdbc:mysql://(host=a,port=1),(host=b,port=2)/x", {("a", 1), ("b", 2)}),
        ("jdbc:mysql://address=(host=a)(port=1),address=(host=b)(port=2)/x", {("a", 1), ("b", 2)}),
        ("jdbc:mysql://[(host=a,port=1),(host=b,port=2)]/x", {("a", 1), ("b", 2)}),
        ("jdbc:mysql://u:p@[a,b]:3306/x", {("a", 3306), ("b", 3306)}),
        ("failover:(tcp://a:61616,tcp://b:61616)", {("a", 61616), ("b", 61616)}),
        ("failover://(tcp://a:61616,tcp://b:61616)", {("a", 61616), ("b", 61616)}),
        ("m0=http://a:2380,m1=http://b:2380", {("a", 2380), ("b", 2380)}),
        ("mesos://zk://a:2181,b:2181/x", {("a", 2181), ("b", 2181)}),
        ("jdbc:cassandra://a--b:9042/x", {("a", 9042), ("b", 9042)}),
        ("contact-points=a, b", {("a", None), ("b", None)}),
        ("CASSANDRA_CONTACT_POINTS=a,b", {("a", None), ("b", None)}),
        ("host=a,b port=1,2", {("a", 1), ("b", 2)}),
        ("(HOST=a)(PORT=1521))(ADDRESS=(HOST=b)(PORT=1522))", {("a", 1521), ("b", 1522)}),
        ("port: 1\nhost: a\nport: 2\nhost: b\n", {("a", 1), ("b", 2)}),
        ("jdbc:hive2://a,b:2181/;serviceDiscoveryMode=zooKeeper", {("a", None), ("b", 2181)}),
        ("jdbc:pgsql://a,b/x", {("a", 5432), ("b", 5432)}),
        ("jdbc:yugabytedb://a:1/x?additionalEndpoints=b:2,c:3", {("a", 1), ("b", 2), ("c", 3)}),
        ("clickhouse://u:p@a:9000/x?alt_hosts=b:9000", {("a", 9000), ("b", 9000)}),
        ("zookeeper://a:2181?backup=b:2181", {("a", 2181), ("b", 2181)}),
        ("jdbc:sqlserver://a:1433;failoverPartner=b", {("a", 1433), ("b", None)}),
        ("Server=a,1433;Failover Partner=b", {("a", 1433), ("b", None)}),
        ("jdbc:sap://a:30015;b:30015/", {("a", 30015), ("b", 30015)}),
        ("https://a/x?backup=b:2181", {("a", 443)}),
        ("http://m-{0...2}.m:9000/data{1...4}", {(f"m-{i}.m", 9000) for i in range(3)}),
        ("http://m{1..2}:9000", {("m1", 9000), ("m2", 9000)}),
        ("redis+sentinel://a/x", {("a", 26379)}),
    ],
)
def test_every_server_of_a_list_is_found(text: str, found: set[tuple[str, int | None]]) -> None:
    assert {(address.host, address.port) for address in find_addresses(text)} == found


@pytest.mark.parametrize(
    "text",
    [
        "postgres://user:p%40s%2Fs@db:5432/x",
        "postgres://user:p@ss:w@db:5432/x",
        "postgres://user:a/b@db:5432/x",
        "postgres://user:a?b#c@db:5432/x",
        "postgres://user:12/34@db:5432/x",
        "amqp://user:@b/c@db:5432/v",
        "redis://:p@ss/w@db:5432?password=a@b",
        "http://user:a/b@db:5432",
        "http://user:p@ss/w@db:5432",
    ],
)
def test_a_password_hides_no_address_and_is_never_shown(text: str) -> None:
    found = find_addresses(text)
    assert ("db", 5432) in {(one.host, one.port) for one in found}
    assert all(one.unsure for one in found if one.host != "db")
    assert _noted(text) <= {"calls db: no such Service is in the manifests; env X (a.yaml:1)"}


def test_what_follows_the_host_of_a_web_address_is_not_an_address() -> None:
    (one,) = find_addresses("https://api:8443/users/me@db:5432")
    assert (one.host, one.port, one.unsure) == ("api", 8443, False)


@pytest.mark.parametrize(
    ("text", "port", "guessed"),
    [
        ("http://api/v1", 80, False),
        ("HTTPS://api", 443, False),
        ("postgres://db/shop", 5432, True),
        ("jaeger://traces", None, True),
    ],
)
def test_a_port_is_guessed_unless_the_scheme_says_it(
    text: str, port: int | None, *, guessed: bool
) -> None:
    (one,) = find_addresses(text)
    assert (one.port, one.guessed) == (port, guessed)


@pytest.mark.parametrize(
    "text",
    [
        "# url: http://old:80\nurl: http://db:80",
        "url: http://db:80  # was http://old:80",
        "  // http://old:80\nhttp://db:80",
        "; host=old port=80\nhttp://db:80",
        "  -- http://old:80\nhttp://db:80",
        "<!-- <a>http://old:80</a> --><a>http://db:80</a>",
        "/* http://old:80\n old.shop.svc:80 */ http://db:80",
        "--[[ http://old:80\n ]] http://db:80",
    ],
)
def test_what_a_program_does_not_read_is_marked(text: str) -> None:
    found = {(one.host.partition(".")[0], one.in_comment) for one in find_addresses(text)}
    assert found == {("db", False), ("old", True)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.properties", " ! http://old:80\nurl=http://db:80"),
        ("run.bat", "REM http://old:80\n:: http://old:80\n@rem http://old:80\ncurl http://db:80"),
        ("run.CMD", "rem http://old:80\ncurl http://db:80"),
        ("php.ini", "url = http://db:80 ; http://old:80"),
        ("app.json", '{"//": "http://old:80",\n"url": "http://db:80"}'),
        ("app.json", '{"//old" : "a \\" http://old:80", "url": "http://db:80"}'),
        ("app.json", '{"//": {"a": ["http://old:80", "}"]}, "url": "http://db:80"}'),
        ("app.json", '{"url": "http://db:80", "_comment": ["]", {"u": "http://old:80"}]}'),
        ("app.tf.json", '{"__Comment_1":["http://old:80"],"url": "http://db:80"}'),
        ("schema.json", '{"$comment": "at http://old:80", "default": "http://db:80"}'),
        ("app.jsonc", '{"a": 1,//http://old:80\n"url": "http://db:80"}'),
        ("app.yaml", "url: http://db:80 #http://old:80"),
    ],
)
def test_the_name_of_a_file_says_what_is_a_comment(name: str, text: str) -> None:
    found = {(one.host, one.in_comment) for one in find_addresses(text, name)}
    assert found == {("db", False), ("old", True)}
    assert not any(one.in_comment for one in find_addresses(text, "app.conf"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.json", '{"text": "a // b", "url": "http://db:80"}'),
        ("app.json", '{"text": "http:// x", "url": "http://db:80"}'),
        ("app.json", '{"text": "a # b http://db:80"}'),
        ("app.json", '{"all": "/*", "url": "http://db:80", "each": "*/5"}'),
        ("app.json", '{"a": "\\\\", "b": "x // y", "c": "\\" // ", "url": "http://db:80"}'),
        ("app.json", '{"comment": "http://db:80", "my//": "http://db:80"}'),
        ("app.json", '{"//": [], "_comment": {}, "$comment": null, "url": "http://db:80"}'),
        ("app.json", '{"list": ["//", "http://db:80"]}'),
        ("", '{"text": "a // b", "url": "http://db:80"}'),
        ("app.yaml", "title: 'a # b'\nargs: [\"x # y\", http://db:80]"),
        ("run.sh", "echo 'a # b' \"$# # \" && curl http://db:80"),
        ("my.ini", 'dsn = "User=a ;Url=http://db:80"'),
        ("", "location /api/* { proxy_pass http://db:80; } location */ {}"),
        ("HOSTS", "[file:///run, http://db:80]"),
        ("Caddyfile", "{\n}\n:80 {\n  reverse_proxy tcp:// http://db:80\n}"),
    ],
)
def test_nothing_in_a_string_begins_a_comment(name: str, text: str) -> None:
    found = {(one.host, one.in_comment) for one in find_addresses(text, name)}
    assert found == {("db", False)}


@pytest.mark.parametrize(
    "text",
    [
        "don't # it's http://old:80\nhttp://db:80",
        'a 5" disk  # http://old:80\nhttp://db:80',
        "/* a\n // b\n http://old:80 */ http://db:80",
        "/* no end\nhttp://db:80 # http://old:80",
        '{"//": {"u": "http://old:80"}, "url": "http://db:80"}',
    ],
)
def test_comments_near_quotes_and_in_other_comments_are_found(text: str) -> None:
    found = {(one.host, one.in_comment) for one in find_addresses(text)}
    assert found == {("db", False), ("old", True)}


@pytest.mark.parametrize(
    "text",
    ["http://a/*,http://db:80/*", "*/5 * * * * curl http://db:80", "run \\\n  --url http://db:80"],
)
def test_stars_and_slashes_outside_comments_hide_nothing(text: str) -> None:
    assert not any(one.in_comment for one in find_addresses(text))


WORST = [
    "a" * 20, "a.", "a-", "a:", "host=", "-h a ", "nc ", "//", "http://", "x=a,", "<!--", "/*", "#",
    "zk.a:1:", "_a._tcp.", "[::", "{0,", "k=[a,", "host:\n - a\n", "<host>a", "-hdb ", "curl a ", "getent a ",
    "mysql ", "join=[", "a@b.", "dns://", "/dev/tcp/a", "@", "1@", '"', "a://b/@", "a:b://@", "oracle:a:",
    '{"//":[', '\\"', "'", " /* ", "--[[",
]  # fmt: skip


@pytest.mark.parametrize("piece", WORST)
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = process_time()
        find_addresses(text)
        return process_time() - start

    assert (
        min(seconds(40_000) for _ in range(2)) < 8 * min(seconds(10_000) for _ in range(3)) + 0.05
    )


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("http://cache:6379", "no such Service is in the manifests"),
        ("nc -z cache 6379", ""),
        ("cache.shop.svc:6379", "no such Service is in the manifests"),
        ("http://10.0.0.1:80", "its block is yours to choose"),
        ("http://example.com:80", "manifests, and NetworkPolicy cannot name hosts"),
        ("http://api.example.com:80", "NetworkPolicy cannot name hosts"),
        ("http://localhost:80", ""),
        ("http://127.0.0.1:80", ""),
    ],
)
def test_an_address_without_a_service_is_noted_if_it_is_sure_to_be_one(
    text: str, note: str
) -> None:
    notes = _noted(text)
    assert bool(notes) == bool(note)
    assert all(note in found for found in notes)


def _noted(text: str) -> set[str]:
    """The notes on a text that a workload has in its environment, where no Service is known."""
    pods = Workload(namespace="shop", name="web", kind="Deployment", labels={"app": "web"})
    mention = Mention(
        namespace="shop", kind="Deployment", name="web", field=FieldRef(variable="X"), text=text,
        path="a.yaml", line=1,
    )  # fmt: skip
    _, notes = infer_connections(Inventory(workloads=(pods,)), Mentions(mentions=(mention,)))
    return {one.text for one in notes}


@given(st.text())
def test_any_text_gives_files_that_parse(text: str) -> None:
    pods = Workload(namespace="shop", name="web", kind="Deployment", labels={"app": "web"})
    mention = Mention(
        namespace="shop", kind="Deployment", name="web", field=FieldRef(variable="X_URL"), text=text,
        path=text, line=1,
    )  # fmt: skip
    made = first_intents(Inventory(workloads=(pods,)), Mentions(mentions=(mention,)))
    assert made.arrows == 0
