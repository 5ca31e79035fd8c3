//! Two installations that differ in something that somebody may not know look the same to them: on
//! every page, in what they can do, in their mail, and in how much is read to answer.
//!
//! A scene is an application in one of its states, with everybody who could be curious. A secret is
//! written in two copies of it, one way or the other. Whoever it is kept from has to get the same
//! bytes for the same number of reads; somebody who may know has to see the difference, so that
//! there is one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use axum::http::Method;
use bursar_award::Outcome;
use bursar_kernel::program::{Audience, Audiences};
use bursar_kernel::{ApplicationId, MemberRole, ProgramId, Role, RoundId, Usd};
use bursar_policy::Viewer;
use bursar_service::{NewReview, Recommendation, Verdict};

use crate::browser::{Browser, encoded};
use crate::world::{ANSWERS, PROGRAM, ROUND, World};

/// A question that reviewers do not read the answer of.
const PRIVATE: &str = "department";
/// How long the part of an identifier behind its kind is.
const IDENTIFIER: usize = 26;

/// Everybody who could be curious about an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// Nobody is signed in.
    Nobody,
    /// Applies.
    Applicant,
    /// Takes part, and reads.
    Reader,
    /// Applies too, in the same round.
    Other,
    /// Agreed to review it.
    Assigned,
    /// Reviews here, and was not asked.
    Unassigned,
    /// Was asked to review it, and has a conflict of interest.
    ConflictedReviewer,
    /// Decides here, and has a conflict of interest.
    ConflictedOfficer,
    /// Decides here, and applies too.
    OfficerWhoApplies,
    /// Decides on it.
    Officer,
}

const EVERYBODY: [Who; 10] = [
    Nobody,
    Applicant,
    Reader,
    Other,
    Assigned,
    Unassigned,
    ConflictedReviewer,
    ConflictedOfficer,
    OfficerWhoApplies,
    Officer,
];

impl Who {
    const fn email(self) -> &'static str {
        match self {
            Self::Nobody => "nobody@uni.test",
            Self::Applicant => "amara@uni.test",
            Self::Reader => "cleo@uni.test",
            Self::Other => "sam@elsewhere.test",
            Self::Assigned => "rita@reviews.test",
            Self::Unassigned => "rob@reviews.test",
            Self::ConflictedReviewer => "con@reviews.test",
            Self::ConflictedOfficer => "mira@office.test",
            Self::OfficerWhoApplies => "jun@office.test",
            Self::Officer => "ibrahim@office.test",
        }
    }

    const fn roles(self) -> &'static [Role] {
        match self {
            Self::Nobody | Self::Applicant | Self::Reader | Self::Other => &[Role::Researcher],
            Self::Assigned | Self::Unassigned | Self::ConflictedReviewer => &[Role::Reviewer],
            Self::ConflictedOfficer | Self::Officer => &[Role::Officer],
            Self::OfficerWhoApplies => &[Role::Officer, Role::Researcher],
        }
    }
}

/// Where the application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stands {
    Draft,
    Submitted,
    InReview,
    Decided,
}

/// Something that not everybody may know, written one way or the other.
#[derive(Clone, Copy, Debug)]
enum Secret {
    /// What a draft says.
    DraftText,
    /// An answer that is not for reviewers.
    PrivateAnswer,
    /// An officer's word on whether it is eligible.
    Screening,
    /// A decline before the review.
    DeskDecline,
    /// That somebody else has a conflict of interest.
    Conflict,
    /// That somebody is to be asked to review it.
    Plan,
    /// What a review says.
    ReviewText,
    /// That a review is written, and not sent in.
    ReviewDraft,
    /// That it is decided.
    Decision,
    /// Whether it is an award.
    Outcome,
    /// How much.
    Amount,
    /// Why.
    Reasons,
    /// Whether a second officer has approved it.
    Approval,
    /// Award or decline, once the applicant knows.
    ReleasedOutcome,
    /// What was decided on an officer's own application.
    OwnDecision,
}

