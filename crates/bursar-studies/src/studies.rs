//! Studies: named budgets of a grant.

use std::collections::BTreeSet;

use bursar_kernel::limits::{NAME_CHARACTERS_MAX, NOTES_CHARACTERS_MAX, STUDIES_PER_GRANT_MAX};
use bursar_kernel::{Cap, GrantId, KeyId, Scope, StudyId, Usd};
use bursar_policy::Viewer;
use bursar_program::answers::FieldError;
use bursar_service::{
    KeyLine, Service, ServiceError, Within, audit_line, batch_of, check_not_voided, entropy,
};
pub use bursar_store::rows::StudyTerms;
use bursar_store::rows::{Grant, Key, Study};
use bursar_store::{Batch, Expect, Row, Spend, Write};

use crate::rights::{Capped, give_rights, more_rights};

/// Tags of a study at the most.
const TAGS_MAX: usize = 10;
/// Characters of a tag at the most.
const TAG_CHARACTERS_MAX: usize = 30;

/// A study to be made.
#[derive(Clone, Debug)]
pub struct NewStudy {
    /// The grant whose credit it spends.
    pub grant: GrantId,
    /// What it is.
    pub terms: StudyTerms,
}

/// Budget that goes from one study to another of the same grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetMove {
    /// Which gives.
    pub from: StudyId,
    /// Which gets.
    pub to: StudyId,
    /// How much.
    pub amount: Usd,
}

/// A study with what it has spent.
#[derive(Clone, Debug)]
pub struct StudyLine {
    /// The study.
    pub study: Study,
    /// Its grant.
    pub grant: Grant,
    /// Its keys that the viewer sees, in the order they were made.
    pub keys: Vec<KeyLine>,
    /// What all of its keys have spent.
    pub spend: Spend,
    /// Whether the viewer may change it, and move its budget.
    pub may_manage: bool,
}

impl StudyLine {
    /// What is left of its budget; `None` where it has none. Below zero where it does not stop.
    pub fn left(&self) -> Option<Usd> {
        self.study.terms.budget?.checked_sub(self.spend.cost)
    }
}

/// The studies of a grant that the viewer reads, in the order they were made.
pub async fn studies(
    service: &Service,
    viewer: &Viewer,
    grant: GrantId,
) -> Result<Vec<StudyLine>, ServiceError> {
    let within = service.within(viewer, grant).await?;
    let mut studies = service.store().studies(grant).await?;
    studies.retain(|study| within.sees_study(study.id));
    lines(service, &within, studies).await
}

/// A study; one that the viewer may not read does not exist.
pub async fn study(
    service: &Service,
    viewer: &Viewer,
    id: StudyId,
) -> Result<StudyLine, ServiceError> {
    let missing = || ServiceError::NotFound(format!("study `{id}`"));
    let study = service.store().study(id).await?.ok_or_else(missing)?;
    let within = service.within(viewer, study.grant).await.map_err(|_| missing())?;
    if !within.sees_study(study.id) {
        return Err(missing());
    }
    lines(service, &within, vec![study]).await?.pop().ok_or_else(missing)
}

async fn lines(
    service: &Service,
    within: &Within,
    studies: Vec<Study>,
) -> Result<Vec<StudyLine>, ServiceError> {
    let spends = service.store().spend_by_key(within.grant.id).await?;
    let keys = service.store().keys(within.grant.id).await?;
    Ok(studies.into_iter().map(|study| line(study, within, &keys, &spends)).collect())
}

/// What all of its keys have spent is the study's; which keys those are, each viewer's own matter.
fn line(study: Study, within: &Within, keys: &[Key], spends: &[(KeyId, Spend)]) -> StudyLine {
    let mut sum = Spend::default();
    let mut of_study = Vec::new();
    for key in keys.iter().filter(|key| key.study == Some(study.id)) {
        let spend = spends.iter().find(|(id, _)| *id == key.id);
        let spend = spend.map(|(_, spend)| *spend).unwrap_or_default();
        sum.calls = sum.calls.saturating_add(spend.calls);
        sum.cost = sum.cost.checked_add(spend.cost).unwrap_or(Usd::MAX);
        sum.last_at = sum.last_at.max(spend.last_at);
        if within.sees_key(key) {
            of_study.push(KeyLine { key: key.clone(), spend });
        }
    }
    StudyLine {
        study,
        grant: within.grant.clone(),
        keys: of_study,
        spend: sum,
        may_manage: within.may_manage_studies(),
    }
}

