//! Who reviews the applications of a round.

use bursar_kernel::program::{FieldKind, Panel};
use bursar_toml::Table;

use super::form::Form;

/// Reviews that an application may need: a panel is no parliament.
const REVIEWS_MAX: u32 = 9;
/// Applications that a reviewer may be asked to read in a round.
const LOAD_MAX: u32 = 500;
/// A round is not longer than a year.
const DUE_DAYS_MAX: u32 = 366;
/// Years for which a shared institution may count after somebody has left it.
const INSTITUTION_YEARS_MAX: u32 = 20;
/// Where a file says nothing of it: what reviewers of grants are usually asked for.
const INSTITUTION_YEARS: u32 = 3;

/// A program without a panel lets every reviewer take any application.
pub(super) fn panel(root: Table<'_>, form: &Form) -> Option<Panel> {
    let table = root.get("panel").table()?;
    let reviews = table.need("reviews").integer(1..=REVIEWS_MAX);
    let load_max = table.need("load_max").integer(1..=LOAD_MAX);
    let due_days = table.get("due_days").integer(1..=DUE_DAYS_MAX);
    let institution_years = table.get("institution_years").integer(0..=INSTITUTION_YEARS_MAX);
    let topics = table.get("topics");
    let topics_field = topics.text();
    if let Some(id) = topics_field {
        let hint = "name a question of the form of kind `choice` or `choices`";
        match form.kind_of(id) {
            Some(FieldKind::Choice { .. } | FieldKind::Choices { .. }) => {}
            Some(_) => topics.error(format!("`{id}` is not a choice"), hint),
            None if form.is_broken(id) => {}
            None => topics.error(format!("the form has no question `{id}`"), hint),
        }
    }
    Some(Panel {
        reviews: reviews?,
        load_max: load_max?,
        due_days,
        institution_years: institution_years.unwrap_or(INSTITUTION_YEARS),
        topics: topics_field.map(str::to_owned),
        feedback: table.get("feedback").boolean().unwrap_or_default(),
    })
}
