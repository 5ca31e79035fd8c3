//! Every page in the states that matter: empty, typical, wrong, and with difficult names.

mod access;
mod deciding;
mod estimate;
mod evidence;
mod market;
mod next;
mod people;
mod program;
mod researcher;
mod reviewing;
mod staff;
mod studies;
mod together;

use bursar_kernel::{Role, Timestamp, Usd};
use bursar_pages::ui::{Flash, SignedIn, Tone};
use bursar_pages::{Frame, Page};
use jiff::tz::TimeZone;

/// A page in one state, under the name of its file.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) html: String,
}

/// All samples.
pub(crate) fn samples() -> Vec<Sample> {
    [
        program::samples(),
        program::checks(),
        program::directory(),
        estimate::samples(),
        studies::samples(),
        together::samples(),
        evidence::samples(),
        market::samples(),
        researcher::samples(),
        people::samples(),
        reviewing::samples(),
        deciding::samples(),
        staff::samples(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A name that stretches every layout.
pub(crate) const LONG: &str = "Prof. Dr. Wilhelmina-Alexandrina van der Noordaa-Oosterhuizen 🦉";
/// A name that runs from right to left.
pub(crate) const ARABIC: &str = "د. نور الهدى عبد الرحمن";
/// A name that tries to be more than text.
pub(crate) const HOSTILE: &str = "<script>alert('x')</script> & \"friends\"";

fn sample(name: &'static str, page: &dyn Page, frame: &Frame) -> Sample {
    Sample { name, html: page.render(frame) }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn usd(text: &str) -> Usd {
    text.parse().expect("an amount")
}

fn frame(path: &str, roles: &[Role]) -> Frame {
    Frame {
        person: Some(SignedIn { name: "Amara Okafor".to_owned(), roles: roles.to_vec() }),
        csrf: "6f1d0c".to_owned(),
        path: path.to_owned(),
        now: at("2026-11-22T10:00:00Z"),
        zone: TimeZone::UTC,
        demonstration: true,
        sandbox: true,
        flash: None,
        problem: None,
        base_url: "http://127.0.0.1:8080".to_owned(),
    }
}

fn researcher(path: &str) -> Frame {
    frame(path, &[Role::Researcher])
}

fn stranger(path: &str) -> Frame {
    Frame { person: None, demonstration: false, sandbox: false, ..researcher(path) }
}

fn with_flash(frame: Frame, text: &str) -> Frame {
    Frame { flash: Some(Flash { tone: Tone::Good, text: text.to_owned() }), ..frame }
}
