//! A program file to a `Program`, its calendar, and what its rules say of an applicant's answers.
//! Never decides an application, and never knows what time it is.

use bursar_kernel::{Catalog, Diagnostics, Program};
use bursar_toml::Document;

pub mod answers;
pub mod calendar;
pub mod changes;
pub mod editions;
pub mod eligibility;
pub mod format;
pub mod guide;
pub mod lint;
pub mod proposal;
mod read;

/// The program files that ship, each with its name.
pub const SHIPPED: [(&str, &str); 2] = [
    (
        "programs/openai-researcher-access.toml",
        include_str!("../../../programs/openai-researcher-access.toml"),
    ),
    ("programs/brought-in-credit.toml", include_str!("../../../programs/brought-in-credit.toml")),
];

/// Files of other real programs, each with its name: to begin a program's own from. A server runs
/// them where its configuration names them.
pub const EXAMPLES: [(&str, &str); 1] = [(
    "programs/anthropic-external-researcher-access.toml",
    include_str!("../../../programs/anthropic-external-researcher-access.toml"),
)];

/// Reads a program file. The name is what diagnostics call the file; the catalog is what the
/// models that the program limits are looked up in.
///
/// An error holds everything that is wrong with the file at once, in the order of its lines.
pub fn read(file_name: &str, text: &str, catalog: &Catalog) -> Result<Program, Diagnostics> {
    let document = Document::parse(file_name, text)?;
    document.finish(read::program(document.root(), catalog))
}

/// The programs that ship.
pub fn shipped(catalog: &Catalog) -> Vec<Program> {
    SHIPPED
        .iter()
        .map(|(name, text)| read(name, text, catalog).expect("a program that ships is sound"))
        .collect()
}

#[cfg(test)]
mod tests;
