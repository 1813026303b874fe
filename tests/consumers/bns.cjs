// What bns makes of names with each file of hints: bns.cjs MODULES PORT FILE...

const { createRequire } = require("node:module");
const [modules, port, ...files] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const { RecursiveResolver } = load("bns");
const Hints = load("bns/lib/hints");

(async () => {
  for (const file of files) {
    const hints = Hints.fromFile(file);
    hints.port = Number(port);
    const resolver = new RecursiveResolver({ inet6: false, edns: true, dnssec: true, hints });
    resolver.on("error", () => {});
    await resolver.open();
    const said = [];
    for (const name of ["www.e2e.", "bogus.e2e.", "nx.e2e."]) {
      const { code, ad } = await resolver.lookup(name, "A");
      said.push(`${code}${ad ? "+AD" : ""}`);
    }
    await resolver.close();
    console.log("result:", hints.anchors.length, ...said);
  }
})();
