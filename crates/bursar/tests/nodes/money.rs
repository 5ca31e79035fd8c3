//! Money on three servers: exact to the call, usable to the last cent, and gone everywhere at once.

use std::time::{Duration, Instant};

use bursar_kernel::Usd;
use bursar_postgres_fixture::Server;
use bursar_store::{BookReads as _, HoldFilter};
use futures_util::future::join_all;

use crate::cluster::{Answer, Cluster, Funded};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_share_one_balance() {
    let server = Server::start();
    let database = server.database();
    let cluster = Cluster::start(&[database.clone(), database.clone(), database]).await;
    let cost = cluster.cost().await;
    two_hundred_at_once_with_money_for_nine(&cluster, cost).await;
    the_last_call_is_paid_wherever_it_is_made(&cluster, cost).await;
    what_others_do_not_need_is_asked_back(&cluster).await;
    cluster.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keys_cap_and_its_end_hold_on_every_server() {
    let server = Server::shared();
    let database = server.database();
    let cluster = Cluster::start(&[database.clone(), database.clone(), database]).await;
    let cost = cluster.cost().await;
    sixty_at_once_under_a_cap_for_nine(&cluster, cost).await;
    two_keys_share_a_study_everywhere(&cluster, cost).await;
    a_lowered_cap_holds_everywhere(&cluster, cost).await;
    a_revoked_key_stops_everywhere(&cluster).await;
    cluster.verify().await;
}

/// The grant has plenty: the key alone is short, and each server has borrowed of its rights.
async fn sixty_at_once_under_a_cap_for_nine(cluster: &Cluster, cost: Usd) {
    let capped = cluster.capped("10".parse().unwrap(), cost.checked_mul(9).unwrap());
    cluster.profile(r#"{"answer_tokens": 500, "first_byte_delay_ms": 800}"#);
    let answers = join_all((0..60).map(|call| insist(cluster, call % 3, &capped))).await;
    cluster.profile(r#"{"answer_tokens": 500}"#);
    let paid = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(paid, 9, "a cap for nine lets nine go");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((answer.status, answer.code().as_str()), (429, "project_spend_limit_exceeded"));
    }
    assert_eq!(cluster.calls(capped.grant).await.len(), 9);
}

/// The grant has plenty, and so has each key: their study alone is short.
async fn two_keys_share_a_study_everywhere(cluster: &Cluster, cost: Usd) {
    let keys = cluster.studied("10".parse().unwrap(), cost.checked_mul(9).unwrap());
    let calls = (0..40).map(|call| insist(cluster, call % 3, &keys[call / 3 % 2]));
    let answers = join_all(calls).await;
    let paid = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(paid, 9, "a budget for nine lets nine go");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((answer.status, answer.code().as_str()), (429, "project_spend_limit_exceeded"));
        assert!(answer.body.contains("study's budget"), "{}", answer.body);
    }
    assert_eq!(cluster.calls(keys[0].grant).await.len(), 9);
}

/// Each server has borrowed cents of rights, and one has a call in flight that has set some aside,
/// when the cap is lowered to a few calls.
async fn a_lowered_cap_holds_everywhere(cluster: &Cluster, cost: Usd) {
    let times = |calls: i64| cost.checked_mul(calls).unwrap();
    let capped = cluster.capped("10".parse().unwrap(), "0.40".parse().unwrap());
    for node in 0..3 {
        assert_eq!(insist(cluster, node, &capped).await.status, 200);
    }
    let store = cluster.store().await;
    cluster.profile(r#"{"answer_tokens": 24, "first_byte_delay_ms": 2500}"#);
    let lower = async {
        while store.holds(HoldFilter::Open).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        cluster.cap(&capped, times(10));
        // These find the call in flight, and some wait for what it could give back.
        cluster.profile(r#"{"answer_tokens": 500}"#);
        join_all((0..9).map(|call| insist(cluster, call % 3, &capped))).await
    };
    let (in_flight, meanwhile) = tokio::join!(cluster.call_for(1, &capped, (1, 16_000)), lower);
    let in_flight = in_flight.unwrap();
    assert_eq!(in_flight.status, 200, "{}", in_flight.body);
    let (held, spent) = (in_flight.header("x-bursar-hold"), in_flight.header("x-bursar-cost"));
    assert!(times(100) < held.parse().unwrap(), "what it gives back would pay for many: {held}");
    let left = times(7).checked_sub(spent.parse().unwrap()).unwrap();
    let more = left.nanos() / cost.nanos();
    assert!((1..7).contains(&more), "{spent} of {}", times(7));
    let paid = meanwhile.iter().filter(|answer| answer.status == 200).count();
    let paid = i64::try_from(paid).unwrap();
    assert!(paid <= more, "{paid} calls on a cap for {more}");
    println!("{paid} of {more} calls that a lowered cap leaves waited for the call in flight");
    only(cluster, &capped, more.checked_sub(paid).unwrap()).await;
    // Below what is spent it ends all calls, and raised again it lets as many more go.
    cluster.cap(&capped, cost);
    only(cluster, &capped, 0).await;
    let all = times(5 + more).checked_add(spent.parse().unwrap()).unwrap();
    cluster.cap(&capped, all);
    only(cluster, &capped, 2).await;
    cluster.uncap(&capped);
    let began = Instant::now();
    for node in 0..3 {
        while insist(cluster, node, &capped).await.status != 200 {
            assert!(began.elapsed() < Duration::from_secs(2), "server {node} goes by the old cap");
        }
    }
}

/// Of nine calls at once so many go, and the key's cap refuses the others.
async fn only(cluster: &Cluster, capped: &Funded, calls: i64) {
    let answers = join_all((0..9).map(|call| insist(cluster, call % 3, capped))).await;
    let (paid, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(paid.len(), usize::try_from(calls).unwrap());
    for answer in refused {
        assert_eq!((answer.status, answer.code().as_str()), (429, "project_spend_limit_exceeded"));
    }
}

async fn two_hundred_at_once_with_money_for_nine(cluster: &Cluster, cost: Usd) {
    let nine = cost.checked_mul(9).unwrap();
    let poor = cluster.funded(nine);
    let before = cluster.provider.log().len();
    // So slow that nothing comes back from the nine while the others ask.
    cluster.profile(r#"{"answer_tokens": 500, "first_byte_delay_ms": 1500}"#);
    let answers = join_all((0..200).map(|call| insist(cluster, call % 3, &poor))).await;
    cluster.profile(r#"{"answer_tokens": 500}"#);
    let paid = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(paid, 9, "money for nine pays for nine");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((answer.status, answer.code().as_str()), (429, "credit_balance_exhausted"));
    }
    assert_eq!(cluster.calls(poor.grant).await.len(), 9);
    assert_eq!(cluster.available(poor.grant).await, Usd::ZERO);
    let forwarded = cluster.provider.log().len().checked_sub(before).unwrap();
    assert_eq!(forwarded, 9, "what was refused was never forwarded");
}

/// Calls as an SDK does: again, should a busy machine have kept the server from its store, or the
/// calls in flight from ending while this one waited for what they had set aside.
async fn insist(cluster: &Cluster, node: usize, funded: &Funded) -> Answer {
    loop {
        let answer = cluster.call(node, funded).await.unwrap();
        let busy = answer.status == 429 && answer.code() == "rate_limit_exceeded";
        if answer.status != 503 && !busy {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn the_last_call_is_paid_wherever_it_is_made(cluster: &Cluster, cost: Usd) {
    let calls = 30;
    let grant = cluster.funded(cost.checked_mul(calls).unwrap());
    for (call, node) in (0..calls).zip([0, 1, 2].into_iter().cycle()) {
        let answer = insist(cluster, node, &grant).await;
        assert_eq!(answer.status, 200, "call {call} at {node}: {}", answer.body);
    }
    for node in 0..3 {
        let answer = insist(cluster, node, &grant).await;
        assert_eq!((answer.status, answer.code().as_str()), (429, "credit_balance_exhausted"));
    }
    assert_eq!(cluster.available(grant.grant).await, Usd::ZERO);
}

async fn what_others_do_not_need_is_asked_back(cluster: &Cluster) {
    let funded = cluster.funded("0.40".parse().unwrap());
    // Each borrows a slice of a few cents, and uses next to nothing of it.
    for node in 0..3 {
        assert_eq!(insist(cluster, node, &funded).await.status, 200);
    }
    // 38 answers of up to 16,000 tokens at $0.60 a million: more than the others leave.
    let began = Instant::now();
    let answer = cluster.call_for(0, &funded, (38, 16_000)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let hold: Usd = answer.header("x-bursar-hold").parse().unwrap();
    assert!("0.36".parse::<Usd>().unwrap() < hold, "{hold}");
    // Idle slices go back by themselves after five seconds.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    println!("three slices came together in {:?}", began.elapsed());
}

async fn a_revoked_key_stops_everywhere(cluster: &Cluster) {
    let funded = cluster.funded("1".parse().unwrap());
    for node in 0..3 {
        assert_eq!(insist(cluster, node, &funded).await.status, 200);
    }
    cluster.revoke(&funded);
    let revoked = Instant::now();
    let mut stopped = [false; 3];
    while stopped.contains(&false) {
        assert!(revoked.elapsed() < Duration::from_secs(2), "{stopped:?}");
        for (node, stopped) in stopped.iter_mut().enumerate() {
            *stopped = cluster.call(node, &funded).await.unwrap().status == 401;
        }
    }
    println!("every server refuses the key {:?} after it was revoked", revoked.elapsed());
}
