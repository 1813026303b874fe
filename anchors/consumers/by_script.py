"""Libraries with libunbound in them, which are run by a few lines of a script."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path

from anchors.consumers.bench import Bench, Ran, last_words
from anchors.consumers.driver import NOWHERE, Driver, Security, Told
from anchors.consumers.query import Endpoint

__all__ = ["ByScript"]

_WORDS = {
    "secure": Security.SECURE,
    "denied": Security.SECURE_NX,
    "bogus": Security.BOGUS,
    "taken": Security.UNVALIDATED,
}
# What libunbound says of a look-up where it cannot use its anchors.
_FAILED = "initialization failure"


class ByScript(Driver):
    """A script that is given a file of anchors, ADDRESS@PORT and names, and prints NAME WORD.

    libunbound keeps to itself which anchors it holds.
    """

    formats = ("ds", "dnskey")

    @property
    @abstractmethod
    def library(self) -> str:
        """Where the library lies, below the root, as a pattern (glob(7))."""

    @property
    @abstractmethod
    def script(self) -> str:
        """The text of the script."""

    @property
    @abstractmethod
    def version_script(self) -> str:
        """What the interpreter runs by ``-e`` to print the version of the library."""

    def missing(self) -> tuple[str, ...]:
        """The interpreter, or the library."""
        return super().missing() or (
            () if any(Path("/").glob(self.library)) else (Path(self.library).name,)
        )

    def version(self, bench: Bench) -> str:
        """As the library says."""
        return last_words(bench.run(self.programs[0], "-e", self.version_script).output, lines=1)

    def loads(self, bench: Bench) -> Told:
        """Without a file that libunbound can read, a look-up fails before anybody is asked."""
        # This name libunbound answers by itself.
        ran = self._run(bench, NOWHERE, ["localhost."])
        return Told(_FAILED not in ran.output, last_words(ran.output, lines=1))

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """One look-up of each name."""
        wanted = tuple(names)
        lines = (line.split() for line in self._run(bench, root, wanted).output.splitlines())
        said = {words[0]: words[-1] for words in lines if words}
        return {name: _WORDS.get(said.get(name, ""), Security.NO_ANSWER) for name in wanted}

    def _run(self, bench: Bench, root: Endpoint, names: Iterable[str]) -> Ran:
        script = bench.write("script", self.script)
        server = f"{root.address}@{root.port}"
        return bench.run(self.programs[0], script, bench.file, server, *names)
