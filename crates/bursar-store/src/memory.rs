//! The reference: the book and the write verb in memory. Nothing here is durable.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{
    BelongingId, GrantId, HoldId, LotId, NodeId, PriceVersion, ProgramId, RequestId, Timestamp, Usd,
};
use bursar_ledger::audit::Auditor;
use bursar_ledger::chain::Link;
use bursar_ledger::{
    Account, AccountKind, Asked, Balance, Book, Correction, Hold, Lease, Leased, Resolution,
    TransferKind, decide,
};
use bursar_policy::{AccessState, Borrower, RateOf, Share};

use self::chain::Chain;
use crate::batch::{Batch, Commit, CommitError, Expect, Receipt, Row, Write};
use crate::idempotency::RepeatReads;
use crate::nodes::{CHANGES_AT_A_TIME, CHANGES_KEPT, Change, NodeReads, Peer};
use crate::rates::RateWrite;
use crate::reads::{
    BookReads, CallCheck, GrantSuspense, HoldFilter, LeaseFilter, LeaseState, LotFilter, LotState,
    ReadError, SuspenseOf,
};
use crate::rows::{
    Belonging, Call, Edition, IdempotencyKey, PriceTable, SealedSecret, SecretHash, Stop,
};

mod belongings;
mod chain;
mod editions;
mod prices;
mod rates;
mod sealed;
mod statements;
mod stops;
mod usage;

/// A table, or a unique column, and a value in it.
type Slot = (&'static str, String);

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Clone, Debug, Default)]
struct State {
    book: Book,
    /// Versions of rows by table and name, and which row has which unique value: all that the
    /// write verb looks at.
    versions: HashMap<Slot, u64>,
    unique: HashMap<Slot, String>,
    /// Sign-in links, and whether they were used.
    links: HashMap<SecretHash, bool>,
    nodes: BTreeMap<NodeId, u64>,
    changes: VecDeque<(u64, Change)>,
    last_change: u64,
    keys: HashMap<SecretHash, IdempotencyKey>,
    belongings: BTreeMap<BelongingId, Belonging>,
    /// Settled calls: what they used and cost can be asked for.
    calls: BTreeMap<RequestId, Call>,
    stops: BTreeMap<Slot, Stop>,
    prices: BTreeMap<PriceVersion, PriceTable>,
    editions: BTreeMap<(ProgramId, u32), Edition>,
    sealed: BTreeMap<String, SealedSecret>,
    /// Parts of rate limits.
    shares: BTreeMap<RateOf, Vec<Share>>,
    chain: Chain,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Commit for MemoryStore {
    async fn commit(&self, batch: Batch) -> Result<Receipt, CommitError> {
        let mut state = self.state();
        let mut after = state.clone();
        let receipt = after.write(&batch)?;
        *state = after;
        Ok(receipt)
    }
}

impl State {
    fn write(&mut self, batch: &Batch) -> Result<Receipt, CommitError> {
        let asked = Asked { by: batch.by.clone(), now: batch.now };
        let mut receipt = Receipt::default();
        let mut moved = Vec::new();
        for write in &batch.writes {
            match write {
                Write::Ledger(command) => {
                    let decided =
                        decide(&self.book, command, &asked).map_err(CommitError::Refused)?;
                    for event in &decided.events {
                        self.book.apply(event);
                    }
                    moved.extend(decided.events);
                    receipt.outcomes.push(decided.outcome);
                }
                Write::Row(row, expect) => self.put(row, *expect)?,
                Write::UseSignInLink(hash) => {
                    if self.links.insert(*hash, true) != Some(false) {
                        return Err(CommitError::Conflict("the sign-in link".to_owned()));
                    }
                }
                Write::ForgetIdempotencyKeys(before) => self.forget_keys(*before),
                Write::Beat(node) => {
                    let beats = self.nodes.entry(*node).or_default();
                    *beats = beats.saturating_add(1);
                }
                Write::Leave(node) => {
                    self.nodes.remove(node);
                    let left = RateWrite::End(Borrower::Node(*node));
                    self.write_rates(&left, batch.now)?;
                }
                Write::Rate(write) => receipt.lent.extend(self.write_rates(write, batch.now)?),
                Write::EndSession(_)
                | Write::MailSent(_)
                | Write::Setting { .. }
                | Write::Recall(_)
                | Write::Applying(_)
                | Write::Account(_)
                | Write::Institution(_) => {}
            }
        }
        self.chain.add(&moved);
        for change in batch.changes() {
            self.last_change = self.last_change.saturating_add(1);
            self.changes.push_back((self.last_change, change));
        }
        let too_many =
            self.changes.len().saturating_sub(usize::try_from(CHANGES_KEPT).unwrap_or(0));
        self.changes.drain(..too_many);
        Ok(receipt)
    }

