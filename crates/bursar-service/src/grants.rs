//! Grants: issued, delivered, read.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{
    GrantId, GrantRole, KeyId, Lot, LotId, Origin, PersonId, Program, ProgramId, RequestId, Scope,
    TierId, Timestamp, TransferId, Usd,
};
use bursar_ledger::{Command, Life, Source, TransferKind};
use bursar_policy::{Action, Viewer};
use bursar_program::calendar;
use bursar_store::rows::{Call, Grant, Key, Person, Stop, Stoppable};
use bursar_store::{
    CallFilter, DaySpend, Expect, GrantFilter, LotFilter, LotState, PassedOn, Row, Spend, Write,
};
use jiff::civil::Date;

use crate::{Service, ServiceError, Within, entropy, letters};

/// Where a grant stands, at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Its credit has not arrived.
    Waiting,
    /// Its credit can be spent.
    Active,
    /// Its credit is spent.
    Spent,
    /// An officer took its credit back.
    Voided,
    /// Its credit has expired.
    Expired,
}

impl GrantState {
    /// Its name in JSON: `active`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Spent => "spent",
            Self::Voided => "voided",
            Self::Expired => "expired",
        }
    }
}

/// A grant with its money.
#[derive(Clone, Debug)]
pub struct GrantPage {
    /// The grant.
    pub grant: Grant,
    /// Who holds it.
    pub holder: Person,
    /// Where it stands.
    pub state: GrantState,
    /// What can be spent now.
    pub available: Usd,
    /// What calls in flight have set aside.
    pub held: Usd,
    /// What its calls have cost, with what was found to be spent by calls that nobody knows.
    pub spent: Usd,
    /// What lies in suspense: nobody knows whether calls have spent it.
    pub in_question: Usd,
    /// What its holder sold of it.
    pub sold: Usd,
    /// What its holder handed back to the pool.
    pub returned: Usd,
    /// What officers took back of it.
    pub taken_back: Usd,
    /// When some of it was last sold, handed back or taken back.
    pub passed_on_at: Option<Timestamp>,
    /// Why its calls are stopped, where an officer has stopped it.
    pub stopped: Option<Stop>,
    /// The same, where its whole program is stopped.
    pub program_stopped: Option<Stop>,
    /// Its lots, with what stands on them.
    pub lots: Vec<LotState>,
    /// Its keys, in the order they were made.
    pub keys: Vec<KeyLine>,
    /// What was spent, day by day (UTC).
    pub days: Vec<DaySpend>,
}

impl GrantPage {
    /// Its life and money as notices weigh them; `None` before its credit is delivered.
    pub fn life(&self) -> Option<Life> {
        let last_call = self.keys.iter().filter_map(|line| line.spend.last_at).max();
        Some(Life {
            delivered_at: self.grant.delivered_at?,
            expires_at: self.grant.expires_at?,
            face: self.grant.amount,
            available: self.available,
            held: self.held,
            passed_on: Usd::sum([self.sold, self.returned, self.taken_back]).unwrap_or(Usd::MAX),
            ended_by_passing_on: self.passed_on_at.is_some_and(|at| last_call <= Some(at)),
        })
    }
}

/// A key with what it has spent.
#[derive(Clone, Debug)]
pub struct KeyLine {
    /// The key.
    pub key: Key,
    /// What it has spent.
    pub spend: Spend,
}

/// Credit that an officer issues without an application.
#[derive(Clone, Debug)]
pub struct IssueGrant {
    /// Of which program.
    pub program: ProgramId,
    /// To whom; an account is made if there is none.
    pub holder_email: String,
    /// How much.
    pub amount: Usd,
    /// A day sooner than the program's term, if any.
    pub expires_at: Option<Timestamp>,
    /// What it is for.
    pub title: String,
    /// Where the credit comes from.
    pub origin: Origin,
    /// The tier of its calls, where that is higher than its holder's own.
    pub tier: Option<TierId>,
}