use Who::{
    Applicant, Assigned, ConflictedOfficer, ConflictedReviewer, Nobody, Officer, OfficerWhoApplies,
    Other, Reader, Unassigned,
};

/// Secrets that are kept together from the same people, where, and who may know.
const KEPT: [(&[Secret], Stands, Who, &[Who]); 12] = [
    (&[Secret::DraftText], Stands::Draft, Reader, NOT_THEIR_DRAFT),
    (&[Secret::PrivateAnswer], Stands::Draft, Applicant, NOT_OFFICERS),
    (&[Secret::Screening, Secret::DeskDecline], Stands::Submitted, Officer, NOT_JUDGING),
    (&[Secret::Conflict], Stands::InReview, Officer, NOT_JUDGING),
    (&[Secret::Plan], Stands::InReview, Officer, NOT_JUDGING),
    (&[Secret::ReviewText, Secret::Decision], Stands::InReview, Officer, OUTSIDE),
    (&[Secret::ReviewDraft], Stands::InReview, Assigned, NOT_THE_WRITER),
    (&[Secret::Outcome, Secret::Reasons], Stands::Decided, Officer, OUTSIDE),
    (&[Secret::Amount], Stands::Decided, Officer, OUTSIDE),
    (&[Secret::Approval], Stands::Decided, Officer, OUTSIDE),
    (&[Secret::OwnDecision], Stands::InReview, Officer, THE_OFFICER_WHO_APPLIES),
    (&[Secret::ReleasedOutcome], Stands::Decided, Applicant, NOT_OFFICERS),
];

const NOT_THEIR_DRAFT: &[Who] = &[Nobody, Other, Assigned, Unassigned, OfficerWhoApplies, Officer];
const NOT_OFFICERS: &[Who] = &[Nobody, Other, Assigned, Unassigned, ConflictedReviewer];
const NOT_JUDGING: &[Who] = &[
    Nobody,
    Applicant,
    Reader,
    Other,
    Assigned,
    Unassigned,
    ConflictedReviewer,
    ConflictedOfficer,
];
const NOT_THE_WRITER: &[Who] = &[
    Nobody,
    Applicant,
    Reader,
    Other,
    Unassigned,
    ConflictedReviewer,
    ConflictedOfficer,
    OfficerWhoApplies,
    Officer,
];
const THE_OFFICER_WHO_APPLIES: &[Who] = &[Applicant, Other, Assigned, OfficerWhoApplies];
/// Those who are outside of a review, and those whom it is about.
const OUTSIDE: &[Who] =
    &[Nobody, Applicant, Reader, Other, Unassigned, ConflictedReviewer, ConflictedOfficer];

/// An application with everybody around it.
struct Scene {
    world: World,
    application: ApplicationId,
    /// Of the officer who applies.
    own: ApplicationId,
    browsers: BTreeMap<Who, Browser>,
    viewers: BTreeMap<Who, Viewer>,
}

fn program() -> ProgramId {
    ProgramId::new(PROGRAM)
}

fn round() -> RoundId {
    RoundId::new(ROUND)
}

fn usd(dollars: i64) -> Usd {
    Usd::from_dollars(dollars).unwrap()
}

fn award(dollars: i64) -> Outcome {
    Outcome::Award { amount: usd(dollars) }
}

fn verdict(outcome: Outcome, reasons: &str) -> Verdict {
    Verdict { outcome, reasons: reasons.to_owned(), justification: None }
}

impl Scene {
    fn viewer(&self, who: Who) -> &Viewer {
        &self.viewers[&who]
    }

