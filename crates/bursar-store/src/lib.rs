//! What must be remembered, and the one verb that writes it: [`Commit::commit`].
//! Never decides anything: a batch is written whole, or the answer says why nothing was.
//!
//! An engine implements what makes up a [`Store`]. The [`memory`] engine keeps the book, the keys
//! of repeated requests and the write verb only: it is the oracle that the others are held against
//! by the stories of `bursar-story`.

mod access;
mod accounts;
mod applying;
mod batch;
mod belongings;
mod cards;
mod claims;
mod editions;
mod head;
mod idempotency;
mod institutions;
mod mails;
mod market;
pub mod memory;
pub mod moving;
mod nodes;
mod panel;
mod participants;
mod prices;
mod rates;
mod reads;
pub mod rows;
mod sealed;
mod statements;
mod stops;
pub mod sums;
pub mod suspense;
pub mod usage;

pub use access::{AccessFilter, AccessReads};
pub use accounts::{AccountReads, AccountWrite, Erase, Reworded};
pub use applying::{ApplyingReads, ApplyingWrite, FILE_PART_BYTES};
pub use batch::{Batch, Commit, CommitError, Expect, Receipt, Row, Write};
pub use belongings::{BelongingFilter, BelongingReads};
pub use cards::{CardCheckFilter, CardReads};
pub use claims::ClaimReads;
pub use editions::EditionReads;
pub use head::{BEGINNING_BYTES, Beginnings, Head};
pub use idempotency::RepeatReads;
pub use institutions::{InstitutionReads, NAMES_FOUND_MAX};
pub use mails::{DeliveryFilter, MailReads};
pub use market::{ListingFilter, MarketReads, PassedOn, TradeFilter};
pub use nodes::{CHANGES_AT_A_TIME, CHANGES_KEPT, Change, NodeReads, Peer};
pub use panel::{AssignmentFilter, PanelReads};
pub use participants::ParticipantReads;
pub use prices::PriceReads;
pub use rates::{RateReads, RateWrite};
pub use reads::{
    ApplicationFilter, BookReads, CallCheck, CallFilter, DaySpend, GrantFilter, GrantSuspense,
    HoldFilter, KeySpend, LeaseFilter, LeaseState, LotFilter, LotState, ReadError, Reads, Spend,
    SuspenseOf,
};
pub use sealed::SealedReads;
pub use statements::{STATEMENT_PAGE, StatementReads, StatementRun};
pub use stops::StopReads;
pub use usage::{CostSum, UsageFilter, UsageOf, UsageReads, Used, Width};

/// Everything a store does.
pub trait Store:
    Commit
    + BookReads
    + Reads
    + MarketReads
    + AccessReads
    + ApplyingReads
    + InstitutionReads
    + ClaimReads
    + PanelReads
    + ParticipantReads
    + CardReads
    + NodeReads
    + RepeatReads
    + BelongingReads
    + UsageReads
    + StopReads
    + PriceReads
    + EditionReads
    + SealedReads
    + RateReads
    + MailReads
    + AccountReads
{
}

impl<S> Store for S where
    S: Commit
        + BookReads
        + Reads
        + MarketReads
        + AccessReads
        + ApplyingReads
        + InstitutionReads
        + ClaimReads
        + PanelReads
        + ParticipantReads
        + CardReads
        + NodeReads
        + RepeatReads
        + BelongingReads
        + UsageReads
        + StopReads
        + PriceReads
        + EditionReads
        + SealedReads
        + RateReads
        + MailReads
        + AccountReads
        + ?Sized
{
}
