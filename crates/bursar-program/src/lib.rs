//! A program file to a `Program`, its calendar, and what its rules say of an applicant's answers.
//! Never decides an application, and never knows what time it is.

use bursar_kernel::{Catalog, Diagnostics, Program};
use bursar_toml::Document;

pub mod answers;
pub mod calendar;
pub mod changes;
pub mod editions;
pub mod eligibility;
pub mod evidence;
pub mod files;
pub mod format;
pub mod guide;
pub mod ics;
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

macro_rules! example {
    ($id:literal) => {
        (
            concat!("programs/", $id, ".toml"),
            include_str!(concat!("../../../programs/", $id, ".toml")),
        )
    };
}

/// Files of other real programs, each with its name: to be listed, or to begin a program's own
/// from. A server runs them where its configuration names them.
pub const EXAMPLES: [(&str, &str); 13] = [
    example!("access-explore"),
    example!("anthropic-ai-for-science"),
    example!("anthropic-external-researcher-access"),
    example!("aws-cloud-credit-for-research"),
    example!("cohere-labs-catalyst"),
    example!("google-cloud-research-credits"),
    example!("lambda-research-grant"),
    example!("microsoft-afmr"),
    example!("modal-academics"),
    example!("nairr-pilot-start-up"),
    example!("nebius-research-credits"),
    example!("nvidia-academic-grant"),
    example!("oracle-for-research-starter"),
];

/// Reads a program file. The name is what diagnostics call the file; the catalog is what the
/// models that the program limits are looked up in.
///
/// An error holds everything that is wrong with the file at once, in the order of its lines.
pub fn read(file_name: &str, text: &str, catalog: &Catalog) -> Result<Program, Diagnostics> {
    let document = Document::parse(file_name, text)?;
    document.finish(read::program(document.root(), catalog))
}

/// Reads the file of a program that is to be run: what may be left open of a program that is only
/// listed has to be said.
pub fn read_to_run(file_name: &str, text: &str, catalog: &Catalog) -> Result<Program, Diagnostics> {
    let document = Document::parse(file_name, text)?;
    let program = document.finish(read::program(document.root(), catalog))?;
    let lacks = program.lacks().into_iter().map(|key| {
        let message = format!("`{key}` is not said, and the program is to be run");
        let hint = "say it, or list the program without running it: `listed` in the configuration";
        document.diagnostic(document.place_of("id"), message, Some(hint.to_owned()))
    });
    let lacks: Vec<_> = lacks.collect();
    if lacks.is_empty() { Ok(program) } else { Err(Diagnostics(lacks)) }
}

/// The programs that ship.
pub fn shipped(catalog: &Catalog) -> Vec<Program> {
    SHIPPED
        .iter()
        .map(|(name, text)| read(name, text, catalog).expect("a program that ships is sound"))
        .collect()
}

/// Other real programs, whose files ship to be listed, or to begin one's own from.
pub fn examples(catalog: &Catalog) -> Vec<Program> {
    EXAMPLES
        .iter()
        .map(|(name, text)| read(name, text, catalog).expect("a program that ships is sound"))
        .collect()
}

#[cfg(test)]
mod tests;
