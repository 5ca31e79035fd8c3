//! Calls that wait, in the order they came, and what the node asks the store for them.

use std::collections::VecDeque;

use bursar_kernel::{
    Cap, Caps, Endpoint, GrantId, LeaseId, Lot, ModelId, PersonId, UpstreamGroup, Usd,
};
use bursar_ledger::Leased;

use crate::guards::Guard;
use crate::moment::Moment;
use crate::node::{Answered, Node};
use crate::question::{Hold, Question, Reason, Refusal};
use crate::slice::{Keeps, Stage, plus};

/// Names a call that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What a node has to say when it is polled.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// A call has waited long enough.
    Answer(Answer),
    /// A question to the store. It is asked again until it is answered.
    Ask(Box<Ask>),
}

/// What became of a call that waited.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which.
    pub ticket: Ticket,
    /// The hold, or why not.
    pub result: Result<Hold, Refusal>,
}

/// A question to the store for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its number in the node's life; what is lent is named after it, so that it is lent once.
    pub number: u64,
    /// For which calls, or for which lease.
    pub want: Want,
    /// What is spent of it in a second, lately.
    pub rate: Usd,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// A call that waits needs it.
    Call {
        /// Whose wallet.
        holder: PersonId,
        /// Only lots of this grant.
        grant: Option<GrantId>,
        /// The model that is called.
        model: ModelId,
        /// The endpoint it is called at.
        endpoint: Endpoint,
        /// The upstreams that will serve it.
        upstream_group: UpstreamGroup,
        /// What is missing of the call's money.
        missing: Usd,
        /// The caps whose rights are needed too, and what is missing of each.
        caps: Vec<(Cap, Usd)>,
    },
    /// A lease that is spent from runs out of money or of time.
    More {
        /// What it is a part of.
        of: Leased,
        /// What it still has.
        left: Usd,
    },
}

/// What the store lent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// The lease that it is on.
    pub lease: LeaseId,
    /// What it is a part of.
    pub of: Leased,
    /// The lot, if it is a part of one.
    pub lot: Option<Lot>,
    /// All that was ever lent on it: what is new of that is more to spend.
    pub lent: Usd,
    /// How long it can be spent, from when the store was asked.
    pub valid_ms: u64,
    /// Whether little is left: what is not needed at once goes back.
    pub is_last: bool,
}

/// The store lent less than was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// Whether calls in flight or other nodes have some of it, which may come back.
    pub is_busy: bool,
}

/// Calls that wait for the same money: of one wallet, and under the same caps, if those are what
/// they may wait for. Nobody waits for a cap that is not theirs.
pub(crate) type Queue = (PersonId, Caps);

pub(crate) fn queue_of(question: &Question) -> Queue {
    (question.holder, question.caps)
}

/// Calls of one queue.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiters: VecDeque<Waiter>,
    /// The question that is out for the first of them.
    asking: Option<u64>,
    answered_at: Moment,
    /// What had gone back when the question was asked.
    as_of: u64,
    is_busy: bool,
}

#[derive(Debug)]
struct Waiter {
    ticket: Ticket,
    question: Question,
    until: Moment,
    is_asked: bool,
}

/// A question that is out.
#[derive(Debug)]
pub(crate) struct Asked {
    ask: Ask,
    holder: PersonId,
    /// What had gone back of the wallet then.
    as_of: u64,
    /// When it was first asked: what is lent is good from here on.
    at: Moment,
    sent_at: Moment,
}

impl Node {
    /// Lines a call up that was refused as [`Reason::NotHere`]. Its answer is polled.
    pub fn wait(&mut self, question: Question, now: Moment) -> Ticket {
        let ticket = Ticket(self.tickets);
        self.tickets = self.tickets.saturating_add(1);
        self.waiting = self.waiting.saturating_add(1);
        let until = now.after(self.settings.patience_ms);
        let line = self.lines.entry(queue_of(&question)).or_default();
        line.waiters.push_back(Waiter { ticket, question, until, is_asked: false });
        ticket
    }

    /// Whoever waited has left, or the key that it came with was revoked.
    pub fn withdraw(&mut self, ticket: Ticket) {
        let mut gone = 0_usize;
        self.lines.retain(|_, line| {
            let before = line.waiters.len();
            line.waiters.retain(|waiter| waiter.ticket != ticket);
            gone = gone.saturating_add(before.saturating_sub(line.waiters.len()));
            !line.waiters.is_empty()
        });
        self.waiting = self.waiting.saturating_sub(gone);
    }

    /// The next thing that the node has to say; to be polled until there is nothing, whenever
    /// something was told to it, and every few milliseconds while calls wait or leases run.
    pub fn poll(&mut self, now: Moment) -> Option<Output> {
        if let Some(ask) = self.ask_again(now) {
            return Some(Output::Ask(ask));
        }
        let queues: Vec<Queue> = self.lines.keys().copied().collect();
        let from_lines = queues.into_iter().find_map(|queue| self.poll_line(queue, now));
        from_lines.or_else(|| self.ask_ahead(now))
    }

