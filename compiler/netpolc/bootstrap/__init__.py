"""First intents for a team that has none yet, from its manifests.

It proposes only what there is evidence for.
"""
