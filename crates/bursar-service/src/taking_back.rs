//! Taking a grant's credit back: a part of it, or all that is left, with a reason for its holder.

use bursar_kernel::{Actor, GrantId, Timestamp, TransferId, Usd};
use bursar_ledger::{Command, Outcome};
use bursar_market::ListingState;
use bursar_policy::{Action, Viewer};
use bursar_store::rows::Grant;
use bursar_store::{
    Batch, Expect, GrantFilter, ListingFilter, LotFilter, LotState, Receipt, Row, Write,
};
use tracing::info;

use crate::access::read_text;
use crate::letters::Post as _;
use crate::market::changed_listing;
use crate::{GrantPage, Service, ServiceError, entropy, letters};

/// How much is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// So much of what is free.
    Part(Usd),
    /// All that is left; the grant can spend nothing more.
    All,
}

/// Credit to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeBack {
    /// From which grant.
    pub grant: GrantId,
    /// The movement's name, so that asking again takes nothing more; drawn if nobody says.
    pub id: Option<TransferId>,
    /// How much.
    pub taking: Taking,
    /// Why: the holder reads it.
    pub reason: String,
}

/// Credit that was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The movement's name.
    pub id: TransferId,
    /// How much.
    pub amount: Usd,
}

impl Service {
    /// Takes credit back for its program's pool. The same name again gives the first result.
    pub async fn take_back(
        &self,
        viewer: &Viewer,
        wanted: TakeBack,
    ) -> Result<TakenBack, ServiceError> {
        let grant = self.takeable(viewer, wanted.grant).await?;
        let reason = read_reason(&wanted.reason)?;
        let batch = crate::batch_of(viewer, self.now())?;
        let id = wanted.id.unwrap_or_else(|| TransferId::new(batch.now, entropy::draw()));
        let state = self.lot_of_grant(&grant).await?;
        // Nothing is lent while it is kept.
        let _recalled = match &state {
            Some(state) => Some(self.calls.borrower().bring_back(state.lot.id).await),
            None => None,
        };
        let command = command(&grant, state.as_ref(), id, wanted.taking)?;
        let was_taken = self.store.transfer(id).await?.is_some();
        let is_void = wanted.taking == Taking::All;
        if was_taken || (is_void && grant.voided_at.is_some()) {
            let receipt = self.commit(batch.with(command)).await?;
            return Ok(taken(id, &receipt, wanted.taking, &grant));
        }
        check_not_voided(&grant)?;
        // What is still lent is set aside for calls in flight; the book may not know of them yet.
        let state = self.lot_of_grant(&grant).await?;
        let left = state.map_or(grant.amount, |state| state.balance.available());
        if let Taking::Part(amount) = wanted.taking {
            check_part(amount, left)?;
        }
        let batch = self.noted(batch, &grant, &reason, wanted.taking, left).await?;
        let receipt = self.commit(batch.with(command)).await?;
        self.calls.directory().forget_grant(grant.id);
        Ok(taken(id, &receipt, wanted.taking, &grant))
    }

    /// The grant, for somebody who may take its credit back and can.
    pub async fn take_back_desk(
        &self,
        viewer: &Viewer,
        id: GrantId,
    ) -> Result<GrantPage, ServiceError> {
        let grant = self.takeable(viewer, id).await?;
        check_not_voided(&grant)?;
        self.grant_page(grant).await
    }

    /// A grant whose credit the viewer may take back.
    async fn takeable(&self, viewer: &Viewer, id: GrantId) -> Result<Grant, ServiceError> {
        let within = self.within(viewer, id).await?;
        let (holder, takes_part) = (within.grant.holder, within.takes_part());
        crate::allow(viewer, Action::TakeBack { holder, takes_part })?;
        Ok(within.grant)
    }

    /// Whether credit could be taken back so, before anything is.
    pub async fn check_take_back(
        &self,
        viewer: &Viewer,
        wanted: &TakeBack,
    ) -> Result<GrantPage, ServiceError> {
        let page = self.take_back_desk(viewer, wanted.grant).await?;
        read_reason(&wanted.reason)?;
        if let Taking::Part(amount) = wanted.taking {
            check_part(amount, page.available)?;
        }
        Ok(page)
    }