impl Service {
    /// Issues credit at once, from the program's pool. Its expiry may only shorten the term.
    pub async fn issue_grant(
        &self,
        viewer: &Viewer,
        wanted: IssueGrant,
    ) -> Result<GrantId, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let program = self.program(&wanted.program)?;
        let now = self.now();
        let expires_at = shortened(program, now, wanted.expires_at)?;
        if let Some(tier) = &wanted.tier {
            self.known_tier(&program.id, tier)?;
        }
        let (holder, new_person) = self.person_for(&wanted.holder_email, now).await?;
        let mut batch = crate::batch_of(viewer, now)?;
        batch.writes.extend(new_person);
        let mut grant = Grant {
            id: GrantId::new(now, entropy::draw()),
            program: program.id.clone(),
            program_version: program.version,
            holder: holder.id,
            application: None,
            title: wanted.title,
            amount: wanted.amount,
            created_at: now,
            deliver_from: now,
            deliver_until: now,
            delivered_at: None,
            expires_at: None,
            expires_no_later_than: wanted.expires_at,
            lot: None,
            tier: wanted.tier,
            voided_at: None,
            version: 1,
        };
        let lot = lot_for(program, &grant, wanted.origin, now, expires_at);
        deliver_into(&mut grant, &lot, now);
        let (id, amount) = (grant.id, grant.amount);
        let named = grant.tier.as_ref().map_or(String::new(), |tier| format!(" at tier `{tier}`"));
        let line = crate::audit_line(&batch, "grant.issued", id, format!("${amount}{named}"));
        let issue =
            Command::Issue { id: TransferId::new(now, entropy::draw()), lot, from: Source::Pool };
        let row = Write::Row(Row::Grant(Box::new(grant)), Expect::New);
        self.commit(batch.with(issue).with(row).with(line)).await?;
        Ok(id)
    }

    /// A grant with its money, its keys and its days, as far as the viewer may read them.
    pub async fn grant(&self, viewer: &Viewer, id: GrantId) -> Result<GrantPage, ServiceError> {
        let within = self.within(viewer, id).await?;
        let page = self.grant_page(within.grant.clone()).await?;
        self.as_seen(page, &within).await
    }

    /// What of a grant's page is for somebody who does not see every figure: what is left of it,
    /// since that is where their calls stop, their own keys, and what was spent where they belong.
    pub(crate) async fn as_seen(
        &self,
        mut page: GrantPage,
        within: &Within,
    ) -> Result<GrantPage, ServiceError> {
        if within.sees_figures() {
            return Ok(page);
        }
        let counts = |line: &&KeyLine| within.sees_spending_of(&line.key);
        let counted: BTreeSet<KeyId> =
            page.keys.iter().filter(counts).map(|line| line.key.id).collect();
        let mut days: BTreeMap<Date, DaySpend> = BTreeMap::new();
        for row in self.store.spend_by_all(page.grant.id).await? {
            if counted.contains(&row.key) {
                let none = DaySpend { day: row.day, cost: Usd::ZERO, calls: 0 };
                let day = days.entry(row.day).or_insert(none);
                day.cost = day.cost.checked_add(row.cost).unwrap_or(Usd::MAX);
                day.calls = day.calls.saturating_add(row.calls);
            }
        }
        page.days = days.into_values().collect();
        page.keys.retain(|line| within.sees_key(&line.key));
        page.lots.clear();
        Ok(page)
    }

    /// A grant with its money, its keys and its days, whoever asks.
    pub(crate) async fn grant_page(&self, grant: Grant) -> Result<GrantPage, ServiceError> {
        let (id, now) = (grant.id, self.now());
        let lots = self.store.lots(LotFilter::Grant(id)).await?;
        let spend = self.store.spend_by_key(id).await?;
        let keys = self
            .store
            .keys(id)
            .await?
            .into_iter()
            .map(|key| KeyLine { spend: spend_of(&spend, key.id), key });
        let live = |state: &&LotState| state.lot.active_from <= now && now < state.lot.expires_at;
        let sum = |amount: fn(&LotState) -> Usd| {
            Usd::sum(lots.iter().filter(live).map(amount)).unwrap_or(Usd::MAX)
        };
        let (mut available, mut held) = (sum(LotState::available), sum(LotState::held));
        if grant.voided_at.is_some() {
            // What has not gone back yet is on its way there, or set aside for calls in flight.
            held = held.checked_add(available).unwrap_or(Usd::MAX);
            available = Usd::ZERO;
        }
        let suspense = self.store.suspense_of(id).await?;
        let by_calls = spend.iter().map(|(_, spend)| spend.cost);
        let spent = Usd::sum(by_calls.chain([suspense.found_spent])).unwrap_or(Usd::MAX);
        let passed_on = self.store.passed_on(id).await?;
        let passed = |kind: TransferKind| {
            let found = passed_on.iter().find(|passed| passed.kind == kind);
            found.map_or(Usd::ZERO, |passed| passed.amount)
        };
        let is_passed_on = |passed: &&PassedOn| {
            use TransferKind::{ClawBack, Return, Sell, Void};
            matches!(passed.kind, Sell | Return | ClawBack | Void)
        };
        let program_stopped = self.stopped(Stoppable::Program(grant.program.clone())).await?;
        let taken_back = [passed(TransferKind::ClawBack), passed(TransferKind::Void)];
        Ok(GrantPage {
            stopped: self.stopped(Stoppable::Grant(id)).await?,
            program_stopped,
            sold: passed(TransferKind::Sell),
            returned: passed(TransferKind::Return),
            taken_back: Usd::sum(taken_back).unwrap_or(Usd::MAX),
            passed_on_at: passed_on.iter().filter(is_passed_on).map(|passed| passed.last_at).max(),
            holder: self.person_of(grant.holder).await?,
            state: state_of(&grant, available, held, now),
            available,
            held,
            spent,
            in_question: suspense.in_question,
            keys: keys.collect(),
            days: self.store.spend_by_day(id).await?,
            grant,
            lots,
        })
    }

    /// The viewer's own grants, latest first.
    pub async fn my_grants(&self, viewer: &Viewer) -> Result<Vec<GrantPage>, ServiceError> {
        let holder = viewer.person().ok_or(ServiceError::SignInFirst)?;
        self.grant_pages(viewer, GrantFilter { holder: Some(holder), ..GrantFilter::default() })
            .await
    }

    /// Grants of others that the viewer takes part in, with what they may do in each, latest first.
    pub async fn shared_grants(
        &self,
        viewer: &Viewer,
    ) -> Result<Vec<(GrantPage, GrantRole)>, ServiceError> {
        let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
        let mut pages = Vec::new();
        for row in self.store.participations(person).await? {
            let Some(part) = row.part_of(person) else { continue };
            pages.push((self.grant(viewer, row.grant).await?, part.role));
        }
        Ok(pages)
    }

    /// All grants of a program, latest first.
    pub async fn program_grants(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
    ) -> Result<Vec<GrantPage>, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let filter = GrantFilter { program: Some(program.clone()), ..GrantFilter::default() };
        self.grant_pages(viewer, filter).await
    }

    async fn grant_pages(
        &self,
        viewer: &Viewer,
        filter: GrantFilter,
    ) -> Result<Vec<GrantPage>, ServiceError> {
        let mut pages = Vec::new();
        for grant in self.store.grants(filter).await? {
            pages.push(self.grant(viewer, grant.id).await?);
        }
        Ok(pages)
    }

    /// A page of a grant's calls, newest first: of those made with keys that the viewer sees.
    pub async fn calls_made(
        &self,
        viewer: &Viewer,
        which: CallFilter,
    ) -> Result<Vec<Call>, ServiceError> {
        let within = self.within(viewer, which.grant).await?;
        let person = if within.sees_figures() { which.person } else { viewer.person() };
        Ok(self.store.calls(CallFilter { person, ..which }).await?)
    }

    /// A settled call of a grant.
    pub async fn call(
        &self,
        viewer: &Viewer,
        grant: GrantId,
        request: RequestId,
    ) -> Result<Call, ServiceError> {
        let within = self.within(viewer, grant).await?;
        let found = self.store.call(request).await?.filter(|call| call.grant == grant);
        let missing = || ServiceError::NotFound(format!("call `{request}`"));
        let call = found.ok_or_else(missing)?;
        let key = self.store.key(call.key).await?;
        if within.sees_figures() || key.is_some_and(|key| within.sees_key(&key)) {
            Ok(call)
        } else {
            Err(missing())
        }
    }

    /// Whether a person holds a grant.
    pub async fn holds(&self, person: PersonId, grant: GrantId) -> Result<bool, ServiceError> {
        Ok(self.store.grant(grant).await?.is_some_and(|grant| grant.holder == person))
    }
}