    /// The scene up to a state, with everybody signed in.
    async fn at(stands: Stands) -> Self {
        let world = World::with(|program| {
            program.award.second_approver = true;
            let form = program.form.iter_mut();
            let private = form.filter(|field| field.id == PRIVATE);
            private.for_each(|field| {
                field.visible_to = Audiences::of(vec![Audience::Applicant, Audience::Officer]);
            });
        })
        .await;
        let mut viewers = BTreeMap::new();
        for who in EVERYBODY {
            viewers.insert(who, world.viewer(who.email(), who.roles()).await);
        }
        for more in ["fay@reviews.test", "gil@reviews.test"] {
            world.viewer(more, &[Role::Reviewer]).await;
        }
        world.viewer("second@office.test", &[Role::Officer]).await;
        let mut scene = Self {
            application: draft(&world, &viewers[&Applicant]).await,
            own: draft(&world, &viewers[&OfficerWhoApplies]).await,
            world,
            browsers: BTreeMap::new(),
            viewers,
        };
        scene.joins().await;
        let service = &scene.world.service;
        let others = draft(&scene.world, scene.viewer(Other)).await;
        submit(&scene.world, scene.viewer(Other), others).await;
        submit(&scene.world, scene.viewer(OfficerWhoApplies), scene.own).await;
        if Stands::Draft < stands {
            submit(&scene.world, scene.viewer(Applicant), scene.application).await;
            scene.conflicts().await;
        }
        if Stands::Submitted < stands {
            scene.reviewed().await;
        }
        if Stands::InReview < stands {
            let award = verdict(award(500), "Good");
            service.decide(scene.viewer(Officer), None, scene.application, award).await.unwrap();
        }
        for who in EVERYBODY {
            let mut browser = scene.world.browser();
            if who != Nobody {
                browser = scene.world.sign_in(who.email()).await;
            }
            browser.get("/applications").await;
            scene.browsers.insert(who, browser);
        }
        scene
    }

    async fn joins(&mut self) {
        let (service, id) = (&self.world.service, self.application);
        let role = MemberRole::View;
        let email = Reader.email();
        bursar_applying::invite(service, self.viewer(Applicant), id, email, role).await.unwrap();
        let mails = service.store().mails(50).await.unwrap();
        let invited = mails.iter().find(|mail| mail.to == email).unwrap();
        let (_, secret) = invited.body.split_once("/invitations/").unwrap();
        let secret = secret.split_whitespace().next().unwrap();
        bursar_applying::answer_invitation(service, self.viewer(Reader), secret, true)
            .await
            .unwrap();
    }

    /// An officer has a conflict of interest.
    async fn conflicts(&self) {
        let (service, id) = (&self.world.service, self.application);
        let conflicted = self.viewer(ConflictedOfficer).person().unwrap();
        let officer = self.viewer(Officer);
        bursar_reviewing::pin(service, officer, id, conflicted, true, "A cousin").await.unwrap();
    }

    /// The review of the round has begun: one reviewer reads, and one has a conflict of interest.
    async fn reviewed(&self) {
        let (service, id) = (&self.world.service, self.application);
        self.world.turn_to("2026-12-02T10:00:00Z").await;
        let officer = self.viewer(Officer);
        for who in [Assigned, ConflictedReviewer] {
            let person = self.viewer(who).person().unwrap();
            bursar_reviewing::add(service, officer, id, person).await.unwrap();
        }
        bursar_reviewing::invite(service, officer, &program(), &round()).await.unwrap();
        let yes = bursar_reviewing::Answer::Accept;
        bursar_reviewing::answer(service, self.viewer(Assigned), id, yes).await.unwrap();
        let why = bursar_award::assignment::WhyNot::Conflict;
        let no = bursar_reviewing::Answer::Decline { why, note: "We publish together".to_owned() };
        bursar_reviewing::answer(service, self.viewer(ConflictedReviewer), id, no).await.unwrap();
    }

    /// The same scene, which goes on by itself.
    fn copied(&self) -> Self {
        let world = self.world.copied();
        let browsers =
            self.browsers.iter().map(|(who, browser)| (*who, browser.at(&world.router))).collect();
        let viewers = self.viewers.clone();
        Self { application: self.application, own: self.own, browsers, viewers, world }
    }

