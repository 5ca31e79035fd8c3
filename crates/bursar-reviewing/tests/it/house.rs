//! An installation whose round is in review, with a clock that stands where a test puts it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bursar_kernel::program::FieldKind;
use bursar_kernel::{ApplicationId, Clock, PersonId, Program, ProgramId, Role, RoundId, Timestamp};
use bursar_policy::Viewer;
use bursar_reviewing::{NewProfile, save_profile};
use bursar_service::{MarketSettings, MasterKeys, NewReview, Parts, Recommendation, Service};
use bursar_store_sqlite::SqliteStore;

pub(crate) struct House {
    pub(crate) service: Arc<Service>,
    clock: Arc<Standing>,
    _folder: tempfile::TempDir,
}

struct Standing(Mutex<Timestamp>);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) fn access() -> ProgramId {
    ProgramId::new("openai-researcher-access")
}

pub(crate) fn round() -> RoundId {
    RoundId::new("2026-12")
}

pub(crate) fn at(day: &str) -> Timestamp {
    format!("{day}T00:00:00Z").parse().unwrap()
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// An installation whose research program has other terms.
    pub(crate) fn with(change: impl FnOnce(&mut Program)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Standing(Mutex::new(at("2026-11-22"))));
        let catalog = Arc::new(bursar_catalog::shipped());
        let mut programs = bursar_program::shipped(&catalog);
        let research = programs.iter_mut().find(|program| program.id == access()).unwrap();
        change(research);
        let service = Service::new(Parts {
            master_keys: MasterKeys::named("none/master.key".into()),
            institutions: bursar_kernel::Institutions::default(),
            store: Arc::new(SqliteStore::open(folder.path()).unwrap()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            programs,
            catalog,
            earlier: Vec::new(),
            listed: Vec::new(),
            base_url: "http://portal.example".to_owned(),
            market: MarketSettings::default(),
            payments: None,
        });
        Self { service, clock, _folder: folder }
    }

    pub(crate) fn put(&self, day: &str) {
        *self.clock.0.lock().unwrap() = at(day);
    }

    pub(crate) async fn person(&self, email: &str, roles: &[Role]) -> Viewer {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        let person = self.service.appoint(&Viewer::Operator, email, "", roles.clone()).await;
        Viewer::Person { id: person.unwrap().id, roles }
    }

    /// A reviewer who knows some areas.
    pub(crate) async fn reviewer(&self, email: &str, knows: &[&str]) -> Viewer {
        let viewer = self.person(email, &[Role::Reviewer]).await;
        self.says(&viewer, knows, "").await;
        viewer
    }

    pub(crate) async fn says(&self, reviewer: &Viewer, knows: &[&str], institutions: &str) {
        let knows = knows.iter().map(|topic| (*topic).to_owned()).collect();
        let said = NewProfile {
            topics: BTreeMap::from([(access(), knows)]),
            institutions: institutions.to_owned(),
            ..NewProfile::default()
        };
        save_profile(&self.service, reviewer, said).await.unwrap();
    }

    /// An application about an area, handed in from an institution.
    pub(crate) async fn applies(&self, email: &str, area: &str, from: &str) -> ApplicationId {
        self.hands_in(email, area, from, None).await
    }

    /// An application whose long answers all say one text.
    pub(crate) async fn says_in_full(&self, email: &str, text: &str) -> ApplicationId {
        self.hands_in(email, "alignment", email, Some(text)).await
    }

    async fn hands_in(
        &self,
        email: &str,
        area: &str,
        from: &str,
        text: Option<&str>,
    ) -> ApplicationId {
        let applicant = self.person(email, &[]).await;
        let program = Arc::clone(self.service.program(&access()).unwrap());
        let answers = program.form.iter().map(|field| {
            let answer = match (&field.kind, field.id.as_str()) {
                (_, "area") => area.to_owned(),
                (FieldKind::Choice { options }, _) => options[0].0.clone(),
                (FieldKind::Amount, _) => "750".to_owned(),
                (FieldKind::Institution, _) => from.to_owned(),
                (FieldKind::Text { .. }, _) if text.is_some() => text.unwrap().to_owned(),
                (_, "research_question") => format!("What does {email} ask?"),
                _ => "A sentence.".to_owned(),
            };
            (field.id.clone(), answer)
        });
        let answers = answers.collect();
        let id = self.service.start_application(&applicant, &access()).await.unwrap();
        self.service.save_draft(&applicant, id, answers).await.unwrap();
        let policies: Vec<String> =
            program.policies.iter().map(|policy| policy.id.clone()).collect();
        self.service.submit(&applicant, id, &policies).await.unwrap();
        id
    }

    /// The review of the round begins.
    pub(crate) async fn begins(&self) {
        self.put("2026-12-01");
        self.service.run_due().await.unwrap();
    }

    /// Subjects of the letters to somebody, the latest first.
    pub(crate) async fn letters(&self, email: &str) -> Vec<String> {
        let mails = self.service.store().mails(100).await.unwrap();
        mails.into_iter().filter(|mail| mail.to == email).map(|mail| mail.subject).collect()
    }
}

pub(crate) fn id_of(viewer: &Viewer) -> PersonId {
    viewer.person().unwrap()
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
