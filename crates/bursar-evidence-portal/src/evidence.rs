//! What the one who applies has shown, and ways to show more.

use bursar_award::claims::Claim;
use bursar_award::{Stage, State};
use bursar_evidence::{NewDocument, NewSponsor, Standing};
use bursar_kernel::program::EvidenceKind;
use bursar_kernel::{ApplicationId, ClaimId};
use bursar_pages::evidence::{EvidencePage, MissingShown, WayShown};
use bursar_pages::screening::FindingShown;
use bursar_program::evidence::{Evidence, in_words};
use bursar_service::ServiceError;
use bursar_ui::{Input, Status, Task, Tone, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Sent, Trouble, Visit, invalid};

use crate::said;

/// What was typed into either form.
#[derive(Default)]
struct Typed {
    sponsor: Input,
    document: Input,
}

pub(crate) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_with(&visit, id, Typed::default()).await
}

/// Where somebody lands who reloads an address that only takes forms.
pub(crate) async fn back(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    visit.go(&routes::evidence(id))
}

pub(crate) async fn sponsor(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let new = NewSponsor {
        name: form.field("name"),
        email: form.field("email"),
        relation: form.field("relation"),
    };
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_evidence::name_sponsor(service, viewer, id, new).await {
        Ok(_) => form.visit.done(&routes::evidence(id), Done::SponsorNamed),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let typed = Typed { sponsor: form.input(errors), ..Typed::default() };
            show_with(&form.visit, id, typed).await
        }
    }
}

pub(crate) async fn document(At(id): At<ApplicationId>, mut sent: Sent) -> Answer {
    let (service, viewer) = (sent.form.visit.service(), &sent.form.visit.viewer);
    let added = match sent.files.iter().find(|file| file.field == "document") {
        Some(file) => {
            let says = sent.form.field("says");
            let new = NewDocument { name: &file.name, bytes: &file.bytes, says };
            bursar_evidence::add_document(service, viewer, id, new).await.map(|_| ())
        }
        None => Err(invalid("document", "Choose a file first")),
    };
    match added {
        Ok(()) => sent.form.visit.done(&routes::evidence(id), Done::DocumentAdded),
        Err(error) => {
            let errors = sent.form.visit.again(error)?;
            let typed = Typed { document: sent.form.input(errors), ..Typed::default() };
            show_with(&sent.form.visit, id, typed).await
        }
    }
}

pub(crate) async fn take_back(
    At((id, claim)): At<(ApplicationId, ClaimId)>,
    mut form: Posted,
) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_evidence::take_back(service, viewer, id, claim).await {
        Ok(()) => form.visit.done(&routes::evidence(id), Done::ClaimTakenBack),
        Err(error) => {
            form.visit.again(error)?;
            show_with(&form.visit, id, Typed::default()).await
        }
    }
}

pub(crate) async fn download(
    visit: Visit,
    At((id, claim)): At<(ApplicationId, ClaimId)>,
) -> Answer {
    let found = bursar_evidence::document(visit.service(), &visit.viewer, id, claim).await;
    let (listed, bytes) = found.or_page(&visit)?;
    visit.download(&listed.name, listed.kind.media_type(), bytes)
}

/// What the one who applies has shown, and an officer's exception, for the page that hands in;
/// nothing to those who only help.
pub async fn of_applicant(
    visit: &Visit,
    id: ApplicationId,
) -> Result<(Evidence, Option<FindingShown>), Trouble> {
    match bursar_evidence::of_own(visit.service(), &visit.viewer, id).await {
        Ok(standing) => {
            let program = &standing.program;
            let exception = standing.exception.map(|until| said::exception_finding(until, program));
            Ok((standing.evidence, exception))
        }
        Err(ServiceError::NotFound(_) | ServiceError::Refused(_) | ServiceError::NotAllowed) => {
            Ok((Evidence::default(), None))
        }
        Err(error) => Err(visit.trouble(error)),
    }
}