    /// Writes a secret, one way or the other; the other way of some is that it is not there.
    async fn write(&self, secret: Secret, one: bool) {
        let (service, id) = (&self.world.service, self.application);
        let officer = self.viewer(Officer);
        match secret {
            Secret::DraftText => {
                let text = if one { "One question?" } else { "Quite another question?" };
                self.drafted("research_question", text).await;
            }
            Secret::PrivateAnswer => {
                let answer = if one { "Ornithology" } else { "Department of Dentistry" };
                self.drafted(PRIVATE, answer).await;
                submit(&self.world, self.viewer(Applicant), id).await;
                self.reviewed().await;
            }
            Secret::ReviewText => {
                let (comment, score) = if one { ("Sharp.", 4) } else { ("Dull, and long.", 1) };
                self.review(comment, score).await;
            }
            Secret::ReleasedOutcome => {
                if one {
                    self.decide(Outcome::Decline, "Good").await;
                } else {
                    self.approve().await;
                }
                self.world.turn_to("2027-01-02T10:00:00Z").await;
                service.release_round(officer, &program(), &round()).await.unwrap();
            }
            _ if !one => {}
            Secret::Screening => {
                let why = "A company, whatever they say".to_owned();
                bursar_reviewing::screen(service, officer, None, id, false, why).await.unwrap();
            }
            Secret::Conflict => {
                let rob = self.viewer(Unassigned).person().unwrap();
                bursar_reviewing::pin(service, officer, id, rob, true, "A rival").await.unwrap();
            }
            Secret::Plan => {
                let rob = self.viewer(Unassigned).person().unwrap();
                bursar_reviewing::add(service, officer, id, rob).await.unwrap();
            }
            Secret::ReviewDraft => {
                let typed = answers(&[("comment", "Half a thought")]);
                let writer = self.viewer(Assigned);
                bursar_reviewing::save_review(service, writer, id, &typed, "").await.unwrap();
            }
            Secret::OwnDecision => {
                let award = verdict(award(600), "Good");
                service.decide(officer, None, self.own, award).await.unwrap();
            }
            Secret::DeskDecline => self.decide(Outcome::Decline, "Not for this program").await,
            Secret::Decision => self.decide(award(700), "Good").await,
            Secret::Outcome => self.decide(Outcome::Decline, "Good").await,
            Secret::Amount => self.decide(award(900), "Good").await,
            Secret::Reasons => self.decide(award(500), "Good, and badly written").await,
            Secret::Approval => self.approve().await,
        }
    }

    async fn drafted(&self, field: &str, answer: &str) {
        let (service, id) = (&self.world.service, self.application);
        let answers = answers(&[(field, answer)]);
        service.save_draft(self.viewer(Applicant), id, answers).await.unwrap();
    }

    async fn decide(&self, outcome: Outcome, reasons: &str) {
        let (service, officer) = (&self.world.service, self.viewer(Officer));
        let verdict = verdict(outcome, reasons);
        service.decide(officer, None, self.application, verdict).await.unwrap();
    }

    async fn approve(&self) {
        let second = self.world.viewer("second@office.test", &[Role::Officer]).await;
        self.world.service.approve(&second, None, self.application).await.unwrap();
    }

    async fn review(&self, comment: &str, score: u32) {
        let service = &self.world.service;
        let rubric = service.program(&program()).unwrap().rubric.iter();
        let scores = rubric.map(|criterion| (criterion.id.clone(), score)).collect();
        let says = NewReview {
            recommendation: Recommendation::Unsure,
            comment: comment.to_owned(),
            for_officer: format!("Between us: {comment}"),
            scores,
        };
        service.submit_review(self.viewer(Assigned), self.application, says).await.unwrap();
    }

