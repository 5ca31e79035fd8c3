//! What this process has borrowed of the book and spends from memory: the machine of
//! `bursar-lease`, with the clock, the store and the calls around it.
//! Never decides what may be spent: the machine does, and the book.

mod lending;
mod recall;
mod writing;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{
    Actor, Cap, Clock, Entropy, Epoch, GrantId, HoldId, LeaseId, LotId, NodeId, PersonId,
    Timestamp, Usd,
};
use bursar_lease::{
    Group, Guards, Hold, Moment, Node, Output, Question, Reason, Refusal, Settings, Ticket,
};
use bursar_ledger::{Command, LeaseCommand};
use bursar_sources::clock::Stopwatch;
use bursar_store::rows::Call;
use bursar_store::{Batch, CommitError, Expect, Row, Store, Write};
use tokio::sync::oneshot;

use crate::lending::{Answer, Lender};
use crate::recall::ASKED_BACK_WITHIN;
pub use crate::recall::Recalled;

/// How often the machine is looked at while it has something: watermarks, idle slices, calls that
/// wait and calls that last are matters of tens of milliseconds.
const TICK: Duration = Duration::from_millis(10);
/// How long a call waits for its charge to be durable; the charge waits longer.
const DURABLE_WITHIN: Duration = Duration::from_secs(30);
const REFUSED: &str = "the books refuse what this process reports, and it has to be restarted";
const LATE: &str = "what the call cost is not written yet";

/// Says what a call is for, to whoever finds its hold in suspense. Asked only of calls that last.
pub trait Note: Send + Sync {
    /// The note of its hold.
    fn note(&self) -> String;
}

/// What this process has borrowed.
pub struct Borrower {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    draw: fn() -> Entropy,
    settings: Settings,
    began: Stopwatch,
    node: NodeId,
    /// Whether other processes lend of the same lots.
    is_shared: bool,
    /// Processes that live, this one included.
    nodes: AtomicU32,
    /// Never locked across an await.
    state: Mutex<State>,
    /// Who lends, one question at a time.
    lender: tokio::sync::Mutex<Lender>,
}

struct State {
    node: Node,
    waiting: HashMap<Ticket, oneshot::Sender<Result<Hold, Refusal>>>,
    /// Questions that the store is being asked.
    asking: HashSet<u64>,
    /// Open calls, for the note that a begun one leaves in the book.
    open: HashMap<HoldId, Arc<dyn Note>>,
    /// Calls that have ended and are in no group yet.
    ended: Vec<Ended>,
    /// What is available of a grant's lots beside what is lent of them, when last heard.
    beside: HashMap<GrantId, Vec<(LotId, Usd)>>,
    store_is: StoreIs,
    is_shared: bool,
    is_writing: bool,
    is_running: bool,
}

/// How the store took what it was last given or asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoreIs {
    /// It did it.
    Well,
    /// It is out of reach.
    OutOfReach,
    /// It refuses what this process reports: one of the two is wrong.
    Refusing,
}

/// A call that has ended.
struct Ended {
    call: Box<Call>,
    durable: Option<oneshot::Sender<()>>,
}

/// A group with the calls that it settles, on their way to the store.
struct Work {
    group: Option<Group>,
    batch: Batch,
    durable: Vec<oneshot::Sender<()>>,
}

impl std::fmt::Debug for Borrower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Borrower").field("node", &self.node).finish_non_exhaustive()
    }
}