/// Makes a study of a grant.
pub async fn make_study(
    service: &Service,
    viewer: &Viewer,
    wanted: NewStudy,
) -> Result<Study, ServiceError> {
    let within = service.within(viewer, wanted.grant).await?;
    within.allow(within.may_manage_studies())?;
    let grant = within.grant;
    check_not_voided(&grant)?;
    let terms = check(service, wanted.terms)?;
    let others = service.store().studies(grant.id).await?;
    if STUDIES_PER_GRANT_MAX <= others.len() {
        let text = format!(
            "have more than {STUDIES_PER_GRANT_MAX} studies of a grant\nhint: use one that is there"
        );
        return Err(ServiceError::Refused(text));
    }
    check_name(&terms.name, others.iter())?;
    let now = service.now();
    let study = Study {
        id: StudyId::new(now, entropy::draw()),
        grant: grant.id,
        holder: grant.holder,
        terms,
        created_at: now,
        closed_at: None,
        version: 1,
    };
    let mut batch = batch_of(viewer, now)?;
    let said = format!("{} of {}", budget_in_words(&study), grant.id);
    let line = audit_line(&batch, "study.made", study.id, said);
    let capped = Capped { cap: Cap::from(&study), spent: Usd::ZERO };
    batch = with_rights(service, batch, &capped, (None, cap_of(&study))).await?;
    let row = Write::Row(Row::Study(Box::new(study.clone())), Expect::New);
    service.commit(batch.with(row).with(line)).await?;
    Ok(study)
}

/// Changes what a study is. A lowered budget that stops calls holds at once in the book, and when
/// this returns nodes have given back what they had borrowed of it.
pub async fn change_study(
    service: &Service,
    viewer: &Viewer,
    id: StudyId,
    wanted: StudyTerms,
) -> Result<Study, ServiceError> {
    let page = managed(service, viewer, id).await?;
    let terms = check(service, wanted)?;
    let others = service.store().studies(page.study.grant).await?;
    check_name(&terms.name, others.iter().filter(|other| other.id != id))?;
    let before = page.study;
    let changed = Study { terms, version: before.version.saturating_add(1), ..before.clone() };
    check_covers(&changed, page.spend.cost)?;
    let mut batch = batch_of(viewer, service.now())?;
    let said = format!("{} to {}", budget_in_words(&before), budget_in_words(&changed));
    let line = audit_line(&batch, "study.changed", id, said);
    let capped = Capped { cap: Cap::Study(id), spent: page.spend.cost };
    let caps = (cap_of(&before), cap_of(&changed));
    batch = with_rights(service, batch, &capped, caps).await?;
    let row = Write::Row(Row::Study(Box::new(changed.clone())), Expect::Version(before.version));
    service.commit(batch.with(row).with(line)).await?;
    settle_in(service, &changed).await;
    Ok(changed)
}

/// Closes a study: its keys call no more, and what its budget had left is anybody's of the grant.
pub async fn close_study(
    service: &Service,
    viewer: &Viewer,
    id: StudyId,
) -> Result<Study, ServiceError> {
    let before = managed(service, viewer, id).await?.study;
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "study.closed", id, "");
    let version = before.version.saturating_add(1);
    let closed = Study { closed_at: Some(batch.now), version, ..before.clone() };
    let row = Write::Row(Row::Study(Box::new(closed.clone())), Expect::Version(before.version));
    service.commit(batch.with(row).with(line)).await?;
    settle_in(service, &closed).await;
    Ok(closed)
}

