//! One life: a clock, what is due, and a network that loses, delays, repeats and turns around.

use std::collections::BTreeMap;

use bursar_kernel::{
    Category, HoldId, LeaseId, Lot, LotId, Origin, PersonId, ProgramId, Scope, TradeId,
    TransferPolicy, UpstreamGroup, Usd,
};
use bursar_lease::{Output, Settings};
use bursar_ledger::{Command, Source, Trade};

use crate::auditor::{Violation, prove};
use crate::chance::Chance;
use crate::guards::{Switch, Taken};
use crate::process::Process;
use crate::run::Totals;
use crate::store::{From, Store, ToNode, ToStore, instant, person_id};
use crate::story::{Story, What, person_of};

/// How often a node's process and the store look at what is due.
const TICK_MS: u64 = 10;
/// How often an operator looks at what lies in suspense.
const OPERATOR_MS: u64 = 300;
/// How long nothing breaks any more before the last run of calls: leases end, holds are settled.
const QUIET_MS: u64 = 14_000;
/// What the cheapest call costs, in nano-dollars.
const CHEAPEST: i64 = 3_000_000;
/// How many calls the last run may be; a life's lots never pay for more.
const LAST_RUN_MAX: u64 = 1_500;
/// How soon after a key was revoked the last node knows: two seconds on the slowest clock.
const REVOKED_MS: u64 = 2_050;

mod calls;

#[derive(Debug)]
enum Due {
    Step(usize),
    ToStore(From, ToStore),
    ToNode(From, ToNode),
    Sync,
    StoreUp,
    StoreTick,
    Up(usize),
    Tick(usize),
    /// The provider has answered a call.
    Answered(From, HoldId),
    /// The answer is at the node.
    Ends(From, HoldId),
    LastRun,
}