    /// Takes in what the store answered, in whatever order and however often answers come: what
    /// they say was lent counts once. Only the first answer to a question lends time.
    pub fn answered(&mut self, answered: &Answered, now: Moment) {
        let asked = self.asks.remove(&answered.number);
        let asked_at = asked.as_ref().map(|asked| asked.at);
        let from = if self.guards.up(Guard::TimeFromAsking) { asked_at } else { Some(now) };
        for loan in &answered.loans {
            let place = self.place_of(loan, now);
            let slower = loan.valid_ms.saturating_mul(self.settings.drift_per_mille) / 1_000;
            let valid = loan.valid_ms.saturating_sub(slower);
            let slice = &mut self.slices[place];
            if slice.stage != Stage::GoingOn {
                continue;
            }
            let more = loan.lent.checked_sub(slice.lent).unwrap_or(Usd::ZERO).max(Usd::ZERO);
            slice.lent = plus(slice.lent, more);
            slice.funds = plus(slice.funds, more);
            if let Some(from) = from {
                slice.usable_until = slice.usable_until.max(from.after(valid));
            }
            slice.keep(if loan.is_last { Keeps::WhileAwaited } else { Keeps::All });
            slice.last_used = now;
            self.stir(place);
        }
        let Some(asked) = asked else { return };
        if let Want::More { of, .. } = asked.ask.want {
            for slice in self.slices.iter_mut().filter(|slice| slice.of == of) {
                slice.is_renewing = false;
            }
        }
        let is_answered = |line: &&mut Line| line.asking == Some(answered.number);
        if let Some(line) = self.lines.values_mut().find(is_answered) {
            line.asking = None;
            line.answered_at = now;
            line.as_of = asked.as_of;
            line.is_busy = answered.short.is_none_or(|short| short.is_busy);
        }
    }

    /// A question that was not answered is asked again, under its number.
    fn ask_again(&mut self, now: Moment) -> Option<Box<Ask>> {
        let patience = self.settings.ask_again_ms;
        let late = self.asks.values_mut().find(|asked| patience <= now.since(asked.sent_at))?;
        late.sent_at = now;
        Some(Box::new(late.ask.clone()))
    }

    fn poll_line(&mut self, queue: Queue, now: Moment) -> Option<Output> {
        // The first of the line is looked at while it is nobody else's.
        let waiter = self.lines.get_mut(&queue)?.waiters.pop_front()?;
        let (question, is_late) = (&waiter.question, waiter.until <= now);
        let result = match self.may_begin(now) {
            Err(Reason::Full) if !is_late => None,
            Err(reason) => Some(Err(self.refusal(question, reason, now))),
            Ok(()) => match self.take(question, question.amount, now) {
                Ok(hold) => Some(Ok(hold)),
                Err(_) => return self.decide_on_first(waiter, now),
            },
        };
        if let Some(result) = result {
            return Some(self.answer(&waiter, result));
        }
        self.put_back(waiter);
        None
    }

    /// The first of a line does not fit: it is asked for, waits, is lowered or refused.
    fn decide_on_first(&mut self, mut waiter: Waiter, now: Moment) -> Option<Output> {
        let (question, is_late) = (&waiter.question, waiter.until <= now);
        let (queue, reach) = (queue_of(question), self.reach(question, now));
        let line = self.lines.get(&queue)?;
        let (asking, since) = (line.asking.is_some(), now.since(line.answered_at));
        let is_here = question.amount <= reach.fits();
        let must_ask = !waiter.is_asked && self.guards.up(Guard::AskedFirst);
        let is_stale = line.as_of != reach.gave_back;
        let is_busy =
            line.is_busy || is_stale || reach.busy.is_positive() || self.is_asking_for(question);
        let mut result = None;
        if is_here || asking {
            // Only the watermark has to rise, or the store to answer.
            if is_late {
                result = Some(Err(self.refusal(question, Reason::Busy, now)));
            }
        } else if must_ask || (is_busy && !is_late && self.settings.ask_again_ms <= since) {
            let ask = self.ask_for(question, reach, now);
            waiter.is_asked = true;
            self.put_back(waiter);
            return Some(Output::Ask(ask));
        } else if is_late || !is_busy {
            result = self.lower_or_refuse(question, (reach.fits(), is_busy), now);
        }
        if let Some(result) = result {
            return Some(self.answer(&waiter, result));
        }
        self.put_back(waiter);
        None
    }

    /// Nothing more will come: only a limit that the client left out is lowered.
    fn lower_or_refuse(
        &mut self,
        question: &Question,
        (fits, is_busy): (Usd, bool),
        now: Moment,
    ) -> Option<Result<Hold, Refusal>> {
        let reason = if is_busy { Reason::Busy } else { Reason::Gone };
        let is_cut = !self.guards.up(Guard::WholeHold) && fits.is_positive();
        if is_cut || question.least.is_some_and(|least| least <= fits) {
            // Where only the watermark is missing, it rises with the next group.
            return self.take(question, fits, now).ok().map(Ok);
        }
        Some(Err(self.refusal(question, reason, now)))
    }

