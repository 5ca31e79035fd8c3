//! What a sponsor is asked, by a letter's link.

use bursar_award::claims::{ClaimState, Proof};
use bursar_pages::evidence::SponsorPage;
use bursar_ui::{Input, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Visit, invalid};

/// Opening the link answers nothing, since mail scanners open links too.
pub(crate) async fn show(visit: Visit, At(secret): At<String>) -> Answer {
    show_with(&visit, secret, Input::default()).await
}

pub(crate) async fn answer(At(secret): At<String>, mut form: Posted) -> Answer {
    let service = form.visit.service();
    let confirms = match form.field("answer") {
        "confirm" => Ok(true),
        "deny" => Ok(false),
        _ => Err(invalid("answer", "Select whether it is so")),
    };
    let said = form.field("said");
    let answered = match confirms {
        Ok(confirms) => bursar_evidence::answer_as_sponsor(service, &secret, confirms, said).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(()) => form.visit.done(&routes::sponsor(&secret), Done::SponsorAnswered),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_with(&form.visit, secret, input).await
        }
    }
}

async fn show_with(visit: &Visit, secret: String, input: Input) -> Answer {
    let found = bursar_evidence::sponsored(visit.service(), &secret).await.or_page(visit)?;
    let Proof::Sponsor { name, email, relation, .. } = found.claim.what else {
        return Err(visit.not_found());
    };
    let answered = match found.claim.state {
        ClaimState::Accepted { .. } => Some("You confirmed it."),
        ClaimState::Refused { .. } => Some("You did not confirm it."),
        ClaimState::Waiting | ClaimState::Withdrawn { .. } => None,
    };
    visit.page(&SponsorPage {
        secret,
        applicant: found.applicant,
        program: found.program,
        shows: found.shows,
        sponsor: (name, email),
        relation,
        expires_at: found.claim.expires_at,
        answer: found.is_open.then_some(input),
        answered: answered.map(str::to_owned),
    })
}
