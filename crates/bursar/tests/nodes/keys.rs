//! An upstream's key that is exchanged at one server is exchanged at every other within a second.

use std::time::{Duration, Instant};

use bursar_postgres_fixture::Server;

use crate::cluster::{Cluster, Funded, PROVIDERS_KEY, until};

/// A server that has heard nothing for 2 seconds refuses by itself; this is only about hearing.
const HEARD_WITHIN: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_sealed_at_one_server_opens_at_all() {
    let server = Server::shared();
    let database = server.database();
    let mut cluster = Cluster::start(&[database.clone(), database.clone(), database]).await;
    let who = cluster.funded("5".parse().unwrap());
    let set = ["upstream", "key", "set", "provider"];
    let refused = cluster.told_with(&set, "sk-wrong").unwrap_err();
    assert!(refused.contains("hint: `bursar master-key add --file"), "{refused}");
    let file = cluster.config().join("master.key");
    let file = file.to_str().unwrap();
    let made = cluster.told(&["master-key", "add", "--file", file]);
    assert!(cluster.told_with(&set, "two words").unwrap_err().contains("Give the key alone"));

    everywhere(&cluster, &who, 200).await;
    let wrong = cluster.told_with(&set, "sk-wrong\n").unwrap();
    let since = Instant::now();
    // The provider takes its own key alone, and that it refuses the gateway's is nobody's fault.
    everywhere(&cluster, &who, 503).await;
    println!("every server has the new key after {:?}", since.elapsed());
    assert!(since.elapsed() < HEARD_WITHIN, "{:?}", since.elapsed());
    assert_eq!((&wrong["opens"], &wrong["master_key"]), (&true.into(), &made["master_keys"][0]));

    let right = cluster.told_with(&set, PROVIDERS_KEY).unwrap();
    assert_ne!(right["fingerprint"], wrong["fingerprint"]);
    everywhere(&cluster, &who, 200).await;
    // One that starts meanwhile opens what was sealed, under a master key that is no longer new.
    cluster.told(&["master-key", "add", "--file", file]);
    cluster.nodes[2].kill();
    cluster.replace(2);
    everywhere(&cluster, &who, 200).await;
    assert_eq!(cluster.told_with(&["upstream", "key", "reseal"], "").unwrap()["resealed"], 1);
    everywhere(&cluster, &who, 200).await;
    cluster.told_with(&["upstream", "key", "remove", "provider"], "").unwrap();
    let left = cluster.told(&["upstream", "key", "list"]);
    assert_eq!(left["keys"].as_array().map(Vec::len), Some(0));
    everywhere(&cluster, &who, 200).await;
    cluster.verify().await;
}

/// Waits until every server answers so. One that was refused is left alone by servers for a while,
/// so the wait is longer than what is heard takes.
async fn everywhere(cluster: &Cluster, who: &Funded, wanted: u16) {
    for node in 0..3 {
        until(&format!("server {node} answers {wanted}"), 60 * HEARD_WITHIN, async || {
            cluster.call(node, who).await.expect("somebody answers").status == wanted
        })
        .await;
    }
}
