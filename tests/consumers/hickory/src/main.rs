// What Hickory's resolver makes of the lab's names with each file of anchors:
// hickory-proof ADDRESS PORT FILE...

use hickory_proto::dnssec::TrustAnchors;
use hickory_proto::rr::RecordType;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::Resolver;
use std::{env, path::PathBuf, sync::Arc};

const NAMES: [&str; 3] = ["www.e2e.", "bogus.e2e.", "nx.e2e."];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = env::args().collect();
    for file in &arguments[3..] {
        let path = PathBuf::from(file);
        match TrustAnchors::from_file(&path) {
            Ok(anchors) => {
                let held = anchors.len();
                let builder = builder(&arguments).with_trust_anchor(Arc::new(anchors));
                println!("{held}|{}", judged(builder.build().unwrap()).await);
            }
            Err(why) => println!("refused|{}", why.to_string().replace('\n', " ")),
        }
        // The option of the same name, which switches validation on.
        let mut builder = builder(&arguments);
        builder.options_mut().trust_anchor = Some(path);
        println!("option|{}", judged(builder.build().unwrap()).await);
    }
}

fn builder(arguments: &[String]) -> hickory_resolver::ResolverBuilder<TokioRuntimeProvider> {
    let mut server = NameServerConfig::udp_and_tcp(arguments[1].parse().unwrap());
    for connection in &mut server.connections {
        connection.port = arguments[2].parse().unwrap();
    }
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    Resolver::builder_with_config(config, TokioRuntimeProvider::default())
}

async fn judged(resolver: Resolver<TokioRuntimeProvider>) -> String {
    let mut words = vec![];
    for name in NAMES {
        words.push(match resolver.lookup(name, RecordType::A).await {
            Ok(found) => {
                let proofs = found.answers().iter().map(|record| record.proof);
                format!("{:?}", proofs.min().unwrap())
            }
            Err(why) => why.to_string().split('(').next().unwrap().trim().to_string(),
        });
    }
    words.join("|")
}
