//! An installation in a folder of its own, with a clock that the test holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use bursar_kernel::{Clock, PersonId, Program, ProgramId, Role, RoundId, Timestamp};
use bursar_policy::Viewer;
use bursar_portal::{Config, UpstreamShown, router};
use bursar_service::{Parts, Service};
use bursar_store_sqlite::SqliteStore;

use crate::browser::Browser;

pub(crate) const PROGRAM: &str = "openai-researcher-access";
/// The round that an application of the first day goes to.
pub(crate) const ROUND: &str = "2026-12";

/// Questions beside those of the program that ships.
const MORE: &str = r#"
[[section]]
id = "more"
title = "More about it"

[[form]]
id = "people_take_part"
section = "more"
label = "Do people take part?"
name = "participants"
missing = "Select yes if people take part"
kind = "yes_no"

[[form]]
id = "board"
section = "more"
label = "Which board approved it?"
name = "review board"
kind = "line"
characters_max = 100
show_if = "people_take_part"
show_if_answers = ["yes"]

[[form]]
id = "kinds"
section = "more"
label = "Which kinds of models?"
name = "kinds of models"
kind = "choices"
options = { text = "Text", image = "Pictures", audio = "Sound" }

[[form]]
id = "supervisor"
section = "more"
label = "Your supervisor's address"
name = "supervisor's mail address"
kind = "email"
optional = true
pii = true
visible_to = ["applicant", "officer"]

[[form]]
id = "protocol"
section = "more"
label = "The protocol"
name = "protocol"
kind = "attachment"
types = ["pdf", "png"]
megabytes_max = 1
files_max = 2
optional = true
"#;

/// What has to be shown.
const EVIDENCE: &str = r#"
[eligibility.evidence]
shows = "an affiliation with a university"
to_submit = "likely"
to_award = "shown"
level = [{ id = "likely", label = "Likely" }, { id = "shown", label = "Shown" }]
accept = [
    { kind = "mail_domain", level = "likely", months = 12 },
    { kind = "sponsor", level = "likely", months = 12 },
    { kind = "document", level = "shown", months = 12 },
    { kind = "officer", level = "shown", months = 24 },
]
"#;

/// A clock that stands until the test turns it.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Acquire)).unwrap()
    }
}