pub(crate) fn lot_for(
    program: &Program,
    grant: &Grant,
    origin: Origin,
    now: Timestamp,
    expires_at: Timestamp,
) -> Lot {
    Lot {
        id: LotId::new(now, entropy::draw()),
        holder: grant.holder,
        grant: Some(grant.id),
        program: program.id.clone(),
        origin,
        face: grant.amount,
        active_from: now,
        expires_at,
        scope: Scope::default(),
        upstream_group: program.entitlements.upstream_group.clone(),
        transfer_policy: program.transfer_policy,
        priority: 0,
        category: origin.category(),
        cost_basis: Usd::ZERO,
    }
}

pub(crate) fn deliver_into(grant: &mut Grant, lot: &Lot, now: Timestamp) {
    grant.delivered_at = Some(now);
    grant.expires_at = Some(lot.expires_at);
    grant.lot = Some(lot.id);
}

/// The program's term from now, or a sooner instant if one is wanted. Never a later one.
fn shortened(
    program: &Program,
    now: Timestamp,
    wanted: Option<Timestamp>,
) -> Result<Timestamp, ServiceError> {
    let term = calendar::expiry(program, now, now);
    match wanted {
        None => Ok(term),
        Some(at) if at <= now => {
            let message = "The expiry must be later than now";
            Err(ServiceError::field("expires", message))
        }
        Some(at) if term < at => {
            let message =
                format!("The expiry can only shorten the program's term, which ends {term}");
            Err(ServiceError::field("expires", message))
        }
        Some(at) => Ok(at),
    }
}

fn state_of(grant: &Grant, available: Usd, held: Usd, now: Timestamp) -> GrantState {
    if grant.voided_at.is_some() {
        GrantState::Voided
    } else if grant.delivered_at.is_none() {
        GrantState::Waiting
    } else if grant.expires_at.is_some_and(|at| at <= now) {
        GrantState::Expired
    } else if available.is_zero() && held.is_zero() {
        GrantState::Spent
    } else {
        GrantState::Active
    }
}

fn spend_of(spend: &[(KeyId, Spend)], key: KeyId) -> Spend {
    let found = spend.iter().find(|(id, _)| *id == key);
    found.map(|(_, spend)| *spend).unwrap_or_default()
}

/// The letter that a grant's end is told by.
pub(crate) fn ended(program: &Program, left: Usd, grant: GrantId, base_url: &str) -> crate::Letter {
    letters::expired(&program.name, left, &format!("{base_url}/grants/{grant}"))
}
