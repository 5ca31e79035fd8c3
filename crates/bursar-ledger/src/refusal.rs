//! Why the book says no.

use bursar_kernel::{
    Cap, CorrectionId, HoldId, LeaseId, LotId, Timestamp, TransferId, TransferPolicy, Usd,
};

use crate::account::Account;
use crate::hold::Resolution;

/// Why a command was refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The lots that could pay hold too little.
    #[error("${available} is available and the call may cost ${needed}")]
    InsufficientCredit {
        /// What the lots could pay together.
        available: Usd,
        /// What was asked for.
        needed: Usd,
        /// What calls in flight have set aside on those lots.
        held: Usd,
    },
    /// Every lot that could pay has expired.
    #[error("the credit expired at {at}")]
    Expired {
        /// The latest expiry among them.
        at: Timestamp,
    },
    /// No lot that could pay is active yet.
    #[error("the credit is active from {from} on")]
    NotYetActive {
        /// The earliest activation among them.
        from: Timestamp,
    },
    /// There is no credit for this model, endpoint and upstream at all.
    #[error("the wallet holds no credit for this call")]
    NoCredit,
    /// The cap of a key or of a study is too low.
    #[error("${available} is left of the {}'s cap and the call may cost ${needed}", cap.kind())]
    CapReached {
        /// Whose cap.
        cap: Cap,
        /// What is left of it.
        available: Usd,
        /// What was asked for.
        needed: Usd,
    },
    /// An account other than a lot or a cap holds too little.
    #[error("`{account}` has ${available} available and ${needed} was asked for")]
    InsufficientFunds {
        /// Which account.
        account: Account,
        /// What it could give.
        available: Usd,
        /// What was asked for.
        needed: Usd,
    },
    /// An amount that is zero or below where it must be above.
    #[error("an amount must be above zero, and ${0} is not")]
    NotPositive(Usd),
    /// The same name was used before for something else.
    #[error("transfer `{0}` was made before with other content")]
    TransferConflict(TransferId),
    /// The same name was used before for something else.
    #[error("hold `{0}` was placed before with other content")]
    HoldConflict(HoldId),
    /// The same name was used before for something else.
    #[error("lot `{0}` exists")]
    LotExists(LotId),
    /// There is no such lot.
    #[error("there is no lot `{0}`")]
    UnknownLot(LotId),
    /// There is no such hold.
    #[error("there is no hold `{0}`")]
    UnknownHold(HoldId),
    /// The hold was resolved before, in another way.
    #[error("hold `{hold}` was resolved before as {resolution:?}")]
    AlreadyResolved {
        /// Which hold.
        hold: HoldId,
        /// How it ended.
        resolution: Resolution,
    },
    /// The same name was used before for something else.
    #[error("correction `{0}` was made before with other content")]
    CorrectionConflict(CorrectionId),
    /// A call that nobody paid for has nobody to give back to, or to take more from.
    #[error("nothing was charged under hold `{0}`")]
    NothingCharged(HoldId),
    /// As often as a call can be corrected.
    #[error("what was charged under hold `{0}` was corrected as often as it can be")]
    CorrectedTooOften(HoldId),
    /// The hold does not lie in suspense: it is open, or somebody knew what its call cost.
    #[error("hold `{0}` does not lie in suspense")]
    NotInSuspense(HoldId),
    /// Somebody has said before what the call cost.
    #[error("hold `{hold}` was settled before, at ${cost}")]
    SettledBefore {
        /// Which hold.
        hold: HoldId,
        /// What it was found to have cost.
        cost: Usd,
    },
    /// A call that is said to have cost more than was held for it.
    #[error("${held} was held for the call and ${cost} is more")]
    AboveHold {
        /// Which hold.
        hold: HoldId,
        /// What was held.
        held: Usd,
        /// What it is said to have cost.
        cost: Usd,
    },
    /// A lot that would be dead on arrival, or whose dates are crossed.
    #[error("a lot's life must begin before it ends, and end after now")]
    DeadLot,
    /// The lot's expiry has not come.
    #[error("lot `{lot}` expires at {at}, and that has not come")]
    NotExpired {
        /// Which lot.
        lot: LotId,
        /// When it will.
        at: Timestamp,
    },
    /// The lot may not be passed on in that way.
    #[error("lot `{lot}` may not be passed on so: its transfer policy is `{}`", policy.name())]
    NotTransferable {
        /// Which lot.
        lot: LotId,
        /// What it allows.
        policy: TransferPolicy,
    },
    /// Nobody buys their own credit.
    #[error("lot `{0}` is the buyer's own")]
    OwnLot(LotId),
    /// What is bought must not live longer, open more or be passed on further than what is sold.
    #[error("lot `{0}` would not carry what the lot it comes from carries")]
    NotCarriedOver(LotId),
    /// A fee outside the price.
    #[error("a fee of ${fee} does not fit into a price of ${price}")]
    FeeOutOfRange {
        /// The fee.
        fee: Usd,
        /// The price.
        price: Usd,
    },
    /// There is no such lease.
    #[error("there is no lease `{0}`")]
    UnknownLease(LeaseId),
    /// The same name was used before for something else, or by another life of the node.
    #[error("lease `{0}` is another node's, another life's, or of something else")]
    LeaseConflict(LeaseId),
    /// The lease has ended: nothing is lent on it any more.
    #[error("lease `{0}` has ended")]
    LeaseEnded(LeaseId),
    /// A lease ends before what it is of expires, less what two clocks may be apart.
    #[error("a lease of lot `{lot}` must end by {by}, and after now")]
    LeaseTooLong {
        /// Which lot.
        lot: LotId,
        /// When it must have ended.
        by: Timestamp,
    },
    /// A node spent more than its watermark covers.
    #[error("lease `{lease}` covers ${covered} and ${needed} was spent")]
    PastWatermark {
        /// Which lease.
        lease: LeaseId,
        /// What the watermark covered.
        covered: Usd,
        /// What the report says.
        needed: Usd,
    },
    /// A report before this one is missing.
    #[error("report {expected} of lease `{lease}` is the next, and this is {number}")]
    ReportOutOfOrder {
        /// Which lease.
        lease: LeaseId,
        /// The number that is next.
        expected: u64,
        /// The number that came.
        number: u64,
    },
    /// The hold lies on a lease: its node's reports resolve it.
    #[error("hold `{0}` lies on a lease, and its node reports how it ended")]
    OnLease(HoldId),
    /// An amount past what the book can count.
    #[error("the sum does not fit the book")]
    Overflow,
}