    fn put(&mut self, row: &Row, expect: Expect) -> Result<(), CommitError> {
        let (table, name, version) = row.key();
        let slot = (table, name);
        let found = self.versions.get(&slot).copied();
        let fits = match expect {
            Expect::New => found.is_none(),
            Expect::Version(before) => found == Some(before) && !row.is_written_once(),
        };
        let unique = row.unique();
        let is_taken = |value: &Slot| self.unique.get(value).is_some_and(|by| *by != slot.1);
        if !fits || unique.iter().any(is_taken) {
            return Err(CommitError::Conflict(format!("{} `{}`", slot.0, slot.1)));
        }
        // What the row was known by before this version is free again.
        self.unique.retain(|(column, _), by| *by != slot.1 || !column.starts_with(table));
        for value in unique {
            self.unique.insert(value, slot.1.clone());
        }
        if let Row::SignInLink(link) = row {
            self.links.insert(link.secret_hash, link.used_at.is_some());
        }
        if let Row::IdempotencyKey(key) = row {
            self.keys.insert(key.hash, (**key).clone());
        }
        if let Row::Belonging(belonging) = row {
            self.belongings.insert(belonging.id, (**belonging).clone());
        }
        if let Row::Call(call) = row {
            self.calls.insert(call.request, (**call).clone());
        }
        if let Row::Stop(stop) = row {
            self.stops.insert((stop.of.kind(), stop.of.name()), (**stop).clone());
        }
        if let Row::Edition(row) = row {
            self.editions.insert((row.program.clone(), row.edition), (**row).clone());
        }
        if let Row::PriceTable(table) = row {
            self.prices.insert(table.version.clone(), (**table).clone());
        }
        if let Row::SealedSecret(row) = row {
            self.sealed.insert(row.purpose.clone(), (**row).clone());
        }
        self.versions.insert(slot, version);
        Ok(())
    }

    fn forget_keys(&mut self, before: Timestamp) {
        let old = self.keys.extract_if(|_, key| key.since < before);
        for (_, key) in old {
            let (table, name, _) = Row::IdempotencyKey(Box::new(key)).key();
            self.versions.remove(&(table, name));
        }
    }
}

impl Row {
    /// The row's table, name and version.
    pub fn key(&self) -> (&'static str, String, u64) {
        match self {
            Self::Person(row) => ("person", row.id.to_string(), row.version),
            Self::SignInLink(row) => ("sign-in link", format!("{:?}", row.secret_hash), 1),
            Self::Session(row) => ("session", row.id.to_string(), 1),
            Self::Application(row, _) => ("application", row.id.to_string(), row.version),
            Self::Review(row) => ("review", row.id.to_string(), row.version),
            Self::Grant(row) => ("grant", row.id.to_string(), row.version),
            Self::Key(row) => ("key", row.id.to_string(), row.version),
            Self::Call(row) => ("call", row.request.to_string(), 1),
            Self::Mail(row) => ("mail", row.id.to_string(), 1),
            Self::Delivery(row) => ("delivery", row.mail.to_string(), row.version),
            Self::Identity(row) => {
                ("identity", format!("{} {}", row.issuer, row.subject), row.version)
            }
            Self::Passkey(row) => ("passkey", row.id.clone(), row.version),
            Self::Erasure(row) => ("erasure", row.person.to_string(), row.version),
            Self::Address(row) => ("address", row.email.clone(), row.version),
            Self::Notice(row) => ("notice", format!("{} {}", row.grant, row.milestone.name()), 1),
            Self::Audit(row) => ("audit line", row.id.to_string(), 1),
            Self::Listing(row) => ("listing", row.id.to_string(), row.version),
            Self::Trade(row) => ("trade", row.id.to_string(), 1),
            Self::AccessRequest(row) => ("access request", row.id.to_string(), row.version),
            Self::Card(row) => ("card", row.person.to_string(), row.version),
            Self::CardCheck(row) => ("card check", row.id.to_string(), row.version),
            Self::IdempotencyKey(row) => {
                ("idempotency key", format!("{:?}", row.hash), row.version)
            }
            Self::Belonging(row) => ("belonging", row.id.to_string(), row.version),
            Self::Stop(row) => {
                ("stop", format!("{} {}", row.of.kind(), row.of.name()), row.version)
            }
            Self::SealedSecret(row) => ("sealed secret", row.purpose.clone(), row.version),
            Self::Edition(row) => ("edition", format!("{} {}", row.program, row.edition), 1),
            Self::Member(row) => ("member", row.id.to_string(), row.version),
            Self::Participant(row) => ("participant", row.id.to_string(), row.version),
            Self::Question(row) => ("question", row.id.to_string(), row.version),
            Self::Study(row) => ("study", row.id.to_string(), row.version),
            Self::Claim(row) => ("claim", row.id.to_string(), row.version),
            Self::Appeal(row) => ("appeal", row.id.to_string(), row.version),
            Self::Assignment(row) => ("assignment", row.id.to_string(), row.version),
            Self::Conflict(row) => ("conflict", row.id.to_string(), row.version),
            Self::Profile(row) => ("profile", row.person.to_string(), row.version),
            Self::ReviewDraft(row) => {
                ("review draft", format!("{} {}", row.application, row.reviewer), row.version)
            }
            Self::PriceTable(row) => ("price table", row.version.to_string(), row.row_version),
        }
    }

