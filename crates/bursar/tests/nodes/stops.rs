//! What is stopped at one server is stopped at every other within a second.

use std::time::{Duration, Instant};

use bursar_postgres_fixture::Server;

use crate::cluster::{Cluster, Funded, until};

/// A server that has heard nothing for 2 seconds refuses by itself; this is only about hearing.
const HEARD_WITHIN: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stopped_at_one_server_stops_at_all() {
    let server = Server::shared();
    let database = server.database();
    let mut cluster = Cluster::start(&[database.clone(), database.clone(), database]).await;
    let who = cluster.funded("5".parse().unwrap());
    let grant = who.grant.to_string();
    let switches = [
        (["grant", &grant], (429, "grant_stopped")),
        (["program", "openai-researcher-access"], (429, "program_stopped")),
        (["upstream", "provider"], (503, "upstream_stopped")),
    ];
    for ([kind, name], refused) in switches {
        everywhere(&cluster, &who, (200, "")).await;
        turn(&cluster, kind, "stop", name);
        let stopped = Instant::now();
        everywhere(&cluster, &who, refused).await;
        println!("every server refuses {:?} after the {kind} was stopped", stopped.elapsed());
        assert!(stopped.elapsed() < HEARD_WITHIN, "{kind}: {:?}", stopped.elapsed());
        let sent = cluster.provider.log().len();
        let available = cluster.available(who.grant).await;
        for node in 0..3 {
            let answer = cluster.call(node, &who).await.unwrap();
            assert_eq!((answer.status, answer.code().as_str()), refused);
        }
        assert_eq!(cluster.provider.log().len(), sent, "nothing goes out");
        assert_eq!(cluster.available(who.grant).await, available, "nothing moves");
        // One that starts meanwhile knows it from its first call on.
        cluster.nodes[2].kill();
        cluster.replace(2);
        let answer = cluster.call(2, &who).await.unwrap();
        assert_eq!((answer.status, answer.code().as_str()), refused);
        turn(&cluster, kind, "start", name);
    }
    everywhere(&cluster, &who, (200, "")).await;
    cluster.verify().await;
}

fn turn(cluster: &Cluster, kind: &str, verb: &str, name: &str) {
    let said = cluster.told(&[kind, verb, name, "--reason", "A test of the switch."]);
    let is_stopped = verb == "stop";
    assert_eq!((&said["kind"], &said["name"]), (&kind.into(), &name.into()));
    assert_eq!(said["stopped"], is_stopped);
}

/// Waits until every server answers so.
async fn everywhere(cluster: &Cluster, who: &Funded, wanted: (u16, &str)) {
    for node in 0..3 {
        until(&format!("server {node} answers {wanted:?}"), 20 * HEARD_WITHIN, async || {
            let answer = cluster.call(node, who).await.expect("somebody answers");
            (answer.status, answer.code().as_str()) == wanted
        })
        .await;
    }
}
