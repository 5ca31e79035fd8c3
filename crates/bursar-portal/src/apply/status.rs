//! Where an application stands. Made from what its applicant may know, and from the calendar.

use bursar_kernel::program::Audience;
use bursar_kernel::{ApplicationId, Program};
use bursar_program::calendar::{self, Round};
use bursar_service::{ApplicantPage, Stage};
use bursar_ui::{available, routes};
use jiff::SignedDuration;

use super::own;
use crate::estimate;
use crate::judged;
use crate::pages::apply::{ApplicationStatus, Step, Withdraw};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Trouble, Visit};

pub(super) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    show_page(&visit, &page, program).await
}

pub(super) async fn show_page(visit: &Visit, page: &ApplicantPage, program: &Program) -> Answer {
    let status = &page.status;
    let questions = super::question::list(visit, page, program).await?;
    let waiting = questions.iter().filter(|question| question.href.is_some()).count();
    visit.page(&ApplicationStatus {
        id: status.id,
        title: shown::title(program, &page.answers),
        program: program.name.clone(),
        round: page.round.as_ref().map(|round| calendar::name(program, round)),
        status: shown::stage(status.stage),
        next: asked_first(waiting, next(visit, page, program)),
        questions,
        people: people(visit, page).await?,
        go_on: go_on(page),
        steps: steps(page, program),
        answers: shown::answers(
            program,
            page.occasion,
            &page.answers,
            status.id,
            Audience::Applicant,
        ),
        accepted: judged::accepted(program, &status.accepted_policies),
        progress: page.progress.as_ref().map(ToString::to_string),
        estimate: estimate::of_application(program, page.estimate.as_ref(), status.requested),
        apply_again: (page.role.is_none() && apply_again(page)).then(|| routes::apply(&program.id)),
        has_letter: status.released_at.is_some(),
        can_withdraw: page.role.is_none() && can_withdraw(status.stage),
    })
}

pub(super) async fn ask_withdraw(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    let stage = page.status.stage;
    if !can_withdraw(stage) {
        return visit.go(&routes::application(id));
    }
    let title = shown::title(program, &page.answers);
    visit.page(&Withdraw { id, title, waits: stage == Stage::Waitlisted })
}

pub(super) async fn withdraw(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    match bursar_applying::withdraw(form.visit.service(), &form.visit.viewer, id).await {
        Ok(()) => form.visit.done(&routes::application(id), Done::Withdrawn),
        Err(error) => {
            form.visit.again(error)?;
            let (page, program) = own(&form.visit, id).await?;
            show_page(&form.visit, &page, program).await
        }
    }
}

const fn can_withdraw(stage: Stage) -> bool {
    matches!(stage, Stage::Draft | Stage::Submitted | Stage::Waitlisted)
}

/// A question that waits comes before everything else.
fn asked_first(waiting: usize, next: String) -> String {
    match waiting {
        0 => next,
        1 => format!("answer the question below; the review goes on meanwhile. Then: {next}"),
        more => {
            format!("answer the {more} questions below; the review goes on meanwhile. Then: {next}")
        }
    }
}

/// Who applies and who takes part, where somebody does.
async fn people(visit: &Visit, page: &ApplicantPage) -> Result<Option<String>, Trouble> {
    let id = page.status.id;
    let members = bursar_applying::members(visit.service(), &visit.viewer, id).await;
    let mut names = Vec::new();
    for (member, person) in members.or_page(visit)? {
        let takes_part = member.person.is_some_and(|person| member.role_of(person).is_some());
        names.extend(person.filter(|_| takes_part).map(|person| bursar_web::name_of(&person)));
    }
    if names.is_empty() {
        return Ok(None);
    }
    let applicant = visit.service().person_of(page.applicant).await.or_page(visit)?;
    Ok(Some(format!("{} (applies), {}", bursar_web::name_of(&applicant), names.join(", "))))
}

/// What happens next and when. Between the submission and the release it depends on the calendar
/// alone, so that it never tells whether somebody has decided.
fn next(visit: &Visit, page: &ApplicantPage, program: &Program) -> String {
    match page.status.stage {
        Stage::Draft => "finish the form, check your answers and submit.".to_owned(),
        Stage::Submitted => {
            page.round.as_ref().map_or(String::new(), |round| reviewing(visit, round, program))
        }
        Stage::AwardOffered => match answer_by(page, program) {
            Some(day) => format!(
                "read the decision, and accept the award or decline it until the end of {day}. \
                 After that day it goes to somebody else."
            ),
            None => "read the decision, and accept the award or decline it.".to_owned(),
        },
        Stage::Waitlisted => {
            let until = answer_by(page, program);
            let until = until.map_or_else(String::new, |day| format!(" until the end of {day}"));
            format!(
                "nothing to do. An award of this round that comes back goes to whoever waits, in \
                 the order of the review; your place holds{until}, and you get a mail either way."
            )
        }
        Stage::Declined => {
            "read the reasons. You can apply again on any day, without limit.".to_owned()
        }
        Stage::Accepted => match page.delivery {
            Some((day, to)) if day == to => {
                format!("credit arrives on {}. You get a mail then.", shown::day(program, day))
            }
            Some((from, to)) => format!(
                "credit arrives between {} and {}. You get a mail that day.",
                shown::day(program, from),
                shown::day(program, to)
            ),
            None => "credit arrives.".to_owned(),
        },
        Stage::Granted => "the credit is on your grant: make a key and spend it.".to_owned(),
        Stage::Withdrawn | Stage::AwardDeclined | Stage::AwardLapsed => {
            "nothing. You can apply again on any day.".to_owned()
        }
    }
}

