//! Editions of programs: what began under one goes on under it, whatever its file says later.

use std::collections::BTreeMap;

use bursar_kernel::{Actor, Catalog, Program, ProgramId, Timestamp};
use bursar_policy::{Action, Viewer};
use bursar_program::editions::difference;
use bursar_service::{Service, ServiceError, State, allow, audit_line};
use bursar_store::rows::Edition;
use bursar_store::{ApplicationFilter, Batch, CommitError, Expect, GrantFilter, Row, Store, Write};
use tracing::{info, warn};

/// A program that is to be run, with its file.
#[derive(Clone, Debug)]
pub struct ProgramFile {
    /// What the file says.
    pub program: Program,
    /// The file.
    pub document: String,
}

/// Remembers the editions that are run from now on, and gives those that were run before: what
/// began under one of them goes on under it.
///
/// A file that says something else under a version that was run already is refused, and so is
/// an earlier version than was run last: nobody could tell which rules an application is under.
pub async fn install_programs(
    store: &dyn Store,
    files: &[ProgramFile],
    catalog: &Catalog,
    now: Timestamp,
) -> Result<Vec<Program>, ServiceError> {
    let known = store.editions().await?;
    for file in files {
        let (id, version) = (&file.program.id, file.program.version);
        let mine = || known.iter().filter(|row| row.program == *id);
        if let Some(later) = mine().map(|row| row.edition).max().filter(|last| version < *last) {
            return Err(ServiceError::Refused(format!(
                "run version {version} of program `{id}`, of which version {later} was run \
                 already\n\
                 hint: to go back, write what version {version} said into version {}",
                later.saturating_add(1)
            )));
        }
        if let Some(row) = mine().find(|row| row.edition == version) {
            says_the_same(row, &file.document)?;
            continue;
        }
        let batch = Batch::new(Actor::Job("programs".to_owned()), now);
        let line = audit_line(&batch, "program.run", id, format!("version {version}"));
        let row = Row::Edition(Box::new(Edition {
            program: id.clone(),
            edition: version,
            document: file.document.clone(),
            first_run_at: now,
        }));
        match store.commit(batch.with(Write::Row(row, Expect::New)).with(line)).await {
            Ok(_) => info!("program `{id}` runs in version {version} from now on"),
            // Another server started in the same instant, perhaps with another file.
            Err(CommitError::Conflict(_)) => {
                let rows = store.editions().await?;
                let theirs = |row: &&Edition| row.program == *id && row.edition == version;
                rows.iter()
                    .find(theirs)
                    .map_or(Ok(()), |row| says_the_same(row, &file.document))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let earlier = known.into_iter().filter(|row| {
        files
            .iter()
            .any(|file| file.program.id == row.program && row.edition < file.program.version)
    });
    Ok(earlier.filter_map(|row| read(&row, catalog)).collect())
}

/// Two texts of one version may differ in their comments, and in nothing else.
fn says_the_same(row: &Edition, document: &str) -> Result<(), ServiceError> {
    let (id, version) = (&row.program, row.edition);
    let said = difference(("before", &row.document), ("now", document)).unwrap_or_default();
    let Some(first) = said.first() else { return Ok(()) };
    let most = said.len().saturating_sub(1);
    let more = if most == 0 { String::new() } else { format!(" ({most} more differences)") };
    Err(ServiceError::Refused(format!(
        "run program `{id}`, whose version {version} said something else when it was first run: \
         {first}{more}\n\
         hint: raise `version` to {}, so that what began under {version} goes on under it",
        version.saturating_add(1)
    )))
}

/// An edition that cannot be read any more is left out: what began under it goes on under the
/// present one.
fn read(row: &Edition, catalog: &Catalog) -> Option<Program> {
    let name = format!("version {} of `{}`", row.edition, row.program);
    bursar_program::read(&name, &row.document, catalog)
        .inspect_err(|mistakes| {
            warn!("{name} cannot be read any more, and the present version holds: {mistakes}");
        })
        .ok()
}

/// What a later file of a program would change, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramPreview {
    /// What it says differently, in words.
    pub differences: Vec<String>,
    /// Who goes on under which version, the latest first.
    pub under: Vec<UnderEdition>,
}

/// What goes on under a version of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnderEdition {
    /// The version.
    pub version: u32,
    /// Drafts.
    pub drafts: usize,
    /// Applications that are handed in and not released.
    pub under_way: usize,
    /// Awards that are offered, or accepted and not delivered.
    pub awarded: usize,
    /// Grants whose credit is there.
    pub grants: usize,
}

/// What a later file of a program would change, and for whom: nobody who has begun.
pub async fn preview_program(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    document: &str,
) -> Result<ProgramPreview, ServiceError> {
    allow(viewer, Action::RunPrograms)?;
    let running = service.program(program)?;
    let wrong = |message: String| ServiceError::field("document", message);
    let later = bursar_program::read_to_run("the file", document, &service.catalog());
    let later = later.map_err(|mistakes| wrong(mistakes.to_string()))?;
    if later.id != *program {
        return Err(wrong(format!("The file is of program `{}`, not of `{program}`", later.id)));
    }
    let rows = service.store().editions().await?;
    let here = rows.iter().find(|row| row.program == *program && row.edition == running.version);
    let here = here.map_or("", |row| row.document.as_str());
    let differences = difference(("before", here), ("after", document));
    Ok(ProgramPreview {
        differences: differences.map_err(|mistakes| wrong(mistakes.to_string()))?,
        under: under(service, program).await?,
    })
}

async fn under(service: &Service, program: &ProgramId) -> Result<Vec<UnderEdition>, ServiceError> {
    let mut found = BTreeMap::<u32, UnderEdition>::new();
    let filter =
        ApplicationFilter { program: Some(program.clone()), ..ApplicationFilter::default() };
    for application in service.store().applications(filter).await? {
        let version = application.program_version;
        let under = found.entry(version).or_default();
        under.version = version;
        let count = match application.state {
            State::Draft => &mut under.drafts,
            State::Submitted | State::InReview | State::Decided | State::Waitlisted => {
                &mut under.under_way
            }
            State::AwardOffered | State::Accepted => &mut under.awarded,
            State::Declined
            | State::Granted
            | State::Withdrawn
            | State::AwardDeclined
            | State::AwardLapsed => continue,
        };
        *count = count.saturating_add(1);
    }
    let filter = GrantFilter { program: Some(program.clone()), ..GrantFilter::default() };
    for grant in service.store().grants(filter).await? {
        if grant.delivered_at.is_some() && grant.voided_at.is_none() {
            let under = found.entry(grant.program_version).or_default();
            under.version = grant.program_version;
            under.grants = under.grants.saturating_add(1);
        }
    }
    found.retain(|_, under| {
        [under.drafts, under.under_way, under.awarded, under.grants] != [0, 0, 0, 0]
    });
    Ok(found.into_values().rev().collect())
}
