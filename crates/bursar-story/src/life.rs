//! A random life of the book, told to an engine and to the reference: the same answers, the same
//! balances, the same open holds, and a book that is proven again and again.

use std::collections::BTreeSet;

use bursar_kernel::{
    Cap, Category, CorrectionId, Endpoint, GrantId, HoldId, KeyId, Lot, LotId, MailId, ModelId,
    Origin, PersonId, ProgramId, Scope, StudyId, Timestamp, TradeId, TransferPolicy, Usd,
};
use bursar_ledger::audit::Auditor;
use bursar_ledger::{Account, Command, Correct, Outcome, PlaceHold, Source, StatementOf, Trade};
use jiff::SignedDuration;

use super::statements;
use super::world::Desk;
use bursar_store::memory::MemoryStore;
use bursar_store::rows::Mail;
use bursar_store::{
    Batch, BookReads, Commit, CommitError, Expect, HoldFilter, LotFilter, Receipt, Row, SuspenseOf,
    Write,
};

/// After so many batches the whole book is compared and audited.
const BATCHES_BETWEEN_AUDITS: u32 = 15;

/// What a life has met: `Conflict`, the names of refusals, and in lower case what was carried out.
pub type Seen = BTreeSet<String>;

/// Lives through so many batches from a seed, on an engine that is still empty.
pub async fn life(store: &(impl Commit + BookReads), seed: u64, batches: u32) -> Seen {
    let (reference, mut life) = (MemoryStore::default(), Life::new(seed));
    let mut seen = Seen::new();
    for step in 0..batches {
        let batch = life.batch();
        let expected = reference.commit(batch.clone()).await;
        let answer = store.commit(batch.clone()).await;
        assert_eq!(answer, expected, "seed {seed}, step {step}: {batch:#?}");
        seen.extend(names(&answer));
        if answer.is_ok() {
            life.learn(&batch);
        }
        if step.is_multiple_of(BATCHES_BETWEEN_AUDITS) || step.saturating_add(1) == batches {
            life.compare(store, &reference, &format!("seed {seed}, step {step}")).await;
        }
    }
    seen
}

pub(super) fn names(answer: &Result<Receipt, CommitError>) -> Vec<String> {
    let said = match answer {
        Ok(receipt) => return receipt.outcomes.iter().map(outcome_name).collect(),
        Err(CommitError::Refused(refusal)) => format!("{refusal:?}"),
        Err(other) => format!("{other:?}"),
    };
    let name = said.split(|letter: char| !letter.is_alphanumeric()).next();
    name.map(str::to_owned).into_iter().collect()
}

fn outcome_name(outcome: &Outcome) -> String {
    let name = match outcome {
        Outcome::Moved => "moved",
        Outcome::HoldPlaced { .. } => "held",
        Outcome::Resolved { overrun, .. } if overrun.is_positive() => "overrun",
        Outcome::Resolved { excess, .. } if excess.is_positive() => "excess",
        Outcome::Resolved { .. } => "resolved",
        Outcome::Expired { amount } if amount.is_positive() => "swept",
        Outcome::Expired { .. } => "nothing left",
        Outcome::TakenBack { .. } => "taken back",
        Outcome::Corrected { .. } => "corrected",
        Outcome::Reported { is_late: false, .. } => "reported",
        Outcome::Reported { is_late: true, .. } => "reported late",
    };
    name.to_owned()
}

