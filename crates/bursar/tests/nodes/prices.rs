//! A price table that is approved at one server prices the calls of every other within a second.

use std::time::{Duration, Instant};

use bursar_kernel::Usd;
use bursar_postgres_fixture::Server;

use crate::cluster::{Cluster, until};

/// A server that has heard nothing for 2 seconds refuses by itself; this is only about hearing.
const HEARD_WITHIN: Duration = Duration::from_secs(1);
const SHIPPED: &str = "openai-2026-11-29";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_approved_at_one_server_prices_at_all() {
    let server = Server::shared();
    let database = server.database();
    let mut cluster = Cluster::start(&[database.clone(), database.clone(), database]).await;
    let who = cluster.funded("5".parse().unwrap());
    let cost = cluster.cost().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = bursar_catalog::write(&bursar_catalog::shipped()).replacen(SHIPPED, "free-to-us", 1);
    let at = text.find("[model.\"gpt-4o-mini\"]").unwrap();
    let (before, model) = text.split_at(at);
    let model = model.replacen("output = \"0.60\"", "output = \"0.61\"", 1);
    std::fs::write(file.path(), format!("{before}{model}")).unwrap();
    let path = file.path().to_str().unwrap();
    let proposed = cluster.told(&["prices", "propose", path]);
    assert_eq!(proposed["changes"][0], "gpt-4o-mini: standard output 0.60 -> 0.61 (+1 %)");
    // 24 tokens of output, a hundredth of a dollar a million dearer.
    let dearer = cost.checked_add("0.00000024".parse().unwrap()).unwrap();
    everywhere(&cluster, &who, cost).await;
    let approved = cluster.told(&["prices", "approve", "free-to-us"]);
    let since = Instant::now();
    assert_eq!(approved["in_force"], true);
    everywhere(&cluster, &who, dearer).await;
    println!("every server prices by the new table after {:?}", since.elapsed());
    assert!(since.elapsed() < HEARD_WITHIN, "{:?}", since.elapsed());
    // One that starts meanwhile, with the old catalog file, prices by what was approved.
    cluster.nodes[2].kill();
    cluster.replace(2);
    everywhere(&cluster, &who, dearer).await;
    let tables = cluster.told(&["prices", "list"]);
    assert_eq!(
        (&tables["in_force"], &tables["tables"][1]["version"]),
        (&"free-to-us".into(), &SHIPPED.into())
    );
    cluster.verify().await;
}

/// Waits until a call costs so much at every server.
async fn everywhere(cluster: &Cluster, who: &crate::cluster::Funded, wanted: Usd) {
    for node in 0..3 {
        until(&format!("a call at server {node} costs ${wanted}"), 20 * HEARD_WITHIN, async || {
            let answer = cluster.call(node, who).await.expect("somebody answers");
            answer.status == 200 && answer.header("x-bursar-cost") == wanted.to_string()
        })
        .await;
    }
}
