//! The price tables that hold here: which of them now, and any by its name, for what began under
//! it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use bursar_kernel::{Catalog, PriceVersion, Timestamp};
use bursar_store::ReadError;
use bursar_store::rows::PriceTable;

use crate::Calls;

/// The price tables of an installation, as this process knows them.
pub(crate) struct PriceBook {
    tables: RwLock<Tables>,
    /// One look at a time: what was read earlier never overwrites what was read later.
    learning: tokio::sync::Mutex<()>,
}

struct Tables {
    /// What a catalog file says, where nothing was approved yet.
    first: Arc<Catalog>,
    by_version: BTreeMap<PriceVersion, Arc<Catalog>>,
    /// By the instant from which each holds.
    approved: Vec<(Timestamp, Arc<Catalog>)>,
}

impl PriceBook {
    pub(crate) fn new(first: Arc<Catalog>) -> Self {
        let (by_version, approved) = (BTreeMap::new(), Vec::new());
        Self {
            tables: RwLock::new(Tables { first, by_version, approved }),
            learning: tokio::sync::Mutex::default(),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(&self.tables.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Calls {
    /// Models and prices, as they are now. Whoever prices something asks once, and keeps what it
    /// got: another table may hold a moment later.
    pub fn catalog(&self) -> Arc<Catalog> {
        let now = self.now();
        self.prices.with(|tables| {
            let mut approved = tables.approved.iter().rev();
            let found = approved.find(|(from, _)| *from <= now).map(|(_, catalog)| catalog);
            Arc::clone(found.unwrap_or(&tables.first))
        })
    }

    /// Models and prices as a table has them that once held; as they are now where nobody here
    /// knows it.
    pub fn catalog_of(&self, version: &PriceVersion) -> Arc<Catalog> {
        let found = self.prices.with(|tables| {
            let first = Some(&tables.first).filter(|first| first.version == *version);
            tables.by_version.get(version).or(first).map(Arc::clone)
        });
        found.unwrap_or_else(|| self.catalog())
    }

    /// Looks which price tables were approved. Before the first call, and whenever that may have
    /// changed. A table that this release cannot read stops all calls, as a store does that does
    /// not answer: what they cost would not be known.
    pub async fn learn_prices(&self) -> Result<(), ReadError> {
        let _one_at_a_time = self.prices.learning.lock().await;
        let rows = self.store.price_tables().await?;
        let known = self.prices.with(|tables| tables.by_version.clone());
        let mut approved = Vec::new();
        // Of those that hold from the same instant on, the one that was approved last does.
        let order = |row: &PriceTable| row.standing.holds_from();
        let mut rows: Vec<&PriceTable> = rows.iter().filter(|row| order(row).is_some()).collect();
        rows.sort_by_key(|row| (order(row), row.version.clone()));
        for row in rows {
            let Some((from, _)) = order(row) else { continue };
            let catalog = match known.get(&row.version) {
                Some(catalog) => Arc::clone(catalog),
                None => Arc::new(read(row)?),
            };
            approved.push((from, catalog));
        }
        let by_version = approved.iter();
        let by_version =
            by_version.map(|(_, catalog)| (catalog.version.clone(), Arc::clone(catalog))).collect();
        let mut tables = self.prices.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.approved = approved;
        tables.by_version = by_version;
        Ok(())
    }
}

fn read(row: &PriceTable) -> Result<Catalog, ReadError> {
    let name = format!("price table {}", row.version);
    bursar_catalog::read(&name, &row.document).map_err(|mistakes| {
        ReadError(format!("the price table `{}` cannot be read: {mistakes}", row.version))
    })
}
