//! Calls: asked for, forwarded, billed, and told what they cost.

use bursar_kernel::{Endpoint, HoldId, LeaseId, ModelId, UpstreamGroup, Usd};
use bursar_lease::{Hold, Question, Reason, Refusal};
use bursar_ledger::Leased;

use super::{Due, LAST_RUN_MAX, REVOKED_MS, TICK_MS, World};
use crate::auditor::Violation;
use crate::guards::Switch;
use crate::process::{Call, Wish};
use crate::store::{From, instant, name, person_id};
use crate::story::{caps_of, person_of};

impl World<'_> {
    pub(super) fn call(
        &mut self,
        node: usize,
        (key, amount, least): (usize, Usd, Option<i64>),
        (cost, millis): (u64, u64),
        is_last_run: bool,
    ) -> Result<(), Violation> {
        self.calls = self.calls.saturating_add(1);
        let hold = HoldId::from_bytes(name(0x50, 0, 0, self.calls, 0));
        let settle_by = self.t.saturating_add(60_000);
        let question = Question {
            hold,
            holder: person_id(person_of(key)),
            grant: None,
            model: ModelId::new("gpt-4.1-mini"),
            endpoint: Endpoint::ChatCompletions,
            upstream_group: UpstreamGroup::new("openai"),
            amount,
            least: least.map(Usd::from_nanos),
            caps: caps_of(key),
            placed_at: instant(self.t),
            settle_by: instant(settle_by),
        };
        let wish = Wish { question, key, cost, millis, is_last_run };
        let can_serve = node < self.processes.len() && self.is_awake(node);
        if !can_serve || !self.processes[node].is_welcome {
            self.unserved(&wish);
            return Ok(());
        }
        let process = &mut self.processes[node];
        if process.revoked.contains(&key) {
            self.unserved(&wish);
            return Ok(());
        }
        let now = process.moment(self.t);
        let from = (node, process.epoch);
        let Some(machine) = &mut process.machine else { return Ok(()) };
        let queue = (wish.question.holder, wish.question.caps);
        let is_before = |other: &Wish| (other.question.holder, other.question.caps) == queue;
        match machine.authorise(&wish.question, now) {
            Ok(hold) => {
                if process.waiting.values().any(is_before) {
                    let text = format!("call `{}` has overtaken others", hold.id());
                    return Err(Violation::new("calls are served in their order", text));
                }
                self.forward(from, wish, hold)
            }
            Err(Refusal { reason: Reason::NotHere, .. }) => {
                let ticket = machine.wait(wish.question.clone(), now);
                process.waiting.insert(ticket, wish);
                self.totals.waited = self.totals.waited.saturating_add(1);
                self.poll(from)
            }
            Err(refusal) => self.refused(&wish, refusal),
        }
    }

    fn unserved(&mut self, wish: &Wish) {
        if wish.is_last_run {
            self.after(TICK_MS, Due::LastRun);
        }
    }

    /// Money is set aside: the provider gets the call.
    pub(super) fn forward(&mut self, from: From, wish: Wish, hold: Hold) -> Result<(), Violation> {
        self.totals.calls = self.totals.calls.saturating_add(1);
        self.totals.lowered = self.totals.lowered.saturating_add(u64::from(hold.is_lowered()));
        self.log(|| format!("call `{}` begins with ${}", hold.id(), hold.amount()));
        if let Some(at) = self.revoked_at.get(&wish.key)
            && at.saturating_add(REVOKED_MS) < self.t
        {
            let text = format!("call `{}` began {} ms later", hold.id(), self.t - at);
            return Err(Violation::new("a revoked key stops within two seconds", text));
        }
        let process = &mut self.processes[from.0];
        let Some(machine) = &process.machine else { return Ok(()) };
        let parts: Vec<(LeaseId, Usd)> = machine.lies_on(&hold).collect();
        for (lease, _) in &parts {
            let lease = &self.store.book.leases[lease];
            if let Leased::Lot(lot) = lease.of
                && self.store.book.lots[&lot].expires_at <= instant(self.t)
            {
                let text = format!("call `{}` began on lot `{lot}`", hold.id());
                return Err(Violation::new("nothing is spendable at its expiry", text));
            }
        }
        // What a client that set its limit may use does not shrink with the hold.
        let is_limited = wish.question.least.is_none();
        let most = if is_limited { wish.question.amount } else { hold.amount() };
        let thousandths = i64::try_from(wish.cost).unwrap_or(1_000);
        let cost = most.nanos().saturating_mul(thousandths) / 1_000;
        let id = hold.id();
        self.forwarded.insert(id, (parts.clone(), cost));
        let call = Call { hold: Some(hold), parts, cost, is_last_run: wish.is_last_run };
        process.calls.insert(id, call);
        self.after(wish.millis, Due::Answered(from, id));
        Ok(())
    }

    pub(super) fn refused(&mut self, wish: &Wish, refusal: Refusal) -> Result<(), Violation> {
        self.totals.refused = self.totals.refused.saturating_add(1);
        self.log(|| format!("call `{}` is refused: {refusal:?}", wish.question.hold));
        let question = &wish.question;
        let is_capped = !question.caps.is_empty();
        let needed = question.least.unwrap_or(question.amount).nanos();
        // What was not there a moment ago may be unknown to a node: new money, and what comes back
        // out of suspense.
        let newest = self.topped_up_at.max(self.store.came_back_at);
        let is_settled = newest.saturating_add(2_000) < self.t;
        if refusal.reason == Reason::Gone && !is_capped && is_settled {
            let left = self.store.left(question.holder, self.t);
            if needed <= left {
                let text = format!("call `{}` needs {needed}, {left} is there", question.hold);
                return Err(Violation::new("what is called gone is gone", text));
            }
        }
        if wish.is_last_run && refusal.reason != Reason::Gone {
            self.after(TICK_MS, Due::LastRun);
        } else if wish.is_last_run {
            self.last_run = LAST_RUN_MAX;
            self.after(TICK_MS, Due::LastRun);
        }
        Ok(())
    }

    /// The provider bills a call when it has answered, whoever hears of it.
    pub(super) fn provider_answers(&mut self, from: From, hold: HoldId) -> Result<(), Violation> {
        if let Some((parts, cost)) = self.forwarded.remove(&hold) {
            self.store.auditor.billed(&self.store.book, hold, &parts, cost)?;
        }
        self.after(1, Due::Ends(from, hold));
        Ok(())
    }

    pub(super) fn call_ends(&mut self, from: From, id: HoldId) -> Result<(), Violation> {
        let process = &mut self.processes[from.0];
        let (Some(mut call), Some(machine)) = (process.calls.remove(&id), &mut process.machine)
        else {
            return Ok(());
        };
        let Some(hold) = call.hold.take() else { return Ok(()) };
        machine.capture(hold, Usd::from_nanos(call.cost));
        if 0 < call.cost {
            process.ended.insert(id, call.cost);
            if !self.taken.up(Switch::ChargedFirst) {
                self.store.auditor.acknowledged(id, call.cost);
            }
        }
        if call.is_last_run {
            self.after(TICK_MS, Due::LastRun);
        }
        debug_assert!(!call.parts.is_empty(), "a call is paid from something");
        self.poll(from)
    }
}
