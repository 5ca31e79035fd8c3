//! How long a pair of authorise and capture takes on a lease, against a bare mutex and map that
//! do the same sum and keep nothing for the book.
//!
//! Groups are written all the while, as a node's runtime would, and their cost is in the figure.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bursar_kernel::{
    Caps, Category, Endpoint, Epoch, HoldId, LeaseId, Lot, LotId, ModelId, NodeId, Origin,
    PersonId, ProgramId, Scope, Timestamp, TransferPolicy, UpstreamGroup, Usd,
};
use bursar_lease::{Answered, Guards, Loan, Moment, Node, Output, Question, Settings};
use bursar_ledger::Leased;

/// Pairs in one measurement, and how often it is repeated; the best counts.
const PAIRS: u32 = 500_000;
const ROUNDS: u32 = 5;
/// Pairs in one group commit: what some milliseconds gather.
const PAIRS_A_GROUP: u32 = 256;

fn main() {
    let lease = best(on_a_lease);
    let bare = best(on_a_mutex_and_map);
    // Turned so that higher is better.
    let thousandths = bare.as_nanos() * 1_000 / lease.as_nanos().max(1);
    let pair = |time: Duration| time.as_nanos() / u128::from(PAIRS);
    writeln!(
        std::io::stdout().lock(),
        "{{\"name\":\"authorise and capture on a lease\",\"value\":{},\"unit\":\"ns a pair\",\
         \"baseline\":\"a bare mutex and map\",\"baseline_value\":{},\"ratio\":{}.{:03},\
         \"goal_ratio\":0.4}}",
        pair(lease),
        pair(bare),
        thousandths / 1_000,
        thousandths % 1_000
    )
    .expect("somebody reads");
}

fn best(measure: fn() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| measure()).min().expect("there is a round")
}

/// The machine behind a mutex, as a node of several threads has it.
fn on_a_lease() -> Duration {
    let node = Mutex::new(borrowed());
    let mut question = question();
    let cost = Usd::from_nanos(1_000);
    let begun = Instant::now();
    for pair in 0..PAIRS {
        question.hold = hold(pair);
        let hold = {
            let mut node = node.lock().expect("nobody panics");
            node.authorise(&question, Moment::default()).expect("there is enough")
        };
        let mut node = node.lock().expect("nobody panics");
        node.capture(hold, cost);
        if pair % PAIRS_A_GROUP == 0 {
            write(&mut node);
        }
    }
    begun.elapsed()
}

fn on_a_mutex_and_map() -> Duration {
    let state = Mutex::new((i64::MAX / 2, HashMap::new()));
    let begun = Instant::now();
    for pair in 0..PAIRS {
        let id = hold(pair);
        {
            let mut state = state.lock().expect("nobody panics");
            state.0 -= 1_000_000;
            state.1.insert(id, 1_000_000_i64);
        }
        let mut state = state.lock().expect("nobody panics");
        let held = state.1.remove(&id).expect("it is held");
        state.0 += held - 1_000;
    }
    begun.elapsed()
}

fn write(node: &mut Node) {
    if let Some(group) = node.next_group(Moment::default()) {
        node.group_committed(&group, &[false]);
    }
}

/// A node with a slice that no measurement spends.
fn borrowed() -> Node {
    let now = Moment::default();
    let (id, epoch) = (NodeId::from_bytes([1; 16]), Epoch::new(1));
    let mut node = Node::new(id, epoch, Settings::default(), Guards::default(), now);
    let large = Question { amount: Usd::from_nanos(1_000_000_000_000), ..question() };
    node.wait(large, now);
    let Some(Output::Ask(ask)) = node.poll(now) else { unreachable!("the store is asked") };
    let loan = Loan {
        lease: LeaseId::from_bytes([3; 16]),
        of: Leased::Lot(lot().id),
        lot: Some(lot()),
        lent: Usd::from_nanos(1_000_000_000_000),
        valid_ms: 1_000_000,
        is_last: false,
    };
    node.answered(&Answered { number: ask.number, loans: vec![loan], short: None }, now);
    assert!(node.poll(now).is_none(), "the watermark is missing");
    write(&mut node);
    let Some(Output::Answer(answer)) = node.poll(now) else { unreachable!("it is enough") };
    node.release(answer.result.expect("it is enough"));
    node
}

fn question() -> Question {
    Question {
        hold: hold(0),
        holder: PersonId::from_bytes([2; 16]),
        grant: None,
        model: ModelId::new("gpt-4.1-mini"),
        endpoint: Endpoint::ChatCompletions,
        upstream_group: UpstreamGroup::new("openai"),
        amount: Usd::from_nanos(1_000_000),
        least: None,
        caps: Caps::NONE,
        placed_at: Timestamp::UNIX_EPOCH,
        settle_by: Timestamp::UNIX_EPOCH,
    }
}

fn lot() -> Lot {
    Lot {
        id: LotId::from_bytes([4; 16]),
        holder: PersonId::from_bytes([2; 16]),
        grant: None,
        program: ProgramId::new("access"),
        origin: Origin::ResearchGrant,
        face: Usd::from_nanos(1_000_000_000_000),
        active_from: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::MAX,
        scope: Scope::default(),
        upstream_group: UpstreamGroup::new("openai"),
        transfer_policy: TransferPolicy::Pool,
        priority: 0,
        category: Category::Promotional,
        cost_basis: Usd::ZERO,
    }
}

fn hold(pair: u32) -> HoldId {
    HoldId::from_bytes((u128::from(pair) << 16).to_be_bytes())
}
