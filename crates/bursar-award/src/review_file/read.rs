//! A file that was filled in, read: all mistakes at once, and no text left out unsaid.

use std::collections::BTreeMap;

use bursar_kernel::ApplicationId;
use bursar_kernel::program::Criterion;

use super::{APPLICATION, END, FIELD, FilledPart, HEADER, MISTAKES_MAX, Mistake, SHOWN_WITH};
use super::{is_mark, plain};
use crate::review::Recommendation;
use crate::review_draft::{RECOMMENDATION, SCORE, field_names};

/// Characters of a line that a mistake quotes.
const QUOTED_MAX: usize = 60;

/// Reads a file. What is in the fields is looked at by [`check`].
pub fn read(file: &str) -> Result<Vec<FilledPart>, Vec<Mistake>> {
    let file = plain(file);
    let mut reader = Reader::default();
    let mut lines = file.trim_start_matches('\u{feff}').split('\n').zip(1..);
    let first = lines.by_ref().find(|(line, _)| !line.trim().is_empty());
    if first.is_none_or(|(line, _)| line.trim() != HEADER) {
        let hint = "hand in the file that you downloaded here, as plain text";
        let line = first.map_or(1, |(_, number)| number);
        let what = format!("it does not begin with `{HEADER}`");
        return Err(vec![Mistake { line, what, hint: hint.to_owned() }]);
    }
    let mut last = 1;
    for (line, number) in lines {
        last = number;
        reader.line(line, number);
    }
    reader.end(last)
}

#[derive(Default)]
struct Reader {
    parts: Vec<FilledPart>,
    /// Whether the part that is open has said what its fields were.
    has_shown_with: bool,
    field: Option<OpenField>,
    /// Whether the line before belongs to nothing either, and was told.
    is_astray: bool,
    is_over: bool,
    mistakes: Vec<Mistake>,
}

/// A field whose end has not come yet.
struct OpenField {
    name: String,
    line: usize,
    text: Vec<String>,
}

impl Reader {
    fn wrong(&mut self, line: usize, what: String, hint: &str) {
        self.mistakes.push(Mistake { line, what, hint: hint.to_owned() });
    }

    fn line(&mut self, line: &str, number: usize) {
        if is_mark(line) {
            self.is_astray = false;
            self.mark(line.trim_end(), number);
        } else if let Some(field) = &mut self.field {
            let guarded = line.strip_prefix('\\');
            let guarded = guarded.filter(|rest| is_mark(rest.trim_start_matches('\\')));
            field.text.push(guarded.unwrap_or(line).to_owned());
        } else if line.trim().is_empty() || line.starts_with('|') {
            self.is_astray = false;
        } else if !self.is_astray {
            self.is_astray = true;
            let what = format!("“{}” stands outside of every answer", quoted(line));
            let hint = "move it below a line that begins with `-----`, or put `|` in front of it; \
                        a line of your own that is `-----` needs a `\\` in front";
            self.wrong(number, what, hint);
        }
    }

    fn mark(&mut self, line: &str, number: usize) {
        if line == FIELD {
            self.close(number);
            return;
        }
        if let Some(open) = self.field.take() {
            let what = format!("`{}` has no end before this line", open.name);
            let hint = "put a line `-----` below your answer; a line of your own that begins so \
                        needs a `\\` in front";
            self.wrong(number, what, hint);
        }
        if self.is_over {
            let hint = "put what you want to keep above the line `===== end`";
            self.wrong(number, format!("`{}` comes after the end", quoted(line)), hint);
        } else if let Some(name) = line.strip_prefix(FIELD) {
            self.open(name.trim(), number);
        } else if let Some(id) = line.strip_prefix(APPLICATION) {
            self.begin(id.trim(), number);
        } else if let Some(shown) = line.strip_prefix(SHOWN_WITH) {
            self.shown_with(shown.trim(), number);
        } else if line == SHOWN_WITH.trim_end() {
            self.shown_with("", number);
        } else if line == END {
            self.part_is_whole(number);
            self.is_over = true;
        } else {
            let hint = "leave the lines that begin with `=====` as they are in the download";
            self.wrong(number, format!("`{}` is no line of the form", quoted(line)), hint);
        }
    }

