//! Files that whoever runs an installation hands in: what is read is read again as it was written.

use std::sync::{Arc, LazyLock};

use bursar_catalog::{Format, Import, ImportError, import};
use bursar_kernel::{Catalog, PriceVersion};
use jiff::civil::date;

/// The catalog that ships.
pub(crate) static CATALOG: LazyLock<Arc<Catalog>> =
    LazyLock::new(|| Arc::new(bursar_catalog::shipped()));

/// A catalog.
pub(crate) fn catalogs(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match bursar_catalog::read("fuzz.toml", text) {
        Ok(catalog) => sound(&catalog),
        Err(mistakes) => assert!(!mistakes.to_string().is_empty()),
    }
}

/// What is written of a catalog is that catalog.
fn sound(catalog: &Catalog) {
    let written = bursar_catalog::write(catalog);
    let read = bursar_catalog::read("written.toml", &written);
    let read = read.unwrap_or_else(|mistakes| unreachable!("{mistakes}\n{written}"));
    assert_eq!(read, *catalog, "{written}");
}

/// A program.
pub(crate) fn programs(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(mistakes) = bursar_program::read("fuzz.toml", text, &CATALOG) {
        assert!(!mistakes.to_string().is_empty());
    }
}

/// `0{...}`: whose price file it is, whether it adds models, and the file.
pub(crate) fn prices(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let how = Import {
        format: if first & 1 == 0 { Format::LiteLlm } else { Format::GenaiPrices },
        on: date(2026, 11, 1),
        version: PriceVersion::new("fuzz"),
        source: "a file".into(),
        accepted: CATALOG.models.keys().take(2).cloned().collect(),
        adds_models: first & 2 == 0,
    };
    match import(text, &CATALOG, &how) {
        Ok(imported) => {
            sound(&imported.catalog);
            let kept = CATALOG.models.keys().all(|id| imported.catalog.models.contains_key(id));
            assert!(kept, "an import takes models away");
        }
        Err(ImportError::Unsound(mistakes)) => assert!(!mistakes.to_string().is_empty()),
        Err(ImportError::NotJson(_) | ImportError::Empty | ImportError::TooLong { .. }) => {}
    }
}
