//! `cargo xtask bench NAME`: figures beside their baselines, measured in the same run.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::{command, read};

/// The benchmarks of the ledger: a package and its bench target each.
const LEDGER: [(&str, &str); 3] = [
    ("bursar-lease", "authorise"),
    ("bursar-store-sqlite", "charges"),
    ("bursar-store-postgres", "charges"),
];

/// What pages cost after a year of one busy program. It makes the year first, and keeps it.
const YEAR: [(&str, &str); 1] = [("bursar-portal", "year")];

/// What the gateway adds to a call, beside Debian's nginx (package `nginx-light`) as a bare proxy.
const GATEWAY: [(&str, &str); 1] = [("bursar", "gateway")];

/// A look-up in the list of academic domains.
const DOMAINS: [(&str, &str); 1] = [("bursar-institutions", "look_up")];

/// The rules of a round of review, beside what an office does without them; and the table that its
/// applications are looked up in.
const REVIEW: [(&str, &str); 2] = [("bursar-review", "review"), ("bursar-reviewing", "sheet")];

/// The gateway's parts.
const PARTS: [&str; 3] = ["throughput", "latency", "memory"];

/// Runs the benchmarks of a name, shows their figures and writes them below `target/bench`. The
/// ratios are turned so that higher is better; a goal that is not reached is said and no failure,
/// since a busy machine can miss any. An argument says how many calls the year has,
/// or which part of the gateway's is wanted.
pub(crate) fn run(root: &Path, name: &str, argument: Option<&str>) -> Result<bool> {
    let benches = match name {
        "ledger" => LEDGER.as_slice(),
        "year" => YEAR.as_slice(),
        "gateway" => GATEWAY.as_slice(),
        "domains" => DOMAINS.as_slice(),
        "review" => REVIEW.as_slice(),
        other => bail!(
            "no benchmark `{other}`\n\
             hint: `ledger`, `year`, `gateway`, `domains` and `review` are there"
        ),
    };
    let is_known = |word: &&str| match name {
        "year" => word.parse::<u64>().is_ok(),
        "gateway" => PARTS.contains(word),
        _ => false,
    };
    if let Some(word) = argument.filter(|word| !is_known(word)) {
        bail!(
            "`{name}` takes no `{word}`\nhint: `cargo xtask bench year 200000`, and \
             `cargo xtask bench gateway` with one of: {}",
            PARTS.join(", ")
        );
    }
    let mut figures = Vec::new();
    for (package, bench) in benches {
        let mut cargo = vec!["bench", "--quiet", "--package", package, "--bench", bench];
        cargo.extend(argument.iter().flat_map(|argument| ["--", argument]));
        // How far it is, whoever waits can see.
        let text = read(command("cargo", &cargo, root).stderr(Stdio::inherit()))?;
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let figure: Value = serde_json::from_str(line).context("a figure is JSON")?;
            println!("{}", shown(&figure));
            figures.push(figure);
        }
    }
    let folder = root.join("target").join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(&figures)?)?;
    println!("written to `{}`", file.display());
    Ok(true)
}

/// A figure in a line: `name: 12 ns, beside 5 ns of a bare map: 0.417 (goal 0.4)`.
fn shown(figure: &Value) -> String {
    let text = |key: &str| figure[key].as_str().unwrap_or_default();
    let number = |key: &str| figure[key].to_string();
    let unit = text("unit");
    format!(
        "{}: {} {unit}, beside {} {unit} of {}: ratio {} (goal {})",
        text("name"),
        number("value"),
        number("baseline_value"),
        text("baseline"),
        number("ratio"),
        number("goal_ratio")
    )
}

#[cfg(test)]
mod tests {
    //! How a figure reads.

    use super::*;

    #[test]
    fn a_figure_is_a_line() {
        let figure = serde_json::json!({
            "name": "charges", "value": 10, "unit": "1/s", "baseline": "a bare one",
            "baseline_value": 20, "ratio": 0.5, "goal_ratio": 0.5,
        });
        let line = "charges: 10 1/s, beside 20 1/s of a bare one: ratio 0.5 (goal 0.5)";
        assert_eq!(shown(&figure), line);
    }
}
