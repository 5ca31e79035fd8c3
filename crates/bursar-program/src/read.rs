//! A program file to a `Program`.
//!
//! Each part is read to its end whatever is wrong with the others; only then is it put together.

use bursar_kernel::program::Assumption;
use bursar_kernel::{Catalog, Program, ProgramId};
use bursar_toml::{Field, Table};

mod evidence;
pub(crate) mod form;
mod guide;
mod line;
mod panel;
mod people;
mod rubric;
mod studies;
mod terms;
mod tiers;

/// Minutes that applying takes where a file says nothing of it.
const MINUTES_TO_APPLY: u32 = 30;

pub(crate) fn program(root: Table<'_>, catalog: &Catalog) -> Option<Program> {
    let id = id(&root.need("id"));
    let version = root.need("version").integer(1..=u32::MAX);
    let name = text(root, "name");
    let provider = text(root, "provider");
    let official_page = url(&root.need("official_page"));
    let summary = text(root, "summary");
    let source = text(root, "source");
    let form_address =
        if root.has("form_address") { self::id(&root.get("form_address")) } else { id };
    let minutes_to_apply = root.get("minutes_to_apply").integer(1..=10_000_u32);
    let areas = people::areas(root);
    let countries = people::countries(root);
    let form = form::form(root, &areas, countries.as_ref());
    let policies = form::policies(root);
    let (intake, offer) = (terms::intake(root), terms::offer(root));
    let lists = people::Lists { areas: &areas, countries: countries.as_ref() };
    let award = terms::award(root, &form, lists);
    let (term, review, delivery) = (terms::term(root), terms::review(root), terms::delivery(root));
    let entitlements = terms::entitlements(root, catalog);
    let (transfer, people) = (terms::transfer(root), terms::wallet_people(root));
    let reapplication = terms::reapplication(root, &form);
    let card = terms::card(root);
    let tiers = tiers::tiers(root, catalog);
    let studies = studies::studies(root, catalog);
    let eligibility = people::eligibility(root, &form, lists);
    let (rubric, proposal) = (rubric::rubric(root), rubric::proposal(root, &form));
    let (panel, line) = (panel::panel(root, &form), line::line(root, &form, lists));
    let (guide, assumptions) = (guide::guide(root), assumptions(root));
    let (award, justification_field) = award?;
    let (transfer_policy, transfer_clause) = transfer?;
    let (reapplication, progress_field) = reapplication?;
    Some(Program {
        id: ProgramId::new(id?),
        version: version?,
        name: name?,
        provider: provider?,
        official_page: official_page?,
        summary: summary?,
        source: source?,
        intake,
        offer,
        award,
        term,
        review: review?,
        delivery,
        sections: form.sections,
        form: form.fields,
        policies,
        entitlements: entitlements?,
        transfer_policy,
        people,
        guide: guide?,
        form_address: form_address?.to_owned(),
        minutes_to_apply: minutes_to_apply.unwrap_or(MINUTES_TO_APPLY),
        justification_field,
        progress_field,
        proposal,
        rubric,
        panel,
        line,
        reapplication,
        eligibility,
        areas,
        countries: countries?,
        card,
        studies,
        tiers: tiers?,
        transfer_clause,
        assumptions,
    })
}

/// A text that has to be there.
fn text(table: Table<'_>, key: &str) -> Option<String> {
    table.need(key).text().map(str::to_owned)
}

/// A list of at least one text.
fn texts(table: Table<'_>, key: &str) -> Vec<String> {
    let field = table.need(key);
    let texts = field.texts();
    if texts.is_empty() && table.has(key) {
        field.error(format!("`{key}` says nothing"), "write at least one");
    }
    texts.into_iter().map(|element| element.text.to_owned()).collect()
}

/// A short name that stands in addresses, columns and answers.
fn id<'d>(field: &Field<'d>) -> Option<&'d str> {
    let id = field.text()?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let sound = id.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'_');
    if !sound || 64 < id.len() {
        field.error(
            format!("`{id}` is not a short name"),
            "use up to 64 lower-case letters, digits, `-` and `_`",
        );
        return None;
    }
    Some(id)
}

/// The address of a page, which is never fetched.
fn url(field: &Field<'_>) -> Option<String> {
    let url = field.text()?;
    if !url.starts_with("https://") || url.contains(char::is_whitespace) {
        field.error(format!("`{url}` is not an address"), "begin with `https://`, without spaces");
        return None;
    }
    Some(url.to_owned())
}

/// What the file itself calls unconfirmed; each has to be about a key that is there.
fn assumptions(root: Table<'_>) -> Vec<Assumption> {
    let read = root.get("assumption").tables().into_iter().map(|table| {
        let about = table.need("about");
        let path = about.text();
        let because = text(table, "because");
        if let Some(path) = path.filter(|path| !stands(root, path)) {
            about.error(format!("there is no key `{path}` in this file"), "write a path: `a.b`");
        }
        Some(Assumption { about: path?.to_owned(), because: because? })
    });
    read.flatten().collect()
}

fn stands(table: Table<'_>, path: &str) -> bool {
    match path.split_once('.') {
        None => table.has(path),
        Some((key, rest)) => {
            table.has(key) && table.get(key).table().is_some_and(|table| stands(table, rest))
        }
    }
}
