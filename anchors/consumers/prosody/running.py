"""lua-unbound, by which Prosody looks names up."""

from __future__ import annotations

from anchors.consumers.by_script import ByScript
from anchors.consumers.driver import Driver

__all__ = ["DRIVERS", "LuaUnbound"]

_SCRIPT = """\
local resolver = require "lunbound".new {
    resolvconf = false, hoststxt = false, trustfile = arg[1], forward = arg[2],
    options = { ["do-not-query-localhost:"] = "no" },
}
for number = 3, #arg do
    local answer, why = resolver:resolve(arg[number], 1, 1)
    local word = not answer and why or answer.bogus and "bogus"
        or not answer.secure and "taken" or answer.nxdomain and "denied" or "secure"
    print(arg[number], word)
end
"""


class LuaUnbound(ByScript):
    """``lunbound.new``, with the settings that Prosody hands to it."""

    name = "lua-unbound"
    package = "lua-unbound and lua5.4"
    programs = ("lua5.4",)
    library = "usr/lib/*/lua/5.4/lunbound.so"
    script = _SCRIPT
    version_script = 'print(require "lunbound"._VERSION)'


DRIVERS: tuple[Driver, ...] = (LuaUnbound(),)
