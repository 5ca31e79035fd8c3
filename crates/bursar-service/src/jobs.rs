//! What time drives: each job asks what is due and not done, so a missed day is made up, once.

use std::time::Duration;

use bursar_award::{Command as AwardCommand, State};
use bursar_kernel::limits::IDEMPOTENCY_KEY_LIFE;
use bursar_kernel::{Actor, HoldId, Timestamp, TransferId, Usd};
use bursar_ledger::{Command, Hold, LeaseCommand, Leased, Outcome};
use bursar_policy::{Action, Viewer};
use bursar_program::calendar;
use bursar_store::suspense::CallNote;
use bursar_store::{
    ApplicationFilter, Batch, CommitError, GrantFilter, HoldFilter, LeaseFilter, LotFilter,
    LotState, Write,
};
use jiff::SignedDuration;
use tokio::sync::{RwLock, RwLockWriteGuard};
use tracing::{info, warn};

use crate::clock::TurnableClock;
use crate::letters::Post as _;
use crate::{Service, ServiceError, entropy, grants};

/// How far the clock may be turned at a time.
const TURN_MAX: SignedDuration = SignedDuration::from_hours(24 * 366 * 5);
/// How long turning the clock waits for calls in flight.
const CALLS_END_WITHIN: Duration = Duration::from_secs(30);
/// What the clock is ahead of the system's, as a setting.
const CLOCK_OFFSET: &str = "clock_offset_ms";

/// What a run of the jobs did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobReport {
    /// Applications whose review began.
    pub reviews_begun: usize,
    /// Awards that lapsed, were offered to whoever waits, or were reminded of; and places on
    /// waiting lists that ended.
    pub offers: usize,
    /// Grants whose credit was delivered.
    pub delivered: usize,
    /// Lots whose rest expired.
    pub expired: usize,
    /// Holds that went to suspense.
    pub suspended: usize,
    /// Voided grants of which something more was taken back.
    pub taken_back: usize,
    /// Letters that told a holder in time what comes.
    pub told: usize,
    /// Checks of cards that ended.
    pub cards_checked: usize,
}

impl JobReport {
    fn and(self, other: Self) -> Self {
        Self {
            reviews_begun: self.reviews_begun.saturating_add(other.reviews_begun),
            offers: self.offers.saturating_add(other.offers),
            delivered: self.delivered.saturating_add(other.delivered),
            expired: self.expired.saturating_add(other.expired),
            suspended: self.suspended.saturating_add(other.suspended),
            taken_back: self.taken_back.saturating_add(other.taken_back),
            told: self.told.saturating_add(other.told),
            cards_checked: self.cards_checked.saturating_add(other.cards_checked),
        }
    }
}

/// What a start found of the process before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Holds that went to suspense.
    pub suspended: usize,
    /// What lies in suspense of all that was ever lent, for somebody to settle.
    pub in_suspense: Usd,
}

/// Something that time will bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// What, in a sentence without a full stop.
    pub what: String,
}

impl Service {
    /// Does what is due now and not done, if this process is the one that sees to it. What died in
    /// it, it sees to itself.
    pub async fn run_jobs(&self) -> Result<JobReport, ServiceError> {
        if self.calls.leads() {
            return self.run_due().await;
        }
        let suspended = self.suspend(self.calls.take_orphans()).await?;
        Ok(JobReport { suspended, ..JobReport::default() })
    }

    /// Does what is due now and not done.
    pub async fn run_due(&self) -> Result<JobReport, ServiceError> {
        let now = self.now();
        self.end_listings(now).await?;
        self.forget_old_keys(now).await?;
        Ok(JobReport {
            reviews_begun: self.begin_reviews(now).await?,
            offers: self.run_offers(now).await?,
            delivered: self.deliver_due(now).await?,
            expired: self.expire_due(now).await?,
            suspended: self.suspend_overdue(now).await?,
            // What calls in flight had held when the grant was voided.
            taken_back: self.take_rest_of_voided(now).await?,
            // After what ended: nobody is told of that as if it were to come.
            told: self.tell_holders(now).await?,
            // Last, since it waits for somebody else's server.
            cards_checked: self.run_card_checks(now).await?,
        })
    }

    /// To be called once at the start. Where no other process shares the store, the only one that
    /// could have settled what is open is gone: every lease is ended and every open hold goes to
    /// suspense, since nobody knows what those calls cost. Where others do, they see to that in
    /// time; see `bursar_calls::InTouch`.
    pub async fn recover(&self) -> Result<Recovered, ServiceError> {
        let mut recovered = Recovered::default();
        if !self.store.is_shared() {
            self.end_what_is_open(&mut recovered).await?;
        }
        for state in self.store.leases(LeaseFilter::InSuspense).await? {
            let (lease, suspense) = (state.lease.id, state.suspense);
            if matches!(state.lease.of, Leased::Lot(_)) {
                let sum = recovered.in_suspense.checked_add(suspense);
                recovered.in_suspense = sum.unwrap_or(Usd::MAX);
                warn!(lease.id = %lease, suspense_usd = %suspense, "lease `{lease}` has suspense");
            }
        }
        Ok(recovered)
    }

