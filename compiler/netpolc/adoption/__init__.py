"""Beginnings for a team that has no intents yet: from its manifests, and from its traffic.

`beginning` proposes intents from what manifests show, `learning` compares observed
connections with the intents there are. Both propose only what there is evidence for.
"""