/// Moves budget from one study to another: both change, or neither. Whoever moves the same budget
/// at the same time finds it moved.
pub async fn move_budget(
    service: &Service,
    viewer: &Viewer,
    wanted: BudgetMove,
) -> Result<(Study, Study), ServiceError> {
    let BudgetMove { from, to, amount } = wanted;
    let from = managed(service, viewer, from).await?;
    let to = managed(service, viewer, to).await?;
    if from.study.grant != to.study.grant || from.study.id == to.study.id {
        let message = "Choose another study of the same grant";
        return Err(ServiceError::field("to", message));
    }
    if !amount.is_positive() {
        return Err(ServiceError::field("amount", "Enter an amount above $0"));
    }
    let none = |name: &str| {
        let text = format!("move budget of `{name}`, which has none\nhint: give it one first");
        ServiceError::Refused(text)
    };
    let left = from.left().ok_or_else(|| none(&from.study.terms.name))?;
    if left < amount {
        let message = format!("${left} of the budget is left: move that, or less");
        return Err(ServiceError::field("amount", message));
    }
    let less = from.study.terms.budget.and_then(|budget| budget.checked_sub(amount));
    if less == Some(Usd::ZERO) {
        let message = "Leave something in the budget, or close the study";
        return Err(ServiceError::field("amount", message));
    }
    let more = to.study.terms.budget.ok_or_else(|| none(&to.study.terms.name))?.checked_add(amount);
    let more = more.ok_or_else(|| ServiceError::field("amount", TOO_MUCH))?;
    let mut batch = batch_of(viewer, service.now())?;
    let mut changed = Vec::with_capacity(2);
    for (page, budget) in [(&from, less), (&to, Some(more))] {
        let before = &page.study;
        let version = before.version.saturating_add(1);
        let terms = StudyTerms { budget, ..before.terms.clone() };
        let after = Study { terms, version, ..before.clone() };
        let capped = Capped { cap: Cap::from(before), spent: page.spend.cost };
        batch = with_rights(service, batch, &capped, (cap_of(before), cap_of(&after))).await?;
        let row = Row::Study(Box::new(after.clone()));
        batch = batch.with(Write::Row(row, Expect::Version(before.version)));
        changed.push(after);
    }
    let said = format!("${amount} to {}", to.study.id);
    let line = audit_line(&batch, "study.budget_moved", from.study.id, said);
    service.commit(batch.with(line)).await?;
    for study in &changed {
        settle_in(service, study).await;
    }
    let to = changed.pop().unwrap_or(to.study);
    Ok((changed.pop().unwrap_or(from.study), to))
}

