//! A desk that asks for things: ids, instants and commands without ceremony.

use bursar_kernel::{
    Actor, Caps, Category, Endpoint, GrantId, HoldId, Lot, LotId, ModelId, Origin, PersonId,
    ProgramId, Scope, Timestamp, TransferId, TransferPolicy, UpstreamGroup, Usd,
};
use bursar_ledger::{Command, PlaceHold, Source};
use jiff::SignedDuration;

use super::chance::Chance;
use bursar_store::Batch;

/// The program that desks award from.
const PROGRAM: &str = "access";

/// An amount from dollars as text.
pub fn usd(dollars: &str) -> Usd {
    dollars.parse().expect("the story spells amounts well")
}

/// Someone who asks for things, with a clock and a source of chance of their own.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Where ids come from.
    pub chance: Chance,
    /// The present instant.
    pub now: Timestamp,
    /// Whose wallet.
    pub holder: PersonId,
}

impl Desk {
    /// A desk from a seed; desks of different seeds share a clock and no ids.
    pub fn new(seed: u64) -> Self {
        let now = Timestamp::from_second(1_800_000_000).expect("2027 is in range");
        let mut chance = Chance::new(seed);
        let holder = PersonId::new(now, chance.entropy());
        Self { chance, now, holder }
    }

    /// The desk's program.
    pub fn program(&self) -> ProgramId {
        ProgramId::new(PROGRAM)
    }

    /// An instant some hours from now.
    pub fn in_hours(&self, hours: i64) -> Timestamp {
        let then = self.now.checked_add(SignedDuration::from_hours(hours));
        then.expect("the story ends within the calendar")
    }

    /// A new movement's name.
    pub fn transfer(&mut self) -> TransferId {
        TransferId::new(self.now, self.chance.entropy())
    }

    /// A batch of the operator's, now.
    pub fn batch(&self) -> Batch {
        Batch::new(Actor::Operator, self.now)
    }

    /// Money for the program.
    pub fn fund(&mut self, amount: Usd) -> Command {
        let (id, program) = (self.transfer(), self.program());
        Command::Fund { id, program, amount }
    }

    /// A lot that can be spent from now on, for a year.
    pub fn lot(&mut self, face: Usd) -> Lot {
        Lot {
            id: LotId::new(self.now, self.chance.entropy()),
            holder: self.holder,
            grant: Some(GrantId::new(self.now, self.chance.entropy())),
            program: self.program(),
            origin: Origin::ResearchGrant,
            face,
            active_from: self.now,
            expires_at: self.in_hours(365 * 24),
            scope: Scope::default(),
            upstream_group: UpstreamGroup::new("openai"),
            transfer_policy: TransferPolicy::Pool,
            priority: 0,
            category: Category::Promotional,
            cost_basis: Usd::ZERO,
        }
    }

    /// The lot, issued from the pool.
    pub fn issue(&mut self, lot: Lot) -> Command {
        let id = self.transfer();
        Command::Issue { id, lot, from: Source::Pool }
    }

    /// A batch that funds the program and issues a lot with all of it.
    pub fn funded_lot(&mut self, face: Usd) -> Batch {
        let lot = self.lot(face);
        let (fund, issue) = (self.fund(face), self.issue(lot));
        self.batch().with(fund).with(issue)
    }

    /// A question for credit from the desk's own wallet.
    pub fn question(&mut self, amount: Usd) -> PlaceHold {
        PlaceHold {
            hold: HoldId::new(self.now, self.chance.entropy()),
            holder: self.holder,
            grant: None,
            model: ModelId::new("gpt-4.1-mini"),
            endpoint: Endpoint::ChatCompletions,
            upstream_group: UpstreamGroup::new("openai"),
            amount,
            caps: Caps::NONE,
            settle_by: self.in_hours(1),
            note: String::new(),
        }
    }

    /// A batch that places a hold, and the hold's name.
    pub fn hold(&mut self, amount: Usd) -> (HoldId, Batch) {
        let question = self.question(amount);
        (question.hold, self.batch().with(Command::PlaceHold(question)))
    }

    /// A batch that captures a hold.
    pub fn capture(&self, hold: HoldId, amount: Usd) -> Batch {
        self.batch().with(Command::Capture { hold, amount })
    }
}
