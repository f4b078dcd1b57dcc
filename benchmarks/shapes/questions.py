"""Shapes of questions, lists, pictures and changes of intents."""

from shapes.arrows import silent_callers
from shapes.shape import Files, intents, shape


@shape("can team1-service-1<-team1-caller-1:80 intents --namespace shop", 4_000)
def question_beside_callers(n: int) -> Files:
    """A question, which does not search for misspelt names."""
    return silent_callers(n)


@shape("list intents --format csv", 4_000)
def listed_services(n: int) -> Files:
    """The answer has a row for each arrow."""
    return intents(f"s{k} <- s{(k + 1) % n}:80" for k in range(n))


@shape("list intents --format csv", 1_500)
def listed_negations(n: int) -> Files:
    """Peers that match nearly all pods: each class of pods is in all arrows but one."""
    return intents(f"db <- {{a notin (v{k}, w{k})}}:{1000 + k}" for k in range(n))


@shape("list intents --format csv", 5_000)
def listed_open_namespaces(n: int) -> Files:
    """Namespaces that nothing isolates, each with a label of its own."""
    text = "".join(f"namespace n{k} {{team=t{k}}}\ndefault: allow\n" for k in range(n))
    return {"intents/a.intent": f"{text}namespace shop\ndb <- api:80\n"}


def every_namespace_calls(n: int) -> Files:
    """Namespaces with a label each, and in each an arrow whose peer is in every namespace."""
    sections = (f"namespace n{k} {{team=t{k}}}\ndb <- x in ns *:80\n" for k in range(n))
    return {"intents/a.intent": "".join(sections)}


@shape("list intents --format csv", 2_000)
def listed_callers_anywhere(n: int) -> Files:
    """A list of such namespaces."""
    return every_namespace_calls(n)


@shape("check intents", 4_000)
def callers_anywhere(n: int) -> Files:
    """A check of such namespaces."""
    return every_namespace_calls(n)


@shape("report intents -o report.html", 1_000)
def reported_services(n: int) -> Files:
    """A report for auditors."""
    return listed_services(n)


@shape("graph intents", 2_000)
def drawn_services(n: int) -> Files:
    """A graph of one large namespace."""
    return listed_services(n)


@shape("diff old intents", 1_000)
def new_namespace(n: int) -> Files:
    """A change brings a namespace of n services."""
    old = {"old/a.intent": "namespace other\ndefault: deny\ndb <- api:80\n"}
    return listed_services(n) | {"intents/b.intent": old["old/a.intent"]} | old


@shape("diff old intents", 1_000)
def changed_namespace(n: int) -> Files:
    """A change gives every arrow of a namespace another port."""
    old = intents(f"s{k} <- s{(k + 1) % n}:81" for k in range(n))
    return listed_services(n) | {"old/a.intent": old["intents/a.intent"]}


@shape("diff old intents", 1_000)
def newly_closed_services(n: int) -> Files:
    """A change closes n services of a namespace that was open, each by its own arrow."""
    old = {"old/a.intent": "namespace other\ndefault: deny\ndb <- api:80\n"}
    new = intents((f"s{k} <- s{(k + 1) % n}:80" for k in range(n)), "namespace shop\n")
    return new | {"intents/b.intent": old["old/a.intent"]} | old


@shape("diff old intents", 400)
def newly_closed_senders(n: int) -> Files:
    """A change closes the egress of n namespaces, whose ingress is closed on both sides."""
    return {
        f"{folder}/a.intent": "".join(
            f"namespace n{k}\ndefault: {default}\ndb <- api:80\n" for k in range(n)
        )
        for folder, default in (("old", "deny"), ("intents", "deny ingress egress"))
    }
