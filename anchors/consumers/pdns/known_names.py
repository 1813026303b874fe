"""The global names that a configuration in Lua may call: ``_G`` of 4.8.8 and 5.4.9."""

from __future__ import annotations

__all__ = ["KNOWN"]

_NAMES = (
    "Policy addAllowedAdditionalQType addDS addNTA addProxyMapping addSortList addTA assert bit "
    "clearDS clearNTA clearSortlist clearTA collectgarbage coroutine debug "
    "dnstapFrameStreamServer dnstapNODFrameStreamServer dofile error gcinfo getfenv "
    "getmetatable io ipairs jit load loadfile loadstring math module newCA newCAFromRaw newCAS "
    "newDN newDR newDRR newNMG newNetmask newQType newproxy next os outgoingProtobufServer "
    "package pairs pcall pdns pdns_features pdnslog pdnsrandom print protobufServer rawequal "
    "rawget rawlen rawset readTrustAnchorsFromFile require rpzFile rpzMaster rpzPrimary select "
    "setProtobufMasks setfenv setmetatable string table tonumber tostring type unpack xpcall "
    "zoneToCache"
)
KNOWN = frozenset(_NAMES.split(" "))