/// What has been asked so far; a command's names are drawn from it, so that commands meet.
struct Life {
    desk: Desk,
    began: Timestamp,
    programs: Vec<ProgramId>,
    holders: Vec<PersonId>,
    grants: Vec<GrantId>,
    keys: Vec<KeyId>,
    studies: Vec<StudyId>,
    lots: Vec<LotId>,
    /// Lots as they were made, to be sold from.
    sellable: Vec<Lot>,
    holds: Vec<(HoldId, Usd)>,
    asked: Vec<Command>,
    mails: Vec<Mail>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut desk = Desk::new(seed);
        let now = desk.now;
        Self {
            programs: vec![ProgramId::new("access"), ProgramId::new("startup")],
            holders: (0..3).map(|_| PersonId::new(now, desk.chance.entropy())).collect(),
            grants: (0..3).map(|_| GrantId::new(now, desk.chance.entropy())).collect(),
            keys: (0..2).map(|_| KeyId::new(now, desk.chance.entropy())).collect(),
            studies: (0..2).map(|_| StudyId::new(now, desk.chance.entropy())).collect(),
            lots: Vec::new(),
            sellable: Vec::new(),
            holds: Vec::new(),
            asked: Vec::new(),
            mails: Vec::new(),
            began: now,
            desk,
        }
    }

    /// Later commands draw on what was written.
    fn learn(&mut self, batch: &Batch) {
        for write in &batch.writes {
            match write {
                Write::Ledger(command) => {
                    self.asked.push(command.clone());
                    if let Command::Issue { lot, .. } = command {
                        self.sellable.push(lot.clone());
                        self.lots.push(lot.id);
                    }
                    if let Command::Trade(trade) = command {
                        self.lots.push(trade.lot.id);
                        self.sellable.push(trade.lot.clone());
                    }
                    if let Command::PlaceHold(question) = command {
                        self.holds.push((question.hold, question.amount));
                    }
                }
                Write::Row(Row::Mail(mail), _) => self.mails.push(mail.clone()),
                Write::Row(..)
                | Write::UseSignInLink(_)
                | Write::EndSession(_)
                | Write::MailSent(_)
                | Write::ForgetIdempotencyKeys(_)
                | Write::Setting { .. }
                | Write::Beat(_)
                | Write::Leave(_)
                | Write::Recall(_)
                | Write::Rate(_)
                | Write::Applying(_)
                | Write::Account(_)
                | Write::Institution(_) => {}
            }
        }
    }

    fn batch(&mut self) -> Batch {
        let minutes = self.desk.chance.between(0, 40);
        let later = self.desk.now.checked_add(SignedDuration::from_mins(minutes));
        self.desk.now = later.expect("a life ends within the calendar");
        let mut batch = self.desk.batch();
        for _ in 0..self.desk.chance.between(1, 3) {
            let command = self.command();
            batch = batch.with(command);
            if self.desk.chance.once_in(6) {
                batch = batch.with(self.mail());
            }
        }
        batch
    }

    /// A new mail, or one that was written before and conflicts.
    fn mail(&mut self) -> Write {
        let again = self.desk.chance.once_in(4);
        let before = self.desk.chance.pick(&self.mails).filter(|_| again);
        let mail = before.cloned().unwrap_or_else(|| Mail {
            id: MailId::new(self.desk.now, self.desk.chance.entropy()),
            to: "ada@example.edu".to_owned(),
            subject: "Your balance".to_owned(),
            body: "It moved.".to_owned(),
            html: "<p>It is so.</p>".to_owned(),
            letter: "submitted".to_owned(),
            useless_after: None,
            created_at: self.desk.now,
            sent_at: None,
        });
        Write::Row(Row::Mail(mail), Expect::New)
    }

    fn command(&mut self) -> Command {
        match self.desk.chance.below(65) {
            0..=2 => self.fund(),
            3 => self.promise(),
            4 => self.take_back(),
            5..=9 => self.issue(),
            10 => self.allow(),
            11..=22 => self.place_hold(),
            23..=29 => self.capture(),
            30..=31 => Command::Release { hold: self.hold().0 },
            32 | 52 => Command::Suspend { hold: self.hold().0 },
            33..=35 => self.expire(),
            57..=58 => self.claw_back(),
            59..=62 => self.correct(),
            63 => self.cut(),
            64 => self.restore(),
            36..=47 => self.pass_on(),
            53..=56 => self.settle(),
            _ => self.again(),
        }
    }

    /// Dollars with odd nano-dollars; once in a while nothing, or less.
    fn amount(&mut self, dollars_max: i64) -> Usd {
        if self.desk.chance.once_in(25) {
            return Usd::from_nanos(self.desk.chance.between(-5, 0));
        }
        let nanos_max = dollars_max.saturating_mul(1_000_000_000);
        Usd::from_nanos(self.desk.chance.between(1, nanos_max))
    }

    fn one_program(&mut self) -> ProgramId {
        one(&mut self.desk, &self.programs)
    }

    fn fund(&mut self) -> Command {
        Command::Fund {
            id: self.desk.transfer(),
            program: self.one_program(),
            amount: self.amount(200),
        }
    }

    fn promise(&mut self) -> Command {
        Command::Commit {
            id: self.desk.transfer(),
            program: self.one_program(),
            amount: self.amount(50),
        }
    }

    fn take_back(&mut self) -> Command {
        Command::Uncommit {
            id: self.desk.transfer(),
            program: self.one_program(),
            amount: self.amount(20),
        }
    }

    fn caps(&self) -> impl Iterator<Item = Cap> + '_ {
        let studies = self.studies.iter().copied().map(Cap::Study);
        self.keys.iter().copied().map(Cap::Key).chain(studies)
    }

    fn one_cap(&mut self) -> Cap {
        let caps: Vec<Cap> = self.caps().collect();
        one(&mut self.desk, &caps)
    }

    fn allow(&mut self) -> Command {
        Command::Allow { id: self.desk.transfer(), cap: self.one_cap(), amount: self.amount(5) }
    }

    fn cut(&mut self) -> Command {
        Command::Cut { id: self.desk.transfer(), cap: self.one_cap(), amount: self.amount(4) }
    }

    fn restore(&mut self) -> Command {
        Command::Restore { id: self.desk.transfer(), cap: self.one_cap(), amount: self.amount(4) }
    }

    fn issue(&mut self) -> Command {
        let face = self.amount(20);
        let mut lot = self.desk.lot(face);
        lot.holder = one(&mut self.desk, &self.holders);
        lot.program = self.one_program();
        lot.grant = self.one_grant();
        let from = self.desk.chance.between(-2, 2);
        lot.active_from = self.desk.in_hours(from);
        let hours = self.desk.chance.between(0, 30);
        lot.expires_at = self.desk.in_hours(from.saturating_add(hours));
        lot.scope = self.scope();
        lot.priority = i32::try_from(self.desk.chance.between(-1, 1)).unwrap_or(0);
        if self.desk.chance.once_in(3) {
            lot.category = Category::Paid;
        }
        if !self.desk.chance.once_in(4) {
            lot.transfer_policy = TransferPolicy::Market;
        }
        let promised = self.desk.chance.once_in(4);
        Command::Issue {
            id: self.desk.transfer(),
            lot,
            from: if promised { Source::Committed } else { Source::Pool },
        }
    }

    fn one_grant(&mut self) -> Option<GrantId> {
        let bound = self.desk.chance.once_in(2);
        bound.then(|| one(&mut self.desk, &self.grants))
    }

    fn scope(&mut self) -> Scope {
        let mut scope = Scope::default();
        if self.desk.chance.once_in(4) {
            scope.models = Some(BTreeSet::from([one(&mut self.desk, &models())]));
        }
        if self.desk.chance.once_in(4) {
            scope.endpoints = Some(BTreeSet::from([one(&mut self.desk, &ENDPOINTS)]));
        }
        scope
    }

    fn place_hold(&mut self) -> Command {
        let amount = self.amount(4);
        let mut question = self.desk.question(amount);
        question.holder = one(&mut self.desk, &self.holders);
        question.grant = self.one_grant().filter(|_| self.desk.chance.once_in(2));
        question.model = one(&mut self.desk, &models());
        question.endpoint = one(&mut self.desk, &ENDPOINTS);
        if self.desk.chance.once_in(4) {
            question.caps.key = Some(one(&mut self.desk, &self.keys));
        }
        if self.desk.chance.once_in(9) {
            question.caps.study = Some(one(&mut self.desk, &self.studies));
        }
        question.note = format!("{{\"asked\":{}}}", self.asked.len());
        Command::PlaceHold(question)
    }

    /// A hold that was asked for lately, or one that never was.
    fn hold(&mut self) -> (HoldId, Usd) {
        let recent = self.holds.len().saturating_sub(12);
        let known = self.desk.chance.pick(&self.holds[recent..]).copied();
        let stray = self.desk.chance.once_in(20);
        known.filter(|_| !stray).unwrap_or_else(|| {
            let hold = HoldId::new(self.desk.now, self.desk.chance.entropy());
            (hold, Usd::from_nanos(1))
        })
    }

    /// Mostly within the hold; once in a while above it, as a wrong bound would let through.
    fn capture(&mut self) -> Command {
        let (hold, held) = self.hold();
        let nanos_max =
            if self.desk.chance.once_in(3) { held.nanos().saturating_mul(6) } else { held.nanos() };
        let amount = Usd::from_nanos(self.desk.chance.between(0, nanos_max.max(1)));
        Command::Capture { hold, amount }
    }

    /// What a hold in suspense is found to have cost, mostly at most what was held.
    fn settle(&mut self) -> Command {
        let lies = |command: &&Command| matches!(command, Command::Suspend { .. });
        let suspended: Vec<Command> = self.asked.iter().filter(lies).cloned().collect();
        let (mut hold, held) = self.hold();
        if let Some(Command::Suspend { hold: known }) = self.desk.chance.pick(&suspended) {
            hold = *known;
        }
        let known = self.holds.iter().find(|(id, _)| *id == hold).map_or(held, |(_, held)| *held);
        let nanos = self.desk.chance.between(0, known.nanos().max(1));
        let above = if self.desk.chance.once_in(3) { known.nanos() } else { 0 };
        Command::Settle { hold, cost: Usd::from_nanos(nanos.saturating_add(above)) }
    }

    fn expire(&mut self) -> Command {
        let known = self.desk.chance.pick(&self.lots).copied();
        let stray = self.desk.chance.once_in(20);
        Command::Expire {
            id: self.desk.transfer(),
            lot: known
                .filter(|_| !stray)
                .unwrap_or_else(|| LotId::new(self.desk.now, self.desk.chance.entropy())),
        }
    }

    /// A call's last word: of one that was charged lately, or of one that never was.
    fn correct(&mut self) -> Command {
        let (charge, cost) = (self.hold().0, self.amount(4));
        let id = CorrectionId::new(self.desk.now, self.desk.chance.entropy());
        let reason = "the provider's report".to_owned();
        Command::Correct(Box::new(Correct { id, charge, cost, reason }))
    }

    /// A part of a lot, or all that is left of it.
    fn claw_back(&mut self) -> Command {
        let known = self.desk.chance.pick(&self.lots).copied();
        let lot = known.unwrap_or(LotId::new(self.desk.now, self.desk.chance.entropy()));
        let (id, amount) = (self.desk.transfer(), self.amount(8));
        let amount = (!self.desk.chance.once_in(3)).then_some(amount);
        Command::TakeBack { id, lot, amount }
    }

    /// Credit handed back or sold, and cash on its way in or out.
    fn pass_on(&mut self) -> Command {
        let (id, amount) = (self.desk.transfer(), self.amount(8));
        let person = one(&mut self.desk, &self.holders);
        match self.desk.chance.below(12) {
            0..=2 => Command::PayIn { id, person, amount },
            3 => Command::Refund { id, person, amount },
            4 => Command::PayOut { id, person, amount },
            5 | 6 => {
                let known = self.desk.chance.pick(&self.lots).copied();
                let stray = LotId::new(self.desk.now, self.desk.chance.entropy());
                Command::Return { id, lot: known.unwrap_or(stray), amount }
            }
            _ => self.sell(person, amount),
        }
    }

    /// A part of a lot for somebody; once in a while for less life than it should have.
    fn sell(&mut self, buyer: PersonId, face: Usd) -> Command {
        let recent = self.sellable.len().saturating_sub(8);
        let Some(from) = self.desk.chance.pick(&self.sellable[recent..]).cloned() else {
            return self.fund();
        };
        let mut lot = Lot {
            id: LotId::new(self.desk.now, self.desk.chance.entropy()),
            holder: buyer,
            grant: self.one_grant(),
            origin: Origin::Purchase,
            category: Category::Paid,
            face,
            active_from: self.desk.now,
            cost_basis: self.amount(4),
            ..from.clone()
        };
        if self.desk.chance.once_in(12) {
            lot.expires_at = self.desk.in_hours(1);
        }
        let fee = Usd::from_nanos(self.desk.chance.between(0, 3));
        let id = TradeId::new(self.desk.now, self.desk.chance.entropy());
        Command::Trade(Box::new(Trade { id, from: from.id, lot, fee }))
    }

    /// Something asked before: word for word, or under the same name for another amount.
    fn again(&mut self) -> Command {
        let recent = self.asked.len().saturating_sub(12);
        let recent = if self.desk.chance.once_in(2) { recent } else { 0 };
        let Some(before) = self.desk.chance.pick(&self.asked[recent..]).cloned() else {
            return self.fund();
        };
        let more = Usd::from_nanos(self.desk.chance.between(1, 1_000));
        match (self.desk.chance.below(3), before) {
            (0, Command::Fund { id, program, .. }) => Command::Fund { id, program, amount: more },
            (0..=1, Command::PlaceHold(question)) => {
                Command::PlaceHold(PlaceHold { amount: more, ..question })
            }
            (0, Command::Issue { lot, from, .. }) => {
                Command::Issue { id: self.desk.transfer(), lot, from }
            }
            (_, before) => before,
        }
    }

    /// Every answer of the engine is the reference's, and both books are proven.
    async fn compare(
        &mut self,
        store: &(impl Commit + BookReads),
        reference: &MemoryStore,
        when: &str,
    ) {
        for account in self.accounts() {
            let expected = reference.balance(account.clone()).await;
            let balance = store.balance(account.clone()).await;
            assert_eq!(balance, expected, "{when}: `{account}`");
        }
        for which in self.lot_filters() {
            let expected = reference.lots(which).await;
            assert_eq!(store.lots(which).await, expected, "{when}: {which:?}");
        }
        let in_suspense = |of| HoldFilter::InSuspense { of, limit: 3 };
        let mut filters = vec![
            HoldFilter::Open,
            HoldFilter::Overdue(self.desk.now),
            in_suspense(SuspenseOf::Everything),
        ];
        let recent = self.holds.iter().rev().take(20);
        filters.extend(recent.map(|(hold, _)| in_suspense(SuspenseOf::Call(*hold))));
        for which in filters {
            let expected = reference.holds(which).await;
            assert_eq!(store.holds(which).await, expected, "{when}: {which:?}");
        }
        let of = self.statements();
        statements::compare(store, reference, (&mut self.desk, of), (self.began, when)).await;
        let charges: Vec<_> = self.holds.iter().map(|(hold, _)| *hold).collect();
        let expected = reference.corrections(charges.clone()).await;
        assert_eq!(store.corrections(charges).await, expected, "{when}: corrections");
        for grant in &self.grants {
            let expected = reference.suspense_of(*grant).await;
            assert_eq!(store.suspense_of(*grant).await, expected, "{when}: `{grant}`");
        }
        let expected = reference.audit().await.map(Auditor::finish);
        let found = store.audit().await.map(Auditor::finish);
        assert_eq!(found, expected, "{when}: the audits");
        let findings = found.expect("a store can be audited").1;
        assert_eq!(findings, [], "{when}: the book");
    }

    fn accounts(&self) -> Vec<Account> {
        let mut accounts = vec![Account::RightsIssued, Account::RightsUsed];
        accounts.extend(self.caps().flat_map(Account::of_cap));
        accounts.extend(self.lots.iter().copied().map(Account::Lot));
        accounts.extend([Account::CashExternal, Account::Fees]);
        accounts.extend(self.holders.iter().copied().map(Account::BuyerCash));
        accounts.extend(self.holders.iter().copied().map(Account::Payable));
        let kinds: [fn(ProgramId) -> Account; 7] = [
            Account::External,
            Account::Pool,
            Account::Committed,
            Account::Used,
            Account::Breakage,
            Account::Suspense,
            Account::Overrun,
        ];
        for kind in kinds {
            accounts.extend(self.programs.iter().cloned().map(kind));
        }
        accounts
    }

    /// What statements are asked of: grants, and an account of each kind that somebody asks about.
    fn statements(&self) -> Vec<StatementOf> {
        let mut of: Vec<_> = self.grants.iter().copied().map(StatementOf::Grant).collect();
        let pools = self.programs.iter().cloned().map(Account::Pool);
        let used = self.programs.iter().cloned().map(Account::Used);
        let caps = self.caps().flat_map(Account::of_cap);
        let lots = self.lots.iter().rev().take(2).copied().map(Account::Lot);
        of.extend(pools.chain(used).chain(caps).chain(lots).map(StatementOf::Account));
        of
    }

    fn lot_filters(&self) -> Vec<LotFilter> {
        let now = self.desk.now;
        let mut filters = vec![LotFilter::ExpiredWithCredit(now), LotFilter::Unexpired(now)];
        filters.extend(self.holders.iter().copied().map(LotFilter::Holder));
        filters.extend(self.grants.iter().copied().map(LotFilter::Grant));
        filters.extend(self.lots.iter().rev().take(3).copied().map(LotFilter::Id));
        filters
    }
}

const ENDPOINTS: [Endpoint; 2] = [Endpoint::ChatCompletions, Endpoint::Embeddings];

fn models() -> [ModelId; 2] {
    [ModelId::new("gpt-4.1-mini"), ModelId::new("text-embedding-3-small")]
}

fn one<T: Clone>(desk: &mut Desk, among: &[T]) -> T {
    let picked = desk.chance.pick(among);
    picked.expect("there is something to pick from").clone()
}
