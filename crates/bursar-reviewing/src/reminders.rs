//! Letters that remind reviewers: what waits for an answer, and what is due.

use std::collections::BTreeMap;

use bursar_award::State;
use bursar_award::assignment::{Assignment, Reminder};
use bursar_kernel::{Actor, PersonId};
use bursar_letters::{Item, panel as letters};
use bursar_post::Post as _;
use bursar_service::{Service, ServiceError};
use bursar_store::{AssignmentFilter, Batch};

use crate::planning::changed;

/// Reminds reviewers of what they have to be reminded of now and have not been: one letter each,
/// whatever waits. A day that was missed is made up once. Gives how many letters.
pub async fn remind_due(service: &Service) -> Result<usize, ServiceError> {
    if !service.calls().leads() {
        return Ok(0);
    }
    let now = service.now();
    let open = AssignmentFilter { open: true, ..AssignmentFilter::default() };
    let mut due = BTreeMap::<PersonId, Vec<(Assignment, Reminder)>>::new();
    for one in service.store().assignments(open).await? {
        // What would be due if the review were not in: few are, so few are looked at closely.
        let Some(reminder) = one.reminder_due(false, now) else { continue };
        let reviews = service.store().reviews(one.application).await?;
        if !reviews.iter().any(|review| review.reviewer == one.reviewer) {
            due.entry(one.reviewer).or_default().push((one, reminder));
        }
    }
    let mut written = 0_usize;
    for (person, assignments) in due {
        let Some(person) = service.store().person(person).await? else { continue };
        let mut batch = Batch::new(Actor::Job("reminders".to_owned()), now);
        let mut waiting = BTreeMap::<String, usize>::new();
        for (one, reminder) in &assignments {
            batch = batch.with(changed(one, one.reminded(*reminder)));
            if let Some(line) = line(service, one, *reminder).await? {
                let count = waiting.entry(line).or_default();
                *count = count.saturating_add(1);
            }
        }
        if waiting.is_empty() {
            continue;
        }
        let items = waiting.into_iter().map(|(line, count)| match count {
            1 => Item::text(line),
            count => Item::text(format!("{line} ({count} of them)")),
        });
        let url = format!("{}/reviews", service.base_url());
        let letter = letters::review_reminder(items.collect(), &url);
        match service.commit(batch.with(letter.to(&person.email, now))).await {
            Ok(_) => written = written.saturating_add(1),
            // Somebody answered meanwhile: the next run sees what is left.
            Err(ServiceError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// What a letter says of one; nothing of what is not in review any more.
async fn line(
    service: &Service,
    one: &Assignment,
    reminder: Reminder,
) -> Result<Option<String>, ServiceError> {
    let application = service.store().application(one.application).await?;
    let Some(application) = application.filter(|found| found.state == State::InReview) else {
        return Ok(None);
    };
    let program = service.program_of(&application)?;
    let zoned = one.due_at.to_zoned(program.review.zone.clone());
    let due = zoned.strftime("%-d %B %Y, %H:%M %Z");
    let what = match reminder {
        Reminder::Unanswered => format!("an invitation awaits your answer, due {due}"),
        Reminder::Week | Reminder::TwoDays => format!("a review is due {due}"),
        Reminder::Late | Reminder::Later | Reminder::Last => format!("a review was due {due}"),
    };
    Ok(Some(format!("{}: {what}", program.name)))
}
