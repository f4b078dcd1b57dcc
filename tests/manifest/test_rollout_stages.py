"""What a stage of a roll-out closes, opens and leaves for the other, in words."""

from datetime import date

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.manifest.rollout_stages import Stage, effects
from netpolc.source import SourceFile


def lines(text: str, stage: Stage | None) -> list[str]:
    """The effects of a stage of a program."""
    sources = Sources(intents=(SourceFile("a.intent", text),))
    result = run(sources, Options(today=date(2026, 1, 1), stage=stage))
    assert not result.failed
    assert result.stage is stage
    return list(effects(result.manifests, result.rest, result.stage))


def test_a_compile_without_stages_has_no_effects_to_name() -> None:
    assert lines("namespace shop\ndefault: deny\ndb <- api\n", None) == []


def test_only_what_there_is_is_named() -> None:
    ingress = "namespace shop\ndefault: deny\n"
    first, *rest = lines(ingress, Stage.DENY)
    assert first.endswith("; stage allow is empty")
    assert rest == ["  closes ingress of every pod: shop"]
    assert lines(ingress, Stage.ALLOW)[1:] == [
        "  not protected yet, ingress of all other pods: shop"
    ]
    single = "namespace shop\ndb <- none\n"
    assert lines(single, Stage.DENY)[1:] == [
        "  closes what nobody may reach or leave: shop/db-ingress"
    ]
    assert lines(single, Stage.ALLOW)[1:] == [
        "  not closed yet, what nobody may reach or leave: shop/db-ingress"
    ]


def test_what_the_first_stage_closes_whole_is_not_left_for_the_second() -> None:
    text = "namespace shop\ndefault: deny egress\n* -> any:443\n"
    assert lines(text, Stage.ALLOW)[1:] == ["  already closed, egress of every pod: shop"]
    first, *rest = lines(text, Stage.DENY)
    assert "stage allow must be in force" in first
    assert rest == ["  closes egress of every pod: shop"]


def test_long_lists_of_namespaces_are_cut() -> None:
    text = "".join(f"namespace n{number}\ndefault: deny\n" for number in range(11))
    (_, line) = lines(text, Stage.DENY)
    assert line.endswith("pod: n0, n1, n10, n2, n3, n4, n5, n6 and 3 more")


def test_a_stage_without_policies_is_a_stage_all_the_same() -> None:
    (line,) = lines("namespace shop\ndb <- api\n", Stage.DENY)
    assert line.endswith("; stage allow must be in force before them")
