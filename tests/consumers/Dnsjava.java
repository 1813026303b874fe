import java.util.Properties;
import org.xbill.DNS.*;
import org.xbill.DNS.dnssec.ValidatingResolver;

/** For each file of anchors: how many sets dnsjava holds, what init says, and what it makes of names. */
public class Dnsjava {
    public static void main(String[] arguments) throws Exception {
        SimpleResolver root = new SimpleResolver(arguments[0]);
        root.setPort(Integer.parseInt(arguments[1]));
        for (int at = 2; at < arguments.length; at++) {
            Properties properties = new Properties();
            properties.put("dnsjava.dnssec.trust_anchor_file", arguments[at]);
            ValidatingResolver resolver = new ValidatingResolver(root);
            String thrown = "-";
            try {
                resolver.init(properties);
            } catch (Exception exception) {
                thrown = exception.getClass().getSimpleName();
            }
            StringBuilder held = new StringBuilder();
            for (RRset set : resolver.getTrustAnchors().items())
                for (org.xbill.DNS.Record record : set.rrs())
                    held.append(record.rdataToString()).append(", ");
            StringBuilder judged = new StringBuilder();
            for (String name : new String[] {"www.e2e.", "bogus.e2e.", "nx.e2e."}) {
                Message reply = resolver.send(Message.newQuery(
                    org.xbill.DNS.Record.newRecord(Name.fromString(name), Type.A, DClass.IN)));
                judged.append(Rcode.string(reply.getRcode()));
                judged.append(reply.getHeader().getFlag(Flags.AD) ? "+AD " : " ");
            }
            System.out.println(thrown + "|" + held + "|" + judged);
        }
    }
}