    /// What is written beside the movement: the audit line, the letter, and what ends with a grant.
    async fn noted(
        &self,
        batch: Batch,
        grant: &Grant,
        reason: &str,
        taking: Taking,
        left: Usd,
    ) -> Result<Batch, ServiceError> {
        let program = self.program(&grant.program)?;
        let holder = self.person_of(grant.holder).await?;
        let (now, url) = (batch.now, format!("{}/grants/{}", self.base_url, grant.id));
        match taking {
            Taking::Part(amount) => {
                let said = format!("${amount}: {reason}");
                let line = crate::audit_line(&batch, "grant.clawed_back", grant.id, said);
                let letter = letters::clawed_back(&program.name, amount, reason, &url);
                Ok(batch.with(line).with(letter.to(&holder.email, now)))
            }
            Taking::All => {
                let said = format!("${left}: {reason}");
                let line = crate::audit_line(&batch, "grant.voided", grant.id, said);
                let letter = letters::voided(&program.name, left, reason, &url);
                let version = grant.version.saturating_add(1);
                let voided = Grant { voided_at: Some(now), version, ..grant.clone() };
                let row = Row::Grant(Box::new(voided));
                let row = Write::Row(row, Expect::Version(grant.version));
                let mut batch = batch.with(line).with(letter.to(&holder.email, now)).with(row);
                for listing in self.store.listings(ListingFilter::Seller(grant.holder)).await? {
                    if listing.grant == grant.id && listing.state == ListingState::Open {
                        batch =
                            batch.with(changed_listing(&listing, &bursar_market::end(&listing)));
                    }
                }
                Ok(batch)
            }
        }
    }

    /// Takes back what calls in flight gave back to grants that were voided meanwhile.
    pub(crate) async fn take_rest_of_voided(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let voided = GrantFilter { voided_alive_at: Some(now), ..GrantFilter::default() };
        let mut taken = 0_usize;
        for grant in self.store.grants(voided).await? {
            for state in self.store.lots(LotFilter::Grant(grant.id)).await? {
                if !state.available().is_positive() {
                    continue;
                }
                let _recalled = self.calls.borrower().bring_back(state.lot.id).await;
                let state = self.store.lots(LotFilter::Id(state.lot.id)).await?.into_iter().next();
                let free = |state: &LotState| state.balance.available().is_positive();
                let Some(state) = state.filter(free) else { continue };
                let id = TransferId::new(now, entropy::draw());
                let command = Command::TakeBack { id, lot: state.lot.id, amount: None };
                let batch = Batch::ledger(Actor::Job("voided".to_owned()), now, command);
                let line = crate::audit_line(&batch, "grant.rest_taken_back", grant.id, "");
                self.commit(batch.with(line)).await?;
                taken = taken.saturating_add(1);
                info!(grant.id = %grant.id, "took back what came back to grant `{}`", grant.id);
            }
        }
        Ok(taken)
    }
}

/// Refuses what nobody does with a grant that was voided.
pub fn check_not_voided(grant: &Grant) -> Result<(), ServiceError> {
    match grant.voided_at {
        None => Ok(()),
        Some(at) => {
            let text = format!(
                "the grant was voided at {at}: its credit went back to its program\n\
                 hint: its holder has a letter that says why"
            );
            Err(ServiceError::Refused(text))
        }
    }
}

fn read_reason(text: &str) -> Result<String, ServiceError> {
    read_text("reason", text, "Say why: the holder reads it")
}

fn check_part(amount: Usd, left: Usd) -> Result<(), ServiceError> {
    if !amount.is_positive() {
        return Err(ServiceError::field("amount", "Enter an amount above $0"));
    }
    if left < amount {
        let message = format!("${left} is free: take that, or less");
        return Err(ServiceError::field("amount", message));
    }
    Ok(())
}

/// The movement. Credit that has not been delivered is still a promise, which is taken back whole.
fn command(
    grant: &Grant,
    state: Option<&LotState>,
    id: TransferId,
    taking: Taking,
) -> Result<Command, ServiceError> {
    match (state, taking) {
        (Some(state), Taking::Part(amount)) => {
            Ok(Command::TakeBack { id, lot: state.lot.id, amount: Some(amount) })
        }
        (Some(state), Taking::All) => Ok(Command::TakeBack { id, lot: state.lot.id, amount: None }),
        (None, Taking::All) => {
            Ok(Command::Uncommit { id, program: grant.program.clone(), amount: grant.amount })
        }
        (None, Taking::Part(_)) => {
            let text = "take back a part of credit that has not been delivered\n\
                        hint: void the grant, or wait until its credit has arrived";
            Err(ServiceError::Refused(text.to_owned()))
        }
    }
}

fn taken(id: TransferId, receipt: &Receipt, taking: Taking, grant: &Grant) -> TakenBack {
    let amount = match (receipt.outcomes.first(), taking) {
        (Some(Outcome::TakenBack { amount }), _) => *amount,
        (_, Taking::Part(amount)) => amount,
        (_, Taking::All) => grant.amount,
    };
    TakenBack { id, amount }
}
