"""``root-anchors ask``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from anchors.asking.control import parse_control
from anchors.asking.questions import Choice
from anchors.asking.resolv_conf import nameservers
from anchors.asking.result import Asked
from anchors.asking.run import ask
from anchors.cli.arguments import make_request, time_of
from anchors.cli.exit_codes import deliver, steps
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import Progress, put, say, wants_colour
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import parse_server
from anchors.pipeline.request import Request
from anchors.report.asking import renderer
from anchors.report.asking.text import render, summary_line
from anchors.rootzone.names import absolute_name

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> int:
    """Verify, and ask running resolvers what they do with the root's keys."""
    request = _request(arguments)
    servers = tuple(dict.fromkeys(map(parse_server, arguments.addresses))) or nameservers()
    with Progress(sys.stderr, quiet=arguments.quiet) as progress:
        asked = ask(
            request,
            servers,
            _choice(arguments),
            control=None if arguments.control is None else parse_control(arguments.control),
            say=steps(arguments),
            progress=lambda done: progress.show_words(f"{done:,} of {len(servers):,} resolvers"),
        )
    require_uninterrupted()
    if arguments.report is not None:
        deliver(arguments.report, _text(asked, arguments, colour=False))
        say(_line(asked, colour=wants_colour(arguments.color, sys.stderr)))
    else:
        put(_text(asked, arguments, colour=wants_colour(arguments.color, sys.stdout)))
    return asked.exit_code(strict=arguments.strict)


def _request(arguments: argparse.Namespace) -> Request:
    """Unless somebody else is named, the resolvers themselves hand over the root's keys."""
    policy = VerificationPolicy(at=time_of(arguments.at), signer=arguments.signer)
    request = make_request(arguments, policy)
    if arguments.dns is None and not arguments.offline and not arguments.server:
        return replace(request, dns="none")
    return request


def _choice(arguments: argparse.Namespace) -> Choice:
    default, zone = Choice(), arguments.sentinel_zone
    return Choice(
        zone=default.zone if zone is None else absolute_name(zone),
        real_names=zone is not None,
        good=None if arguments.good is None else absolute_name(arguments.good),
        bogus=None if arguments.bogus is None else absolute_name(arguments.bogus),
        rounds=arguments.rounds,
    )


def _text(asked: Asked, arguments: argparse.Namespace, *, colour: bool) -> str:
    if arguments.report_format != "text":
        return renderer(arguments.report_format)(asked)
    if arguments.quiet:
        return _line(asked, colour=colour)
    return render(asked, colour=colour, verbose=arguments.verbose > 0)


def _line(asked: Asked, *, colour: bool) -> str:
    return summary_line(asked, colour=colour) + "\n"