    /// Everything that somebody can look at, try and be told, each with the reads that it took.
    async fn looked_at(&self, who: Who) -> BTreeMap<String, Seen> {
        let mut browser = self.browsers[&who].clone();
        let mut seen = BTreeMap::new();
        for path in self.paths() {
            let before = self.world.reads();
            let shown = browser.get(&path).await;
            let reads = self.world.reads() - before;
            let headers = shown.headers.iter().filter(|(name, _)| *name != "content-length");
            let headers = headers.map(|(name, value)| format!("{name}: {value:?}"));
            let headers = headers.collect::<Vec<_>>().join("\n");
            let text = format!("{headers}\n\n{}", readable(&shown.html));
            let seen_here = Seen { status: shown.status.as_u16(), text: named(&text), reads };
            seen.insert(format!("GET {path}"), seen_here);
        }
        let mails = self.world.service.store().mails(1_000).await.unwrap().into_iter();
        let mails = mails.filter(|mail| mail.to == who.email());
        let mut mails: Vec<String> =
            mails.map(|mail| named(&format!("{}\n{}", mail.subject, mail.body))).collect();
        mails.sort_unstable();
        seen.insert("mail".to_owned(), Seen { status: 0, text: mails.join("\n\n"), reads: 0 });
        // What they try comes last: it may be carried out.
        for (path, fields) in self.tries() {
            let before = self.world.reads();
            let fields = [&fields[..], &[("csrf", browser.token.as_str())]].concat();
            let sent = browser.send(Method::POST, &path, &[], encoded(&fields)).await;
            let reads = self.world.reads() - before;
            let location = sent.headers.get("location").map(|to| format!("{to:?}"));
            let text = named(&(location.unwrap_or_default() + &sent.html));
            let seen_here = Seen { status: sent.status.as_u16(), text, reads };
            seen.insert(format!("POST {path}"), seen_here);
        }
        seen
    }

    fn paths(&self) -> Vec<String> {
        let id = self.application;
        let own = [
            "",
            "/form",
            "/form/study",
            "/form/institution",
            "/check",
            "/people",
            "/submitted",
            "/letter",
            "/accept",
            "/decline",
            "/withdraw",
            "/policies",
        ];
        let own = own.map(|page| format!("/applications/{id}{page}"));
        let review = ["", "/answer", "/step-back", "/date"];
        let review = review.map(|page| format!("/reviews/{id}{page}"));
        let decide = ["", "/reviewers", "/similar", "/evidence"];
        let decide = decide.map(|page| format!("/decide/applications/{id}{page}"));
        let rounds = ["", "/panel", "/ranking", "/ranking?pool=600", "/proposal", "/approve"];
        let rounds = rounds.map(|page| format!("/decide/rounds/{PROGRAM}/{ROUND}{page}"));
        let states = ["submitted", "in_review", "decided", "award_offered", "declined"];
        let lists = states.map(|state| format!("/decide/applications?state={state}"));
        let others = [
            "/",
            "/programs",
            &format!("/programs/{PROGRAM}"),
            "/programs.ics",
            "/applications",
            "/grants",
            "/account",
            "/account/export",
            "/reviews",
            "/reviews/profile",
            "/decide/applications",
            &format!("/decide/applications?round={ROUND}"),
            "/decide/rounds",
            "/decide/money",
            "/decide/grants",
            "/decide/asked",
            "/decide/access",
            "/operate/audit",
            "/operate/outbox",
        ];
        let all = own.into_iter().chain(review).chain(decide).chain(rounds).chain(lists);
        all.chain(others.map(str::to_owned)).collect()
    }

    fn tries(&self) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
        let id = self.application;
        let decide = vec![("decision", "decline"), ("reasons", "No")];
        let review = crate::world::review("award", "Mine.").to_vec();
        vec![
            (format!("/reviews/{id}"), review),
            (format!("/reviews/{id}/answer"), vec![("answer", "accept")]),
            (format!("/reviews/{id}/step-back"), vec![("note", "No time")]),
            (format!("/decide/applications/{id}"), decide),
            (format!("/decide/applications/{id}/screening"), vec![("eligible", "yes")]),
            (format!("/decide/applications/{id}/approve"), vec![]),
            (format!("/decide/applications/{id}/take-back"), vec![]),
            (format!("/decide/applications/{id}/offer"), vec![]),
            (format!("/applications/{id}/accept"), vec![("accept", "yes")]),
            (format!("/applications/{id}/withdraw"), vec![]),
        ]
    }
}

