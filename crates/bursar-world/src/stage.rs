//! Plays the story: each step is one call of a use case, in the name of whoever would make it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, bail};
use bursar_applying::{accept_award, decline_award, withdraw};
use bursar_award::{Outcome, State};
use bursar_kernel::{
    ApplicationId, BasisPoints, GrantId, KeyId, ListingId, PersonId, Program, ProgramId, RoundId,
    Timestamp, Usd,
};
use bursar_policy::Viewer;
use bursar_reviewing::{Answer, NewProfile, answer, desk, invite, plan, save_profile};
use bursar_service::clock::TurnableClock;
use bursar_service::{Begun, Caller, IssueGrant, NewReview, Recommendation, Service, Verdict};
use bursar_store::AssignmentFilter;
use bursar_stripe_double::{CardForm, Double};
use bursar_studies::{NewKey, NewStudy, StudyTerms};
use bursar_trading::{NewListing, Right};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use tokio::task::unconstrained;

use super::World;
use super::applications;
use super::calls::Planned;
use super::chance::Chance;
use super::keys::{self, KeyPlan};
use super::market;
use super::people::{PEOPLE, RESEARCHER};
use super::record::{Applicant, Fate, Record};
use super::rounds::Rounds;
use super::staff::{Member, OFFICER, OPERATOR, REVIEWERS, SECOND_OFFICER};
use super::story::Step;

/// What the program is given, in dollars.
const FUNDED_DOLLARS: i64 = 40_000;

/// What decides between plans of one cost.
const SEED: u64 = 20_260_301;

/// A test card that works.
const CARD: &str = "4242 4242 4242 4242";

/// The world while it is built.
pub(super) struct Stage<'a> {
    service: &'a Arc<Service>,
    clock: &'a TurnableClock,
    double: &'a Double,
    program: &'a Program,
    records: Vec<&'static Record>,
    /// The present, when the world stands.
    now: Timestamp,
    operator: PersonId,
    officer: Viewer,
    reviewers: Vec<Viewer>,
    applicants: BTreeMap<&'static str, Viewer>,
    applications: BTreeMap<usize, ApplicationId>,
    grants: BTreeMap<usize, GrantId>,
    keys: BTreeMap<(usize, usize), (KeyId, Arc<Caller>)>,
    /// Grants of brought-in credit, and listings of it, by their holders' places.
    brought_in: BTreeMap<usize, (Viewer, GrantId)>,
    listings: BTreeMap<usize, ListingId>,
}