/// A study that the viewer may change, and that is open.
async fn managed(
    service: &Service,
    viewer: &Viewer,
    id: StudyId,
) -> Result<StudyLine, ServiceError> {
    let page = study(service, viewer, id).await?;
    if !page.may_manage {
        return Err(ServiceError::NotAllowed);
    }
    if page.study.closed_at.is_some() {
        let text = "change a study that is closed\nhint: make another";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    Ok(page)
}

/// Adds what gives a study's cap the rights that it needs.
async fn with_rights(
    service: &Service,
    mut batch: Batch,
    of: &Capped,
    caps: (Option<Usd>, Option<Usd>),
) -> Result<Batch, ServiceError> {
    let more = more_rights(service, of, caps).await?;
    let more = more.ok_or_else(|| ServiceError::field("budget", TOO_MUCH))?;
    for command in give_rights(service, of.cap, more, batch.now).await? {
        batch = batch.with(command);
    }
    Ok(batch)
}

/// After a change: no call goes by what the study was, and rights that were lent come home.
async fn settle_in(service: &Service, study: &Study) {
    service.calls().directory().forget_grant(study.grant);
    service.calls().borrower().bring_rights_back(Cap::from(study)).await;
}

const TOO_MUCH: &str = "The budget is more than the books can hold";

const fn cap_of(study: &Study) -> Option<Usd> {
    if study.terms.stops { study.terms.budget } else { None }
}

fn budget_in_words(study: &Study) -> String {
    match (study.terms.budget, study.terms.stops) {
        (None, _) => "no budget".to_owned(),
        (Some(budget), true) => format!("${budget}, then stop"),
        (Some(budget), false) => format!("${budget}, then tell"),
    }
}

/// A budget below what was spent is none: whoever wants calls to stop closes the study.
fn check_covers(study: &Study, spent: Usd) -> Result<(), ServiceError> {
    if study.terms.stops
        && study.terms.budget.is_some_and(|budget| budget <= spent)
        && spent.is_positive()
    {
        let message = format!("The study has spent ${spent}: enter more, or close it");
        return Err(ServiceError::field("budget", message));
    }
    Ok(())
}

/// What is sound of a study's terms, tidied; all that is wrong with them at once otherwise.
fn check(service: &Service, terms: StudyTerms) -> Result<StudyTerms, ServiceError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| {
        errors.push(FieldError { field: field.to_owned(), message });
    };
    let name = terms.name.trim().to_owned();
    if name.is_empty() {
        wrong("name", "Enter a name for the study".to_owned());
    } else if NAME_CHARACTERS_MAX < name.chars().count() || name.chars().any(char::is_control) {
        wrong("name", format!("The name must be {NAME_CHARACTERS_MAX} characters or fewer"));
    }
    let notes = terms.notes.trim().to_owned();
    if NOTES_CHARACTERS_MAX < notes.chars().count() {
        wrong("notes", format!("The notes must be {NOTES_CHARACTERS_MAX} characters or fewer"));
    }
    let tags: BTreeSet<String> = terms.tags.iter().map(|tag| tag.trim().to_lowercase()).collect();
    let tags: Vec<String> = tags.into_iter().filter(|tag| !tag.is_empty()).collect();
    let is_long = |tag: &String| TAG_CHARACTERS_MAX < tag.chars().count();
    let is_odd = |tag: &String| is_long(tag) || tag.chars().any(char::is_control);
    if TAGS_MAX < tags.len() || tags.iter().any(is_odd) {
        let message =
            format!("Enter at most {TAGS_MAX} tags of at most {TAG_CHARACTERS_MAX} characters");
        wrong("tags", message);
    }
    if terms.budget.is_some_and(|budget| !budget.is_positive()) {
        wrong("budget", "The budget must be more than $0".to_owned());
    }
    if let (Some(starts), Some(ends)) = (terms.starts_at, terms.ends_at)
        && ends <= starts
    {
        wrong("ends", "The end must be later than the start".to_owned());
    }
    if let Err(ServiceError::Invalid(more)) = check_scope(service, &terms.scope) {
        errors.extend(more);
    }
    if errors.is_empty() {
        Ok(StudyTerms { name, notes, tags, ..terms })
    } else {
        Err(ServiceError::Invalid(errors))
    }
}

/// Names tell studies of a grant apart.
fn check_name<'a>(
    name: &str,
    mut others: impl Iterator<Item = &'a Study>,
) -> Result<(), ServiceError> {
    if others.any(|other| other.closed_at.is_none() && other.terms.name == name) {
        let message = "Another study of this grant has this name";
        return Err(ServiceError::field("name", message));
    }
    Ok(())
}

/// A scope names models that there are.
pub(crate) fn check_scope(service: &Service, scope: &Scope) -> Result<(), ServiceError> {
    let catalog = service.catalog();
    let mut named = scope.models.iter().flatten();
    if let Some(unknown) = named.find(|model| catalog.model(model.as_str()).is_none()) {
        let message = format!("There is no model `{unknown}` here: choose from the list");
        return Err(ServiceError::field("models", message));
    }
    let is_empty = scope.models.as_ref().is_some_and(BTreeSet::is_empty)
        || scope.endpoints.as_ref().is_some_and(BTreeSet::is_empty);
    if is_empty {
        return Err(ServiceError::field("models", "Choose at least one, or leave all open"));
    }
    Ok(())
}