    /// Whether the row is never written again.
    pub const fn is_written_once(&self) -> bool {
        match self {
            Self::SignInLink(_)
            | Self::Session(_)
            | Self::Call(_)
            | Self::Mail(_)
            | Self::Notice(_)
            | Self::Audit(_)
            | Self::Edition(_)
            | Self::Trade(_) => true,
            Self::Person(_)
            | Self::Application(..)
            | Self::Review(_)
            | Self::Grant(_)
            | Self::Key(_)
            | Self::Listing(_)
            | Self::AccessRequest(_)
            | Self::Card(_)
            | Self::CardCheck(_)
            | Self::IdempotencyKey(_)
            | Self::Belonging(_)
            | Self::Stop(_)
            | Self::Delivery(_)
            | Self::Address(_)
            | Self::Identity(_)
            | Self::Passkey(_)
            | Self::Erasure(_)
            | Self::PriceTable(_)
            | Self::Member(_)
            | Self::Participant(_)
            | Self::Question(_)
            | Self::Study(_)
            | Self::Claim(_)
            | Self::Appeal(_)
            | Self::Assignment(_)
            | Self::Conflict(_)
            | Self::Profile(_)
            | Self::ReviewDraft(_)
            | Self::SealedSecret(_) => false,
        }
    }

    /// Values, beside its name, that no other row of its table may have.
    fn unique(&self) -> Vec<Slot> {
        match self {
            Self::Person(row) => vec![("person.email", row.email.clone())],
            Self::Session(row) => vec![("session.secret", format!("{:?}", row.secret_hash))],
            Self::Review(row) => {
                let value = format!("{} {}", row.application, row.reviewer);
                vec![("review.reviewer", value)]
            }
            Self::Grant(row) => {
                let application = row.application.map(|application| application.to_string());
                let slot = |application| ("grant.application", application);
                application.map(slot).into_iter().collect()
            }
            Self::Key(row) => vec![("key.secret", format!("{:?}", row.secret_hash))],
            Self::Erasure(row) => vec![("erasure.secret", format!("{:?}", row.secret_hash))],
            Self::Member(row) => vec![("member.secret", format!("{:?}", row.secret_hash))],
            Self::Participant(row) => {
                let secret = ("participant.secret", format!("{:?}", row.secret_hash));
                let open = || ("participant.open", format!("{} {}", row.grant, row.email));
                std::iter::once(secret).chain(row.state.is_there().then(open)).collect()
            }
            Self::Call(row) => vec![("call.hold", row.hold.to_string())],
            Self::Belonging(row) => {
                let slot = |name: &String| ("belonging.there", format!("{} {name}", row.upstream));
                row.upstream_id.iter().map(slot).collect()
            }
            Self::AccessRequest(row) => {
                let waits = row.state == AccessState::Asked;
                let slot = || ("access request.waiting", format!("{} {}", row.grant, row.model));
                waits.then(slot).into_iter().collect()
            }
            // One at a time.
            Self::CardCheck(row) if row.state.is_open() => {
                vec![("card check.open", row.person.to_string())]
            }
            Self::Assignment(row) if row.state.is_open() => {
                let value = format!("{} {}", row.application, row.reviewer);
                vec![("assignment.open", value)]
            }
            Self::SignInLink(_)
            | Self::Application(..)
            | Self::Mail(_)
            | Self::Notice(_)
            | Self::Audit(_)
            | Self::Listing(_)
            | Self::Trade(_)
            | Self::Card(_)
            | Self::CardCheck(_)
            | Self::IdempotencyKey(_)
            | Self::Stop(_)
            | Self::Delivery(_)
            | Self::Address(_)
            | Self::Identity(_)
            | Self::Passkey(_)
            | Self::PriceTable(_)
            | Self::Edition(_)
            | Self::Question(_)
            | Self::Study(_)
            | Self::Claim(_)
            | Self::Appeal(_)
            | Self::Assignment(_)
            | Self::Conflict(_)
            | Self::Profile(_)
            | Self::ReviewDraft(_)
            | Self::SealedSecret(_) => Vec::new(),
        }
    }
}

/// What nodes have borrowed of a lot and not spent.
fn lent_of(book: &Book, lot: LotId) -> Balance {
    let leases = book.leases.values();
    let going_on = leases.filter(|lease| lease.of == Leased::Lot(lot) && lease.fenced_at.is_none());
    going_on.fold(Balance::default(), |sum, lease| {
        let more = book.balance(&lease.account());
        Balance {
            posted: sum.posted.checked_add(more.posted).unwrap_or(Usd::MAX),
            held: sum.held.checked_add(more.held).unwrap_or(Usd::MAX),
        }
    })
}

/// The lease that a hold lies on, if it lies on one.
fn lease_of<'a>(book: &'a Book, hold: &Hold) -> Option<&'a Lease> {
    let account = &hold.parts.first()?.account;
    book.leases.values().find(|lease| lease.account() == *account)
}

