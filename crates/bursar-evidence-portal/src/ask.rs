//! Whether an address shows an institution, before an account; and asking a person.

use std::collections::BTreeMap;

use bursar_award::appeals::{Appeal, AppealState};
use bursar_evidence::{Appealed, Known, address_says};
use bursar_kernel::program::EvidenceKind;
use bursar_kernel::{Program, ProgramId};
use bursar_pages::evidence::{AppealPage, AppealStage, Ask, LetterOut, SaidShown};
use bursar_program::eligibility;
use bursar_program::evidence::{Evidence, Shown, weigh};
use bursar_ui::{Input, Status, Tone, routes};
use bursar_web::{Answer, Asked, At, Done, OrPage as _, Posted, Trouble, Visit};

use crate::said;

/// What somebody's address says before they have an account.
#[derive(Clone, Debug)]
pub struct CheckedAddress {
    /// The same in a sentence.
    pub says: String,
    /// What it would show, once it is shown to be theirs.
    pub evidence: Evidence,
}

/// What an address says. Nothing is kept.
pub async fn check_address(
    visit: &Visit,
    program: &Program,
    address: &str,
) -> Result<CheckedAddress, Trouble> {
    let said = address_says(visit.service(), program, address).await.or_page(visit)?;
    let now = visit.frame().now;
    let shown = match &said.known {
        Known::Academic { domain, institution } => {
            let says = institution.clone().unwrap_or_else(|| domain.clone());
            vec![Shown { kind: EvidenceKind::MailDomain, says, since: now }]
        }
        Known::FreeMail | Known::Refused(_) | Known::Nothing => Vec::new(),
    };
    let says = said::address(&said, "Your address", &said::else_would_do(program));
    Ok(CheckedAddress { says, evidence: weigh(program, shown, now) })
}

pub(crate) async fn show(
    visit: Visit,
    At(id): At<ProgramId>,
    Asked(given): Asked<BTreeMap<String, String>>,
) -> Answer {
    show_with(&visit, &id, &given, Input::default())
}

fn show_with(
    visit: &Visit,
    id: &ProgramId,
    given: &BTreeMap<String, String>,
    input: Input,
) -> Answer {
    let program = visit.service().program(id).or_page(visit)?;
    let asked = eligibility::questions(program);
    let known = asked.iter().filter_map(|question| {
        let answer = given.get(&question.id).filter(|answer| !answer.trim().is_empty())?;
        Some((question.id.clone(), answer.clone()))
    });
    let hidden: Vec<(String, String)> = known.collect();
    visit.page(&Ask {
        program: id.clone(),
        name: program.name.clone(),
        back: format!("{}?{}", routes::eligibility(id), query(&hidden)),
        answers: in_words(program, &hidden.iter().cloned().collect()),
        verdict: bursar_shown::judged::verdict(eligibility::check(program, given).standing),
        hidden,
        is_signed_in: visit.person.is_some(),
        input,
    })
}

/// Where a person is asked about answers.
pub fn ask_at(id: &ProgramId, answers: &[(String, String)]) -> String {
    format!("{}?{}", routes::ask_a_person(id), query(answers))
}

fn query(answers: &[(String, String)]) -> String {
    let pairs = answers.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let letter = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    value.bytes().map(letter).collect()
}

pub(crate) async fn ask(At(id): At<ProgramId>, mut form: Posted) -> Answer {
    let given: BTreeMap<String, String> = form
        .fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("a-")?.to_owned(), value.clone())))
        .collect();
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let (email, text) = (form.field("email").to_owned(), form.field("text"));
    match bursar_evidence::ask(service, viewer, &id, &given, &email, text).await {
        Ok(Appealed::Sent(_)) => form.visit.done(&routes::program(&id), Done::AppealSent),
        Ok(Appealed::LetterSent) => {
            let program = form.visit.service().program(&id).or_page(&form.visit)?.name.clone();
            form.visit.page(&LetterOut { email, program })
        }
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_with(&form.visit, &id, &given, input)
        }
    }
}

/// Opening the link sends nothing, since mail scanners open links too.
pub(crate) async fn asked(visit: Visit, At(secret): At<String>) -> Answer {
    asked_with(&visit, secret, Input::default()).await
}

pub(crate) async fn act(At(secret): At<String>, mut form: Posted) -> Answer {
    let service = form.visit.service();
    let done = match form.field("action") {
        "send" => bursar_evidence::send_appeal(service, &secret).await,
        "reply" => bursar_evidence::reply_to_officer(service, &secret, form.field("text")).await,
        _ => return form.visit.go(&routes::asked(&secret)),
    };
    match done {
        Ok(()) => form.visit.done(&routes::asked(&secret), Done::AppealSent),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            asked_with(&form.visit, secret, input).await
        }
    }
}

async fn asked_with(visit: &Visit, secret: String, input: Input) -> Answer {
    let found = bursar_evidence::appeal_by_link(visit.service(), &secret).await;
    let (appeal, name) = found.or_page(visit)?;
    let program = visit.service().edition(&appeal.program, appeal.program_version);
    let program = program.or_page(visit)?;
    let now = visit.frame().now;
    let (summary, stage) = match appeal.state {
        AppealState::Unproven => {
            ("Nobody has it yet: read it once more, and send it.", AppealStage::Send)
        }
        AppealState::Open => {
            ("An officer reads it. The answer comes by letter.", AppealStage::Wait)
        }
        AppealState::Asked => ("An officer wants to know more.", AppealStage::Reply(input)),
        AppealState::Overruled { until } if now < until => {
            ("You may apply, whatever the rules say.", AppealStage::Apply(until))
        }
        AppealState::Overruled { .. } => ("The exception is over.", AppealStage::Wait),
        AppealState::Upheld => ("The rules hold.", AppealStage::Wait),
    };
    visit.page(&AppealPage {
        secret,
        program: appeal.program.clone(),
        name,
        status: status(appeal.state),
        summary: summary.to_owned(),
        said: said_by(&appeal, "You"),
        answers: in_words(program, &appeal.answers),
        stage,
    })
}

/// Answers as people read them, by the question.
pub(crate) fn in_words(
    program: &Program,
    answers: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let fields = program.form.iter();
    let answered = fields.filter_map(|field| {
        let answer = answers.get(&field.id)?;
        Some((field.label.clone(), eligibility::in_words(field, answer)))
    });
    answered.collect()
}

/// Where a question stands.
pub(crate) fn status(state: AppealState) -> Status {
    match state {
        AppealState::Unproven => Status::new(Tone::Warning, "Not sent"),
        AppealState::Open => Status::new(Tone::Info, "With an officer"),
        AppealState::Asked => Status::new(Tone::Warning, "More is asked"),
        AppealState::Overruled { .. } => Status::new(Tone::Good, "May apply"),
        AppealState::Upheld => Status::new(Tone::Neutral, "The rules hold"),
    }
}

/// What was written, with who wrote it.
pub(crate) fn said_by(appeal: &Appeal, holder: &str) -> Vec<SaidShown> {
    let one = |said: &bursar_award::appeals::Said| SaidShown {
        who: if said.officer.is_some() { "An officer".to_owned() } else { holder.to_owned() },
        at: said.at,
        text: said.text.clone(),
    };
    appeal.said.iter().map(one).collect()
}
