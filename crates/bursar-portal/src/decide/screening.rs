//! What an officer says of whether an application is eligible.

use bursar_award::Application;
use bursar_kernel::{ApplicationId, Program};
use bursar_service::State;
use bursar_ui::{Input, Status, Tone, routes};
use bursar_web::{Answer, At, Done, Posted, Trouble, Visit, invalid};

use super::application::{Typed, name, show_page};
use crate::pages::decide::ScreeningWord;
use crate::shown;

pub(super) async fn say(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let reason = form.field("reason").to_owned();
    let said = match form.field("eligible") {
        word @ ("yes" | "no") => {
            let is_eligible = word == "yes";
            bursar_reviewing::screen(service, viewer, None, id, is_eligible, reason).await
        }
        _ => Err(invalid("eligible", "Select whether it is eligible")),
    };
    match said {
        Ok(()) => form.visit.done(&routes::decide(id), Done::Screened),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let typed = Typed { screening: form.input(errors), ..Typed::default() };
            show_page(&form.visit, id, typed).await
        }
    }
}

/// What was said, and the form while something can be said.
pub(super) async fn word(
    visit: &Visit,
    application: &Application,
    program: &Program,
    typed: Input,
) -> Result<ScreeningWord, Trouble> {
    let mut word = ScreeningWord::default();
    if let Some(said) = &application.screening {
        let verdict = if said.is_eligible {
            Status::new(Tone::Good, "Eligible")
        } else {
            Status::new(Tone::Bad, "Not eligible")
        };
        let by = format!("{}, {}", name(visit, said.by).await?, shown::day(program, said.at));
        word.said = Some((verdict, by, said.reason.clone()));
    }
    let is_open = matches!(application.state, State::Submitted | State::InReview);
    word.input = is_open.then_some(typed);
    Ok(word)
}
