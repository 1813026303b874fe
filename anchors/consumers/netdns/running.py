"""Net::DNS::Resolver::Unbound, by a few lines of Perl."""

from __future__ import annotations

from anchors.consumers.by_script import ByScript
from anchors.consumers.driver import Driver

__all__ = ["DRIVERS", "NetDnsUnbound"]

_SCRIPT = """\
use strict;
use warnings;
use Net::DNS::Resolver::Unbound;
my ($file, $server, @names) = @ARGV;
my $resolver = Net::DNS::Resolver::Unbound->new(
    nameservers => [], option => ['do-not-query-localhost', 'no'], add_ta_file => $file);
$resolver->set_fwd($server);
for my $name (@names) {
    my $reply = eval { $resolver->send($name, 'A') };
    my $why = $@ || $resolver->errorstring || '';
    my $word = !$reply ? $why =~ s/\\s+/ /gr
        : $reply->header->ad ? $reply->header->rcode eq 'NXDOMAIN' ? 'denied' : 'secure'
        : $why =~ /^validation failure/ ? 'bogus' : 'taken';
    print "$name $word\\n";
}
"""


class NetDnsUnbound(ByScript):
    """``Net::DNS::Resolver::Unbound->new(add_ta_file => FILE)``."""

    name = "Net::DNS::Resolver::Unbound"
    package = "libnet-dns-resolver-unbound-perl"
    programs = ("perl",)
    library = "usr/lib/*/perl5/*/Net/DNS/Resolver/Unbound.pm"
    script = _SCRIPT
    version_script = "use Net::DNS::Resolver::Unbound; print $Net::DNS::Resolver::Unbound::VERSION"


DRIVERS: tuple[Driver, ...] = (NetDnsUnbound(),)