    fn ask_for(&mut self, question: &Question, reach: crate::node::Reach, now: Moment) -> Box<Ask> {
        let missing = |has: Usd| {
            let missing = question.amount.checked_sub(has).unwrap_or(Usd::ZERO);
            missing.max(Usd::ZERO)
        };
        let want = Want::Call {
            holder: question.holder,
            grant: question.grant,
            model: question.model.clone(),
            endpoint: question.endpoint,
            upstream_group: question.upstream_group.clone(),
            missing: missing(reach.free),
            caps: question.caps.iter().map(|cap| (cap, missing(self.rights(cap, now)))).collect(),
        };
        let first = self.wallet(question.holder).first().copied();
        let rate = first.map_or(Usd::ZERO, |place| self.rate(place, now));
        let ask = self.send(want, rate, (question.holder, reach.gave_back), now);
        if let Some(line) = self.lines.get_mut(&queue_of(question)) {
            line.asking = Some(ask.number);
        }
        ask
    }

    /// A lease in use that runs out of money or time is asked for before anybody waits.
    fn ask_ahead(&mut self, now: Moment) -> Option<Output> {
        let settings = self.settings;
        let runs_out = |slice: &crate::slice::Slice| {
            let is_used = now.since(slice.last_used) <= settings.refresh_ms;
            let has_time = settings.term_ms / 2 <= slice.usable_until.since(now);
            let has_money = slice.burnt <= slice.free();
            let may_ask =
                slice.stage == Stage::GoingOn && !slice.is_renewing && slice.keeps == Keeps::All;
            may_ask && is_used && slice.burnt.is_positive() && !(has_time && has_money)
        };
        let is_due = |at: Moment| self.settings.look_every_ms <= now.since(at);
        let place = if self.asked_at.is_none_or(is_due) {
            let place = self.slices.iter().position(runs_out);
            // Found one: there may be more, and the next poll goes on.
            self.asked_at = place.is_none().then_some(now);
            place?
        } else {
            let mut stirred = self.stirred.iter().copied();
            stirred.find(|place| runs_out(&self.slices[*place]))?
        };
        let rate = self.rate(place, now);
        let slice = &mut self.slices[place];
        slice.is_renewing = true;
        let (of, left) = (slice.of, slice.free());
        let holder = slice.lot.as_ref().map_or(PersonId::from_bytes([0; 16]), |lot| lot.holder);
        Some(Output::Ask(self.send(Want::More { of, left }, rate, (holder, 0), now)))
    }

    /// What was spent of a lease in a second, since the store was last asked for it.
    fn rate(&mut self, place: usize, now: Moment) -> Usd {
        let slice = &mut self.slices[place];
        let millis = i64::try_from(now.since(slice.burnt_since).max(1)).unwrap_or(i64::MAX);
        let nanos = slice.burnt.nanos().saturating_mul(1_000).checked_div(millis).unwrap_or(0);
        (slice.burnt, slice.burnt_since, slice.largest) = (Usd::ZERO, now, Usd::ZERO);
        Usd::from_nanos(nanos)
    }

    fn send(
        &mut self,
        want: Want,
        rate: Usd,
        (holder, as_of): (PersonId, u64),
        now: Moment,
    ) -> Box<Ask> {
        let number = self.asks_made;
        self.asks_made = self.asks_made.saturating_add(1);
        let ask = Ask { number, want, rate };
        let asked = Asked { ask: ask.clone(), holder, as_of, at: now, sent_at: now };
        self.asks.insert(number, asked);
        Box::new(ask)
    }

    /// Whether a question is out that may bring money of a call's wallet, or rights of its caps.
    fn is_asking_for(&self, question: &Question) -> bool {
        self.asks.values().any(|asked| {
            asked.holder == question.holder
                || matches!(&asked.ask.want, Want::More { of, .. }
                    if question.caps.iter().any(|cap| *of == Leased::Cap(cap)))
        })
    }

    /// Whether calls wait for a wallet.
    pub(crate) fn is_awaited(&self, holder: PersonId) -> bool {
        self.lines.keys().any(|(other, _)| *other == holder)
    }

    fn put_back(&mut self, waiter: Waiter) {
        let line = self.lines.entry(queue_of(&waiter.question)).or_default();
        line.waiters.push_front(waiter);
    }

    fn answer(&mut self, waiter: &Waiter, result: Result<Hold, Refusal>) -> Output {
        self.waiting = self.waiting.saturating_sub(1);
        let queue = queue_of(&waiter.question);
        if self.lines.get(&queue).is_some_and(|line| line.waiters.is_empty()) {
            self.lines.remove(&queue);
        }
        Output::Answer(Answer { ticket: waiter.ticket, result })
    }
}