impl<'a> Stage<'a> {
    /// A stage with its staff and the program's money, at the beginning of the world.
    pub(super) async fn set(
        (service, clock, double): (&'a Arc<Service>, &'a TurnableClock, &'a Double),
        program: &'a Program,
        rounds: &Rounds,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        clock.turn_to(rounds.begin());
        let operator = appoint(service, &OPERATOR).await?;
        let officer = appoint(service, &OFFICER).await?;
        appoint(service, &SECOND_OFFICER).await?;
        let mut reviewers = Vec::with_capacity(REVIEWERS.len());
        for reviewer in &REVIEWERS {
            let viewer = appoint(service, &reviewer.member).await?;
            let knows = reviewer.knows.iter().map(|topic| (*topic).to_owned()).collect();
            let said = NewProfile {
                topics: BTreeMap::from([(program.id.clone(), knows)]),
                institutions: reviewer.institutions.to_owned(),
                coauthors: reviewer.coauthors.to_owned(),
                ..NewProfile::default()
            };
            save_profile(service, &viewer, said).await?;
            reviewers.push(viewer);
        }
        let amount = Usd::from_dollars(FUNDED_DOLLARS).context("too much money")?;
        service.fund(&officer, &program.id, amount).await?;
        let brought_in = Usd::from_dollars(market::FUNDED_DOLLARS).context("too much money")?;
        service.fund(&officer, &ProgramId::new(market::PROGRAM), brought_in).await?;
        Ok(Self {
            service,
            clock,
            double,
            program,
            records: applications::all().map(|(_, record)| record).collect(),
            now,
            operator: person_of(&operator)?,
            officer,
            reviewers,
            applicants: BTreeMap::new(),
            applications: BTreeMap::new(),
            grants: BTreeMap::new(),
            keys: BTreeMap::new(),
            brought_in: BTreeMap::new(),
            listings: BTreeMap::new(),
        })
    }

    /// Plays one step. The clock shows its instant.
    pub(super) async fn play(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Begin(index) => self.begin(index).await,
            Step::Submit(index) => self.submit(index).await,
            Step::Withdraw(index) => {
                let viewer = self.applicant(index)?;
                Ok(withdraw(self.service, viewer, self.application(index)?).await?)
            }
            Step::RunDue => {
                // Time makes a leap here, and leases are matters of seconds.
                self.service.return_leases().await;
                self.service.run_due().await?;
                Ok(())
            }
            Step::Assign(round) => self.assign(&round).await,
            Step::Agree => self.agree().await,
            Step::Review(index, place) => self.review(index, place).await,
            Step::Decide(index) => self.decide(index).await,
            Step::Release(round) => self.release(&round).await,
            Step::Accept(index) => {
                let viewer = self.applicant(index)?;
                let grant = accept_award(self.service, viewer, self.application(index)?).await?;
                self.grants.insert(index, grant);
                Ok(())
            }
            Step::TurnDown(index) => {
                let viewer = self.applicant(index)?;
                Ok(decline_award(self.service, viewer, self.application(index)?).await?)
            }
            Step::MakeKey(index, place, plan) => self.make_key(index, place, plan).await,
            Step::RevokeKey(index, place) => {
                let (key, _) = self.key(index, place)?;
                Ok(bursar_studies::revoke_key(self.service, self.applicant(index)?, *key).await?)
            }
            Step::Call(calls) => {
                // Each call sets the clock and begins at once. A runtime that thought a week took
                // too long would stop one in between, and it would begin at another's instant.
                let calls = calls.iter().map(|call| unconstrained(self.call(call)));
                try_join_all(calls).await?;
                Ok(())
            }
            Step::VerifyCard(index) => self.verify_card(index).await,
            Step::BringIn(index) => self.bring_in(index).await,
            Step::List(index) => self.list(index).await,
            Step::Purchase(index) => self.purchase(index).await,
        }
    }

    /// The world, with a fresh key for whoever looks at it.
    pub(super) async fn finish(self) -> anyhow::Result<World> {
        let mut records = self.records.iter();
        let index = records.position(|record| record.by == RESEARCHER);
        let index = index.context("the researcher has no application")?;
        let grant = *self.grants.get(&index).context("the researcher has no grant")?;
        let viewer = self.applicant(index)?;
        let name = keys::FRESH.to_owned();
        let wanted = NewKey::of(grant, name);
        let made = bursar_studies::make_key(self.service, viewer, wanted).await?;
        let reviewer = self.reviewers.first().context("there is no reviewer")?;
        Ok(World {
            researcher: person_of(viewer)?,
            reviewer: person_of(reviewer)?,
            officer: person_of(&self.officer)?,
            operator: self.operator,
            grant,
            api_key: made.secret,
        })
    }

    async fn begin(&mut self, index: usize) -> anyhow::Result<()> {
        let record = self.record(index)?;
        let applicant = applicant_of(record)?;
        if !self.applicants.contains_key(record.by) {
            let (email, name) = (applicant.email, applicant.name);
            let roles = BTreeSet::new();
            let person =
                self.service.appoint(&Viewer::Operator, email, name, roles.clone()).await?;
            self.applicants.insert(record.by, Viewer::Person { id: person.id, roles });
        }
        let viewer = self.applicant(index)?;
        let id = self.service.start_application(viewer, &self.program.id).await?;
        self.service.save_draft(viewer, id, record.answers(applicant)).await?;
        if let Some(study) = applications::study_of(record) {
            self.service.set_estimate(viewer, id, Some(&study)).await?;
        }
        self.applications.insert(index, id);
        Ok(())
    }

