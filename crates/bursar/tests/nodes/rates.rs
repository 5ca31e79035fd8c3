//! Rate limits of several servers: together they let through what one would, and no more.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bursar_postgres_fixture::Server;
use futures_util::future::join_all;

use crate::cluster::{Cluster, Funded, until};

/// What the lowest tier of the shipped program lets through of embeddings in a minute, and of
/// small models.
const EMBEDDINGS: usize = 100;
const SMALL: usize = 3;

async fn cluster() -> (Arc<Server>, Cluster) {
    let server = Server::shared();
    let database = server.database();
    (server, Cluster::start(&[database.clone(), database.clone(), database]).await)
}

/// Calls for an embedding at servers in turn, all at once: the statuses that came, by how often.
async fn at_once(cluster: &Cluster, who: &Funded, nodes: &[usize], calls: usize) -> Counts {
    let calls = (0..calls).map(|call| cluster.embed(nodes[call % nodes.len()], who));
    let mut counts = Counts::new();
    for answer in join_all(calls).await {
        let answer = answer.expect("somebody answers");
        if answer.status == 429 {
            assert_eq!(answer.code(), "rate_limit_exceeded", "{}", answer.body);
            let wait: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=62).contains(&wait), "{wait}");
        }
        *counts.entry(answer.status).or_default() += 1;
    }
    counts
}

type Counts = HashMap<u16, usize>;

fn gone(counts: &Counts) -> usize {
    counts.get(&200).copied().unwrap_or(0)
}

/// Calls on, one at a time, until so many have gone through: a busy machine may have kept a server
/// from its store for a moment.
async fn up_to(
    cluster: &Cluster,
    who: &Funded,
    nodes: &[usize],
    (mut through, wanted): (usize, usize),
) -> usize {
    let began = Instant::now();
    while through < wanted {
        assert!(began.elapsed() < Duration::from_secs(45), "{through} of {wanted} went through");
        let more = gone(&at_once(cluster, who, nodes, 1).await);
        through += more;
        if more == 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
    through
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_let_exactly_the_limit_through() {
    let (_server, cluster) = cluster().await;
    let who = cluster.slow("slow@example.edu");
    let began = Instant::now();
    // One alone can have it all, when those before it have used none of what they have.
    let of_three = join_all((0..30).map(|call| cluster.call(call % 3, &who))).await;
    let through = of_three.iter().flatten().filter(|answer| answer.status == 200).count();
    assert_eq!(through, SMALL, "three requests a minute, wherever they come in");

    let counts = at_once(&cluster, &who, &[0, 1, 2], 240).await;
    assert_eq!(gone(&counts) + counts.get(&429).copied().unwrap_or(0), 240, "{counts:?}");
    assert!(gone(&counts) <= EMBEDDINGS, "{counts:?}");
    // What is left at one of them is had by calling on at another.
    let through = up_to(&cluster, &who, &[2], (gone(&counts), EMBEDDINGS)).await;
    for node in 0..3 {
        assert_eq!(gone(&at_once(&cluster, &who, &[node], 30).await), 0, "not one more");
    }
    assert!(began.elapsed() < Duration::from_mins(1), "the minute of the first is not over");
    assert_eq!(through, EMBEDDINGS);
    assert_eq!(cluster.provider.log().len(), EMBEDDINGS + SMALL, "what was refused went nowhere");
    // Another holder has all of theirs.
    let other = cluster.slow("other@example.edu");
    let through = gone(&at_once(&cluster, &other, &[1], 60).await);
    assert_eq!(up_to(&cluster, &other, &[1], (through, 60)).await, 60);
    cluster.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_die_or_stall_let_nothing_through_twice() {
    let (_server, mut cluster) = cluster().await;
    let who = cluster.slow("slow@example.edu");
    let began = Instant::now();
    let through = gone(&at_once(&cluster, &who, &[0, 1, 2], 45).await);
    let mut through = up_to(&cluster, &who, &[0, 1, 2], (through, 45)).await;
    // One dies with what it had, another stalls until it is taken for dead, and comes back.
    cluster.nodes[0].kill();
    cluster.nodes[1].stall();
    cluster.replace(0);
    let own = cluster.store().await;
    until("both are taken for dead", Duration::from_secs(40), async || {
        use bursar_store::NodeReads as _;
        own.peers().await.unwrap().len() == 2
    })
    .await;
    through += gone(&at_once(&cluster, &who, &[0, 2], 100).await);
    cluster.nodes[1].go_on();
    // It may answer that it is out of touch, and has none of what it had before.
    for _ in 0..5 {
        through += gone(&at_once(&cluster, &who, &[0, 1, 2], 30).await);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let took = began.elapsed();
    assert!(took < Duration::from_mins(1), "the minute of the first is over: {took:?}");
    assert!((45..=EMBEDDINGS).contains(&through), "{through}");
    assert_eq!(cluster.provider.log().len(), through);
    cluster.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_on_at_a_limit_asks_the_store_seldom() {
    let (_server, cluster) = cluster().await;
    let (greedy, other) = (cluster.slow("greedy@example.edu"), cluster.slow("other@example.edu"));
    at_once(&cluster, &greedy, &[0, 1, 2], 150).await;
    let (before, began) = (cluster.commits(), Instant::now());
    let mut refused = 0;
    for _ in 0..10 {
        let counts = at_once(&cluster, &greedy, &[0, 1, 2], 60).await;
        refused += counts.get(&429).copied().unwrap_or(0);
    }
    let seconds = began.elapsed().as_secs() + 1;
    assert!(500 < refused, "{refused}");
    // Two a second say that a server lives; a question a second, the call for what others have and
    // their answers are a few more, at each server.
    let written = cluster.commits() - before;
    assert!(
        written <= (seconds + 1) * 3 * 10,
        "{written} writes in {seconds} s for {refused} refusals"
    );
    // Nobody else is refused meanwhile, nor waits for their turn.
    let calls = async || at_once(&cluster, &other, &[0, 1, 2], 30).await;
    let (counts, _) = tokio::join!(calls(), at_once(&cluster, &greedy, &[0, 1, 2], 300));
    assert_eq!(gone(&counts), 30, "{counts:?}");
}
