// What dnsprovejs makes of a name with each file of anchors: dnsprove.mjs MODULES ADDRESS PORT NAME FILE...

import { createSocket } from "node:dgram";
import { createRequire } from "node:module";

const [modules, address, port, name, ...files] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const { DNSProver, DEFAULT_DIGESTS, DEFAULT_ALGORITHMS } = load("@ensdomains/dnsprovejs");
const packet = load("dns-packet");

const ask = (query) =>
  new Promise((answered, failed) => {
    const socket = createSocket("udp4");
    const end = setTimeout(() => failed(new Error("no reply")), 5000);
    socket.on("message", (message) => {
      clearTimeout(end);
      socket.close();
      answered(packet.decode(message));
    });
    socket.send(packet.encode(query), Number(port), address);
  });

for (const file of files) {
  const { ROOT_ANCHORS } = await import(file);
  const prover = new DNSProver(ask, DEFAULT_DIGESTS, DEFAULT_ALGORITHMS, ROOT_ANCHORS);
  try {
    const { answer } = await prover.queryWithProof("A", name);
    console.log("result:", answer.records.map((record) => record.data).join(" "));
  } catch (why) {
    console.log("result:", why.name);
  }
}
process.exit();