    async fn submit(&self, index: usize) -> anyhow::Result<()> {
        let viewer = self.applicant(index)?;
        let policies: Vec<String> =
            self.program.policies.iter().map(|policy| policy.id.clone()).collect();
        self.service.submit(viewer, self.application(index)?, &policies).await?;
        Ok(())
    }

    /// Plans a round and asks its reviewers. One in which nothing was handed in has none.
    async fn assign(&self, round: &RoundId) -> anyhow::Result<()> {
        let page = self.service.round(&self.officer, &self.program.id, round).await?;
        if page.applications.iter().all(|one| one.state != State::InReview) {
            return Ok(());
        }
        plan(self.service, &self.officer, &self.program.id, round, SEED).await?;
        invite(self.service, &self.officer, &self.program.id, round).await?;
        Ok(())
    }

    /// Every reviewer agrees to what they were asked.
    async fn agree(&self) -> anyhow::Result<()> {
        for reviewer in &self.reviewers {
            for asked in desk(self.service, reviewer).await?.invitations {
                let id = asked.application.id;
                answer(self.service, reviewer, id, Answer::Accept).await?;
            }
        }
        Ok(())
    }

    async fn review(&self, index: usize, place: usize) -> anyhow::Result<()> {
        let (recommendation, comment) = self.record(index)?.advice[place];
        let id = self.application(index)?;
        let of = AssignmentFilter { application: Some(id), open: true, ..Default::default() };
        let assigned = self.service.store().assignments(of).await?;
        // Who advises what was written down before anybody was assigned; a panel that is short of
        // somebody leaves a word unsaid.
        let Some(assigned) = assigned.get(place) else { return Ok(()) };
        let is_theirs = |viewer: &&Viewer| viewer.person() == Some(assigned.reviewer);
        let reviewer = self.reviewers.iter().find(is_theirs).context("nobody is assigned")?;
        let scores = self.scores(recommendation, index * 10 + place);
        let (comment, for_officer) = (comment.to_owned(), String::new());
        let says = NewReview { recommendation, comment, for_officer, scores };
        Ok(self.service.submit_review(reviewer, id, says).await?)
    }

    /// Scores that fit a recommendation.
    fn scores(&self, recommendation: Recommendation, subject: usize) -> BTreeMap<String, u32> {
        let mut chance = Chance::of(subject + 5_000);
        let score = |scale: u32| {
            let best = u64::from(scale);
            let (low, high) = match recommendation {
                Recommendation::Award => (best.div_ceil(2), best),
                Recommendation::Unsure => (2, best.div_ceil(2).max(2)),
                Recommendation::Decline => (1, best.div_ceil(2)),
            };
            u32::try_from(chance.between(low, high)).unwrap_or(1)
        };
        let scales = self.program.rubric.iter().map(|criterion| criterion.scale);
        let ids = self.program.rubric.iter().map(|criterion| criterion.id.clone());
        ids.zip(scales.map(score)).collect()
    }

    async fn decide(&self, index: usize) -> anyhow::Result<()> {
        let award = |dollars| -> anyhow::Result<Outcome> {
            let amount = Usd::from_dollars(dollars).context("too much money")?;
            Ok(Outcome::Award { amount })
        };
        let (outcome, reasons, justification) = match self.record(index)?.fate {
            Fate::Awarded(dollars, reasons) | Fate::TurnedDown(dollars, reasons) => {
                (award(dollars)?, reasons, None)
            }
            Fate::Proposed(dollars, reasons, justification) => {
                (award(dollars)?, reasons, Some(justification.to_owned()))
            }
            Fate::Declined(reasons) => (Outcome::Decline, reasons, None),
            Fate::Withdrawn | Fate::Waiting | Fate::Draft => {
                bail!("application {index} of the tables has no decision")
            }
        };
        let verdict = Verdict { outcome, reasons: reasons.to_owned(), justification };
        Ok(self.service.decide(&self.officer, None, self.application(index)?, verdict).await?)
    }

