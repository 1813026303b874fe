"""Write the shells' completions from the parser: ``python -m tests.docs.completions``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tests.docs.commands import Argument, Command, CommandLine, command_line
from tests.docs.markdown import ROOT

__all__ = ["COMPLETIONS", "SHARE", "bash", "fish", "zsh"]

SHARE = ROOT / "docs" / "data" / "share"

_LONG = 60
_MADE = "Made from the parser by tests/docs/completions.py."


def _quoted(text: str) -> str:
    """A word for any of the three shells, which in single quotes take it as it is."""
    return f"'{text}'" if "'" not in text else '"' + re.sub(r'([$`"\\])', r"\\\1", text) + '"'


def _short(text: str) -> str:
    """The help as one line of a list."""
    return re.split(r": | \(default", text)[0] if len(text) > _LONG else text


# bash


def bash(line: CommandLine) -> str:
    """A function for bash's ``complete`` (bash 4.4 or newer)."""
    names = " ".join(command.name for command in line.commands)
    return f"""\
# bash completion for root-anchors.  {_MADE}

_root_anchors() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
    local command='' words='' kind='' i
    # bash takes --option=value apart.
    if [ "$word" = = ]; then
        word=''
    elif [ "$before" = = ]; then
        before=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
            {names.replace(" ", " | ")})
                command=${{COMP_WORDS[i]}}
                break
                ;;
        esac
    done
    case $command:$before in
{_bash_values(line)}
        *)
            case $command:$word in
{_bash_places(line)}
            esac
            ;;
    esac
    COMPREPLY=()
    [ -z "$words" ] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    case $kind in
        files | folders)
            compopt -o filenames 2>/dev/null
            [ "$kind" = files ] && kind=-f || kind=-d
            mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen "$kind" -- "$word")
            ;;
    esac
}}

complete -F _root_anchors root-anchors
"""


def _bash_values(line: CommandLine) -> str:
    """A case for each option that a value follows."""
    cases: dict[str, list[str]] = {}
    for command in line.commands:
        for option in command.options:
            if option.value is not None:
                patterns = cases.setdefault(_bash_offer(option), [])
                patterns += [f"{command.name}:{flag}" for flag in option.flags]
    return "\n".join(_bash_case(patterns, offer, 8) for offer, patterns in cases.items())


def _bash_places(line: CommandLine) -> str:
    """A case for each command: its options, and what stands without one."""
    everything = (line.program, *line.commands)
    cases = [
        _bash_case([f"{command.name}:-*"], f"words={_quoted(' '.join(_flags(command)))}", 16)
        for command in everything
    ]
    names = " ".join(command.name for command in line.commands)
    cases.append(_bash_case([":*"], f"words={_quoted(names)}", 16))
    for command in line.commands:
        if command.positional:
            offers = dict.fromkeys(_bash_offer(one) for one in command.positional)
            cases.append(_bash_case([f"{command.name}:*"], " ".join(offers), 16))
    return "\n".join(cases)


def _bash_case(patterns: Sequence[str], offer: str, indent: int) -> str:
    inside = " " * indent
    one_of = f" | \\\n{inside}".join(patterns)
    return f"{inside}{one_of})\n{inside}    {offer}\n{inside}    ;;"


def _bash_offer(one: Argument) -> str:
    """What may stand there; nothing, where no shell can know."""
    parts = []
    if one.words:
        parts.append(f"words={_quoted(' '.join(one.words))}")
    if one.files or one.folders:
        parts.append("kind=files" if one.files else "kind=folders")
    return " ".join(parts) or ":"


def _flags(command: Command) -> list[str]:
    return [flag for option in command.options for flag in option.flags]


# zsh