/// A draft with every question answered.
async fn draft(world: &World, viewer: &Viewer) -> ApplicationId {
    let service = &world.service;
    let id = service.start_application(viewer, &program()).await.unwrap();
    service.save_draft(viewer, id, answers(&[])).await.unwrap();
    id
}

/// Answers to every question, some of them others than usual.
fn answers(other: &[(&str, &str)]) -> BTreeMap<String, String> {
    let all = ANSWERS.iter().chain(other);
    all.map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned())).collect()
}

async fn submit(world: &World, viewer: &Viewer, id: ApplicationId) {
    let policies = ["usage".to_owned(), "sharing".to_owned()];
    world.service.submit(viewer, id, &policies).await.unwrap();
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    text: String,
    reads: u64,
}

/// What a person reads of an answer: an archive's lines, without its checksums.
fn readable(body: &str) -> String {
    let is_text = |line: &&str| !line.contains(|c: char| c.is_control() || c == '\u{fffd}');
    body.lines().filter(is_text).collect::<Vec<_>>().join("\n")
}

/// A text whose identifiers are numbered as they come: they are drawn by chance.
fn named(text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('_') {
        let (before, after) = rest.split_at(at + 1);
        named.push_str(before);
        let length = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
        rest = after;
        if length == IDENTIFIER {
            let (id, behind) = after.split_at(length);
            let place = known.iter().position(|one| *one == id).unwrap_or_else(|| {
                known.push(id);
                known.len() - 1
            });
            let _ = write!(named, "#{place}");
            rest = behind;
        }
    }
    named + rest
}

/// Two copies of a scene that differ in secrets.
async fn apart(scene: &Scene, secrets: &[Secret]) -> [Scene; 2] {
    let [one, other] = [scene.copied(), scene.copied()];
    for secret in secrets {
        one.write(*secret, true).await;
        other.write(*secret, false).await;
    }
    [one, other]
}

/// What somebody sees that is not the same in both.
async fn differs(pair: &[Scene; 2], who: Who) -> Vec<String> {
    let (one, other) = (pair[0].copied(), pair[1].copied());
    let (one, other) = (one.looked_at(who).await, other.looked_at(who).await);
    assert!(one.keys().eq(other.keys()), "the same is looked at");
    let pairs = one.iter().filter(|(what, seen)| other[*what] != **seen);
    pairs
        .map(|(what, seen)| format!("{who:?} by {what}\n{}", between(seen, &other[what])))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_not_know_sees_no_difference() {
    let mut scenes = BTreeMap::new();
    let mut leaks = Vec::new();
    for (secrets, stands, knows, kept_from) in KEPT {
        let scene = match scenes.entry(stands) {
            Entry::Occupied(scene) => scene.into_mut(),
            Entry::Vacant(place) => place.insert(Scene::at(stands).await),
        };
        let pair = apart(scene, secrets).await;
        let differences = differs(&pair, knows).await;
        assert!(!differences.is_empty(), "{secrets:?}: {knows:?} sees none, so there is none");
        for who in kept_from {
            let found = differs(&pair, *who).await;
            leaks.extend(found.into_iter().map(|what| format!("{secrets:?} to {what}")));
        }
    }
    let count = leaks.len();
    assert!(leaks.is_empty(), "{count} leaks:\n\n{}", leaks.join("\n"));
}

/// Where two answers are apart.
fn between(one: &Seen, other: &Seen) -> String {
    if (one.status, one.reads) != (other.status, other.reads) {
        return format!(
            "  {} with {} reads, and {} with {}",
            one.status, one.reads, other.status, other.reads
        );
    }
    let same = one.text.chars().zip(other.text.chars()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| text.chars().skip(same.saturating_sub(60)).take(140).collect();
    let (one, other): (String, String) = (around(&one.text), around(&other.text));
    format!("  {one:?}\n  {other:?}")
}
