//! What is asked of a node, and what it says.

use bursar_kernel::{
    Caps, Endpoint, GrantId, HoldId, ModelId, PersonId, Timestamp, UpstreamGroup, Usd,
};

/// A question for credit: may this call cost this much?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The hold's name; its parts and movements are named after it.
    pub hold: HoldId,
    /// Whose wallet.
    pub holder: PersonId,
    /// Only lots of this grant, where the key is bound to one.
    pub grant: Option<GrantId>,
    /// The model that is called.
    pub model: ModelId,
    /// The endpoint it is called at.
    pub endpoint: Endpoint,
    /// The upstreams that will serve it.
    pub upstream_group: UpstreamGroup,
    /// The most that it can cost.
    pub amount: Usd,
    /// The least that is of any use, where the client left its limit out. A limit that the client
    /// set is never lowered: it has none of these.
    pub least: Option<Usd>,
    /// The caps that must allow it.
    pub caps: Caps,
    /// The present instant, for the book.
    pub placed_at: Timestamp,
    /// By when the call will have ended.
    pub settle_by: Timestamp,
}

/// Money set aside at a node for one call. Not `Clone`: it is captured or released, once, and the
/// place where its charge will stand is kept for it.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a hold that is neither captured nor released is set aside until its node ends"]
pub struct Hold {
    /// Its name.
    pub(crate) id: HoldId,
    /// Where the node keeps it.
    pub(crate) place: u32,
    pub(crate) amount: Usd,
    pub(crate) is_lowered: bool,
}

impl Hold {
    /// Its name.
    pub const fn id(&self) -> HoldId {
        self.id
    }

    /// How much is set aside.
    pub const fn amount(&self) -> Usd {
        self.amount
    }

    /// Whether it is less than was asked for, since the client left its limit out.
    pub const fn is_lowered(&self) -> bool {
        self.is_lowered
    }
}

/// Why a call may not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The node has not heard from the store for too long.
    OutOfTouch,
    /// As many calls are in flight as one node carries.
    Full,
    /// The node has too little here, or others wait for it: the store may have more. Worth
    /// waiting for.
    NotHere,
    /// Calls in flight have it set aside: some of it may come back.
    Busy,
    /// It is spent.
    Gone,
}

/// A no, and what to tell whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// What is available to the call, here or, when the store has answered, at all.
    pub available: Usd,
    /// What it needed.
    pub needed: Usd,
    /// What would fit; less than what is available where a cap is lower.
    pub fits: Usd,
}
