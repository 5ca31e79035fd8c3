//! What can be asked of the book, and what each question needs to see.

use bursar_kernel::{
    Actor, Cap, Caps, CorrectionId, Endpoint, GrantId, HoldId, LeaseId, Lot, LotId, ModelId,
    PersonId, ProgramId, Timestamp, TradeId, TransferId, UpstreamGroup, Usd,
};

use crate::account::Account;
use crate::correction::Correct;
use crate::lease::LeaseCommand;

/// What can be asked of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Give a program money to award.
    Fund {
        /// The movement's name.
        id: TransferId,
        /// Which program.
        program: ProgramId,
        /// How much.
        amount: Usd,
    },
    /// Promise a part of a program's pool.
    Commit {
        /// The movement's name.
        id: TransferId,
        /// Which program.
        program: ProgramId,
        /// How much.
        amount: Usd,
    },
    /// Take a promise back into the pool.
    Uncommit {
        /// The movement's name.
        id: TransferId,
        /// Which program.
        program: ProgramId,
        /// How much.
        amount: Usd,
    },
    /// Make a lot.
    Issue {
        /// The movement's name.
        id: TransferId,
        /// The lot; its face is the amount.
        lot: Lot,
        /// Where its money comes from.
        from: Source,
    },
    /// Give a key or a study rights to spend: its cap.
    Allow {
        /// The movement's name.
        id: TransferId,
        /// What may spend.
        cap: Cap,
        /// How much more it may spend.
        amount: Usd,
    },
    /// Take rights back: a cap is lowered, also below what was spent under it. What its calls have
    /// set aside and nodes have borrowed stays until it comes home, and is then lent to nobody.
    Cut {
        /// The movement's name.
        id: TransferId,
        /// Whose rights.
        cap: Cap,
        /// How much less it may spend.
        amount: Usd,
    },
    /// Give back what a lowered cap has taken: it is raised again.
    Restore {
        /// The movement's name.
        id: TransferId,
        /// Whose rights.
        cap: Cap,
        /// How much more it may spend; at most what was taken.
        amount: Usd,
    },
    /// Set credit aside for a call.
    PlaceHold(PlaceHold),
    /// A call cost this much: take it, and give the rest of the hold back.
    Capture {
        /// Which hold.
        hold: HoldId,
        /// What the call cost.
        amount: Usd,
    },
    /// A call cost nothing: give the hold back.
    Release {
        /// Which hold.
        hold: HoldId,
    },
    /// Nobody knows what a call cost: put its whole hold where somebody will find it.
    Suspend {
        /// Which hold.
        hold: HoldId,
    },
    /// A call cost less or more than it was charged.
    Correct(Box<Correct>),
    /// Somebody knows what a call in suspense cost, whose hold lay on the lots themselves: take
    /// that, and give the rest back to where it came from, once. Calls on a lease are
    /// [`LeaseCommand::SettleCall`]'s.
    Settle {
        /// Which hold.
        hold: HoldId,
        /// What the call cost; at most what was held.
        cost: Usd,
    },
    /// Take what an expired lot has left, save what open holds have set aside.
    Expire {
        /// The movement's name.
        id: TransferId,
        /// Which lot.
        lot: LotId,
    },
    /// Hand credit back to its program's pool: never what open holds have set aside.
    Return {
        /// The movement's name.
        id: TransferId,
        /// Which lot.
        lot: LotId,
        /// How much.
        amount: Usd,
    },
    /// Take credit back for its program's pool, whoever holds it and whatever its transfer policy:
    /// never what open holds have set aside.
    TakeBack {
        /// The movement's name.
        id: TransferId,
        /// Which lot.
        lot: LotId,
        /// How much; `None` for all that is free, for a lot that shall be spent no more.
        amount: Option<Usd>,
    },
    /// Sell a part of a lot: the credit and the cash for it move together, or neither does.
    Trade(Box<Trade>),
    /// Somebody paid cash in. Named after the payment, so that a payment counts once.
    PayIn {
        /// The movement's name.
        id: TransferId,
        /// Who paid.
        person: PersonId,
        /// How much.
        amount: Usd,
    },
    /// Give somebody back cash that they have not spent.
    Refund {
        /// The movement's name.
        id: TransferId,
        /// Who paid it in.
        person: PersonId,
        /// How much.
        amount: Usd,
    },
    /// Pay a seller out.
    PayOut {
        /// The movement's name.
        id: TransferId,
        /// Who sold.
        person: PersonId,
        /// How much.
        amount: Usd,
    },
    /// Lend to nodes, and take in what became of it.
    Lease(LeaseCommand),
}

