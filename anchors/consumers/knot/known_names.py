"""The global names that a configuration in Lua may call: ``_G`` of kresd 5.6.0 and 6.5.0."""

from __future__ import annotations

__all__ = ["KNOWN", "MODULES"]

_NAMES = (
    "GB LOG_CRIT LOG_DEBUG LOG_ERR LOG_INFO LOG_NOTICE LOG_WARNING MB assert bit cache "
    "collectgarbage coroutine day debug debugging detect_time_jump detect_time_skew dofile env "
    "error eval_cmd event fromjson gcinfo getfenv getmetatable help hostname hour io ipairs jit "
    "kB kres load loadfile loadstring log log_debug log_error log_groups log_info log_level "
    "log_notice log_qry log_req log_target log_warn map math min minute mode module modules net "
    "newproxy next option os package package_version pairs panic pcall policy priming print "
    "quit rawequal rawget rawlen rawset reorder_RR require resolve sec second select setfenv "
    "setmetatable string ta_sentinel ta_signal_query ta_update table table_print todname tojson "
    "tonumber tostring trust_anchors type unpack user verbose watchdog worker xpcall"
)
KNOWN = frozenset(_NAMES.split(" "))
# Those that both have, in Debian's packages or built in, and start with.
_MODULES = (
    "bogus_log cache daf detect_time_jump detect_time_skew dns64 edns_keepalive "
    "extended_error hints iterate nsid policy predict prefill "
    "priming rebinding refuse_nord renumber resolve serve_stale stats ta_sentinel "
    "ta_signal_query ta_update validate view watchdog workarounds"
)
MODULES = frozenset(_MODULES.split(" "))
