//! An installation in a folder of its own, with a clock that stands where a test puts it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bursar_award::Outcome;
use bursar_award::assignment::{Assignment, AssignmentState};
use bursar_kernel::{
    Actor, ApplicationId, AssignmentId, Clock, GrantId, PersonId, Program, ProgramId, Role,
    RoundId, Timestamp, Usd,
};
use bursar_policy::Viewer;
use bursar_service::{NewReview, Parts, Recommendation, Service, Verdict};
use bursar_store::{Batch, Expect, Row, Store, Write};
use bursar_store_sqlite::SqliteStore;

pub(crate) struct Desk {
    pub(crate) service: Arc<Service>,
    pub(crate) clock: Arc<StandingClock>,
    pub(crate) directory: tempfile::TempDir,
}

/// A clock that stands until it is put elsewhere.
pub(crate) struct StandingClock(Mutex<Timestamp>);

impl StandingClock {
    pub(crate) fn put(&self, at: &str) {
        *self.0.lock().unwrap() = instant(at);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) fn instant(text: &str) -> Timestamp {
    let text = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    text.parse().unwrap()
}

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub(crate) fn access() -> ProgramId {
    ProgramId::new("openai-researcher-access")
}

pub(crate) fn open(directory: &std::path::Path, clock: Arc<dyn Clock>) -> Arc<Service> {
    open_with(directory, clock, None)
}

fn open_with(
    directory: &std::path::Path,
    clock: Arc<dyn Clock>,
    payments: Option<Arc<dyn bursar_payments::Payments>>,
) -> Arc<Service> {
    let catalog = bursar_catalog::shipped();
    let programs = bursar_program::shipped(&catalog);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(directory).unwrap());
    Service::new(Parts {
        master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
        institutions: bursar_kernel::Institutions::default(),
        store,
        clock,
        catalog: Arc::new(catalog),
        programs,
        earlier: Vec::new(),
        listed: Vec::new(),
        base_url: "http://portal.example".to_owned(),
        market: bursar_service::MarketSettings::default(),
        payments,
    })
}

impl Desk {
    /// An installation whose program has money.
    pub(crate) async fn new(at: &str) -> Self {
        Self::with(at, None).await
    }

    /// The same, with somebody who takes cards.
    pub(crate) async fn with(
        at: &str,
        payments: Option<Arc<dyn bursar_payments::Payments>>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(StandingClock(Mutex::new(instant(at))));
        let service = open_with(directory.path(), Arc::clone(&clock) as Arc<dyn Clock>, payments);
        service.fund(&Viewer::Operator, &access(), usd("10000")).await.unwrap();
        Self { service, clock, directory }
    }

    pub(crate) fn program(&self) -> Arc<Program> {
        Arc::clone(self.service.program(&access()).unwrap())
    }

    pub(crate) async fn person(&self, email: &str, roles: &[Role]) -> Viewer {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        let person = self.service.appoint(&Viewer::Operator, email, "", roles.clone()).await;
        Viewer::Person { id: person.unwrap().id, roles }
    }

    /// A complete application, handed in.
    pub(crate) async fn submitted(&self, applicant: &Viewer) -> ApplicationId {
        let id = self.service.start_application(applicant, &access()).await.unwrap();
        self.service.save_draft(applicant, id, answers(&self.program())).await.unwrap();
        self.service.submit(applicant, id, &self.policies()).await.unwrap();
        id
    }

    pub(crate) fn policies(&self) -> Vec<String> {
        self.program().policies.iter().map(|policy| policy.id.clone()).collect()
    }

    /// A reviewer who has agreed to review an application.
    pub(crate) async fn assigned(&self, reviewer: &Viewer, application: ApplicationId) {
        let now = self.service.now();
        let row = Assignment {
            id: AssignmentId::new(now, bursar_service::entropy::draw()),
            application,
            reviewer: reviewer.person().unwrap(),
            program: access(),
            round: RoundId::new("2026-12"),
            state: AssignmentState::Accepted,
            because: String::new(),
            due_at: now,
            asked: None,
            made_at: now,
            invited_at: Some(now),
            answered_at: Some(now),
            reminded: None,
            version: 1,
        };
        let batch = Batch::new(Actor::Operator, now);
        let write = Write::Row(Row::Assignment(Box::new(row)), Expect::New);
        self.service.commit(batch.with(write)).await.unwrap();
    }

    pub(crate) async fn award(&self, officer: &Viewer, id: ApplicationId, amount: &str) {
        let verdict = Verdict {
            outcome: Outcome::Award { amount: usd(amount) },
            reasons: "A clear question and a careful method.".to_owned(),
            justification: None,
        };
        self.service.decide(officer, None, id, verdict).await.unwrap();
    }

    /// A grant of so much, held by somebody, delivered now.
    pub(crate) async fn grant(&self, holder: &str, amount: &str) -> GrantId {
        let wanted = bursar_service::IssueGrant {
            program: access(),
            holder_email: holder.to_owned(),
            amount: usd(amount),
            expires_at: None,
            title: "A test".to_owned(),
            origin: bursar_kernel::Origin::ResearchGrant,
            tier: None,
        };
        self.service.issue_grant(&Viewer::Operator, wanted).await.unwrap()
    }

    pub(crate) async fn mails(&self) -> Vec<String> {
        let mails = self.service.store().mails(100).await.unwrap();
        mails.into_iter().map(|mail| mail.subject).collect()
    }

    /// Nothing is wrong with the books.
    pub(crate) async fn audit(&self) {
        let (_, findings) = self.service.store().audit().await.unwrap().finish();
        assert_eq!(findings, []);
    }
}

/// Answers that fit every question of a form.
pub(crate) fn answers(program: &Program) -> BTreeMap<String, String> {
    use bursar_kernel::program::FieldKind;
    let answer = |kind: &FieldKind| match kind {
        FieldKind::Line { .. } | FieldKind::Institution => "An answer in a line".to_owned(),
        FieldKind::Text { .. } => "An answer in a few plain words.".to_owned(),
        FieldKind::Choice { options } => options[0].0.clone(),
        FieldKind::Amount => "800".to_owned(),
        FieldKind::Choices { .. }
        | FieldKind::Date { .. }
        | FieldKind::Number { .. }
        | FieldKind::Email
        | FieldKind::Web
        | FieldKind::Orcid
        | FieldKind::Attachment { .. } => panic!("the program that ships does not ask for it"),
    };
    let asked = bursar_program::answers::questions(program, bursar_service::Occasion::First);
    asked.map(|field| (field.id.clone(), answer(&field.kind))).collect()
}

/// The best score for every criterion.
pub(crate) fn scores(program: &Program) -> BTreeMap<String, u32> {
    program.rubric.iter().map(|criterion| (criterion.id.clone(), criterion.scale)).collect()
}

/// A review in full, without a word for officers alone.
pub(crate) fn said(comment: &str, scores: BTreeMap<String, u32>) -> NewReview {
    NewReview {
        recommendation: Recommendation::Award,
        comment: comment.to_owned(),
        for_officer: String::new(),
        scores,
    }
}

pub(crate) fn person_of(viewer: &Viewer) -> PersonId {
    viewer.person().unwrap()
}
