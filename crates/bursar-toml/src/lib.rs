//! TOML text to values with their places, so that every mistake in a file is reported at once.
//! Never decides what a value means, and never reads the file itself.
//!
//! A reader asks a [`Table`] for each key it knows, and carries on with `None` where something is
//! missing or wrong; [`Document::finish`] then hands out either the result or everything that is
//! wrong with the file, the keys that nobody asked for included.
//!
//! ```
//! use bursar_toml::Document;
//!
//! let document = Document::parse("shop.toml", "name = \"Ada\"\npricce = \"2.50\"\n")?;
//! let shop = document.root();
//! let name = shop.need("name").text();
//! let price = shop.need("price").usd();
//! let mistakes = document.finish(name.zip(price)).unwrap_err().to_string();
//! assert!(mistakes.contains("shop.toml:2:1: unknown key `pricce`\nhint: did you mean `price`?"));
//! # Ok::<(), bursar_kernel::Diagnostics>(())
//! ```

mod document;
mod field;
mod leaves;
mod nearest;
mod shape;
mod table;
mod tree;

pub use document::Document;
pub use field::{Element, Field};
pub use leaves::Leaf;
pub use nearest::nearest;
pub use shape::{Key, Keys, Shape};
pub use table::Table;
pub use tree::Place;

/// Bytes of a file at the most: the largest that ships has some 40 KiB, and a file that is read by
/// mistake (a log, a database) should be refused before it is parsed.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
