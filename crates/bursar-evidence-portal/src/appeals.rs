//! Verdicts that officers are asked to look at.

use bursar_award::appeals::{Appeal, AppealAnswer, AppealState};
use bursar_kernel::{AppealId, Program, Timestamp};
use bursar_pages::evidence::{AppealDecision, AppealRow, AppealsList};
use bursar_program::eligibility::Standing;
use bursar_service::ServiceError;
use bursar_ui::routes;
use bursar_ui::{Input, Status};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Trouble, Visit, invalid};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::ask::{in_words, said_by, status};
use crate::said;

/// How far ahead an exception can end.
const AHEAD_MAX_YEARS: i64 = 2;

pub(crate) async fn list(visit: Visit) -> Answer {
    let all = bursar_evidence::appeals(visit.service(), &visit.viewer).await.or_page(&visit)?;
    let waiting = all.iter().filter(|appeal| appeal.state == AppealState::Open).count();
    let row = |appeal: &Appeal| {
        let edition = visit.service().edition(&appeal.program, appeal.program_version);
        AppealRow {
            id: appeal.id,
            email: appeal.email.clone(),
            program: edition.map_or(String::new(), |program| program.name.clone()),
            verdict: verdict(appeal),
            status: status(appeal.state),
            at: appeal.made_at,
        }
    };
    visit.page(&AppealsList { waiting, rows: all.iter().map(row).collect() })
}

/// How many wait for an officer.
pub async fn waiting(visit: &Visit) -> Result<usize, Trouble> {
    let all = bursar_evidence::appeals(visit.service(), &visit.viewer).await.or_page(visit)?;
    Ok(all.iter().filter(|appeal| appeal.state == AppealState::Open).count())
}

pub(crate) async fn show(visit: Visit, At(id): At<AppealId>) -> Answer {
    show_with(&visit, id, Input::default()).await
}

pub(crate) async fn answer(At(id): At<AppealId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let answered = match bursar_evidence::appeal(service, viewer, id).await {
        Ok((_, program)) => match read(&form, &program) {
            Ok(answer) => {
                let text = form.field("text");
                bursar_evidence::answer_appeal(service, viewer, id, answer, text).await
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    match answered {
        Ok(()) => form.visit.done(routes::APPEALS, Done::AppealAnswered),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_with(&form.visit, id, input).await
        }
    }
}

fn read(form: &Posted, program: &Program) -> Result<AppealAnswer, ServiceError> {
    match form.field("answer") {
        "uphold" => Ok(AppealAnswer::Uphold),
        "ask" => Ok(AppealAnswer::AskMore),
        "overrule" => {
            let until = end_of(form.field("until"), program, form.visit.frame().now);
            Ok(AppealAnswer::Overrule { until: until.map_err(|text| invalid("until", text))? })
        }
        _ => Err(invalid("answer", "Select what you decide")),
    }
}

/// The end of a day on the program's clocks, from today on.
fn end_of(day: &str, program: &Program, now: Timestamp) -> Result<Timestamp, String> {
    let zone = &program.review.zone;
    let day: Date = day.trim().parse().map_err(|_| "Enter a day, like 2027-02-03".to_owned())?;
    let today = now.to_zoned(zone.clone()).date();
    let last = today.saturating_add(AHEAD_MAX_YEARS.years());
    if day < today || last < day {
        return Err("Enter a day from today on, within two years".to_owned());
    }
    let next = day.tomorrow().map_err(|_| "There is no such day".to_owned())?;
    let ends = next.to_zoned(zone.clone()).and_then(|midnight| midnight.start_of_day());
    ends.map(|ends| ends.timestamp()).map_err(|_| "There is no such day".to_owned())
}

async fn show_with(visit: &Visit, id: AppealId, input: Input) -> Answer {
    let found = bursar_evidence::appeal(visit.service(), &visit.viewer, id).await;
    let (appeal, program) = found.or_page(visit)?;
    let said = bursar_evidence::address_says(visit.service(), &program, &appeal.email).await;
    let address = said::address(&said.or_page(visit)?, "It", "");
    let can_answer = matches!(appeal.state, AppealState::Open | AppealState::Asked);
    visit.page(&AppealDecision {
        id,
        address,
        program: format!("{}, edition {}", program.name, appeal.program_version),
        verdict: verdict(&appeal),
        status: status(appeal.state),
        answers: in_words(&program, &appeal.answers),
        said: said_by(&appeal, &appeal.email),
        until: appeal.exception(visit.frame().now),
        answer: can_answer.then_some(input),
        email: appeal.email,
    })
}

fn verdict(appeal: &Appeal) -> Status {
    let all = [Standing::Eligible, Standing::Flagged, Standing::Unsaid, Standing::Ineligible];
    let found = all.into_iter().find(|standing| standing.name() == appeal.verdict);
    bursar_shown::judged::verdict(found.unwrap_or(Standing::Unsaid))
}