    fn begin(&mut self, id: &str, number: usize) {
        self.part_is_whole(number);
        let named = id.parse::<ApplicationId>().ok();
        if named.is_none() {
            let hint = "leave this line as it is in the download";
            self.wrong(number, format!("`{}` names no application", quoted(id)), hint);
        }
        // What follows belongs to it all the same.
        let application = named.unwrap_or(ApplicationId::from_bytes([0; 16]));
        if named.is_some() && self.parts.iter().any(|part| part.application == application) {
            let hint = "keep one of its parts, and take the other out";
            self.wrong(number, format!("`{application}` is there twice"), hint);
        }
        self.has_shown_with = false;
        let (shown_with, fields) = (String::new(), BTreeMap::new());
        self.parts.push(FilledPart { application, line: number, shown_with, fields });
    }

    fn shown_with(&mut self, shown: &str, number: usize) {
        match self.parts.last_mut() {
            Some(part) if !self.has_shown_with => {
                shown.clone_into(&mut part.shown_with);
                self.has_shown_with = true;
            }
            Some(_) | None => {
                let hint = "leave the lines that begin with `=====` as they are in the download";
                self.wrong(number, "this line belongs to no application".to_owned(), hint);
            }
        }
    }

    /// Without what its fields were, nobody could tell what was changed elsewhere meanwhile.
    fn part_is_whole(&mut self, number: usize) {
        if !self.parts.is_empty() && !self.has_shown_with {
            let what =
                format!("the line `{}` of the application above is missing", SHOWN_WITH.trim());
            self.wrong(number, what, "download the form again, and copy your answers into it");
        }
    }

    fn open(&mut self, name: &str, number: usize) {
        if self.parts.is_empty() {
            let hint = "leave the lines that begin with `===== application` in the file";
            self.wrong(number, format!("`{}` belongs to no application", quoted(name)), hint);
        }
        self.field = Some(OpenField { name: name.to_owned(), line: number, text: Vec::new() });
    }

    fn close(&mut self, number: usize) {
        let Some(field) = self.field.take() else {
            let hint = "take it out, or put the line that begins the answer back";
            self.wrong(number, "this line `-----` ends no answer".to_owned(), hint);
            return;
        };
        let Some(part) = self.parts.last_mut() else { return };
        let text = field.text.join("\n");
        if part.fields.insert(field.name.clone(), (field.line, text)).is_some() {
            let what = format!("`{}` is there twice in one application", quoted(&field.name));
            self.wrong(field.line, what, "keep one of them");
        }
    }

    fn end(mut self, last: usize) -> Result<Vec<FilledPart>, Vec<Mistake>> {
        if let Some(open) = &self.field {
            let what = format!("the file ends in the middle of `{}`", quoted(&open.name));
            self.wrong(last, what, "save the whole file, down to the line `===== end`");
        } else if !self.is_over {
            let hint = "save the whole file, with that line, so that nothing is lost";
            self.wrong(last, format!("the file has no line `{END}`"), hint);
        }
        if self.mistakes.is_empty() {
            return Ok(self.parts);
        }
        self.mistakes.sort();
        self.mistakes.truncate(MISTAKES_MAX);
        Err(self.mistakes)
    }
}

/// What cannot be meant in the fields of an application, by its rubric. What is missing is no
/// mistake: it is a draft.
pub fn check(part: &FilledPart, rubric: &[Criterion]) -> Vec<Mistake> {
    let names = field_names(rubric);
    let mut mistakes = Vec::new();
    for (name, (line, text)) in &part.fields {
        let text = text.trim();
        let wrong = |what: String, hint: String| Mistake { line: *line, what, hint };
        let criterion = name.strip_prefix(SCORE);
        let criterion = rubric.iter().find(|one| Some(one.id.as_str()) == criterion);
        if !names.contains(name) {
            let what = format!("`{}` is nothing that this form asks", quoted(name));
            mistakes.push(wrong(what, "leave the lines that begin with `-----` alone".to_owned()));
        } else if let Some(criterion) = criterion {
            let score = text.parse::<u32>().ok();
            let fits = score.is_some_and(|score| (1..=criterion.scale).contains(&score));
            if !text.is_empty() && !fits {
                let what = format!("“{}” is no score for “{}”", quoted(text), criterion.label);
                let hint = format!("write a whole number from 1 to {}", criterion.scale);
                mistakes.push(wrong(what, hint));
            }
        } else if name == RECOMMENDATION
            && !text.is_empty()
            && Recommendation::named(text).is_none()
        {
            let what = format!("“{}” is nothing to recommend", quoted(text));
            mistakes.push(wrong(what, "write award, unsure or decline".to_owned()));
        }
    }
    mistakes
}

fn quoted(text: &str) -> String {
    let mut quoted: String = text.trim().chars().take(QUOTED_MAX).collect();
    if QUOTED_MAX < text.trim().chars().count() {
        quoted.push('…');
    }
    quoted
}