    async fn end_what_is_open(&self, recovered: &mut Recovered) -> Result<(), ServiceError> {
        for state in self.store.leases(LeaseFilter::GoingOn).await? {
            let lease = state.lease.id;
            let batch = Batch::new(Actor::Job("suspense".to_owned()), self.now());
            let fence = Command::Lease(LeaseCommand::Fence { lease });
            self.commit(batch.with(fence)).await?;
        }
        let mut holds = self.store.holds(HoldFilter::Open).await?;
        // What outlives whoever sent it is asked after until it ends.
        holds.retain(|hold| !goes_on(hold));
        recovered.suspended = self.suspend(in_the_book(holds)).await?;
        Ok(())
    }

    /// Gives back all that this process has borrowed and no call has set aside: to be called before
    /// it ends, after its last call.
    pub async fn return_leases(&self) {
        self.calls.bring_all_back().await;
    }

    /// Forgets requests to the JSON door that nobody sends again.
    async fn forget_old_keys(&self, now: Timestamp) -> Result<(), ServiceError> {
        let before = now - IDEMPOTENCY_KEY_LIFE;
        if self.store.idempotency_keys_before(before).await? == 0 {
            return Ok(());
        }
        let batch = Batch::new(Actor::Job("idempotency".to_owned()), now);
        self.commit(batch.with(Write::ForgetIdempotencyKeys(before))).await?;
        Ok(())
    }

    async fn begin_reviews(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let mut begun = 0_usize;
        for (program, id) in self.store.rounds_with(State::Submitted).await? {
            let round = self.round_named(&program, &id);
            let Some(round) = round.filter(|round| round.review_begins <= now) else { continue };
            let filter = ApplicationFilter {
                program: Some(program),
                states: vec![State::Submitted],
                round: Some(id),
                ..ApplicationFilter::default()
            };
            for application in self.store.applications(filter).await? {
                let command = AwardCommand::BeginReview { review_begins: round.review_begins };
                let batch = Batch::new(Actor::Job("review".to_owned()), now);
                self.step(batch, application, command, |batch, _| batch).await?;
                begun = begun.saturating_add(1);
            }
        }
        Ok(begun)
    }

    async fn deliver_due(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let due = GrantFilter { due_by: Some(now), ..GrantFilter::default() };
        let grants = self.store.grants(due).await?;
        let delivered = grants.len();
        for grant in grants {
            let id = grant.id;
            self.deliver(grant, now).await?;
            info!(grant.id = %id, "delivered the credit of grant `{id}`");
        }
        Ok(delivered)
    }

    async fn expire_due(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let mut expired = 0_usize;
        for state in self.store.lots(LotFilter::ExpiredWithCredit(now)).await? {
            if self.expire(&state, now).await?.is_positive() {
                expired = expired.saturating_add(1);
            }
        }
        Ok(expired)
    }

    async fn expire(&self, state: &LotState, now: Timestamp) -> Result<Usd, ServiceError> {
        let lot = &state.lot;
        let id = TransferId::new(now, entropy::draw());
        let mut batch = Batch::ledger(
            Actor::Job("expiry".to_owned()),
            now,
            Command::Expire { id, lot: lot.id },
        );
        let left = state.balance.available();
        let line = crate::audit_line(&batch, "lot.expired", lot.id, format!("${left}"));
        batch = batch.with(line);
        if let Some(grant) = lot.grant {
            let holder = self.person_of(lot.holder).await?;
            let program = self.program(&lot.program)?;
            let letter = grants::ended(program, left, grant, self.base_url());
            batch = batch.with(letter.to(&holder.email, now));
        }
        let receipt = self.commit(batch).await?;
        Ok(match receipt.outcomes.first() {
            Some(Outcome::Expired { amount }) => *amount,
            Some(
                Outcome::Moved
                | Outcome::HoldPlaced { .. }
                | Outcome::Resolved { .. }
                | Outcome::TakenBack { .. }
                | Outcome::Corrected { .. }
                | Outcome::Reported { .. },
            )
            | None => Usd::ZERO,
        })
    }

    async fn suspend_overdue(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let overdue = self.store.holds(HoldFilter::Overdue(now)).await?;
        let mut holds = in_the_book(overdue);
        holds.extend(self.calls.take_orphans());
        self.suspend(holds).await
    }

