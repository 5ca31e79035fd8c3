//! Which other applications an application is like.

use bursar_kernel::{ApplicationId, BasisPoints};
use bursar_program::answers::title;
use bursar_review_pages::similar::{SimilarPage, SimilarRow};
use bursar_reviewing::Similar;
use bursar_web::{Answer, At, OrPage as _, Visit, name_of};

pub(crate) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let found = bursar_reviewing::similar(visit.service(), &visit.viewer, id).await;
    let (application, found) = found.or_page(&visit)?;
    let program = visit.service().program_of(&application).or_page(&visit)?;
    visit.page(&SimilarPage {
        id,
        title: title(program, &application.answers),
        rows: found.into_iter().map(row).collect(),
    })
}

fn row(one: Similar) -> SimilarRow {
    let round = one.application.round.as_ref().map_or(String::new(), |round| format!(", {round}"));
    SimilarRow {
        id: one.application.id,
        title: one.title,
        detail: format!("{}{round}, {}", one.program, name_of(&one.applicant)),
        status: bursar_shown::shown::state(one.application.state),
        alike: percent(one.alike),
        contained: percent(one.contained),
        same_people: one.same_people,
        passages: one.passages,
    }
}

fn percent(share: BasisPoints) -> String {
    format!("{share} %")
}
