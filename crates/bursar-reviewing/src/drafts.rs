//! A review as it is written: saved with anything missing, from several places, and sent in.

use std::collections::BTreeMap;

use bursar_award::draft::{Merge, merge, read_shown_with, shown_with};
use bursar_award::review_draft::{
    COMMENT, DRAFT_BYTES_MAX, FOR_OFFICER, RECOMMENDATION, ReviewDraft, SCORE, field_names,
    fields_of,
};
use bursar_award::{Application, NewReview, Recommendation, Review};
use bursar_kernel::limits::JUDGEMENT_CHARACTERS_MAX;
use bursar_kernel::program::Criterion;
use bursar_kernel::{ApplicationId, Program};
use bursar_policy::Viewer;
use bursar_program::answers::FieldError;
use bursar_service::{Service, ServiceError, batch_of};
use bursar_store::{Expect, Row, Write};

/// How often a save is decided anew when another place saved at that very moment.
const TRIES_MAX: usize = 5;

/// What a reviewer types, by the form's field.
pub type Fields = BTreeMap<String, String>;

/// A review that its reviewer is writing, or has sent in and can still change.
#[derive(Clone, Debug)]
pub struct Writing {
    /// The application, with what its reviewers may read.
    pub application: Application,
    /// The application that it follows, with the same.
    pub follows: Option<Application>,
    /// The review as it was sent in.
    pub sent: Option<Review>,
    /// What was typed since and is not sent in.
    pub draft: Option<ReviewDraft>,
    /// The row of the draft, with or without something in it.
    row: Option<ReviewDraft>,
}

impl Writing {
    /// What the form shows: the draft, or else the review as it was sent in.
    pub fn fields(&self) -> Fields {
        match (&self.draft, &self.sent) {
            (Some(draft), _) => draft.fields.clone(),
            (None, Some(sent)) => fields_of(sent),
            (None, None) => Fields::new(),
        }
    }

    /// What the form is shown with, so that two windows lose nothing.
    pub fn shown_with(&self, program: &Program) -> String {
        let (fields, names) = (self.fields(), field_names(&program.rubric));
        let text = |name: &String| fields.get(name).cloned().unwrap_or_default();
        let texts: Vec<(String, String)> =
            names.iter().map(|name| (name.clone(), text(name))).collect();
        shown_with(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }
}

/// What became of a save.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Fields that were filled in differently in another place meanwhile: the draft has those.
    pub conflicts: Vec<String>,
    /// Whether anything was written.
    pub is_changed: bool,
}

