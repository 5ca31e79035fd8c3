//! What commands print: a document for programs, or lines for people. Everything else goes to
//! standard error.

use std::fmt::Write as _;
use std::io::{self, Write};

use bursar_kernel::{Timestamp, Usd};
use serde::Serialize;

/// How a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// One JSON document on one line, in place of lines for people.
    pub json: bool,
}

impl Output {
    /// Prints what a command found.
    pub fn show<T: Serialize>(
        self,
        document: &T,
        for_people: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        let text = if self.json {
            serde_json::to_string(document)?
        } else {
            for_people(document).trim_end().to_owned()
        };
        match writeln!(io::stdout().lock(), "{text}") {
            // Whoever read along has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }
}

/// A column's heading, and which side its text keeps to.
#[derive(Clone, Copy)]
pub enum Column {
    /// Words.
    Left(&'static str),
    /// Figures.
    Right(&'static str),
}

/// Rows under headings, aligned; `nothing` where there are none.
pub fn table(columns: &[Column], rows: Vec<Vec<String>>, nothing: &str) -> String {
    if rows.is_empty() {
        return nothing.to_owned();
    }
    let headings = columns.iter().map(|column| match column {
        Column::Left(heading) | Column::Right(heading) => (*heading).to_owned(),
    });
    let rows = rows.into_iter().map(|row| row.iter().map(|cell| plain(cell)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(headings.collect()).chain(rows).collect();
    let width = |index: usize| {
        let cells = lines.iter().filter_map(|line| line.get(index));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells =
            line.iter().zip(columns).zip(&widths).map(|((cell, column), width)| match column {
                Column::Left(_) => format!("{cell:<width$}"),
                Column::Right(_) => format!("{cell:>width$}"),
            });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Names and their values, one a line; a value that is absent leaves its line out.
pub fn facts<const N: usize>(facts: [(&str, Option<String>); N]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:<width$}  {}", plain(&value));
        }
    }
    text
}

/// An amount as people read it: `$0.00021`.
pub fn dollars(amount: Usd) -> String {
    match amount.checked_neg() {
        Some(positive) if amount.is_negative() => format!("-${positive}"),
        Some(_) | None => format!("${amount}"),
    }
}

/// An instant as people read it, with its zone.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Text that somebody wrote, without what would steer a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests;
