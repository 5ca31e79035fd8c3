//! Telling holders in time: what a grant's calendar and its spending bring, once each.

use bursar_kernel::{Actor, Timestamp};
use bursar_ledger::{Life, Milestone};
use bursar_store::rows::{Grant, Notice};
use bursar_store::{Batch, LotFilter, LotState};
use tracing::info;

use crate::letters::Post as _;
use crate::letters::ending::{self, Offered, Told};
use crate::{NextSteps, Service, ServiceError};

impl Service {
    /// Writes what holders have to be told now and have not been. What was told is remembered in
    /// the batch that writes the letter, and its key refuses a second one.
    pub(crate) async fn tell_holders(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let mut told = 0_usize;
        for state in self.store.lots(LotFilter::Unexpired(now)).await? {
            let Some(id) = state.lot.grant.filter(|_| may_be_due(&state, now)) else { continue };
            let before = self.milestones_of(id).await?;
            let Some(grant) = self.store.grant(id).await? else { continue };
            // A program whose file is gone has no calendar to tell of.
            if life_of(&state).due(&before, now).is_empty() || self.program(&grant.program).is_err()
            {
                continue;
            }
            told = told.saturating_add(self.tell_holder(grant, &before, now).await?);
        }
        Ok(told)
    }

    /// The next instant at which the calendar has something to tell.
    pub(crate) async fn next_notice(
        &self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, ServiceError> {
        let lots = self.store.lots(LotFilter::Unexpired(now)).await?;
        let is_told = |state: &&LotState| {
            state.lot.grant.is_some() && state.balance.available().is_positive()
        };
        let lots = lots.iter().filter(is_told);
        Ok(lots.filter_map(|state| life_of(state).next_milestone(now)).min())
    }

    async fn milestones_of(
        &self,
        grant: bursar_kernel::GrantId,
    ) -> Result<Vec<Milestone>, ServiceError> {
        let notices = self.store.notices(grant).await?;
        Ok(notices.into_iter().map(|notice| notice.milestone).collect())
    }

    async fn tell_holder(
        &self,
        grant: Grant,
        before: &[Milestone],
        now: Timestamp,
    ) -> Result<usize, ServiceError> {
        let page = self.grant_page(grant).await?;
        let due = page.life().map_or_else(Vec::new, |life| life.due(before, now));
        if due.is_empty() {
            return Ok(0);
        }
        let steps = self.next_steps_of(page).await?;
        let mut told = 0_usize;
        for milestone in due {
            match self.commit(self.notice_of(&steps, milestone, now)).await {
                Ok(_) => told = told.saturating_add(1),
                // Somebody else told them between the question and the answer.
                Err(ServiceError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
            let (id, name) = (steps.forecast.page.grant.id, milestone.name());
            info!(grant.id = %id, "told the holder of grant `{id}`: {name}");
        }
        Ok(told)
    }

    fn notice_of(&self, steps: &NextSteps, milestone: Milestone, now: Timestamp) -> Batch {
        let found = &steps.forecast;
        let page = &found.page;
        let letter = ending::letter(&Told {
            milestone,
            now,
            grant: page.grant.id,
            title: &page.grant.title,
            program: &found.program,
            expires_at: page.grant.expires_at.unwrap_or(now),
            available: page.available,
            spent: page.spent,
            way: found.way,
            forecast: found.forecast.as_ref(),
            apply: steps.apply.as_ref().map(|road| (&*road.program, &road.plan)),
            buy: steps.buy.map(|road| Offered {
                listing: road.offer.listing,
                price: road.offer.price,
                offered: road.offer.offered,
                expires_at: road.offer.expires_at,
                days_sooner: road.days_sooner,
            }),
            base_url: &self.base_url,
        });
        let batch = Batch::new(Actor::Job("notices".to_owned()), now);
        let line = crate::audit_line(&batch, "grant.notice", page.grant.id, milestone.name());
        let notice = Notice { grant: page.grant.id, milestone, at: now };
        batch.with(notice).with(letter.to(&page.holder.email, now)).with(line)
    }
}

/// A lot's life as far as its account tells: what was passed on counts as spent, so that what is
/// not due here is not due.
fn life_of(state: &LotState) -> Life {
    Life {
        delivered_at: state.lot.active_from,
        expires_at: state.lot.expires_at,
        face: state.lot.face,
        available: state.balance.available(),
        held: state.balance.held,
        passed_on: bursar_kernel::Usd::ZERO,
        ended_by_passing_on: false,
    }
}

fn may_be_due(state: &LotState, now: Timestamp) -> bool {
    !life_of(state).due(&[], now).is_empty()
}
