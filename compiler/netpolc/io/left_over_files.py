"""The files in an output folder that an earlier compile wrote there and this one does not.

Output folders can lie in each other, `out/prod` in `out`, or `out` in `.`, and their files all
begin with the same header. To remove a file because of its header alone would remove the
manifests of another environment, and the cluster follows. So a file is left over only where a
compile into this very folder would have written it: its path must be the one that one of the
layouts gives to the policies in it. Without a marker, which tells outputs apart, a file in the
structure of the intents must also come from the same folder of intents as the others.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from netpolc.manifest.output_layout import KUSTOMIZATION, cluster_file, paths
from netpolc.manifest.write import sources_of

_POLICY = r'(?m)^metadata:\n  name: "?([^\s"]+)"?\n  namespace: "?([^\s"]+)"?$'

_CLUSTER_POLICY = r'(?m)^kind: ClusterNetworkPolicy\nmetadata:\n  name: "?([^\s"]+)"?$'


def left_over_files(
    own: Mapping[str, str], files: Mapping[str, str], *, is_marked: bool
) -> tuple[str, ...]:
    """Return the paths of the files that are left over.

    Args:
        own: texts, by path from the output folder, of files with netpolc's header that this
            compile does not write.
        files: the texts that it writes.
        is_marked: whether the marker of the output folder says that it is this compile's.
    """
    expected = _Expected(files, is_marked=is_marked)
    left_over = {path for path, text in own.items() if _is_in_place(path, text, expected)}
    folders = expected.folders | _folders(left_over)
    left_over |= {
        path
        for path, text in own.items()
        if path.rpartition("/")[0] in folders and _has_no_intents(path, text)
    }
    return tuple(sorted(left_over))


def _has_no_intents(path: str, text: str) -> bool:
    """Whether a file is in its folder for the sake of others: a kustomization, the built-in dns."""
    file = path.rpartition("/")[2]
    return file == KUSTOMIZATION or (
        not sources_of(text) and file in paths(_policies_in(text)).beside_sources
    )


class _Expected:
    """The files of this compile: their folders, and the intent files that they are made from.

    `is_marked` says whether the folder has the marker of this compile.
    """

    def __init__(self, files: Mapping[str, str], *, is_marked: bool) -> None:
        self._files = files
        self.is_marked = is_marked

    @cached_property
    def folders(self) -> frozenset[str]:
        return _folders(self._files)

    @cached_property
    def sources(self) -> frozenset[str]:
        return frozenset(
            source for text in self._files.values() for source in sources_of(text) or ()
        )


def _is_in_place(path: str, text: str, expected: _Expected) -> bool:
    """Whether a layout puts the policies of a text at this path."""
    if any(path == cluster_file(name) for name in re.findall(_CLUSTER_POLICY, text)):
        return True
    placed = paths(_policies_in(text))
    if path in placed.in_folder:
        return True
    folder, _, file = path.rpartition("/")
    return file in placed.beside_sources and (
        not folder or _is_beside(folder, sources_of(text) or (), expected)
    )


def _policies_in(text: str) -> list[tuple[str, str]]:
    """The namespace and the name of each NetworkPolicy in a text."""
    return [(namespace, name) for name, namespace in re.findall(_POLICY, text)]


def _is_beside(folder: str, sources: Sequence[str], expected: _Expected) -> bool:
    """Whether a folder of the output is the folder that intents of this compile would have.

    `out/app/` holds what is made from `intents/app/`. Where the intents of `app/` are gone, others
    in `intents/` are still there.
    """
    tops = list(_tops(folder, sources))
    if expected.is_marked:
        return bool(tops)
    return any(
        source.startswith(f"{top}/") if top else folder in expected.folders
        for top in tops
        for source in expected.sources
    )


def _tops(folder: str, sources: Iterable[str]) -> Iterator[str]:
    """The folders of intents in which `folder` has the given intent files."""
    for source in sources:
        above = source.rpartition("/")[0]
        if above == folder:
            yield ""
        elif above.endswith(f"/{folder}"):
            yield above.removesuffix(f"/{folder}")


def _folders(files: Iterable[str]) -> frozenset[str]:
    """The folders of files and all folders above them, the output folder itself as ``."""
    parents = {path.rpartition("/")[0] for path in files}
    above = {str(some) for parent in parents for some in PurePosixPath(parent).parents}
    return frozenset({*parents, *above, ""} - {"."})