/// A sale: a part of one lot becomes another, and the cash for it changes hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Its name; its movements are named after it.
    pub id: TradeId,
    /// The lot that is sold from.
    pub from: LotId,
    /// The buyer's lot: its face is what is sold. It lives no longer, opens nothing more and may
    /// be passed on no further than the lot it comes from, and its cost basis is the price.
    pub lot: Lot,
    /// The part of the price that the market keeps; the seller has the rest.
    pub fee: Usd,
}

/// Where a lot's money comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The program's pool, at once.
    Pool,
    /// What the program had promised.
    Committed,
}

/// A question for credit: may this call cost this much?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceHold {
    /// The hold's name.
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
    /// The most that it can cost. Zero for a free call, which needs a live lot and no money.
    pub amount: Usd,
    /// The caps that must allow it.
    pub caps: Caps,
    /// Past this instant the hold goes to suspense.
    pub settle_by: Timestamp,
    /// What it is for.
    pub note: String,
}

/// What a command looks at. A book that holds this much decides as the whole book would.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Needs {
    /// Balances of these accounts.
    pub accounts: Vec<Account>,
    /// These lots, with their balances.
    pub lots: Vec<LotId>,
    /// All lots in this wallet, with their balances.
    pub wallet: Option<PersonId>,
    /// This hold with its parts, the balances of their accounts, and the holder's wallet.
    pub hold: Option<HoldId>,
    /// Those of these transfers that were made before.
    pub transfers: Vec<TransferId>,
    /// This correction, if it was made before, and those of the call that was charged under a hold.
    /// What more it needs, [`Needs::follow_charge`] adds once they and `transfers` are known.
    pub correction: Option<(CorrectionId, HoldId)>,
    /// These leases, with the balances of their accounts, and what each is of with its balance.
    pub leases: Vec<LeaseId>,
    /// Those of these holds that there are, each on one of `leases`.
    pub begun: Vec<HoldId>,
    /// All open holds on this lease.
    pub begun_on: Option<LeaseId>,
}

impl Command {
    /// What the command looks at.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        match self {
            Self::Fund { id, program, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::External(program.clone())];
            }
            Self::Commit { id, program, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::Pool(program.clone())];
            }
            Self::Uncommit { id, program, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::Committed(program.clone())];
            }
            Self::Issue { id, lot, from } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![from.account(&lot.program)];
                needs.lots = vec![lot.id];
            }
            Self::Allow { id, cap, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::Cap(*cap), Account::RightsIssued];
            }
            Self::Cut { id, cap, .. } | Self::Restore { id, cap, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::Cut(*cap), Account::RightsIssued];
            }
            Self::PlaceHold(question) => {
                needs.hold = Some(question.hold);
                needs.wallet = Some(question.holder);
                needs.accounts = question.caps.iter().flat_map(Account::of_cap).collect();
            }
            Self::Capture { hold, .. }
            | Self::Release { hold }
            | Self::Suspend { hold }
            | Self::Settle { hold, .. } => {
                needs.hold = Some(*hold);
            }
            Self::Correct(wanted) => {
                needs.transfers = wanted.charges();
                needs.correction = Some((wanted.id, wanted.charge));
            }
            Self::Expire { id, lot }
            | Self::Return { id, lot, .. }
            | Self::TakeBack { id, lot, .. } => {
                needs.transfers = vec![*id];
                needs.lots = vec![*lot];
            }
            Self::Trade(trade) => {
                needs.transfers = trade.transfers().to_vec();
                needs.lots = vec![trade.from, trade.lot.id];
                needs.accounts = vec![Account::BuyerCash(trade.lot.holder)];
            }
            Self::PayIn { id, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::CashExternal];
            }
            Self::Refund { id, person, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::BuyerCash(*person)];
            }
            Self::PayOut { id, person, .. } => {
                needs.transfers = vec![*id];
                needs.accounts = vec![Account::Payable(*person)];
            }
            Self::Lease(command) => command.add_needs(&mut needs),
        }
        needs
    }
}

impl Trade {
    /// The names of its movements: of the credit, of the cash, and of the market's part.
    pub const fn transfers(&self) -> [TransferId; 3] {
        [
            TransferId::trading(self.id, 0),
            TransferId::trading(self.id, 1),
            TransferId::trading(self.id, 2),
        ]
    }
}

impl Source {
    /// The account that pays.
    pub fn account(self, program: &ProgramId) -> Account {
        match self {
            Self::Pool => Account::Pool(program.clone()),
            Self::Committed => Account::Committed(program.clone()),
        }
    }
}

/// Who asks, and when: what every decision is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who asks.
    pub by: Actor,
    /// The present instant.
    pub now: Timestamp,
}
