//! Servers that die, stall and are cut off, and a database that is replaced, in the middle of load:
//! what the provider bills was granted, and every answered call is in the books.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bursar_kernel::{RequestId, Usd};
use bursar_postgres_fixture::Server;
use tokio::task::JoinSet;

use crate::cluster::{Cluster, Funded, post, until};
use crate::wire::Wire;

/// Callers at a time.
const CALLERS: usize = 6;
/// Longer than it takes the others to notice that a server is gone.
const NOTICED_WITHIN: Duration = Duration::from_secs(15);

/// Callers who go on calling, whoever answers.
struct Load {
    callers: JoinSet<Vec<RequestId>>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    fn begin(cluster: &Cluster, funded: &Funded) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let addresses: Vec<String> =
            cluster.nodes.iter().map(|node| node.address.clone()).collect();
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (addresses, key) = (addresses.clone(), funded.key.clone());
            let is_over = Arc::clone(&is_over);
            callers.spawn(async move {
                let mut answered = Vec::new();
                for address in addresses.iter().cycle().skip(caller) {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    // Where nobody answers, somebody else may.
                    let Some(answer) = post(address, &key).await else { continue };
                    match answer.status {
                        200 => answered.push(answer.header("x-request-id").parse().unwrap()),
                        503 => tokio::time::sleep(Duration::from_millis(50)).await,
                        status => panic!("{status}: {}", answer.body),
                    }
                }
                answered
            });
        }
        Self { callers, is_over }
    }

    /// The calls that were answered.
    async fn end(self) -> Vec<RequestId> {
        self.is_over.store(true, Ordering::Relaxed);
        self.callers.join_all().await.concat()
    }
}

/// Every answered call is in the books, and the provider billed no more than left the grant.
async fn prove(cluster: &Cluster, funded: &Funded, granted: Usd, answered: &[RequestId]) {
    let written = cluster.calls(funded.grant).await;
    let lost: Vec<_> = answered.iter().filter(|call| !written.contains(call)).collect();
    assert!(lost.is_empty(), "of {} answered calls these are lost: {lost:?}", answered.len());
    let gone = granted.checked_sub(cluster.available(funded.grant).await).unwrap();
    let billed = cluster.billed();
    println!("{} calls answered; the provider bills ${billed}; ${gone} left", answered.len());
    assert!(billed <= gone, "the provider bills ${billed}, and ${gone} left the grant");
    cluster.verify().await;
}

async fn answers(cluster: &Cluster, node: usize, funded: &Funded) {
    until("the server answers", NOTICED_WITHIN, async || {
        cluster.call(node, funded).await.is_some_and(|answer| answer.status == 200)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_die_stall_and_are_cut_off_in_the_middle_of_load() {
    let server = Server::start();
    let database = server.database();
    let wire = Wire::new(server.folder());
    let addresses = [database.clone(), database.clone(), wire.address(&database)];
    let mut cluster = Cluster::start(&addresses).await;
    let granted = "50".parse().unwrap();
    let funded = cluster.funded(granted);
    cluster.profile(r#"{"answer_tokens": 500, "first_byte_delay_ms": 40}"#);
    let load = Load::begin(&cluster, &funded);
    tokio::time::sleep(Duration::from_secs(2)).await;
    wire.cut();
    cluster.nodes[1].stall();
    tokio::time::sleep(Duration::from_secs(10)).await;
    // By now what both had borrowed is ended, and what they may have spent lies in suspense.
    wire.mend();
    cluster.nodes[1].go_on();
    for node in 0..3 {
        answers(&cluster, node, &funded).await;
    }
    let mut answered = load.end().await;
    // Both have come back and said what they knew: nothing is left to settle.
    until("nothing is in suspense", NOTICED_WITHIN, async || suspense(&cluster).await.is_zero())
        .await;
    let load = Load::begin(&cluster, &funded);
    tokio::time::sleep(Duration::from_secs(1)).await;
    cluster.nodes[2].kill();
    tokio::time::sleep(Duration::from_secs(1)).await;
    answered.extend(load.end().await);
    // Its leases are ended by the others, without whom nothing would come back.
    until("what it borrowed is ended", NOTICED_WITHIN, async || {
        suspense(&cluster).await.is_positive()
    })
    .await;
    cluster.replace(2);
    answers(&cluster, 2, &funded).await;
    prove(&cluster, &funded, granted, &answered).await;
}

/// Lets no call be written down, as a database does that has no room left.
const FULL: &str = "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql
     AS $$ BEGIN RAISE EXCEPTION 'no room is left' USING ERRCODE = '53100'; END $$;
     CREATE TRIGGER no_room BEFORE INSERT ON call EXECUTE FUNCTION no_room()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_cannot_be_written_is_offered_again_and_counts_once() {
    let server = Server::shared();
    let database = server.database();
    let cluster = Cluster::start(std::slice::from_ref(&database)).await;
    let cost = cluster.cost().await;
    let granted: Usd = "1".parse().unwrap();
    let funded = cluster.funded(granted);
    assert_eq!(cluster.call(0, &funded).await.unwrap().status, 200, "it has borrowed");
    let before = cluster.provider.log().len();
    server.sql(&database, FULL);
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let (address, key) = (cluster.nodes[0].address.clone(), funded.key.clone());
            tokio::spawn(async move { post(&address, &key).await.unwrap() })
        })
        .collect();
    let at_provider = async || before + 4 <= cluster.provider.log().len();
    until("they are at the provider", NOTICED_WITHIN, at_provider).await;
    // Longer than the provider takes: what the calls cost is known, and cannot be written.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(calls.iter().all(|call| !call.is_finished()), "no answer leaves before its charge");
    server.sql(&database, "DROP TRIGGER no_room ON call");
    let mut answered: Vec<RequestId> = Vec::new();
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answered.push(answer.header("x-request-id").parse().unwrap());
    }
    let written = cluster.calls(funded.grant).await;
    assert_eq!(written.len(), 5, "each is there once");
    assert!(answered.iter().all(|call| written.contains(call)), "{answered:?}: {written:?}");
    let left = granted.checked_sub(cost.checked_mul(5).unwrap()).unwrap();
    assert_eq!(cluster.available(funded.grant).await, left);
    cluster.verify().await;
}

async fn suspense(cluster: &Cluster) -> Usd {
    use bursar_store::{BookReads as _, LeaseFilter};
    let leases = cluster.store().await.leases(LeaseFilter::InSuspense).await.unwrap();
    Usd::sum(leases.iter().map(|state| state.suspense)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_replaced_by_the_one_that_follows_it_in_the_middle_of_load() {
    let primary = Server::start();
    let database = primary.database();
    let follower = primary.followed();
    let both = primary.address_of_both(&follower, &database);
    let cluster = Cluster::start(&[both.clone(), both.clone(), both]).await;
    let granted = "50".parse().unwrap();
    let funded = cluster.funded(granted);
    cluster.profile(r#"{"answer_tokens": 500, "first_byte_delay_ms": 40}"#);
    let load = Load::begin(&cluster, &funded);
    tokio::time::sleep(Duration::from_secs(2)).await;
    primary.kill();
    tokio::time::sleep(Duration::from_secs(1)).await;
    follower.promote();
    for node in 0..3 {
        answers(&cluster, node, &funded).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let answered = load.end().await;
    prove(&cluster, &funded, granted, &answered).await;
}