/// The task of showing it, for the one who applies, and whether nothing can be handed in before;
/// `None` where nothing has to be shown.
pub async fn task(visit: &Visit, id: ApplicationId) -> Result<Option<(Task, bool)>, Trouble> {
    let standing = match bursar_evidence::of_own(visit.service(), &visit.viewer, id).await {
        Ok(standing) => standing,
        // Those who help cannot show anything in another's place.
        Err(ServiceError::NotFound(_) | ServiceError::Refused(_) | ServiceError::NotAllowed) => {
            return Ok(None);
        }
        Err(error) => return Err(visit.trouble(error)),
    };
    let Some(terms) = &standing.program.eligibility.evidence else { return Ok(None) };
    let label = |level: usize| terms.label(level).to_owned();
    let now = visit.frame().now;
    let waits = standing.claims.iter().any(|claim: &Claim| claim.is_open(now));
    let (status, hint) = match (standing.missing(terms.to_submit), standing.evidence.level) {
        (Some((level, ways)), _) => {
            let hint = format!("Needed to hand in: \"{}\", by {}.", label(level), in_words(&ways));
            let status = if waits { "Waits for an answer" } else { "Not shown yet" };
            (Status::new(Tone::Warning, status), hint)
        }
        (None, Some(level)) => match standing.missing(terms.to_award) {
            Some((more, ways)) => {
                let hint = format!(
                    "Before anything is awarded: \"{}\", by {}.",
                    label(more),
                    in_words(&ways)
                );
                (Status::new(Tone::Info, label(level)), hint)
            }
            None => (Status::new(Tone::Good, label(level)), "All that is needed is shown.".into()),
        },
        (None, None) => {
            let ways = in_words(&bursar_program::evidence::ways(terms, 0));
            (Status::new(Tone::Neutral, "Optional"), format!("You can show it by {ways}."))
        }
    };
    let stops = standing.missing(terms.to_submit).is_some();
    let task = Task {
        title: "What you have to show".to_owned(),
        hint: Some(hint),
        href: Some(routes::evidence(id)),
        status,
    };
    Ok(Some((task, stops)))
}

async fn show_with(visit: &Visit, id: ApplicationId, typed: Typed) -> Answer {
    let standing = bursar_evidence::of_own(visit.service(), &visit.viewer, id).await;
    let standing = standing.or_page(visit)?;
    let program = &standing.program;
    let state = standing.application.state;
    let can_show = state == State::Draft || state.stage() == Stage::Submitted;
    let terms = program.eligibility.evidence.as_ref();
    let takes = |kind| can_show && terms.is_some_and(|terms| terms.of(kind).is_some());
    let back = if state == State::Draft {
        (routes::application_form(id), "Back to the tasks".to_owned())
    } else {
        (routes::application(id), "Back to the application".to_owned())
    };
    let now = visit.frame().now;
    let claims = standing.claims.iter().map(|claim| said::claim(id, claim, now, true));
    let shown = standing.evidence.shown.iter().map(|weighed| said::row(program, weighed));
    visit.page(&EvidencePage {
        id,
        program: program.name.clone(),
        back,
        shows: terms.map(|terms| terms.shows.clone()),
        is_needed: terms.is_some_and(|terms| terms.to_submit.or(terms.to_award).is_some()),
        missing: missing(&standing),
        shown: shown.collect(),
        address: said::address(
            &standing.address,
            "The address of your account",
            &said::else_would_do(program),
        ),
        exception: standing.exception,
        claims: claims.collect(),
        ways: ways(&standing),
        sponsor: takes(EvidenceKind::Sponsor).then_some(typed.sponsor),
        document: takes(EvidenceKind::Document).then_some(typed.document),
    })
}

fn missing(standing: &Standing) -> Vec<MissingShown> {
    let Some(terms) = &standing.program.eligibility.evidence else { return Vec::new() };
    let is_draft = standing.application.state == State::Draft;
    let steps = [
        ("To hand the application in", terms.to_submit.filter(|_| is_draft), true),
        ("To be awarded anything", terms.to_award, !is_draft),
    ];
    let step = |(step, needed, stops): (&str, Option<usize>, bool)| {
        let (level, ways) = standing.missing(needed)?;
        let (level, by) = (terms.label(level).to_owned(), in_words(&ways));
        Some(MissingShown { step: step.to_owned(), level, by, stops })
    };
    steps.into_iter().filter_map(step).collect()
}

fn ways(standing: &Standing) -> Vec<WayShown> {
    let Some(terms) = &standing.program.eligibility.evidence else { return Vec::new() };
    let way = |way: bursar_program::evidence::WayToShow| {
        let (how, href) = match way.kind {
            EvidenceKind::MailDomain => {
                ("Sign in with an address of your institution.", Some(routes::ACCOUNT.to_owned()))
            }
            EvidenceKind::Orcid => {
                ("Sign in with ORCID: a typed iD shows nothing.", Some(routes::ACCOUNT.to_owned()))
            }
            EvidenceKind::InstitutionSignIn => {
                ("Sign in at your institution.", Some(routes::ACCOUNT.to_owned()))
            }
            EvidenceKind::Sponsor => {
                ("Name somebody below: they get a letter.", Some("#sponsor".to_owned()))
            }
            EvidenceKind::Document => {
                ("Add it below: an officer reads it.", Some("#add-document".to_owned()))
            }
            EvidenceKind::Officer => ("An officer who knows it writes it down.", None),
        };
        let months = if way.months == 1 { "month" } else { "months" };
        WayShown {
            kind: said::capital(way.kind.words()),
            level: terms.label(way.level).to_owned(),
            lasts: format!("{} {months}", way.months),
            how: how.to_owned(),
            href,
        }
    };
    bursar_program::evidence::ways(terms, 0).into_iter().map(way).collect()
}
