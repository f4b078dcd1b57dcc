"""A small fleet on the disk: four clusters, of which two are alike."""

import subprocess
from pathlib import Path

FLEET = """
[clusters.us-2]
labels = { tier = "prod", region = "us" }
sources = ["intents", "open.intent"]

[[folders]]
pattern = "clusters/*"
labels = { tier = "dev" }
sources = ["intents", "{folder}"]

[[claims]]
clusters = { tier = "prod" }
sources = ["security.intent"]
"""

FILES = {
    "fleet.toml": FLEET,
    "intents/shop.intent": "namespace shop\ndefault: deny\ndb <- api:5432\napi <- web:8080\n",
    "open.intent": "namespace shop\nweb <- internet:8080\n",
    "security.intent": "never db in ns shop <- internet\nnever web in ns shop <- internet\n",
    "clusters/eu-1/none.intent": "# nothing more\n",
    "clusters/eu-2/none.intent": "# nothing more\n",
    "clusters/eu-3/more.intent": "namespace shop\nweb <- ns ingress-nginx:8080\n",
}


def write_fleet(folder: Path) -> None:
    """Write the fleet into a folder, and commit it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for command in (
        ("init", "--quiet"),
        ("add", "."),
        ("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "first"),
    ):
        subprocess.run(("git", *command), cwd=folder, check=True)
