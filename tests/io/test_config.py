"""netpolc.toml: where it is found, what it can say, and what is said of its slips."""

from pathlib import Path

import pytest

from netpolc.io import config_values
from netpolc.io.config import Config, find_config, load_config, parse_config
from netpolc.manifest.output_layout import Layout
from netpolc.source import SourceFile


def loaded(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "netpolc.toml"
    path.write_text(text)
    outcome = load_config(path)
    assert outcome.diagnostics == ()
    return outcome.value


def complaint(tmp_path: Path, text: str | bytes) -> tuple[str, str, str, str]:
    """The code, what is underlined, the message and the help of the one finding."""
    path = tmp_path / "netpolc.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (found,) = load_config(path).diagnostics
    return found.rule.code, found.label.span.text, found.message, found.help


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    text = """
        sources = ["intents", "env/prod.intent"]
        output = "deploy"
        layout = "namespace"
        kustomization = true
        strict = false
        namespace = "shop"
        [labels]
        team = "platform"
        [annotations]
        "argocd.argoproj.io/sync-wave" = "-1"
    """
    assert loaded(tmp_path, text) == Config(
        folder=tmp_path,
        sources=("intents", "env/prod.intent"),
        output="deploy",
        layout=Layout.NAMESPACE,
        kustomization=True,
        strict=False,
        namespace="shop",
        labels={"team": "platform"},
        annotations={"argocd.argoproj.io/sync-wave": "-1"},
    )


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Config(folder=tmp_path)


def test_one_source_needs_no_list(tmp_path: Path) -> None:
    assert loaded(tmp_path, 'sources = "intents"').sources == ("intents",)


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        ("strict = yes", "NP720", "y", "netpolc.toml is not TOML"),
        ("[labels", "NP720", "", "netpolc.toml is not TOML"),
        ("a = 1\na = 2", "NP720", "", "netpolc.toml is not TOML"),
        (b"a = '\xe4'", "NP703", "\ufffd", "`netpolc.toml` is not UTF-8"),
        ("strickt = true", "NP721", "strickt", "`strickt` is not a key of netpolc.toml"),
        ("[label]\na = 'b'", "NP721", "label", "`label` is not a key of netpolc.toml"),
        ("x = true", "NP721", "x", "`x` is not a key of netpolc.toml"),
        ("strict = 'yes'", "NP722", "strict", "`strict` is true or false"),
        ("kustomization = 1", "NP722", "kustomization", "`kustomization` is true or false"),
        ("sources = []", "NP722", "sources", "`sources` is a path or a list of paths"),
        ("sources = [1]", "NP722", "sources", "`sources` is a path or a list of paths"),
        ("output = ''", "NP722", "output", "`output` is a path"),
        ('output = "a\\u0000b"', "NP722", "output", "`output` is a path"),
        ('sources = ["\\u0000"]', "NP722", "sources", "`sources` is a path or a list of paths"),
        ("layout = 'x'", "NP722", "layout", "`layout` is one of `policy`, `namespace`, `source`"),
        ("namespace = 3", "NP722", "namespace", "`namespace` is the name of a namespace"),
        ("namespace = '../x'", "NP722", "namespace", "`../x` is not a valid namespace name"),
        ("[stages.later.annotations]\na = 'b'", "NP722", "stages", "`stages` has only the tables"),
        ("[stages]\nallow = 3", "NP722", "stages", "`stages` has only the tables"),
        ("labels = 3", "NP722", "labels", "`labels` is a table"),
        ("[labels]\n'a b' = 'c'", "NP722", "a b", "`a b` is not a valid label key"),
        ("[labels]\nb = 'c'\na = '!'", "NP722", "a", "`!` is not a valid label value"),
        ("[labels]\na.b = 'c'", "NP722", "a", "`a` is a table; a key with dots"),
        ("[labels]\na = 3", "NP722", "a", "the value of `a` is not a text"),
        ('[annotations]\na = "\\u001b"', "NP722", "a", "the annotation `a` has characters that"),
        ('[annotations]\na = "\u202e"', "NP722", "a", "the annotation `a` has characters that"),
        (
            "[annotations]\n'netpolc/intents' = ''",
            "NP722",
            "netpolc/intents",
            "`netpolc/intents` is",
        ),
        (
            "[labels]\n'app.kubernetes.io/managed-by' = 'x'",
            "NP722",
            "app.kubernetes.io/managed-by",
            "`app.kubernetes.io/managed-by` is set by netpolc itself",
        ),
    ],
)
def test_slips(tmp_path: Path, text: str | bytes, code: str, place: str, message: str) -> None:
    found = complaint(tmp_path, text)
    assert found[0] == code
    assert found[2].startswith(message)
    if place:
        assert found[1] == place


def test_a_slip_is_answered_with_the_nearest_key(tmp_path: Path) -> None:
    assert complaint(tmp_path, "strickt = true")[3] == "did you mean `strict`?"
    assert complaint(tmp_path, "x = true")[3].startswith("the keys are sources, with, output")


def test_what_is_right_is_used_beside_a_slip(tmp_path: Path) -> None:
    path = tmp_path / "netpolc.toml"
    path.write_text("strict = 3\nnamespace = 'shop'\nlayout = 'no'\n")
    outcome = load_config(path)
    assert outcome.value == Config(folder=tmp_path, namespace="shop")
    assert [found.rule.code for found in outcome.diagnostics] == ["NP722", "NP722"]


def test_it_is_found_above_but_not_beyond_the_checkout(tmp_path: Path) -> None:
    deep = tmp_path / "a/b"
    deep.mkdir(parents=True)
    (tmp_path / "netpolc.toml").touch()
    assert find_config(deep) == tmp_path / "netpolc.toml"
    (tmp_path / "a/.git").mkdir()
    assert find_config(deep) is None
    (tmp_path / "a/netpolc.toml").touch()
    assert find_config(deep) == tmp_path / "a/netpolc.toml"


def test_one_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "netpolc.toml").symlink_to("gone")
    path = find_config(tmp_path)
    assert path is not None
    assert [found.rule.code for found in load_config(path).diagnostics] == ["NP702"]


def test_the_page_of_an_unknown_key_lists_all_keys() -> None:
    page = (Path(config_values.__file__).parent / "NP721.md").read_text(encoding="utf-8")
    for key in (*config_values.CHECKS, "outputs"):
        assert f"`{key}`" in page or f"`[{key}" in page, key


@pytest.mark.parametrize("table", ["[annotations]", "[stages.deny.annotations]"])
def test_an_annotation_that_keeps_manifests_out_of_the_cluster_is_refused(
    table: str, tmp_path: Path
) -> None:
    text = f'{table}\n"config.kubernetes.io/local-config" = "true"\n'
    (finding,) = parse_config(SourceFile("netpolc.toml", text), tmp_path).diagnostics
    assert (finding.rule.code, finding.label.span.line) == ("NP722", 2)
    assert "out of the cluster" in finding.message


@pytest.mark.parametrize("text", ["first\nsecond", "\u2603\u200d\ufe0f", "\ud7ff", "\u0378"])
def test_an_annotation_has_any_text_that_an_intent_may_have(text: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, f'[annotations]\nnote = """{text}"""').annotations == {"note": text}


@pytest.mark.parametrize("level", ['["error"]', "{}", "1", "nan", '"loud"'])
def test_a_level_of_any_type_is_a_finding(level: str, tmp_path: Path) -> None:
    text = f"[lint.levels]\nNP604 = {level}\n"
    (finding,) = parse_config(SourceFile("netpolc.toml", text), tmp_path).diagnostics
    assert finding.rule.code == "NP722"