/// Whether something of a hold lies in suspense, and nobody has settled it. The last word of a
/// lease that has ended says of all calls that it does not name that they spent nothing.
fn is_in_suspense(book: &Book, hold: &Hold) -> bool {
    let is_unsettled = hold.resolution == Some(Resolution::Suspended) && hold.settled.is_none();
    let has_some = |lease: &Lease| book.balance(&lease.suspense()).posted.is_positive();
    is_unsettled && hold.amount.is_positive() && lease_of(book, hold).is_none_or(has_some)
}

#[async_trait]
impl BookReads for MemoryStore {
    async fn lots(&self, which: LotFilter) -> Result<Vec<LotState>, ReadError> {
        let book = &self.state().book;
        let wanted = |state: &LotState| match which {
            LotFilter::Holder(holder) => state.lot.holder == holder,
            LotFilter::Grant(grant) => state.lot.grant == Some(grant),
            LotFilter::ExpiredWithCredit(now) => {
                state.lot.expires_at <= now && state.balance.available().is_positive()
            }
            LotFilter::Unexpired(now) => now < state.lot.expires_at,
            LotFilter::Id(id) => state.lot.id == id,
        };
        let mut lots: Vec<LotState> = book
            .lots
            .values()
            .map(|lot| LotState {
                lot: lot.clone(),
                balance: book.lot_balance(lot.id),
                lent: lent_of(book, lot.id),
            })
            .filter(wanted)
            .collect();
        lots.sort_by_key(|state| state.lot.id);
        Ok(lots)
    }

    async fn balance(&self, account: Account) -> Result<Balance, ReadError> {
        Ok(self.state().book.balance(&account))
    }

    async fn holds(&self, which: HoldFilter) -> Result<Vec<Hold>, ReadError> {
        let book = &self.state().book;
        let wanted = |hold: &&Hold| match which {
            HoldFilter::Open => hold.resolution.is_none(),
            HoldFilter::Overdue(now) => hold.resolution.is_none() && hold.settle_by <= now,
            HoldFilter::InSuspense { of, .. } => {
                is_in_suspense(book, hold)
                    && match of {
                        SuspenseOf::Everything => true,
                        SuspenseOf::Lease(lease) => {
                            lease_of(book, hold).is_some_and(|lies_on| lies_on.id == lease)
                        }
                        SuspenseOf::Call(call) => {
                            (0..HOLD_PARTS_MAX).any(|part| hold.id == call.part(part))
                        }
                    }
            }
        };
        let mut holds: Vec<Hold> = book.holds.values().filter(wanted).cloned().collect();
        holds.sort_by_key(|hold| hold.id);
        if let HoldFilter::InSuspense { limit, .. } = which {
            holds.truncate(limit);
        }
        Ok(holds)
    }

