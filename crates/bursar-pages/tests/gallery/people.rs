//! Signing in and applying.

use std::collections::BTreeMap;

use bursar_kernel::{ApplicationId, SessionId};
use bursar_pages::Page;
use bursar_pages::apply::{
    AcceptAward, ApplicationForm, ApplicationRow, ApplicationStatus, CheckAnswers, Dashboard,
    DeclineAward, FormSection, Letter, Outcome, Step, Submitted, Withdraw,
};
use bursar_pages::routes;
use bursar_pages::sign_in::{
    Account, CheckMail, ConfirmSignIn, FirstRun, LinkExpired, NotSignedIn, SessionRow, SignIn, Way,
};
use bursar_pages::ui::{Answer, Input, Status, Tone};

use super::program::{changed, points, policies, questions, round, screening};
use super::{ARABIC, HOSTILE, LONG, Sample, at, researcher, sample, stranger, usd, with_flash};

pub(super) fn application() -> ApplicationId {
    ApplicationId::new(at("2026-11-03T09:12:00Z"), [3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
}

pub(super) fn input(values: &[(&str, &str)], errors: &[(&str, &str)]) -> Input {
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    Input { values: map(values), errors: map(errors) }
}

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = signing_in();
    samples.extend(accounts());
    samples.extend(drafting());
    samples.extend(following());
    samples.extend(answering());
    samples
}

fn accounts() -> Vec<Sample> {
    let account = Account {
        email: "amara.okafor@cs.mak.ac.ug".to_owned(),
        input: Input::default(),
        reminders: true,
        bounced: None,
        ways: Vec::new(),
        more_ways: Vec::new(),
        sessions: Vec::new(),
        card: None,
    };
    let with_ways = Account {
        ways: vec![Way {
            label: LONG.to_owned(),
            who: ARABIC.to_owned(),
            key: ("https://id.example.edu".to_owned(), HOSTILE.to_owned()),
            at: at("2026-11-22T09:58:00Z"),
        }],
        more_ways: vec![("ORCID".to_owned(), "/sign-in/with/orcid?link=t0k3n".to_owned())],
        sessions: [true, false]
            .map(|is_this| SessionRow {
                id: SessionId::new(at("2026-11-22T09:58:00Z"), [u8::from(is_this); 10]),
                since: at("2026-11-22T09:58:00Z"),
                until: at("2026-12-06T09:58:00Z"),
                is_this,
            })
            .to_vec(),
        ..account.clone()
    };
    let comes_back = Account {
        reminders: false,
        bounced: Some((at("2026-11-22T09:58:00Z"), HOSTILE.to_owned())),
        ..account.clone()
    };
    vec![
        sample("account-ways", &with_ways, &researcher("/account")),
        sample("account", &account, &researcher("/account")),
        sample("account-comes-back", &comes_back, &researcher("/account")),
    ]
}

fn signing_in() -> Vec<Sample> {
    let wrong = SignIn {
        input: input(
            &[("email", "amara(at)mak.ac.ug")],
            &[("email", "Enter an e-mail address like name@example.org")],
        ),
        next: Some("/applications".to_owned()),
        providers: Vec::new(),
    };
    let email = "amara.okafor@cs.mak.ac.ug".to_owned();
    let confirm = ConfirmSignIn { email: email.clone(), token: "t0k3n".to_owned() };
    let with_providers = SignIn {
        providers: vec![("orcid".to_owned(), "ORCID".to_owned())],
        next: Some("/applications".to_owned()),
        ..SignIn::default()
    };
    let not_signed_in = NotSignedIn {
        label: HOSTILE.to_owned(),
        why: "The provider did not sign you in.".to_owned(),
        is_unknown: false,
        again: "/sign-in/with/orcid".to_owned(),
    };
    let unknown = NotSignedIn { is_unknown: true, ..not_signed_in.clone() };
    let first_run = FirstRun { command: "bursar admin sign-in --data ./data".to_owned() };
    vec![
        sample("sign-in-providers", &with_providers, &stranger("/sign-in")),
        sample("not-signed-in", &not_signed_in, &stranger("/sign-in/with/orcid/back")),
        sample("not-known-there", &unknown, &stranger("/sign-in/with/orcid/back")),
        sample("sign-in", &SignIn::default(), &stranger("/sign-in")),
        sample("sign-in-wrong", &wrong, &stranger("/sign-in")),
        sample("check-mail", &CheckMail { email, minutes: 30 }, &{
            let mut frame = researcher("/sign-in");
            frame.person = None;
            frame
        }),
        sample("confirm-sign-in", &confirm, &stranger("/sign-in/confirm")),
        sample("link-expired", &LinkExpired { minutes: 30 }, &stranger("/sign-in/confirm")),
        sample("first-run", &first_run, &stranger("/sign-in")),
    ]
}

fn drafting() -> Vec<Sample> {
    let program = "Researcher Access Program".to_owned();
    let draft = ApplicationForm {
        id: application(),
        program: program.clone(),
        sections: vec![FormSection { title: String::new(), questions: questions() }],
        input: input(&[("title", "Sandbagging in code review"), ("area", "risk")], &[]),
        saved_at: Some(at("2026-11-20T16:04:00Z")),
        round: Some(round()),
        minutes: 30,
        comes_back: true,
        estimate: None,
        estimate_at: "/estimate".to_owned(),
    };
    let wrong = ApplicationForm {
        input: input(
            &[("title", HOSTILE), ("amount", "a lot"), ("affiliation", ARABIC)],
            &[
                ("area", "Select an area of research"),
                ("research_question", "Enter your research question"),
                ("amount", "Enter an amount in dollars, like 850"),
            ],
        ),
        ..draft.clone()
    };
    let check = CheckAnswers {
        id: application(),
        program: program.clone(),
        answers: answers(true),
        policies: policies(),
        input: Input::default(),
        round: Some(round()),
        screening: screening(),
        may_submit: true,
        points: points(),
        changes: Some(changed()),
        progress: Some("Of $1000.00 granted, $320.00 was spent in 1200 calls.".to_owned()),
        estimate: Some(super::estimate::shown()),
        estimate_at: "/estimate".to_owned(),
    };
    let excluded = CheckAnswers {
        may_submit: false,
        changes: Some(Vec::new()),
        progress: None,
        estimate: None,
        ..check.clone()
    };
    let not_accepted = CheckAnswers {
        input: input(
            &[("policy-usage", "yes")],
            &[("policy-sharing", "Accept the sharing and publication policy to submit")],
        ),
        ..check.clone()
    };
    let submitted = Submitted {
        id: application(),
        program,
        round: round(),
        email: "amara.okafor@cs.mak.ac.ug".to_owned(),
    };
    vec![
        sample("application-form", &draft, &researcher("/applications/x/form")),
        sample("application-form-wrong", &wrong, &researcher("/applications/x/form")),
        sample("check-answers", &check, &researcher("/applications/x/check")),
        sample("check-answers-excluded", &excluded, &researcher("/applications/x/check")),
        sample("check-answers-wrong", &not_accepted, &researcher("/applications/x/check")),
        sample("submitted", &submitted, &researcher("/applications/x/submitted")),
    ]
}

pub(super) fn answers(change: bool) -> Vec<Answer> {
    let answer = |question: &str, answer: &str| Answer {
        question: question.to_owned(),
        answer: answer.to_owned(),
        change: change.then(|| format!("{}#title", routes::application_form(application()))),
    };
    vec![
        answer("Title of the project", "Do code models sandbag when they review themselves?"),
        answer("Area of research", "Risk mitigation"),
        answer(
            "What is your research question?",
            "Whether a model hides defects it planted when it believes that the review decides on \
             its deployment.\n\nWe compare 1,200 planted defects over three families of models.",
        ),
        answer("Institution", "Makerere University"),
        answer("Amount you need", ""),
    ]
}

fn following() -> Vec<Sample> {
    let row = |title: &str, detail: &str, tone, label: &str| ApplicationRow {
        title: title.to_owned(),
        detail: detail.to_owned(),
        status: Status::new(tone, label),
        href: routes::application(application()),
    };
    let dashboard = Dashboard {
        applications: vec![
            row(
                "Researcher Access Program",
                "Draft saved on 20 November 2026",
                Tone::Info,
                "Draft",
            ),
            row("Do code models sandbag?", "December 2026 round", Tone::Neutral, "In review"),
            row(LONG, "March 2026 round. Answer before 20 May 2026", Tone::Good, "Awarded"),
            row(ARABIC, "December 2025 round", Tone::Neutral, "Declined"),
        ],
        grants: researcher::grants(false),
    };
    let empty = Dashboard { applications: vec![], grants: vec![] };
    let withdraw = Withdraw { id: application(), title: LONG.to_owned() };
    let flash = with_flash(researcher("/applications"), "The draft is saved.");
    vec![
        sample("dashboard", &dashboard, &flash),
        sample("dashboard-empty", &empty, &researcher("/applications")),
        sample("status", &status(), &researcher("/applications/x")),
        sample("withdraw", &withdraw, &researcher("/applications/x/withdraw")),
    ]
}

fn status() -> impl Page {
    let step = |what: &str, when: Option<&str>, note: Option<&str>| Step {
        what: what.to_owned(),
        at: when.map(at),
        note: note.map(str::to_owned),
    };
    ApplicationStatus {
        id: application(),
        title: "Do code models sandbag when they review themselves?".to_owned(),
        program: "Researcher Access Program".to_owned(),
        round: Some("December 2026".to_owned()),
        status: Status::new(Tone::Info, "Submitted"),
        next: "review begins on 1 December 2026. You get a mail by 1 January 2027.".to_owned(),
        steps: vec![
            step("Draft begun", Some("2026-11-03T09:12:00Z"), None),
            step("Submitted", Some("2026-11-20T16:30:00Z"), None),
            step("Review", None, Some("1 December 2026 to 1 January 2027")),
            step("Decision", None, Some("by 1 January 2027")),
        ],
        answers: answers(false),
        accepted: vec!["Usage policies, edition 2025-10-29, on 20 November 2026".to_owned()],
        progress: None,
        estimate: Some(super::estimate::shown()),
        apply_again: None,
        go_on: None,
        has_letter: false,
        can_withdraw: true,
    }
}

fn answering() -> Vec<Sample> {
    let awarded = Letter {
        id: application(),
        title: "Do code models sandbag?".to_owned(),
        program: "Researcher Access Program".to_owned(),
        released_at: at("2027-01-01T00:00:00Z"),
        outcome: Outcome::Awarded { amount: usd("850") },
        text:
            "Dear Amara Okafor,\n\nyour application has been awarded.\n\nThe reviewers liked the \
               planted defects, and ask that you publish the list of them."
                .to_owned(),
        counted: vec![("Funding is limited.".to_owned(), 2)],
        apply_again: routes::apply(&super::program::id()),
    };
    let declined = Letter {
        outcome: Outcome::Declined,
        text:
            "Dear Amara Okafor,\n\nthere was no award for it in this round.\n\nThe method did not \
               say how defects are planted."
                .to_owned(),
        ..awarded.clone()
    };
    let accept = AcceptAward {
        id: application(),
        program: "Researcher Access Program".to_owned(),
        amount: usd("850"),
        delivery_from: at("2027-01-29T00:00:00Z"),
        delivery_to: at("2027-02-12T00:00:00Z"),
        expiry_from: at("2028-01-29T00:00:00Z"),
        expiry_to: at("2028-02-12T00:00:00Z"),
        terms: vec![
            "Credit pays for research only.".to_owned(),
            "What is unspent at the expiry is lost; nobody can extend it.".to_owned(),
        ],
        input: Input::default(),
    };
    let not_ticked = AcceptAward {
        input: input(&[], &[("accept", "Accept the terms to receive the award")]),
        ..accept.clone()
    };
    let decline = DeclineAward { id: application(), amount: usd("850") };
    let frame = researcher("/applications/x/letter");
    vec![
        sample("letter-awarded", &awarded, &frame),
        sample("letter-declined", &declined, &frame),
        sample("accept-award", &accept, &frame),
        sample("accept-award-wrong", &not_ticked, &frame),
        sample("decline-award", &decline, &frame),
    ]
}