/// An application that somebody may review, with what they have written about it.
pub async fn writing(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Writing, ServiceError> {
    let (application, sent, follows) = service.application_for_reviewer(viewer, id).await?;
    let reviewer = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let row = service.store().review_drafts(Some(reviewer), Some(id)).await?.into_iter().next();
    let draft = row.clone().filter(ReviewDraft::is_there);
    Ok(Writing { application, follows, sent, draft, row })
}

/// Saves what a form sends as the viewer's own draft, with anything missing and whatever is wrong
/// with it. `was` is what the form was shown with: what was changed elsewhere meanwhile stays, and
/// is told where both changed the same.
pub async fn save_review(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    sent: &Fields,
    was: &str,
) -> Result<Kept, ServiceError> {
    save(service, viewer, id, sent, was).await.map(|(kept, _)| kept)
}

/// Saves what a form sends, and sends the review in if all of it is there and nothing was changed
/// elsewhere meanwhile. What is wrong is told at once, and the draft has it all.
pub async fn send_review(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    sent: &Fields,
    was: &str,
) -> Result<Kept, ServiceError> {
    let (kept, (program, fields)) = save(service, viewer, id, sent, was).await?;
    if !kept.conflicts.is_empty() {
        return Ok(kept);
    }
    let says = read(&program.rubric, &fields).map_err(ServiceError::Invalid)?;
    service.submit_review(viewer, id, says).await?;
    Ok(kept)
}

/// What is saved once a form was: with the edition of the program, and all of the draft.
type After = (std::sync::Arc<Program>, Fields);

async fn save(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    sent: &Fields,
    was: &str,
) -> Result<(Kept, After), ServiceError> {
    let mut tries = 0;
    loop {
        let writing = writing(service, viewer, id).await?;
        let program = std::sync::Arc::clone(service.program_of(&writing.application)?);
        let (merged, fields) = merged(&writing, &program.rubric, sent, was)?;
        let is_changed = !merged.changes.is_empty();
        let kept = Kept { conflicts: merged.conflicts, is_changed };
        if !is_changed {
            return Ok((kept, (program, fields)));
        }
        tries += 1;
        match put(service, viewer, writing, fields.clone()).await {
            Ok(()) => return Ok((kept, (program, fields))),
            Err(ServiceError::Conflict(_)) if tries < TRIES_MAX => {}
            Err(error) => return Err(error),
        }
    }
}

/// What a form changes, and the draft with that.
fn merged(
    writing: &Writing,
    rubric: &[Criterion],
    sent: &Fields,
    was: &str,
) -> Result<(Merge, Fields), ServiceError> {
    let names = field_names(rubric);
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let known = sent.iter().filter(|(name, _)| names.contains(name));
    let sent: Fields = known.map(|(name, text)| (name.clone(), lines(text))).collect();
    let mut was = read_shown_with(was);
    was.retain(|name, _| names.contains(name));
    let mut fields = writing.fields();
    let merged = merge(&fields, &was, &sent);
    for (name, change) in &merged.changes {
        match change {
            Some(text) => fields.insert(name.clone(), text.clone()),
            None => fields.remove(name),
        };
    }
    let bytes = fields.iter().fold(0_usize, |sum, (name, text)| {
        sum.saturating_add(name.len()).saturating_add(text.len())
    });
    if DRAFT_BYTES_MAX < bytes {
        let most = format!("Shorten it: a draft has room for {} KiB", DRAFT_BYTES_MAX / 1024);
        return Err(ServiceError::field(COMMENT, most));
    }
    Ok((merged, fields))
}

async fn put(
    service: &Service,
    viewer: &Viewer,
    writing: Writing,
    mut fields: Fields,
) -> Result<(), ServiceError> {
    let reviewer = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let application = writing.application.id;
    match &writing.sent {
        // Back at what was sent in: there is nothing to come back to.
        Some(sent) if fields_of(sent) == fields => fields.clear(),
        // A draft in which all of it was taken out is not one that is not there.
        Some(_) if fields.is_empty() => {
            fields.insert(COMMENT.to_owned(), String::new());
        }
        Some(_) | None => {}
    }
    let batch = batch_of(viewer, service.now())?;
    let before = writing.row.map(|row| row.version);
    let version = before.unwrap_or(0).saturating_add(1);
    let draft = ReviewDraft { application, reviewer, fields, saved_at: batch.now, version };
    let expect = before.map_or(Expect::New, Expect::Version);
    let write = Write::Row(Row::ReviewDraft(Box::new(draft)), expect);
    service.commit(batch.with(write)).await?;
    Ok(())
}

/// What the fields of a form say, or all that is missing and wrong.
fn read(rubric: &[Criterion], fields: &Fields) -> Result<NewReview, Vec<FieldError>> {
    let text = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let mut wrong = Vec::new();
    let mut tell = |field: String, message: String| wrong.push(FieldError { field, message });
    let mut scores = BTreeMap::new();
    for criterion in rubric {
        let name = format!("{SCORE}{}", criterion.id);
        let score = text(&name).parse::<u32>().ok();
        match score.filter(|score| (1..=criterion.scale).contains(score)) {
            Some(score) => {
                scores.insert(criterion.id.clone(), score);
            }
            None => tell(name, format!("Select a score for “{}”", criterion.label)),
        }
    }
    let recommendation = Recommendation::named(text(RECOMMENDATION));
    if recommendation.is_none() {
        tell(RECOMMENDATION.to_owned(), "Select what you recommend".to_owned());
    }
    if text(COMMENT).is_empty() {
        tell(COMMENT.to_owned(), "Say what your recommendation rests on".to_owned());
    }
    for name in [COMMENT, FOR_OFFICER] {
        if JUDGEMENT_CHARACTERS_MAX < text(name).chars().count() {
            let most = format!("Shorten it to {JUDGEMENT_CHARACTERS_MAX} characters");
            tell(name.to_owned(), most);
        }
    }
    match recommendation {
        Some(recommendation) if wrong.is_empty() => Ok(NewReview {
            recommendation,
            comment: text(COMMENT).to_owned(),
            for_officer: text(FOR_OFFICER).to_owned(),
            scores,
        }),
        Some(_) | None => Err(wrong),
    }
}