/// A life as it goes on.
pub(crate) struct World<'a> {
    story: &'a Story,
    taken: Taken,
    t: u64,
    order: u64,
    due: BTreeMap<(u64, u64), Due>,
    network: Chance,
    store: Store,
    is_syncing: bool,
    processes: Vec<Process>,
    settings: Settings,
    /// When each key was revoked.
    revoked_at: BTreeMap<usize, u64>,
    topped_up_at: u64,
    calls: u64,
    last_run: u64,
    /// When nothing breaks any more.
    quiet_from: u64,
    end: u64,
    /// Calls that the provider works on, or has answered to nobody.
    forwarded: BTreeMap<HoldId, (Vec<(LeaseId, Usd)>, i64)>,
    pub(crate) totals: Totals,
    log: Option<Vec<String>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(story: &'a Story, taken: Taken, is_logged: bool) -> Self {
        let settings = Settings {
            slice_min: Usd::from_nanos(50_000_000),
            refresh_ms: 500,
            term_ms: 4_000,
            idle_ms: 1_000,
            patience_ms: 3_000,
            ask_again_ms: 200,
            ..Settings::default()
        };
        let last = story.steps.last().map_or(0, |step| step.at);
        let quiet_from = last.saturating_add(100);
        let mut world = Self {
            story,
            taken,
            t: 0,
            order: 0,
            due: BTreeMap::new(),
            network: Chance::new(story.seed ^ 0x6e65_7477_6f72_6b00),
            store: Store::new(settings, taken),
            is_syncing: false,
            processes: (0..story.nodes)
                .map(|node| Process::new(node, story.drift.get(node).copied().unwrap_or(0)))
                .collect(),
            settings,
            revoked_at: BTreeMap::new(),
            topped_up_at: 0,
            calls: 0,
            last_run: 0,
            quiet_from,
            end: quiet_from.saturating_add(QUIET_MS).saturating_add(200_000),
            forwarded: BTreeMap::new(),
            totals: Totals::default(),
            log: is_logged.then(Vec::new),
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let fund = Command::Fund {
            id: self.store.transfer_id(),
            program: program(),
            amount: Usd::from_nanos(1_000_000_000_000),
        };
        let funded = self.store.carry_out(&fund, 0);
        assert!(funded.is_ok(), "a program can be funded");
        for person in 0..2 {
            let (id, person) = (self.store.transfer_id(), person_id(person));
            let amount = Usd::from_nanos(100_000_000_000);
            let paid = self.store.carry_out(&Command::PayIn { id, person, amount }, 0);
            assert!(paid.is_ok(), "a person can pay in");
        }
        for step in 0..self.story.steps.len() {
            self.at(self.story.steps[step].at, Due::Step(step));
        }
        for node in 0..self.processes.len() {
            self.at(0, Due::Up(node));
            self.at(1, Due::Tick(node));
        }
        self.at(0, Due::StoreTick);
        self.at(self.quiet_from.saturating_add(QUIET_MS), Due::LastRun);
    }

    fn at(&mut self, t: u64, due: Due) {
        self.order = self.order.saturating_add(1);
        self.due.insert((t.max(self.t), self.order), due);
    }

    fn after(&mut self, millis: u64, due: Due) {
        self.at(self.t.saturating_add(millis), due);
    }

    fn log(&mut self, line: impl FnOnce() -> String) {
        let t = self.t;
        if let Some(log) = &mut self.log {
            log.push(format!("{t:>7} {}", line()));
        }
    }

    pub(crate) fn take_log(&mut self) -> Vec<String> {
        self.log.take().unwrap_or_default()
    }

    /// Lives the life to its end, or to the first law that does not hold.
    pub(crate) fn live(&mut self) -> Result<(), Violation> {
        while let Some(((t, _), due)) = self.due.pop_first() {
            self.t = t;
            self.totals.events = self.totals.events.saturating_add(1);
            if self.end <= t {
                let text = "the last run of calls has not ended".to_owned();
                return Err(Violation::new("every call is answered", text));
            }
            if self.carry_on(due)? {
                self.totals.overtaken = self.store.overtaken;
                return self.store.auditor.check_end(&self.store.book);
            }
        }
        Ok(())
    }

    /// Does what is due, and says whether the life is over.
    fn carry_on(&mut self, due: Due) -> Result<bool, Violation> {
        match due {
            Due::Step(step) => self.step(step)?,
            Due::ToStore(from, message) => self.store_hears(from, message),
            Due::Sync => self.sync()?,
            Due::StoreUp => {
                self.store.is_up = true;
                self.log(|| "the standby has taken over".to_owned());
            }
            Due::StoreTick => {
                if self.store.is_up {
                    self.store.tick(self.t);
                    self.sync_soon();
                    if self.t.is_multiple_of(OPERATOR_MS) {
                        self.settle_billed()?;
                    }
                }
                self.after(TICK_MS, Due::StoreTick);
            }
            Due::Up(node) => self.start(node),
            Due::Tick(node) => {
                self.after(TICK_MS, Due::Tick(node));
                if self.is_awake(node) {
                    self.tick(node)?;
                }
            }
            Due::ToNode(to, message) => {
                let stalled_until = self.processes[to.0].stalled_until;
                if self.t < stalled_until {
                    self.at(stalled_until, Due::ToNode(to, message));
                } else if self.lives(to) {
                    self.node_hears(to, message)?;
                }
            }
            Due::Answered(from, hold) => self.provider_answers(from, hold)?,
            Due::Ends(from, hold) => {
                let stalled_until = self.processes[from.0].stalled_until;
                if self.t < stalled_until {
                    self.at(stalled_until, Due::Ends(from, hold));
                } else if self.lives(from) {
                    self.call_ends(from, hold)?;
                }
            }
            Due::LastRun => return self.last_run(),
        }
        Ok(false)
    }

    fn lives(&self, from: From) -> bool {
        let process = &self.processes[from.0];
        process.machine.is_some() && process.epoch == from.1
    }

    fn is_awake(&self, node: usize) -> bool {
        let process = &self.processes[node];
        process.machine.is_some() && process.stalled_until <= self.t
    }

    // The network.

    fn is_quiet(&self) -> bool {
        self.quiet_from <= self.t
    }

    fn copies(&mut self, node: usize) -> u64 {
        if self.is_quiet() {
            return 1;
        }
        let is_lost = self.network.per_mille(self.story.lost);
        let is_twice = self.network.per_mille(self.story.twice);
        if is_lost || self.t < self.processes[node].cut_until {
            0
        } else if is_twice {
            2
        } else {
            1
        }
    }

    fn delay(&mut self) -> u64 {
        let most = if self.is_quiet() { 3 } else { self.story.delay_ms_max };
        self.network.between(1, most.max(1))
    }

    fn send_to_store(&mut self, from: From, message: ToStore) {
        for _ in 0..self.copies(from.0) {
            let delay = self.delay();
            self.after(delay, Due::ToStore(from, message.clone()));
        }
    }

    fn send_to_node(&mut self, to: From, message: ToNode) {
        for _ in 0..self.copies(to.0) {
            let delay = self.delay();
            self.after(delay, Due::ToNode(to, message.clone()));
        }
    }

    // The store.

    fn store_hears(&mut self, from: From, message: ToStore) {
        if !self.store.is_up {
            return;
        }
        if let Some(answer) = self.store.hear(from, message, self.t) {
            self.send_to_node(from, answer);
        }
        self.sync_soon();
    }

    fn sync_soon(&mut self) {
        if !self.is_syncing && self.store.has_pending() {
            self.is_syncing = true;
            let millis = self.network.between(1, 4);
            self.after(millis, Due::Sync);
        }
    }

    fn sync(&mut self) -> Result<(), Violation> {
        self.is_syncing = false;
        if !self.store.is_up {
            return Ok(());
        }
        self.totals.commits = self.totals.commits.saturating_add(1);
        for (to, message) in self.store.sync(self.t)? {
            self.log(|| format!("store to node {} of life {}: {message:?}", to.0, to.1));
            self.send_to_node(to, message);
        }
        if self.totals.commits.is_multiple_of(64) {
            prove(&self.store.book)?;
        }
        Ok(())
    }

    // What people do, and what breaks.

    fn settle_billed(&mut self) -> Result<(), Violation> {
        let settled = self.store.settle_billed(self.t)?;
        if 0 < settled {
            self.log(|| format!("an operator settles {settled} parts of calls"));
            self.totals.settled = self.totals.settled.saturating_add(settled);
            // What they did not cost is there again.
            self.topped_up_at = self.t;
        }
        Ok(())
    }

    fn step(&mut self, step: usize) -> Result<(), Violation> {
        let what = self.story.steps[step].what.clone();
        self.log(|| format!("{what:?}"));
        let usd = |amount: u64| Usd::from_nanos(i64::try_from(amount).unwrap_or(i64::MAX));
        match what {
            What::Call { node, key, amount, cost, millis, is_limited } => {
                let least = (!is_limited).then_some(CHEAPEST);
                self.call(node, (key, usd(amount), least), (cost, millis), false)?;
            }
            What::TopUp { person, amount, millis } => {
                let id = self.store.transfer_id();
                let lot = self.lot(person_id(person), usd(amount), millis);
                self.topped_up_at = self.t;
                self.store.auditor.granted(lot.face.nanos());
                self.ask(Command::Issue { id, lot, from: Source::Pool });
            }
            What::Allow { cap, amount } => {
                let id = self.store.transfer_id();
                self.ask(Command::Allow { id, cap, amount: usd(amount) });
            }
            What::Revoke { key } => {
                if self.store.is_up && !self.store.revoked.contains(&key) {
                    self.store.revoked.push(key);
                    self.revoked_at.insert(key, self.t);
                }
            }
            What::HandBack { lot, amount } => {
                if let Some(lot) = self.store.lots.get(lot).copied() {
                    let id = self.store.transfer_id();
                    self.ask(Command::Return { id, lot, amount: usd(amount) });
                }
            }
            What::Sell { lot, amount } => self.sell(lot, usd(amount)),
            What::Crash { node, millis } => {
                self.totals.crashes = self.totals.crashes.saturating_add(1);
                if let Some(process) = self.processes.get_mut(node)
                    && process.machine.is_some()
                {
                    process.die();
                    self.after(millis, Due::Up(node));
                }
            }
            What::Stall { node, millis } => {
                let until = self.t.saturating_add(millis);
                if let Some(process) = self.processes.get_mut(node) {
                    process.stalled_until = process.stalled_until.max(until);
                }
            }
            What::CutOff { node, millis } => {
                let until = self.t.saturating_add(millis);
                if let Some(process) = self.processes.get_mut(node) {
                    process.cut_until = process.cut_until.max(until);
                }
            }
            What::FailOver { millis, is_synced } => {
                self.totals.crashes = self.totals.crashes.saturating_add(1);
                if self.store.is_up {
                    self.store.fail(is_synced, self.t)?;
                    self.after(millis, Due::StoreUp);
                }
            }
        }
        Ok(())
    }

    fn ask(&mut self, command: Command) {
        if self.store.is_up {
            self.store.command(command);
            self.sync_soon();
        }
    }

    fn lot(&mut self, holder: PersonId, face: Usd, millis: u64) -> Lot {
        let id = LotId::from_bytes(self.store.transfer_id().to_bytes());
        Lot {
            id,
            holder,
            grant: None,
            program: program(),
            origin: Origin::ResearchGrant,
            face,
            active_from: instant(self.t),
            expires_at: instant(self.t.saturating_add(millis)),
            scope: Scope::default(),
            upstream_group: UpstreamGroup::new("openai"),
            transfer_policy: TransferPolicy::Market,
            priority: 0,
            category: Category::Promotional,
            cost_basis: Usd::ZERO,
        }
    }

    fn sell(&mut self, lot: usize, face: Usd) {
        let Some(from) = self.store.lots.get(lot) else { return };
        let from = self.store.book.lots[from].clone();
        let other = usize::from(from.holder == person_id(0));
        let lot = Lot {
            expires_at: from.expires_at,
            origin: Origin::Purchase,
            category: Category::Paid,
            cost_basis: Usd::from_nanos(1_000),
            ..self.lot(person_id(other), face, 0)
        };
        // A sale is carried out at the instant it is asked for: its lot begins then.
        let id = TradeId::from_bytes(self.store.transfer_id().to_bytes());
        let trade = Trade { id, from: from.id, lot, fee: Usd::ZERO };
        if self.store.is_up {
            self.topped_up_at = self.t;
            let _answer = self.store.carry_out(&Command::Trade(Box::new(trade)), self.t);
        }
    }

    // Nodes.

    fn start(&mut self, node: usize) {
        let process = &mut self.processes[node];
        process.start(self.settings, self.taken, self.t);
        let from = (node, process.epoch);
        self.log(|| format!("node {node} begins life {}", from.1));
    }

    fn tick(&mut self, node: usize) -> Result<(), Violation> {
        let t = self.t;
        let process = &mut self.processes[node];
        let from = (node, process.epoch);
        let now = process.moment(t);
        if process.pinged_at.saturating_add(200) <= t {
            process.pinged_at = t;
            let hello = !process.is_welcome;
            self.send_to_store(from, if hello { ToStore::Hello } else { ToStore::Ping(now) });
        }
        self.poll(from)?;
        let process = &mut self.processes[node];
        let Some(machine) = &mut process.machine else { return Ok(()) };
        if let Some(group) = machine.next_group(now) {
            process.group = Some((group.clone(), t));
            self.log(|| format!("node {node} to store: {group:?}"));
            self.send_to_store(from, ToStore::Group(Box::new(group)));
        } else if let Some((group, sent_at)) = &mut process.group
            && sent_at.saturating_add(150) <= t
        {
            *sent_at = t;
            let again = group.clone();
            self.send_to_store(from, ToStore::Group(Box::new(again)));
        }
        Ok(())
    }

    fn poll(&mut self, from: From) -> Result<(), Violation> {
        loop {
            let process = &mut self.processes[from.0];
            let now = process.moment(self.t);
            let Some(machine) = &mut process.machine else { return Ok(()) };
            match machine.poll(now) {
                None => return Ok(()),
                Some(Output::Ask(ask)) => {
                    self.log(|| format!("node {} to store: {ask:?}", from.0));
                    self.send_to_store(from, ToStore::Ask(ask));
                }
                Some(Output::Answer(answer)) => {
                    let wish = process.waiting.remove(&answer.ticket);
                    let Some(wish) = wish else { continue };
                    match answer.result {
                        Ok(hold) => self.forward(from, wish, hold)?,
                        Err(refusal) => self.refused(&wish, refusal)?,
                    }
                }
            }
        }
    }

    fn node_hears(&mut self, to: From, message: ToNode) -> Result<(), Violation> {
        let t = self.t;
        let is_charged_first = self.taken.up(Switch::ChargedFirst);
        let process = &mut self.processes[to.0];
        let now = process.moment(t);
        let Some(machine) = &mut process.machine else { return Ok(()) };
        match message {
            ToNode::Welcome(revoked) => {
                process.is_welcome = true;
                process.revoke(revoked);
            }
            ToNode::Pong(moment, revoked) => {
                machine.heard(moment);
                process.revoke(revoked);
            }
            ToNode::Answered(answered) => machine.answered(&answered, now),
            ToNode::Recall(lease) => machine.recall(lease),
            ToNode::Written(number, late) => {
                let is_ours = process.group.as_ref().is_some_and(|(g, _)| g.number == number);
                if !is_ours {
                    return Ok(());
                }
                let Some((group, _)) = process.group.take() else { return Ok(()) };
                machine.group_committed(&group, &late);
                for hold in group.charged() {
                    if let Some(cost) = process.ended.remove(&hold)
                        && is_charged_first
                    {
                        self.store.auditor.acknowledged(hold, cost);
                    }
                }
                self.store.auditor.check_acknowledged()?;
            }
        }
        self.poll(to)
    }

    // The end.

    /// Calls that leave their limit out, one after the other, until the money is gone: less than
    /// one cheapest call is left then. Says whether the life is over.
    fn last_run(&mut self) -> Result<bool, Violation> {
        let (key, node) = (2, 0);
        if self.last_run < LAST_RUN_MAX {
            self.last_run = self.last_run.saturating_add(1);
            if self.last_run == LAST_RUN_MAX {
                let text = "a run of calls goes on for ever".to_owned();
                return Err(Violation::new("every call is answered", text));
            }
            if self.store.revoked.contains(&key) {
                self.last_run = LAST_RUN_MAX;
                self.after(1, Due::LastRun);
                return Ok(false);
            }
            let amount = Usd::from_nanos(150_000_000);
            let cost = self.network.between(300, 1_000);
            self.call(node, (key, amount, Some(CHEAPEST)), (cost, 5), true)?;
            return Ok(false);
        }
        let left = self.store.left(person_id(person_of(key)), self.t);
        if !self.store.revoked.contains(&key) && CHEAPEST <= left {
            let text = format!("{left} is left and the cheapest call costs {CHEAPEST}");
            return Err(Violation::new("a run of calls ends with nothing left", text));
        }
        Ok(true)
    }
}

fn program() -> ProgramId {
    ProgramId::new("access")
}