    async fn suspend(&self, holds: Vec<HoldId>) -> Result<usize, ServiceError> {
        let mut suspended = 0_usize;
        for hold in holds {
            let actor = Actor::Job("suspense".to_owned());
            let batch = Batch::ledger(actor, self.now(), Command::Suspend { hold });
            let line =
                crate::audit_line(&batch, "hold.suspended", hold, "nobody knows what it cost");
            match self.store.commit(batch.with(line)).await {
                Ok(_) => {
                    suspended = suspended.saturating_add(1);
                    warn!(hold.id = %hold, "put hold `{hold}` in suspense");
                }
                // Settled after all, between the question and the answer.
                Err(CommitError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(suspended)
    }

    /// What time will bring next, soonest first, at the most `count` of it.
    pub async fn coming(&self, count: usize) -> Result<Vec<Due>, ServiceError> {
        let now = self.now();
        let mut due = Vec::new();
        let with_rounds = self.programs().iter().filter(|program| program.takes_applications());
        for program in with_rounds {
            for round in calendar::in_review(program, now) {
                let (at, name) = (round.review_ends, &program.name);
                due.push(Due { at, what: format!("The {} review of {name} ends", round.id) });
            }
            for round in calendar::next_rounds(program, now, 2) {
                let (at, name) = (round.review_begins, &program.name);
                due.push(Due {
                    at,
                    what: format!("The {} round of {name} closes and its review begins", round.id),
                });
                let at = round.review_ends;
                due.push(Due { at, what: format!("The {} review of {name} ends", round.id) });
            }
        }
        for grant in self.store.grants(GrantFilter::default()).await? {
            if grant.voided_at.is_some() {
                continue;
            }
            match (grant.delivered_at, grant.expires_at) {
                (None, _) => {
                    let what = format!("Credit of ${} is delivered", grant.amount);
                    due.push(Due { at: grant.deliver_from, what });
                }
                (Some(_), Some(at)) => {
                    let what = format!("A grant of ${} expires", grant.amount);
                    due.push(Due { at, what });
                }
                (Some(_), None) => {}
            }
        }
        due.retain(|due| now < due.at);
        due.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.what.cmp(&b.what)));
        due.dedup();
        due.truncate(count);
        Ok(due)
    }

    /// Turns the demonstration's clock on, stopping at each instant at which something is due, so
    /// that everything happens at its time.
    pub async fn turn_clock(
        &self,
        viewer: &Viewer,
        clock: &TurnableClock,
        to: Timestamp,
    ) -> Result<JobReport, ServiceError> {
        crate::allow(viewer, Action::Operate)?;
        let from = self.now();
        if to < from || from + TURN_MAX < to {
            let text = "turn the clock back, or more than five years on\n\
                        hint: name a later instant within five years";
            return Err(ServiceError::Refused(text.to_owned()));
        }
        let _calls_have_ended = match self.calls.turning() {
            Some(turning) => Some(wait_for_calls(turning).await?),
            None => None,
        };
        let _nothing_is_lent = self.calls.bring_all_back().await;
        let mut report = JobReport::default();
        while let Some(next) = self.next_stop().await? {
            if to < next {
                break;
            }
            clock.turn_to(next);
            report = report.and(self.run_due().await?);
        }
        clock.turn_to(to.max(self.now()));
        report = report.and(self.run_due().await?);
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "clock.turned", "clock", format!("to {to}"));
        let value = clock.offset_ms().to_string();
        self.commit(batch.with(Write::Setting { key: CLOCK_OFFSET, value }).with(line)).await?;
        Ok(report)
    }

    /// The next instant at which a job has something to do.
    async fn next_stop(&self) -> Result<Option<Timestamp>, ServiceError> {
        let due = self.coming(1).await?.pop().map(|due| due.at);
        let notice = self.next_notice(self.now()).await?;
        let offer = self.next_offer(self.now()).await?;
        Ok(due.into_iter().chain(notice).chain(offer).min())
    }

    /// By how many milliseconds the clock was ahead when it was last turned.
    pub async fn clock_offset_ms(store: &dyn bursar_store::Store) -> Result<i64, ServiceError> {
        let offset = store.setting(CLOCK_OFFSET).await?;
        Ok(offset.and_then(|offset| offset.parse().ok()).unwrap_or(0))
    }
}

/// Holds on the lots themselves. Those on a lease end with it.
fn in_the_book(holds: Vec<Hold>) -> Vec<HoldId> {
    holds.into_iter().filter(|hold| !hold.is_on_lease()).map(|hold| hold.id).collect()
}

fn goes_on(hold: &Hold) -> bool {
    let note: Option<CallNote> = serde_json::from_str(&hold.note).ok();
    note.is_some_and(|note| note.goes_on())
}

/// Waits until no call is in flight; new ones wait meanwhile.
async fn wait_for_calls(turning: &RwLock<()>) -> Result<RwLockWriteGuard<'_, ()>, ServiceError> {
    tokio::time::timeout(CALLS_END_WITHIN, turning.write()).await.map_err(|_| {
        let text = "turn the clock while calls are in flight\n\
                    hint: wait until they have ended, and try again";
        ServiceError::Refused(text.to_owned())
    })
}