pub(crate) struct World {
    pub(crate) service: Arc<Service>,
    pub(crate) router: Router,
    pub(crate) clock: Arc<TestClock>,
    store: Arc<SqliteStore>,
    programs: Vec<Program>,
    folder: tempfile::TempDir,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl World {
    /// Lets a reviewer review an application: an officer asks them, and they agree.
    pub(crate) async fn assign(&self, reviewer: &str, application: &str) {
        let id = application.parse().unwrap();
        let officer = self.viewer("panel@office.test", &[Role::Officer]).await;
        let reviewer = self.viewer(reviewer, &[Role::Reviewer]).await;
        let (service, person) = (&self.service, reviewer.person().unwrap());
        bursar_reviewing::add(service, &officer, id, person).await.unwrap();
        let (program, round) = (ProgramId::new(PROGRAM), RoundId::new(ROUND));
        bursar_reviewing::invite(service, &officer, &program, &round).await.unwrap();
        let yes = bursar_reviewing::Answer::Accept;
        bursar_reviewing::answer(service, &reviewer, id, yes).await.unwrap();
    }

    /// Somebody by their address.
    pub(crate) async fn person(&self, email: &str) -> PersonId {
        let person = self.service.store().person_by_email(email.to_owned()).await.unwrap();
        person.unwrap().id
    }

    /// Somebody with an account, who may be what they are already and more.
    pub(crate) async fn viewer(&self, email: &str, roles: &[Role]) -> Viewer {
        let known = self.service.store().person_by_email(email.to_owned()).await.unwrap();
        let mut all: BTreeSet<Role> = roles.iter().copied().collect();
        all.extend(known.iter().flat_map(|person| person.roles.iter().copied()));
        let name = known.map_or_else(String::new, |person| person.name);
        let person = self.service.appoint(&Viewer::Operator, email, &name, all.clone()).await;
        Viewer::Person { id: person.unwrap().id, roles: all }
    }

    /// An installation on 22 November 2026, with money in the pool.
    pub(crate) async fn new() -> Self {
        let catalog = bursar_catalog::shipped();
        Self::of(bursar_program::shipped(&catalog)).await
    }

    /// The same, whose program asks more: for files, on conditions, and about people.
    pub(crate) async fn asking_more() -> Self {
        let catalog = bursar_catalog::shipped();
        let (name, text) = bursar_program::SHIPPED[0];
        let text = text.replacen("[[form]]", &format!("{MORE}\n[[form]]"), 1);
        Self::of(vec![bursar_program::read(name, &text, &catalog).unwrap()]).await
    }

    /// The same, under an address that browsers keep passkeys for.
    pub(crate) async fn by_https() -> Self {
        let catalog = bursar_catalog::shipped();
        Self::at(bursar_program::shipped(&catalog), "https://portal.test").await
    }

    /// The same, whose program wants an affiliation shown, and asks for the institution by name.
    pub(crate) async fn wanting_evidence() -> Self {
        let catalog = bursar_catalog::shipped();
        let (name, text) = bursar_program::SHIPPED[0];
        let (before, rest) = text.split_once("\n[eligibility.evidence]").unwrap();
        let (_, after) = rest.split_once("\n[[eligibility.priority]]").unwrap();
        let text = format!("{before}\n[[eligibility.priority]]{after}\n{EVIDENCE}");
        let program = bursar_program::read(name, &text, &catalog);
        Self::of(vec![program.unwrap_or_else(|wrong| panic!("{wrong}"))]).await
    }

    async fn of(programs: Vec<Program>) -> Self {
        Self::at(programs, "http://portal.test").await
    }

    async fn at(programs: Vec<Program>, base_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self::over(folder, programs, base_url, at("2026-11-22T10:00:00Z"));
        let amount = "10000".parse().unwrap();
        world.service.fund(&Viewer::Operator, &program(), amount).await.unwrap();
        world
    }

    /// An installation whose program has other terms.
    pub(crate) async fn with(change: impl FnOnce(&mut Program)) -> Self {
        let catalog = bursar_catalog::shipped();
        let mut programs = bursar_program::shipped(&catalog);
        change(&mut programs[0]);
        Self::of(programs).await
    }

    /// Another installation that has all of this one: what happens in it, happens in it alone.
    pub(crate) fn copied(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(self.folder.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        Self::over(folder, self.programs.clone(), "http://portal.test", self.clock.now())
    }

    /// How many reads the pages have asked for.
    pub(crate) fn reads(&self) -> u64 {
        self.store.reads()
    }

    fn over(
        folder: tempfile::TempDir,
        programs: Vec<Program>,
        base_url: &str,
        start: Timestamp,
    ) -> Self {
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let clock = Arc::new(TestClock(AtomicI64::new(start.as_millisecond())));
        let catalog = bursar_catalog::shipped();
        let service = Service::new(Parts {
            master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
            institutions: bursar_kernel::Institutions::default(),
            store: Arc::clone(&store) as Arc<dyn bursar_store::Store>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            programs: programs.clone(),
            earlier: Vec::new(),
            listed: bursar_program::examples(&catalog),
            catalog: Arc::new(catalog),
            base_url: base_url.to_owned(),
            market: bursar_service::MarketSettings::default(),
            payments: None,
        });
        let config = Config {
            service: Arc::clone(&service),
            sandbox: false,
            upstreams: Box::new(|| {
                vec![UpstreamShown {
                    name: "openai".to_owned(),
                    group: "openai".to_owned(),
                    base_url: "https://upstream.test/v1".to_owned(),
                    sandbox: false,
                    weight: 1,
                    takes_calls: true,
                    stopped: None,
                    standing: "takes calls".to_owned(),
                }]
            }),
            providers: Vec::new(),
            sends_mail: true,
            secure_cookies: false,
            demonstration: None,
        };
        Self { service, router: router(config), clock, store, programs, folder }
    }

    /// Turns the clock, and does what is due then.
    pub(crate) async fn turn_to(&self, text: &str) {
        self.clock.0.store(at(text).as_millisecond(), Ordering::Release);
        self.service.run_due().await.unwrap();
    }

    pub(crate) async fn appoint(&self, email: &str, name: &str, roles: &[Role]) -> PersonId {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        self.service.appoint(&Viewer::Operator, email, name, roles).await.unwrap().id
    }

    /// A browser that nobody is signed in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.router)
    }

    /// The newest mail with a sign-in link to an address.
    pub(crate) async fn mail(&self, email: &str) -> String {
        let mails = self.service.store().mails(50).await.unwrap();
        let is_link = |subject: &str| subject == "Your sign-in link";
        mails
            .into_iter()
            .find(|mail| mail.to == email && is_link(&mail.subject))
            .expect("a mail")
            .body
    }

    /// Signs somebody in by the link in their mail.
    pub(crate) async fn sign_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        browser.see("/sign-in").await;
        browser.post("/sign-in", &[("email", email)]).await.is(200).says("Check your mail");
        let mail = self.mail(email).await;
        let (_, token) = mail.split_once("/sign-in/").unwrap();
        let token = token.split_whitespace().next().unwrap().to_owned();
        browser.see(&format!("/sign-in/{token}")).await.says("Confirm that it is you");
        browser.step("/sign-in/confirm", &[("token", &token)]).await.says("Sign out");
        browser
    }
}