def zsh(line: CommandLine) -> str:
    """A function for zsh's ``compinit``."""
    parts = [
        "#compdef root-anchors",
        f"# zsh completion for root-anchors.  {_MADE}",
        "",
        "_root_anchors_either() {",
        '    compadd -- "$@[2,-1]"',
        "    _files $=1",
        "}",
        "",
        "_root_anchors() {",
        "    local context state state_descr line",
        "    typeset -A opt_args",
        "    _arguments -C \\",
        *(f"        {_zsh_argument(one)} \\" for one in line.program.options),
        "        '1:command:->command' \\",
        "        '*::argument:->argument'",
        "    case $state in",
        "        command)",
        "            local -a commands=(",
        *(f"                {_quoted(f'{one.name}:{one.text}')}" for one in line.commands),
        "            )",
        "            _describe command commands",
        "            ;;",
        "        argument)",
        "            case $words[1] in",
        *(text for command in line.commands for text in _zsh_command(command)),
        "            esac",
        "            ;;",
        "    esac",
        "}",
        "",
        '_root_anchors "$@"',
    ]
    return "\n".join(parts) + "\n"


def _zsh_command(command: Command) -> Iterator[str]:
    yield f"                {command.name})"
    arguments = [_zsh_argument(one) for one in (*command.options, *command.positional)]
    yield "                    _arguments \\"
    yield from (f"                        {text} \\" for text in arguments[:-1])
    yield f"                        {arguments[-1]}"
    yield "                    ;;"


def _zsh_argument(one: Argument) -> str:
    """A specification of ``_arguments`` (zshcompsys(1))."""
    value = f":{_zsh_plain(one.value)}:{_zsh_action(one)}" if one.value else ""
    if not one.flags:
        return _quoted(f"{'*' if one.repeatable else ':' if one.optional else ''}{value}")
    text = f"[{_zsh_plain(_short(one.text))}]{value}"
    if one.repeatable:
        return " ".join(_quoted(f"*{flag}{text}") for flag in one.flags)
    others = f"({' '.join(one.flags)})" if len(one.flags) > 1 else ""
    return " ".join(_quoted(f"{others}{flag}{text}") for flag in one.flags)


def _zsh_action(one: Argument) -> str:
    kind = "" if one.files else "-/"
    if one.words and (one.files or one.folders):
        return f' _root_anchors_either "{kind}" {" ".join(one.words)}'
    if one.words:
        return f"({' '.join(one.words)})"
    return f"_files {kind}".strip() if one.files or one.folders else " "


def _zsh_plain(text: str) -> str:
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


# fish


def fish(line: CommandLine) -> str:
    """``complete`` commands for fish."""
    first = "complete -c root-anchors -n __fish_use_subcommand"
    parts = [
        f"# fish completion for root-anchors.  {_MADE}",
        "complete -c root-anchors -f",
        *(f"{first}{_fish_argument(one)}" for one in line.program.options),
        *(f"{first} -a {one.name} -d {_quoted(one.text)}" for one in line.commands),
    ]
    for command in line.commands:
        start = f"complete -c root-anchors -n '__fish_seen_subcommand_from {command.name}'"
        parts += [f"{start}{_fish_argument(one)}" for one in command.arguments]
    return "\n".join(parts) + "\n"


def _fish_argument(one: Argument) -> str:
    names = "".join(
        f" -l {flag[2:]}" if flag.startswith("--") else f" -s {flag[1:]}" for flag in one.flags
    )
    words = [*one.words, *(["(__fish_complete_directories)"] if one.folders else [])]
    offer = f" -a {_quoted(' '.join(words))}" if words else ""
    # -x: a value must follow, and no file; -r: the same, and a file may.
    kind = (" -r -F" if one.files else " -x") if one.value and one.flags else ""
    if not one.flags and one.files:
        kind = " -F"
    return f"{names}{kind}{offer} -d {_quoted(_short(one.text))}"


COMPLETIONS: Mapping[Path, Callable[[CommandLine], str]] = MappingProxyType(
    {
        SHARE / "bash-completion" / "completions" / "root-anchors": bash,
        SHARE / "zsh" / "site-functions" / "_root-anchors": zsh,
        SHARE / "fish" / "vendor_completions.d" / "root-anchors.fish": fish,
    }
)


if __name__ == "__main__":
    for path, write in COMPLETIONS.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write(command_line()), encoding="utf-8")
