//! A catalog file to models and prices: checked as a whole, every mistake with its place; a
//! catalog back to its file; what differs between two; and the prices of public files laid over
//! one. Never decides what a call costs, and never fetches a price.

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_kernel::catalog::Family;
use bursar_kernel::{Catalog, Diagnostics, FamilyId, Model, ModelId, PriceVersion};
use bursar_toml::{Document, Table};

mod compare;
mod import;
mod model;
mod prices;
mod references;
mod write;

pub use compare::{Band, Change, compare};
pub use import::{
    Format, HeldBack, Import, ImportError, Imported, LeftOut, PRICE_FILE_BYTES_MAX, import,
};
pub use write::write;

/// The catalog that ships, as text.
pub const SHIPPED: &str = include_str!("../../../catalog/openai.toml");

/// Reads a catalog file. The name is what diagnostics call the file.
///
/// An error holds everything that is wrong with the file at once, in the order of its lines.
pub fn read(file_name: &str, text: &str) -> Result<Catalog, Diagnostics> {
    let document = Document::parse(file_name, text)?;
    document.finish(catalog(document.root()))
}

/// The catalog that ships.
pub fn shipped() -> Catalog {
    read("catalog/openai.toml", SHIPPED).expect("the catalog that ships is sound")
}

fn catalog(root: Table<'_>) -> Option<Catalog> {
    let version = root.need("version").text().map(PriceVersion::new);
    // Without a version the file is refused as a whole.
    let listed_in = version.clone().unwrap_or_else(|| PriceVersion::new(""));
    let source = root.need("source").text().map(str::to_owned);
    let families = root.need("family").tables().into_iter().map(family).collect::<Vec<_>>();
    let entries = root
        .need("model")
        .table()
        .map_or_else(Vec::new, Table::tables_by_name)
        .into_iter()
        .map(|(name, table)| model::read(name, table, &listed_in))
        .collect::<Vec<_>>();
    references::check(&families, &entries);
    let aliases = entries
        .iter()
        .flat_map(|entry| entry.aliases.iter().map(|alias| (alias, &entry.id)))
        .map(|(alias, id)| (ModelId::new(alias.text), id.clone()))
        .collect();
    let models: Option<Vec<Model>> = entries.into_iter().map(|entry| entry.model).collect();
    let models = models?.into_iter().map(|model| (model.id.clone(), Arc::new(model)));
    Some(Catalog {
        version: version?,
        source: source?,
        families: families.into_iter().map(|row| row.family).collect::<Option<_>>()?,
        models: models.collect::<BTreeMap<_, _>>(),
        aliases,
    })
}

/// A row of the coverage table, and the table it was read from.
struct FamilyRow<'d> {
    id: Option<&'d str>,
    family: Option<Family>,
    table: Table<'d>,
}

fn family(table: Table<'_>) -> FamilyRow<'_> {
    let id = table.need("id").text();
    let label = table.need("label").text();
    let about = table.need("about").text();
    let family = || {
        Some(Family { id: FamilyId::new(id?), label: label?.to_owned(), about: about?.to_owned() })
    };
    FamilyRow { id, family: family(), table }
}

#[cfg(test)]
mod tests;
