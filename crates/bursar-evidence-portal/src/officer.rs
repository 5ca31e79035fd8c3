//! What an applicant has shown, for officers.

use bursar_award::claims::Proof;
use bursar_evidence::Standing;
use bursar_kernel::program::{EvidenceKind, FieldKind};
use bursar_kernel::{ApplicationId, ClaimId, institution_of};
use bursar_pages::evidence::OfficerEvidence;
use bursar_pages::screening::FindingShown;
use bursar_program::evidence::Evidence;
use bursar_service::ServiceError;
use bursar_ui::{Input, Status, Tone, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Trouble, Visit, invalid};

use crate::said;

pub(crate) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_with(&visit, id, (String::new(), Input::default()), Input::default()).await
}

pub(crate) async fn vouch(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_evidence::vouch(service, viewer, id, form.field("known")).await {
        Ok(_) => form.visit.done(&routes::decide_evidence(id), Done::Vouched),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let errors = errors.into_values().map(|error| ("known".to_owned(), error));
            let input = form.input(errors.collect());
            show_with(&form.visit, id, (String::new(), Input::default()), input).await
        }
    }
}

pub(crate) async fn answer(
    At((id, claim)): At<(ApplicationId, ClaimId)>,
    mut form: Posted,
) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let mut reasons = form.fields.iter().filter(|(name, _)| name.starts_with("reason"));
    let reason = reasons.next().map_or(String::new(), |(_, reason)| reason.clone());
    let answered = match form.field("verdict") {
        "accept" => bursar_evidence::answer_claim(service, viewer, id, claim, true, &reason).await,
        "refuse" => bursar_evidence::answer_claim(service, viewer, id, claim, false, &reason).await,
        _ => Err(invalid("reason", "Press one of the two buttons")),
    };
    match answered {
        Ok(()) => form.visit.done(&routes::decide_evidence(id), Done::ClaimAnswered),
        Err(error) => {
            let errors = form.visit.again(error)?;
            form.fields.insert("reason".to_owned(), reason);
            let input = (routes::decide_claim(id, claim), form.input(errors));
            show_with(&form.visit, id, input, Input::default()).await
        }
    }
}

async fn show_with(
    visit: &Visit,
    id: ApplicationId,
    input: (String, Input),
    vouch: Input,
) -> Answer {
    let standing = bursar_evidence::for_officer(visit.service(), &visit.viewer, id).await;
    let standing = standing.or_page(visit)?;
    let program = &standing.program;
    let terms = program.eligibility.evidence.as_ref();
    let now = visit.frame().now;
    let claims = standing.claims.iter().map(|claim| {
        let answers = claim.is_open(now) && matches!(claim.what, Proof::Document { .. });
        let action = answers.then(|| routes::decide_claim(id, claim.id));
        (said::claim(id, claim, now, false), action)
    });
    let shown = standing.evidence.shown.iter().map(|weighed| said::row(program, weighed));
    let vouches = terms.is_some_and(|terms| terms.of(EvidenceKind::Officer).is_some());
    visit.page(&OfficerEvidence {
        id,
        applicant: bursar_web::name_of(&standing.applicant),
        shows: terms.map(|terms| terms.shows.clone()),
        summary: summary(&standing),
        address: said::address(&standing.address, "The address of the account", ""),
        institutions: institutions(visit, &standing).await?,
        exception: standing.exception,
        shown: shown.collect(),
        claims: claims.collect(),
        input,
        vouch: vouches.then_some(vouch),
    })
}

/// How well it is shown, in a sentence.
fn summary(standing: &Standing) -> (Tone, String) {
    let Some(terms) = &standing.program.eligibility.evidence else {
        return (Tone::Neutral, "The program goes by answers alone.".to_owned());
    };
    let best = standing.evidence.shown.iter().find(|one| one.holds);
    let best = best.map(|one| {
        let day = one.until.to_zoned(standing.program.review.zone.clone());
        let day = day.strftime("%-d %B %Y");
        let (label, says) = (terms.label(one.level.unwrap_or_default()), &one.shown.says);
        format!("\"{label}\" by {says}, until {day}.")
    });
    match (standing.missing(terms.to_award), best) {
        (Some((level, _)), best) => {
            let needed = format!("Nothing can be awarded before \"{}\".", terms.label(level));
            let so_far =
                best.map_or("Nothing is shown.".to_owned(), |best| format!("So far: {best}"));
            (Tone::Warning, format!("{so_far} {needed}"))
        }
        (None, Some(best)) => (Tone::Good, best),
        (None, None) => (Tone::Neutral, "Nothing is shown.".to_owned()),
    }
}

/// The institutions that the application names, as ROR knows them.
async fn institutions(visit: &Visit, standing: &Standing) -> Result<Vec<String>, Trouble> {
    let mut said = Vec::new();
    for field in &standing.program.form {
        let Some(answer) = standing.application.answers.get(&field.id) else { continue };
        if field.kind != FieldKind::Institution {
            continue;
        }
        let (name, id) = institution_of(answer);
        let Some(id) = id else {
            said.push(format!("\"{name}\" is written by hand: it has no record of ROR."));
            continue;
        };
        let found = bursar_evidence::institution(visit.service(), id).await.or_page(visit)?;
        said.push(match found {
            None => format!("\"{name}\" names the record {id} of ROR, which is not known here."),
            Some((known, after)) => {
                let place = [known.city.clone(), known.country.clone()];
                let place: Vec<String> = place.into_iter().flatten().collect();
                let after: Vec<String> = after.into_iter().map(|one| one.name).collect();
                let end = match (known.standing, after.is_empty()) {
                    (bursar_institutions::ror::Standing::Active, _) => String::new(),
                    (_, true) => " It is no more.".to_owned(),
                    (_, false) => format!(" It is no more; in its place: {}.", after.join(", ")),
                };
                let differs = known.all_names().all(|known| known != name);
                let as_typed = if differs {
                    format!(" The answer calls it \"{name}\".")
                } else {
                    String::new()
                };
                format!(
                    "By ROR ({id}): {}, {} ({}).{as_typed}{end}",
                    known.name,
                    place.join(", "),
                    known.kinds.join(", "),
                )
            }
        });
    }
    Ok(said)
}

/// What is shown, among what the rules find of an application; and an officer's exception.
pub async fn finding(
    visit: &Visit,
    id: ApplicationId,
) -> Result<(Evidence, Vec<FindingShown>), Trouble> {
    let standing = match bursar_evidence::for_officer(visit.service(), &visit.viewer, id).await {
        Ok(standing) => standing,
        Err(ServiceError::NotFound(_) | ServiceError::NotAllowed) => {
            return Ok((Evidence::default(), Vec::new()));
        }
        Err(error) => return Err(visit.trouble(error)),
    };
    let mut found = Vec::new();
    if let Some(until) = standing.exception {
        found.push(said::exception_finding(until, &standing.program));
    }
    if let Some(terms) = &standing.program.eligibility.evidence {
        let (tone, text) = summary(&standing);
        let level = standing.evidence.level.map(|level| terms.label(level).to_owned());
        let waits = standing.claims.iter().filter(|claim| claim.is_open(visit.frame().now)).count();
        found.push(FindingShown {
            question: "What is shown".to_owned(),
            answer: level.clone().unwrap_or_default(),
            verdict: Status::new(tone, level.unwrap_or_else(|| "Not shown".to_owned())),
            reason: text,
            advice: (waits != 0).then(|| format!("{waits} waiting: see what was shown.")),
        });
    }
    Ok((standing.evidence, found))
}
