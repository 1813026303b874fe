"""The sections of a recursor.yml, their settings, and what each takes.

Version 5.4.9 names them all where it refuses one, and where it refuses a mapping as a value.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SECTIONS", "fits"]

# A section and what its settings take, a colon, and the settings.
_TEXT = """
carbon.list: server
carbon.number: interval
carbon.string: instance ns ourname
dnssec.boolean: log_bogus
dnssec.list: disabled_algorithms negative_trustanchors trustanchors x_dnssec_names
dnssec.number: aggressive_cache_max_nsec3_hash_cost aggressive_cache_min_nsec3_hit_ratio
    aggressive_nsec_cache_size max_dnskeys max_ds_per_zone max_nsec3_hash_computations_per_query
    max_nsec3s_per_record max_rrsigs_per_record max_signature_validations_per_query
    nsec3_max_iterations signature_inception_skew trustanchorfile_interval
dnssec.string: trustanchorfile validation
ecs.boolean: ipv4_never_cache ipv6_never_cache
ecs.list: add_for
ecs.number: cache_limit_ttl ipv4_bits ipv4_cache_bits ipv6_bits ipv6_cache_bits
    minimum_ttl_override
ecs.string: scope_zero_address
incoming.boolean: allow_no_rd gettag_needs_edns_options non_local_bind pdns_distributes_queries
    reuseport use_incoming_edns_subnet
incoming.list: allow_from allow_notify_for allow_notify_from edns_padding_from listen
    proxy_protocol_exceptions proxy_protocol_from proxymappings
incoming.number: distribution_load_factor distribution_pipe_buffer_size distributor_threads
    edns_padding_tag max_concurrent_requests_per_tcp_connection max_tcp_clients
    max_tcp_per_client max_tcp_queries_per_connection max_udp_queries_per_round port
    proxy_protocol_maximum_size tcp_fast_open tcp_timeout udp_truncation_threshold
incoming.string: allow_from_file allow_notify_for_file allow_notify_from_file edns_padding_mode
logging.boolean: common_errors disable_syslog protobuf_use_kernel_timestamp quiet rpz_changes
    structured_logging timestamp
logging.list: dnstap_framestream_servers dnstap_nod_framestream_servers
    opentelemetry_trace_conditions outgoing_protobuf_servers protobuf_servers
logging.number: loglevel protobuf_mask_v4 protobuf_mask_v6 statistics_interval
logging.string: facility structured_logging_backend trace
nod.boolean: log tracking unique_response_log unique_response_tracking
nod.list: ignore_list unique_response_ignore_list
nod.number: db_size db_snapshot_interval unique_response_db_size
nod.string: history_dir ignore_list_file lookup pb_tag unique_response_history_dir
    unique_response_ignore_list_file unique_response_pb_tag
outgoing.boolean: any_to_tcp cookies dot_to_port_853 edns_padding edns_subnet_harden lowercase
    single_socket tcp_fast_open_connect
outgoing.list: cookies_unsupported dont_query dont_throttle_names dont_throttle_netmasks
    dot_to_auth_names edns_subnet_allow_list source_address tls_configurations
    udp_source_port_avoid
outgoing.number: bypass_server_throttling_probability edns_bufsize max_busy_dot_probes
    max_bytesperq max_ns_address_qperq max_ns_per_resolve max_qperq network_timeout
    non_resolving_ns_max_fails non_resolving_ns_throttle_time server_down_max_fails
    server_down_throttle_time tcp_max_idle_ms tcp_max_idle_per_auth tcp_max_idle_per_thread
    tcp_max_queries udp_source_port_max udp_source_port_min
packetcache.boolean: disable
packetcache.number: max_entries max_entry_size negative_ttl servfail_ttl shards ttl
recordcache.boolean: limit_qtype_any
recordcache.list: zonetocaches
recordcache.number: locked_ttl_perc max_cache_bogus_ttl max_entries max_entry_size
    max_negative_ttl max_rrset_size max_ttl refresh_on_ttl_perc serve_stale_extensions shards
recursor.boolean: allow_trust_anchor_query any_to_tcp daemon devonly_regression_test_mode
    export_etc_hosts extended_resolution_errors qname_minimization root_nx_trust
    save_parent_ns_set serve_rfc1918 serve_rfc6303 system_resolver_self_resolve_check write_pid
recursor.list: allowed_additional_qtypes auth_zones forward_zones forward_zones_recurse
    forwarding_catalog_zones ignore_unknown_settings rpzs sortlists stats_api_disabled_list
    stats_carbon_disabled_list stats_rec_control_disabled_list stats_snmp_disabled_list
recursor.number: event_trace_enabled latency_statistic_size lua_maintenance_interval
    max_chain_length max_cnames_followed max_generate_steps max_include_depth max_mthreads
    max_pointers_per_name max_pointers_per_packet_byte max_pointers_to_pointers
    max_recursion_depth max_total_msec minimum_ttl_override qname_max_minimize_count
    qname_minimize_one_label spoof_nearmiss_max stack_cache_size stack_size
    stats_ringbuffer_entries system_resolver_interval system_resolver_ttl tcp_threads threads
recursor.string: chroot config_dir config_name cpu_map dns64_prefix etc_hosts_file
    export_etc_hosts_search_suffix forward_zones_file hint_file include_dir lua_config_file
    lua_dns_script lua_global_include_dir lua_start_stop_script nothing_below_nxdomain
    public_suffix_list_file security_poll_suffix server_id setgid setuid socket_dir socket_group
    socket_mode socket_owner version_string
snmp.boolean: agent
snmp.string: daemon_socket
webservice.boolean: hash_plaintext_credentials webserver
webservice.list: allow_from listen
webservice.number: max_request_size port
webservice.string: address api_dir api_key loglevel password
"""
_TYPES: Mapping[str, tuple[type, ...]] = {
    "number": (int, float),
    "string": (str,),
    "list": (list,),
    "boolean": (bool,),
}


def _sections(text: str) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    section = kind = ""
    for word in text.split():
        if word.endswith(":"):
            section, _, kind = word.removesuffix(":").partition(".")
        else:
            found.setdefault(section, {})[word] = kind
    return found


SECTIONS = _sections(_TEXT)


def fits(section: str, name: str, value: object) -> bool:
    """Whether a setting that is known takes such a value, as far as its type goes."""
    kind = SECTIONS[section][name]
    # What is a boolean of YAML 1.1 alone, such as off, is a string to the recursor.
    is_word = isinstance(value, bool) and kind == "string"
    if isinstance(value, bool) and kind == "number":
        return False
    return is_word or isinstance(value, _TYPES[kind])
