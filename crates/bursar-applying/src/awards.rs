//! The answer to an award.

use bursar_award::{Application, Command};
use bursar_kernel::program::FieldKind;
use bursar_kernel::{ApplicationId, GrantId, Program, TransferId, Usd};
use bursar_ledger as ledger;
use bursar_policy::Viewer;
use bursar_program::calendar;
use bursar_service::{Service, ServiceError, audit_line, batch_of, entropy};
use bursar_store::rows::Grant;
use bursar_store::{Expect, Row, Write};

/// Accepts an award: it becomes a grant that waits for its delivery.
pub async fn accept_award(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<GrantId, ServiceError> {
    let application = service.own_application(viewer, id).await?;
    let program = service.program_of(&application)?;
    let offered_at = application.award_offered_at().unwrap_or(application.created_at);
    let (deliver_from, deliver_until) = calendar::delivery_window(program, offered_at);
    let now = service.now();
    let grant = Grant {
        id: GrantId::new(now, entropy::draw()),
        program: application.program.clone(),
        program_version: application.program_version,
        holder: application.applicant,
        application: Some(id),
        title: title_of(program, &application),
        amount: application.released_award().unwrap_or(Usd::ZERO),
        created_at: now,
        deliver_from,
        deliver_until,
        delivered_at: None,
        expires_at: None,
        expires_no_later_than: None,
        lot: None,
        tier: None,
        voided_at: None,
        version: 1,
    };
    let grant_id = grant.id;
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "award.accepted", id, grant_id.to_string());
    service
        .step(batch, application, Command::AcceptAward { deliver_from }, |batch, _| {
            batch.with(Write::Row(Row::Grant(Box::new(grant)), Expect::New)).with(line)
        })
        .await?;
    Ok(grant_id)
}

/// Turns an award down; what was promised goes back to the pool.
pub async fn decline_award(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<(), ServiceError> {
    let application = service.own_application(viewer, id).await?;
    let back = application.released_award().map(|amount| ledger::Command::Uncommit {
        id: TransferId::new(service.now(), entropy::draw()),
        program: application.program.clone(),
        amount,
    });
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "award.declined", id, "");
    service
        .step(batch, application, Command::DeclineAward, |batch, _| {
            let batch = batch.with(line);
            match back {
                Some(back) => batch.with(back),
                None => batch,
            }
        })
        .await?;
    Ok(())
}

/// What a grant is for, in a line: the first line of the application's first long answer.
fn title_of(program: &Program, application: &Application) -> String {
    let mut texts =
        program.form.iter().filter(|field| matches!(field.kind, FieldKind::Text { .. }));
    let answer = texts.find_map(|field| application.answers.get(&field.id));
    let line = answer.and_then(|answer| answer.lines().next()).unwrap_or(&program.name);
    let mut title: String = line.chars().take(120).collect();
    if title.len() < line.len() {
        title.push('…');
    }
    title
}
