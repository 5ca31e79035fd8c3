//! Reviews written without a connection.

use bursar_award::review_file::{Mistake, REVIEW_FILE_BYTES_MAX};
use bursar_kernel::ApplicationId;
use bursar_review_pages::offline::{MistakeShown, OfflinePage, TakenShown};
use bursar_reviewing::{FileTaken, Taken, desk, review_file, take_review_file};
use bursar_ui::{Input, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Sent, Trouble, Visit, invalid};

const TEXT: &str = "text/plain; charset=utf-8";

pub(crate) async fn show(visit: Visit) -> Answer {
    let page = page(&visit).await?;
    visit.page(&page)
}

pub(crate) async fn all(visit: Visit) -> Answer {
    download(&visit, None, "reviews.txt").await
}

pub(crate) async fn one(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    download(&visit, Some(id), &format!("review-{id}.txt")).await
}

async fn download(visit: &Visit, only: Option<ApplicationId>, name: &str) -> Answer {
    let file = review_file(visit.service(), &visit.viewer, only).await.or_page(visit)?;
    visit.download(name, TEXT, file.into_bytes())
}

/// Takes a file that was filled in.
pub(crate) async fn take(mut sent: Sent) -> Answer {
    let (service, viewer) = (sent.form.visit.service(), &sent.form.visit.viewer);
    let taken = match sent.files.first() {
        Some(file) => take_review_file(service, viewer, &file.bytes).await,
        None => Err(invalid("file", "Choose the file that you filled in")),
    };
    let taken = match taken {
        Ok(taken) => taken,
        Err(error) => {
            let errors = sent.form.visit.again(error)?;
            let input = Input { errors, ..Input::default() };
            let page = OfflinePage { input, ..page(&sent.form.visit).await? };
            return sent.form.visit.page(&page);
        }
    };
    match taken {
        FileTaken::Saved(taken) if taken.iter().all(|one| one.clashes.is_empty()) => {
            let is_changed = taken.iter().any(|one| one.is_changed);
            let done = if is_changed { Done::ReviewFileTaken } else { Done::ReviewFileSame };
            sent.form.visit.done(routes::REVIEWS, done)
        }
        FileTaken::Saved(taken) => {
            sent.form.visit.clashed();
            let taken = taken.into_iter().filter(|one| !one.clashes.is_empty()).map(clashing);
            let taken = taken.collect();
            let page = OfflinePage { taken, ..page(&sent.form.visit).await? };
            sent.form.visit.page(&page)
        }
        FileTaken::Wrong(mistakes) => {
            sent.form.visit.wrong();
            let mistakes = mistakes.into_iter().map(mistake).collect();
            let page = OfflinePage { mistakes, ..page(&sent.form.visit).await? };
            sent.form.visit.page(&page)
        }
    }
}

fn mistake(Mistake { line, what, hint }: Mistake) -> MistakeShown {
    MistakeShown { line, what, hint }
}

fn clashing(taken: Taken) -> TakenShown {
    let clashes = taken.clashes.into_iter();
    let clashes = clashes.map(|one| (one.field, one.asks, one.in_draft, one.in_file));
    TakenShown {
        id: taken.application,
        title: taken.title,
        clashes: clashes.collect(),
        was: taken.shown_with,
    }
}

async fn page(visit: &Visit) -> Result<OfflinePage, Trouble> {
    let queue = visit.service().review_queue(&visit.viewer).await.or_page(visit)?;
    let drafts = desk(visit.service(), &visit.viewer).await.or_page(visit)?.drafts;
    let waits = queue.iter().filter(|(one, sent)| sent.is_none() || drafts.contains(&one.id));
    Ok(OfflinePage {
        open: waits.count(),
        most: format!("{} MB", REVIEW_FILE_BYTES_MAX / (1024 * 1024)),
        input: Input::default(),
        mistakes: Vec::new(),
        taken: Vec::new(),
    })
}