/// The last day on which an award can be answered, or a place on the waiting list holds.
pub(super) fn answer_by(page: &ApplicantPage, program: &Program) -> Option<String> {
    page.status.open_until.map(|until| shown::day(program, until - SignedDuration::from_secs(1)))
}

fn reviewing(visit: &Visit, round: &Round, program: &Program) -> String {
    let now = visit.frame().now;
    let ends = shown::day(program, round.review_ends);
    if now < round.review_begins {
        let begins = shown::day(program, round.review_begins);
        format!("review begins on {begins} and ends before {ends}. You get a mail after that.")
    } else if now < round.review_ends {
        format!("reviewers read until {ends}. You get a mail after that.")
    } else {
        "the review is over. You get a mail when the decisions are released.".to_owned()
    }
}

/// Whether another application is begun from this one.
const fn apply_again(page: &ApplicantPage) -> bool {
    match page.status.stage {
        Stage::Declined
        | Stage::Granted
        | Stage::Withdrawn
        | Stage::AwardDeclined
        | Stage::AwardLapsed => true,
        Stage::Draft
        | Stage::Submitted
        | Stage::AwardOffered
        | Stage::Waitlisted
        | Stage::Accepted => false,
    }
}

fn go_on(page: &ApplicantPage) -> Option<(String, String)> {
    let (href, text) = match (page.status.stage, page.status.grant) {
        (Stage::Draft, _) => (routes::application_form(page.status.id), "Continue the draft"),
        (Stage::Granted, Some(grant)) => (routes::grant(grant), "See the grant"),
        (Stage::Accepted, _) => (routes::GRANTS.to_owned(), "See your grants"),
        (
            Stage::Submitted
            | Stage::AwardOffered
            | Stage::Declined
            | Stage::Granted
            | Stage::Withdrawn
            | Stage::AwardDeclined
            | Stage::Waitlisted
            | Stage::AwardLapsed,
            _,
        ) => return None,
    };
    Some((href, text.to_owned()))
}

fn steps(page: &ApplicantPage, program: &Program) -> Vec<Step> {
    let status = &page.status;
    let step = |what: &str, at, note| Step { what: what.to_owned(), at, note };
    let mut steps = vec![step("Draft begun", Some(status.created_at), None)];
    if let Some(at) = status.submitted_at {
        steps.push(step("Submitted", Some(at), None));
    }
    if let (Stage::Submitted, Some(round)) = (status.stage, &page.round) {
        let days =
            |from, to| format!("{} to {}", shown::day(program, from), shown::day(program, to));
        steps.push(step("Review", None, Some(days(round.review_begins, round.review_ends))));
        let after = format!("after {}", shown::day(program, round.review_ends));
        steps.push(step("Decision", None, Some(after)));
    }
    if let Some(at) = status.released_at {
        // What came from the waiting list came later.
        let award = status.award.filter(|_| status.offered_at == Some(at));
        let note = match (award, status.stage) {
            (Some(award), _) => format!("An award of {}", available(award)),
            (None, Stage::Waitlisted) => "A place on the waiting list".to_owned(),
            (None, _) if status.award.is_some() => "A place on the waiting list".to_owned(),
            (None, _) => "No award".to_owned(),
        };
        steps.push(step("Decision released", Some(at), Some(note)));
    }
    let later = status.offered_at.filter(|at| Some(*at) != status.released_at);
    if let Some((at, award)) = later.zip(status.award) {
        let note = format!("An award of {}, which came back", available(award));
        steps.push(step("Award offered", Some(at), Some(note)));
    }
    if let Some(at) = status.accepted_at {
        steps.push(step("Award accepted", Some(at), None));
    }
    if let (Stage::Accepted, Some((from, to))) = (status.stage, page.delivery) {
        let days = if from == to {
            shown::day(program, from)
        } else {
            format!("{} to {}", shown::day(program, from), shown::day(program, to))
        };
        steps.push(step("Credit arrives", None, Some(days)));
    }
    let delivered = page.grant.as_ref().and_then(|grant| grant.delivered_at.zip(grant.expires_at));
    if let Some((at, expires_at)) = delivered {
        let note = format!("It expires on {}.", shown::day(program, expires_at));
        steps.push(step("Credit arrived", Some(at), Some(note)));
    }
    steps
}