impl Borrower {
    /// A node that has borrowed nothing yet, over a store and a clock; `draw` gives the random
    /// parts of names. Its first loan begins a task, so it is used inside a runtime.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, draw: fn() -> Entropy) -> Arc<Self> {
        let settings = Settings::default();
        // Each start of the process is a node of its own: nothing of its life outlives it but the
        // leases, which the next start ends.
        let node = NodeId::new(clock.now(), draw());
        let is_shared = store.is_shared();
        let machine =
            Node::new(node, Epoch::new(1), settings, Guards::default(), Moment::default());
        let state = State {
            node: machine,
            waiting: HashMap::new(),
            asking: HashSet::new(),
            open: HashMap::new(),
            ended: Vec::new(),
            beside: HashMap::new(),
            store_is: StoreIs::Well,
            is_shared,
            is_writing: false,
            is_running: false,
        };
        Arc::new(Self {
            store,
            clock,
            draw,
            settings,
            began: Stopwatch::start(),
            node,
            is_shared,
            nodes: AtomicU32::new(1),
            state: Mutex::new(state),
            lender: tokio::sync::Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Its name among the processes that share the store.
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The present moment, on the clock that leases are counted by.
    pub fn moment(&self) -> Moment {
        let millis = self.began.elapsed().as_millis();
        Moment::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }

    /// Sets money aside for a call: from memory where there is enough here, else the store is
    /// asked, and the call waits in the order of arrival.
    pub async fn hold(
        self: &Arc<Self>,
        question: Question,
        note: Arc<dyn Note>,
    ) -> Result<Hold, Refusal> {
        let answer = {
            let mut state = self.lock();
            let now = self.moment();
            if state.store_is != StoreIs::Well {
                return Err(out_of_touch(question.amount));
            }
            state.hear(now);
            let id = question.hold;
            match state.node.authorise(&question, now) {
                Ok(hold) => {
                    state.open.insert(id, note);
                    return Ok(hold);
                }
                Err(refusal) if refusal.reason != Reason::NotHere => return Err(refusal),
                Err(_) => {}
            }
            state.open.insert(id, note);
            let (answer, answered) = oneshot::channel();
            let ticket = state.node.wait(question, now);
            state.waiting.insert(ticket, answer);
            self.pump(&mut state);
            Waiting { borrower: self, ticket, hold: id, answered: Some(answered) }
        };
        answer.wait().await
    }

    /// A call is over and cost this much. When it returns, that is durable. An error says that it
    /// is not: the store is out of reach, and the charge waits for it; or, which only a fault of
    /// ours can bring about, the store refuses what this process reports.
    pub async fn settle(
        self: &Arc<Self>,
        hold: Option<Hold>,
        cost: Usd,
        call: Box<Call>,
    ) -> Result<(), CommitError> {
        let (durable, is_durable) = oneshot::channel();
        self.end(hold, cost, Ended { call, durable: Some(durable) });
        match tokio::time::timeout(DURABLE_WITHIN, is_durable).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(CommitError::Unavailable(REFUSED.to_owned())),
            Err(_) => Err(CommitError::Unavailable(LATE.to_owned())),
        }
    }

    /// The same for a call whose owner has died: nobody waits.
    pub fn settle_unattended(self: &Arc<Self>, hold: Hold, cost: Usd, call: Box<Call>) {
        self.end(Some(hold), cost, Ended { call, durable: None });
    }

    fn end(self: &Arc<Self>, hold: Option<Hold>, cost: Usd, ended: Ended) {
        let mut state = self.lock();
        if let Some(hold) = hold {
            state.open.remove(&hold.id());
            state.node.capture(hold, cost);
        }
        if state.store_is != StoreIs::Refusing {
            state.ended.push(ended);
        }
        self.pump(&mut state);
    }

    /// A call was never sent: its hold is free again, at once.
    pub fn release(self: &Arc<Self>, hold: Hold) {
        let mut state = self.lock();
        state.open.remove(&hold.id());
        state.node.release(hold);
        self.pump(&mut state);
    }

    /// What a grant can still spend, here and beside what is here.
    pub fn available(&self, holder: PersonId, grant: GrantId) -> Usd {
        let state = self.lock();
        let beside = state.beside.get(&grant).into_iter().flatten();
        let beside = Usd::sum(beside.map(|(_, amount)| *amount)).unwrap_or(Usd::MAX);
        state.node.free_of(holder, grant).checked_add(beside).unwrap_or(Usd::MAX)
    }

    /// What of a grant is here and not set aside.
    pub fn free_of(&self, holder: PersonId, grant: GrantId) -> Usd {
        self.lock().node.free_of(holder, grant)
    }

    /// What of a cap's rights is here and not set aside.
    pub fn rights_of(&self, cap: Cap) -> Usd {
        self.lock().node.rights_of(cap)
    }

    /// The store was heard until a moment: what was revoked until then is known here. To be said
    /// where the store is shared.
    pub fn heard(&self, until: Moment) {
        self.lock().node.heard(until);
    }

    /// Whether the store was heard lately enough for calls to begin; always, where nobody else
    /// writes to it.
    pub fn is_in_touch(&self) -> bool {
        !self.is_shared || self.lock().node.is_in_touch(self.moment())
    }

    /// How many processes share the store and live, this one included.
    pub fn nodes(&self) -> u32 {
        self.nodes.load(Ordering::Relaxed)
    }

    /// So many processes share the store and live, this one included.
    pub fn share_with(&self, nodes: u32) {
        self.nodes.store(nodes.max(1), Ordering::Relaxed);
    }

    /// Lets the machine say what it has to say, and sends the next group off.
    fn pump(self: &Arc<Self>, state: &mut State) {
        if !state.is_running {
            state.is_running = true;
            tokio::spawn(run(Arc::downgrade(self)));
        }
        let now = self.moment();
        state.hear(now);
        while let Some(output) = state.node.poll(now) {
            match output {
                Output::Answer(answer) => {
                    let waiter = state.waiting.remove(&answer.ticket);
                    let unclaimed = match waiter {
                        Some(waiter) => waiter.send(answer.result).err(),
                        None => Some(answer.result),
                    };
                    if let Some(Ok(hold)) = unclaimed {
                        state.open.remove(&hold.id());
                        state.node.release(hold);
                    }
                }
                Output::Ask(ask) => {
                    if state.asking.insert(ask.number) {
                        tokio::spawn(Arc::clone(self).ask(ask));
                    }
                }
            }
        }
        if !state.is_writing
            && let Some(work) = state.next_work(now, self.clock.now())
        {
            state.is_writing = true;
            tokio::spawn(Arc::clone(self).write(work));
        }
    }

    async fn ask(self: Arc<Self>, ask: Box<bursar_lease::Ask>) {
        let number = ask.number;
        let mut is_recalled = !self.is_shared;
        // Kept until the node has what was lent: whoever brings it back must find it there.
        let (_lender, answered, beside) = loop {
            let mut lender = self.lender.lock().await;
            match lender.answer(&self, &ask, is_recalled).await {
                Answer::Given(answered, beside) => break (lender, answered, beside),
                Answer::AskBack(leases) => {
                    // Nobody else's question waits meanwhile.
                    drop(lender);
                    self.ask_back(&leases, ASKED_BACK_WITHIN).await;
                    is_recalled = true;
                }
            }
        };
        let mut state = self.lock();
        state.asking.remove(&number);
        for (lot, (grant, left)) in beside {
            state.hear_of(grant, lot, left);
        }
        let now = self.moment();
        state.node.answered(&answered, now);
        self.pump(&mut state);
    }
}

impl State {
    /// Nothing is begun any more, and nobody waits for what will not be written.
    fn stop(&mut self) {
        self.node.stop();
        self.store_is = StoreIs::Refusing;
        self.ended.clear();
    }