    async fn release(&self, round: &RoundId) -> anyhow::Result<()> {
        self.service.release_round(&self.officer, &self.program.id, round).await?;
        Ok(())
    }

    async fn make_key(&mut self, index: usize, place: usize, plan: KeyPlan) -> anyhow::Result<()> {
        let grant = *self.grants.get(&index).context("there is no grant")?;
        let viewer = self.applicant(index)?;
        let mut study = None;
        if let Some(plan) = plan.study {
            let terms = StudyTerms {
                name: plan.name.to_owned(),
                budget: Usd::from_dollars(plan.budget_dollars),
                stops: true,
                tags: vec![plan.tag.to_owned()],
                ..StudyTerms::default()
            };
            let new = NewStudy { grant, terms };
            study = Some(bursar_studies::make_study(self.service, viewer, new).await?.id);
        }
        let wanted = NewKey {
            cap: plan.cap_dollars.and_then(Usd::from_dollars),
            study,
            ..NewKey::of(grant, plan.name)
        };
        let made = bursar_studies::make_key(self.service, viewer, wanted).await?;
        let caller = self.service.calls().identify(made.secret.reveal()).await?;
        let caller = caller.context("a key that was just made names nobody")?;
        self.keys.insert((index, place), (made.key.id, caller));
        Ok(())
    }

    /// One call, from its permit to its charge. The clock is turned right before each of the two
    /// writes is made, and nothing awaits between, so calls can be in flight beside one another.
    async fn call(&self, call: &Planned) -> anyhow::Result<()> {
        let (_, caller) = self.key(call.record, call.key)?;
        let catalog = self.service.catalog();
        let model = catalog.model(call.model.as_str());
        let model = model.with_context(|| format!("no model `{}`", call.model))?;
        self.clock.turn_to(call.at);
        let (request, started_at) = self.service.calls().new_request();
        let permit = caller.admit(call.endpoint, model, started_at)?;
        let begun = Begun { request, tier: call.settled.tier, streamed: call.streamed, started_at };
        // In the book, each at its own instant: what is borrowed is written in groups.
        let hold = self.service.calls().hold_in_the_book(caller, permit, begun, call.held).await?;
        self.clock.turn_to(call.ends);
        self.service.calls().settle(hold, call.settled).await?;
        Ok(())
    }

    /// The holder goes to the hosted page, gives a card and comes back.
    async fn verify_card(&self, index: usize) -> anyhow::Result<()> {
        let (viewer, service) = (self.applicant(index)?, self.service);
        let grant = *self.grants.get(&index).context("there is no grant")?;
        let page = service.start_card_check(viewer, grant).await?;
        let (_, session) = page.rsplit_once('/').context("the hosted page has no name")?;
        let year = self.now.to_zoned(TimeZone::UTC).year().saturating_add(3);
        let expiry = format!("09/{year}");
        let form = CardForm { number: CARD, expiry: &expiry, cvc: "123" };
        if let Err(error) = self.double.pay(session, &form) {
            bail!("the card was not taken: {error:?}");
        }
        let (_, checks) = service.cards_of(viewer, person_of(viewer)?).await?;
        let check = checks.first().context("there is no check")?;
        service.settle_card_check(viewer, check.id).await?;
        Ok(())
    }

    async fn bring_in(&mut self, index: usize) -> anyhow::Result<()> {
        let holder = &market::HOLDERS[index];
        let viewer = self.trader(holder.email, holder.name).await?;
        let wanted = IssueGrant {
            program: ProgramId::new(market::PROGRAM),
            holder_email: holder.email.to_owned(),
            amount: Usd::from_dollars(holder.dollars).context("too much money")?,
            expires_at: Some(self.now + SignedDuration::from_hours(24 * holder.expires_in)),
            title: holder.title.to_owned(),
            origin: holder.origin,
            tier: None,
        };
        let grant = self.service.issue_grant(&self.officer, wanted).await?;
        self.brought_in.insert(index, (viewer, grant));
        Ok(())
    }