    async fn leases(&self, which: LeaseFilter) -> Result<Vec<LeaseState>, ReadError> {
        let book = &self.state().book;
        let wanted = |state: &LeaseState| match which {
            LeaseFilter::GoingOn => state.lease.fenced_at.is_none(),
            LeaseFilter::Of(of) => state.lease.fenced_at.is_none() && state.lease.of == of,
            LeaseFilter::InSuspense => state.suspense.is_positive(),
        };
        let mut leases: Vec<LeaseState> = book
            .leases
            .values()
            .map(|lease| LeaseState {
                lease: lease.clone(),
                balance: book.balance(&lease.account()),
                suspense: book.balance(&lease.suspense()).posted,
            })
            .filter(wanted)
            .collect();
        leases.sort_by_key(|state| state.lease.id);
        Ok(leases)
    }

    async fn corrections(&self, charges: Vec<HoldId>) -> Result<Vec<Correction>, ReadError> {
        let of_calls = |made: &&Correction| charges.contains(&made.charge);
        let book = &self.state().book;
        let mut found: Vec<_> = book.corrections.values().filter(of_calls).cloned().collect();
        found.sort_by_key(|made| (made.charge, made.number));
        Ok(found)
    }

    async fn suspense_of(&self, grant: GrantId) -> Result<GrantSuspense, ReadError> {
        let book = &self.state().book;
        let is_of = |lot: LotId| book.lots.get(&lot).is_some_and(|lot| lot.grant == Some(grant));
        let leases = book.leases.values();
        let leases = leases.filter(|lease| matches!(lease.of, Leased::Lot(lot) if is_of(lot)));
        let suspense: Vec<Account> = leases.map(Lease::suspense).collect();
        let calls = book.holds.values().filter(|hold| hold.grant == Some(grant));
        let in_the_book = calls.filter(|hold| !hold.is_on_lease() && is_in_suspense(book, hold));
        let on_leases = suspense.iter().map(|account| book.balance(account).posted);
        let found_spent = book.transfers.values().filter(|transfer| {
            transfer.kind == TransferKind::Settle
                && transfer.hold.is_none()
                && transfer.credit.kind() == AccountKind::Used
                && suspense.contains(&transfer.debit)
        });
        let sum = |amounts: Vec<Usd>| Usd::sum(amounts).unwrap_or(Usd::MAX);
        Ok(GrantSuspense {
            in_question: sum(on_leases.chain(in_the_book.map(|hold| hold.amount)).collect()),
            found_spent: sum(found_spent.map(|transfer| transfer.amount).collect()),
        })
    }

    async fn link(&self, number: Option<u64>) -> Result<Option<Link>, ReadError> {
        Ok(self.state().chain.link(number))
    }

    // No sum of calls is kept, and none is checked.
    async fn audit_with(&self, _: CallCheck) -> Result<Auditor, ReadError> {
        let state = self.state();
        let mut auditor = Auditor::default();
        auditor.book(&state.book);
        state.chain.audit(&state.book, &mut auditor);
        Ok(auditor)
    }
}

#[async_trait]
impl NodeReads for MemoryStore {
    fn is_shared(&self) -> bool {
        false
    }

    async fn peers(&self) -> Result<Vec<Peer>, ReadError> {
        let state = self.state();
        let nodes = state.nodes.iter();
        Ok(nodes.map(|(node, beats)| Peer { node: *node, beats: *beats }).collect())
    }

    async fn last_change(&self) -> Result<u64, ReadError> {
        Ok(self.state().last_change)
    }

    async fn changes(&self, after: u64) -> Result<Vec<(u64, Option<Change>)>, ReadError> {
        let state = self.state();
        let later = state.changes.iter().filter(|(number, _)| after < *number);
        let later = later.map(|(number, change)| (*number, Some(*change)));
        Ok(later.take(CHANGES_AT_A_TIME).collect())
    }
}

#[async_trait]
impl RepeatReads for MemoryStore {
    async fn idempotency_key(&self, hash: SecretHash) -> Result<Option<IdempotencyKey>, ReadError> {
        Ok(self.state().keys.get(&hash).cloned())
    }

    async fn idempotency_keys_before(&self, before: Timestamp) -> Result<u64, ReadError> {
        let state = self.state();
        let old = state.keys.values().filter(|key| key.since < before);
        Ok(u64::try_from(old.count()).unwrap_or(u64::MAX))
    }
}
