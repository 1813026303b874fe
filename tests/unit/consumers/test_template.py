"""Templates of configurations are told, and read as far as what they always make."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from anchors.auditing.detect import recognise
from anchors.consumers.template import is_template, text_without_tags
from anchors.core.root_facts import KNOWN_KEYS

DS = f"20326 8 2 {KNOWN_KEYS[1].digest}"
WORDS = re.compile(b"anchor")
AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "{{ name }}",
        "{{- .Values.name }}",
        "{{ $name }}",
        "{% if a %}",
        "{%- endif %}",
        "<%= @name %>",
        "<% if a -%>",
        "<%- | String $a | -%>",
    ],
)
def test_the_marks_of_each_language_make_a_template(text: str) -> None:
    assert is_template(f"server:\n  port: {text}\n".encode())


@pytest.mark.parametrize("text", ["{{'.', 1}}", "{{1, 2}}", "{ a }", "100%", "a < b"])
def test_nested_tables_and_signs_make_none(text: str) -> None:
    assert not is_template(text.encode())


def test_lines_outside_of_statements_are_always_there_with_their_numbers() -> None:
    text = b"a: {{ x }}\n{% for b in c %}\nb: {{ b }}\n{% endfor %}\nanchor: 1\n"
    made = text_without_tags(text, WORDS)
    assert made == b"a: filled-in\n\n\n\nanchor: 1\n"


@pytest.mark.parametrize(
    "text",
    [
        b"anchor: {{ x }}\n",
        b"{% if a %}\nanchor: 1\n{% endif %}\n",
        b"<% if a %>\nanchor: 1\n<% end %>\n",
        b"{{ if .a }}\nanchor: 1\n{{ end }}\n",
        b"{% include 'other' %}\nanchor: 1\n",
        b"{{ everything_else }}\nanchor: 1\n",
    ],
)
def test_what_depends_on_what_is_filled_in_is_not_read(text: bytes) -> None:
    assert text_without_tags(text, WORDS) is None


NAMED = 'options {{\n  directory "{}";\n}};\ntrust-anchors {{ . static-ds {} "{}"; }};\n'
DIGEST = KNOWN_KEYS[1].digest
TEMPLATES = {
    "unbound.conf.j2": f'server:\n  port: {{{{ p }}}}\n  trust-anchor: ". IN DS {DS}"\n',
    "unbound.conf.erb": f'server:\n  interface: <%= @i %>\n  trust-anchor: ". DS {DS}"\n',
    "unbound.conf.tmpl": f'server:\n{{{{ if .a }}}}\n  trust-anchor: ". DS {DS}"\n{{{{ end }}}}\n',
    "named.conf.j2": NAMED.format("{{ dir }}", "20326 8 2", DIGEST),
    "named.conf.epp": NAMED.format("<%= $dir %>", "20326 8 2", DIGEST),
    "kresd.conf.j2": f"net.listen('{{{{ a }}}}')\ntrust_anchors.add('. IN DS {DS}')\n",
    "recursor.lua.j2": f"-- {{% if a %}}\naddTA('.', '{DS}')\n",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_of_a_configuration_is_told(name: str) -> None:
    reading = recognise(TEMPLATES[name].encode(), name, AT)
    assert reading is not None
    assert reading.notes