pub(crate) fn program() -> ProgramId {
    ProgramId::new(PROGRAM)
}

/// Answers that fit the form.
pub(crate) const ANSWERS: [(&str, &str); 12] = [
    ("research_question", "Do code models hide planted defects?"),
    ("research_description", "We plant 1,200 defects and compare three families of models."),
    ("api_use", "About 20,000 calls to three models."),
    ("area", "robustness"),
    ("affiliation", "Makerere University"),
    ("department", ""),
    ("role", "phd_student"),
    ("country", "UG"),
    ("limited_funding", "yes"),
    ("purpose", "research"),
    ("corporate_sponsor", "no"),
    ("amount", "850"),
];

/// Begins an application, and gives its path.
pub(crate) async fn begin(browser: &mut Browser) -> String {
    browser.see(&format!("/programs/{PROGRAM}")).await;
    let begun = browser.post(&format!("/programs/{PROGRAM}/apply"), &[]).await;
    begun.location().trim_end_matches("/form").to_owned()
}

/// The sections of the form, each with the questions that it asks.
pub(crate) const SECTIONS: [(&str, &[&str]); 3] = [
    ("study", &["research_question", "research_description", "api_use", "area", "purpose"]),
    ("institution", &["affiliation", "department", "role", "country"]),
    ("funding", &["limited_funding", "corporate_sponsor", "amount", "justification"]),
];
/// What accepting both policies sends.
pub(crate) const POLICIES: [(&str, &str); 2] = [("policy-usage", "yes"), ("policy-sharing", "yes")];

/// Fills in every section and accepts the policies; what differs from the good answers comes with.
pub(crate) async fn fill(browser: &mut Browser, path: &str, other: &[(&str, &str)]) {
    let answers: BTreeMap<&str, &str> = ANSWERS.iter().chain(other).copied().collect();
    for (section, asked) in SECTIONS {
        let section = format!("{path}/form/{section}");
        let was = browser.see(&section).await.between("name=\"was\" value=\"", "\"");
        let given = asked.iter().filter_map(|field| Some((*field, *answers.get(field)?)));
        let mut fields: Vec<(&str, &str)> = given.collect();
        fields.extend([("was", was.as_str()), ("action", "continue")]);
        let saved = browser.post(&section, &fields).await;
        assert_eq!(saved.is(303).location(), format!("{path}/form"));
    }
    browser.step(&format!("{path}/policies"), &POLICIES).await.says("Completed");
}

/// Applies, and gives the application's path.
pub(crate) async fn apply(browser: &mut Browser) -> String {
    let path = begin(browser).await;
    browser.see(&format!("{path}/form")).await.says("Cannot start yet").says("Not started");
    fill(browser, &path, &[]).await;
    let check = browser.see(&format!("{path}/check")).await;
    check.says("Check your answers").says("Makerere University").says("$850.00");
    browser.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    path
}

/// What a reviewer's form sends, with the best score for every criterion.
pub(crate) fn review(
    recommendation: &'static str,
    comment: &'static str,
) -> [(&'static str, &'static str); 7] {
    [
        ("score-question", "5"),
        ("score-method", "5"),
        ("score-need", "5"),
        ("score-impact", "5"),
        ("score-budget", "5"),
        ("recommendation", recommendation),
        ("comment", comment),
    ]
}
