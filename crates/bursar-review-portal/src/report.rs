//! What a round came to, and the same without names.

use bursar_kernel::{ProgramId, RoundId};
use bursar_program::calendar;
use bursar_review_pages::report::{AcceptanceShown, ReportPage, WorkShown};
use bursar_reviewing::{ByGroup, ReviewerLoad, Spans};
use bursar_web::{Answer, At, OrPage as _, Visit};

pub(crate) async fn show(visit: Visit, At(at): At<(ProgramId, RoundId)>) -> Answer {
    let found = bursar_reviewing::report(visit.service(), &visit.viewer, &at.0, &at.1).await;
    let found = found.or_page(&visit)?;
    let times = [("To the decision", found.to_decision), ("To the release", found.to_release)];
    let times = times.into_iter().filter_map(|(what, took)| Some((what.to_owned(), spans(took?))));
    visit.page(&ReportPage {
        label: calendar::name(&found.program, &found.round),
        program: found.program.id.clone(),
        round: found.round.id.clone(),
        applications: found.applications,
        decided: (found.decided.accepted, found.decided.declined),
        withdrawn: found.withdrawn,
        money: (found.asked, found.awarded, found.pool),
        tables: found.groups.into_iter().map(table).collect(),
        times: times.collect(),
        reviewers: found.reviewers.into_iter().map(work).collect(),
        small_below: found.small_below,
    })
}

pub(crate) async fn csv(visit: Visit, At(at): At<(ProgramId, RoundId)>) -> Answer {
    let found = bursar_reviewing::export(visit.service(), &visit.viewer, &at.0, &at.1).await;
    let found = found.or_page(&visit)?;
    let file = format!("round-{}-{}.csv", found.program, found.round);
    visit.download(&file, "text/csv; charset=utf-8", found.csv().into_bytes())
}

pub(crate) async fn json(visit: Visit, At(at): At<(ProgramId, RoundId)>) -> Answer {
    let found = bursar_reviewing::export(visit.service(), &visit.viewer, &at.0, &at.1).await;
    let found = found.or_page(&visit)?;
    let file = format!("round-{}-{}.json", found.program, found.round);
    let text = serde_json::to_vec(&found).expect("an export is made of text, numbers and lists");
    visit.download(&file, "application/json", text)
}

fn table(table: ByGroup) -> AcceptanceShown {
    let rows = table.acceptance.groups.into_iter().map(|group| {
        let figures = group.count.map(|count| {
            let share = count.per_mille().map_or_else(String::new, share);
            (count.accepted, count.declined, share)
        });
        (group.name, figures)
    });
    AcceptanceShown { label: table.label, rows: rows.collect(), note: table.note }
}

fn work((name, load): (String, ReviewerLoad)) -> WorkShown {
    WorkShown {
        name,
        counts: [load.asked, load.done, load.declined, load.open, load.late],
        days: load.took.map(|took| days(took.median.as_secs())),
    }
}

fn spans(took: Spans) -> [String; 3] {
    [took.quarter, took.median, took.nine_tenths]
        .map(|span| format!("{} days", days(span.as_secs())))
}

/// Days with a decimal, rounded half up.
fn days(seconds: i64) -> String {
    let tenths = (seconds * 10 + 43_200) / 86_400;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn share(per_mille: u32) -> String {
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}