    async fn list(&mut self, index: usize) -> anyhow::Result<()> {
        let listed = market::HOLDERS[index].listed.as_ref().context("they listed nothing")?;
        let (viewer, grant) = self.brought_in.get(&index).context("nothing was brought in")?;
        let wanted = NewListing {
            grant: *grant,
            face: Usd::from_dollars(listed.dollars).context("too much money")?,
            price: BasisPoints::percent(listed.percent),
            minimum: Usd::from_dollars(listed.minimum),
            right: Right {
                source: None,
                issuer: "OpenAI".to_owned(),
                reference: listed.reference.to_owned(),
                accepted: true,
            },
        };
        let listed = bursar_trading::list_credit(self.service, viewer, wanted).await?;
        self.listings.insert(index, listed.listing.id);
        Ok(())
    }

    /// The buyer's bank transfer arrives, to the cent, and they buy with it.
    async fn purchase(&mut self, index: usize) -> anyhow::Result<()> {
        let purchase = &market::PURCHASES[index];
        let viewer = self.trader(purchase.email, purchase.name).await?;
        let (buyer, service) = (person_of(&viewer)?, self.service);
        let listing = *self.listings.get(&purchase.from).context("nothing was listed")?;
        let face = Usd::from_dollars(purchase.dollars).context("too much money")?;
        let cost = bursar_trading::quote(service, &viewer, buyer, listing, face).await?.cost;
        bursar_trading::pay_in(service, &Viewer::Operator, buyer, cost, purchase.reference).await?;
        bursar_trading::buy(service, &viewer, buyer, listing, (face, cost)).await?;
        Ok(())
    }

    /// Somebody on the market, with an account made for them if they have none.
    async fn trader(&self, email: &'static str, name: &str) -> anyhow::Result<Viewer> {
        if let Some(viewer) = self.applicants.get(email) {
            return Ok(viewer.clone());
        }
        let roles = BTreeSet::new();
        let person = self.service.appoint(&Viewer::Operator, email, name, roles.clone()).await?;
        Ok(Viewer::Person { id: person.id, roles })
    }

    fn record(&self, index: usize) -> anyhow::Result<&'static Record> {
        self.records.get(index).copied().with_context(|| format!("no application {index}"))
    }

    fn applicant(&self, index: usize) -> anyhow::Result<&Viewer> {
        let by = self.record(index)?.by;
        self.applicants.get(by).with_context(|| format!("`{by}` has no account"))
    }

    fn application(&self, index: usize) -> anyhow::Result<ApplicationId> {
        let found = self.applications.get(&index).copied();
        found.with_context(|| format!("application {index} was not begun"))
    }

    fn key(&self, index: usize, place: usize) -> anyhow::Result<&(KeyId, Arc<Caller>)> {
        let found = self.keys.get(&(index, place));
        found.with_context(|| format!("key {place} of application {index} was not made"))
    }
}

async fn appoint(service: &Service, member: &Member) -> anyhow::Result<Viewer> {
    let roles = BTreeSet::from([member.role]);
    let (email, name) = (member.email, member.name);
    let person = service.appoint(&Viewer::Operator, email, name, roles.clone()).await?;
    Ok(Viewer::Person { id: person.id, roles })
}

fn person_of(viewer: &Viewer) -> anyhow::Result<PersonId> {
    viewer.person().context("somebody without a name")
}

fn applicant_of(record: &Record) -> anyhow::Result<&'static Applicant> {
    let found = PEOPLE.iter().find(|person| person.email == record.by);
    found.with_context(|| format!("nobody has the address `{}`", record.by))
}