    /// The store did what it was asked, or is out of reach.
    fn reached(&mut self, is_well: bool) {
        if self.store_is != StoreIs::Refusing {
            self.store_is = if is_well { StoreIs::Well } else { StoreIs::OutOfReach };
        }
    }

    /// Where nobody else writes, what is revoked is revoked in this process, so the store is heard
    /// as long as it writes.
    fn hear(&mut self, now: Moment) {
        if self.store_is == StoreIs::Well && !self.is_shared {
            self.node.heard(now);
        }
    }

    fn heard_of(&mut self, lease: LeaseId, left: Usd) {
        if let Some(lot) = self.node.lot_of(lease)
            && let (Some(grant), id) = (lot.grant, lot.id)
        {
            self.hear_of(grant, id, left);
        }
    }

    fn hear_of(&mut self, grant: GrantId, lot: LotId, left: Usd) {
        let lots = self.beside.entry(grant).or_default();
        match lots.iter_mut().find(|(known, _)| *known == lot) {
            Some((_, before)) => *before = left,
            None => lots.push((lot, left)),
        }
    }

    fn next_work(&mut self, now: Moment, at: Timestamp) -> Option<Work> {
        let mut group = self.node.next_group(now);
        if group.is_none() && self.ended.is_empty() {
            return None;
        }
        let mut batch = Batch::new(Actor::Job("gateway".to_owned()), at);
        for report in group.iter_mut().flat_map(|group| &mut group.reports) {
            for begun in &mut report.begun {
                let whole =
                    (0..HOLD_PARTS_MAX).find_map(|part| self.open.get(&begun.hold.whole(part)));
                begun.note = whole.map(|call| call.note()).unwrap_or_default();
            }
            let report = LeaseCommand::Report(Box::new(report.clone()));
            batch = batch.with(Command::Lease(report));
        }
        let mut durable = Vec::with_capacity(self.ended.len());
        for ended in self.ended.drain(..) {
            batch = batch.with(Write::Row(Row::Call(ended.call), Expect::New));
            durable.extend(ended.durable);
        }
        Some(Work { group, batch, durable })
    }
}

/// Looks at the machine every few milliseconds while it has something, and sleeps otherwise.
async fn run(borrower: Weak<Borrower>) {
    loop {
        let Some(borrower) = borrower.upgrade() else { return };
        let is_quiet = {
            let mut state = borrower.lock();
            borrower.pump(&mut state);
            let is_quiet = state.node.is_quiet();
            state.is_running = !is_quiet;
            is_quiet
        };
        if is_quiet {
            return;
        }
        drop(borrower);
        tokio::time::sleep(TICK).await;
    }
}

/// The store cannot write what calls cost: none begins.
const fn out_of_touch(needed: Usd) -> Refusal {
    let (reason, none) = (Reason::OutOfTouch, Usd::ZERO);
    Refusal { reason, available: none, needed, fits: none }
}

/// A call that waits for money. Should its task end, it leaves the line.
struct Waiting<'a> {
    borrower: &'a Arc<Borrower>,
    ticket: Ticket,
    hold: HoldId,
    answered: Option<oneshot::Receiver<Result<Hold, Refusal>>>,
}

impl Waiting<'_> {
    async fn wait(mut self) -> Result<Hold, Refusal> {
        let Some(answered) = &mut self.answered else { return Err(self.gone()) };
        let answer = answered.await;
        self.answered = None;
        match answer {
            Ok(Ok(hold)) => Ok(hold),
            Ok(Err(refusal)) => {
                self.borrower.lock().open.remove(&self.hold);
                Err(refusal)
            }
            Err(_) => Err(self.gone()),
        }
    }

    /// The machine keeps its answers: this is never reached.
    fn gone(&self) -> Refusal {
        self.borrower.lock().open.remove(&self.hold);
        out_of_touch(Usd::ZERO)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(mut answered) = self.answered.take() else { return };
        let mut state = self.borrower.lock();
        state.waiting.remove(&self.ticket);
        state.node.withdraw(self.ticket);
        state.open.remove(&self.hold);
        if let Ok(Ok(hold)) = answered.try_recv() {
            state.node.release(hold);
        }
    }
}
