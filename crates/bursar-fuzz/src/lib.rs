//! Development only: what must hold of every parser that meets outside bytes, whatever they are.
//! Never part of the product, and never chooses the bytes: libFuzzer does, or a file.
//!
//! A target is a function of bytes that panics where something does not hold. `cargo xtask fuzz`
//! looks for such bytes; `tests/corpus.rs` replays what was found before and the seeds.

mod account;
mod answer;
mod batch;
mod file;
mod passkey;
mod refusal;
mod request;
mod review;
mod session;

/// Something that outside bytes are fed to.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line, and of its folder of seeds.
    pub name: &'static str,
    /// Panics where something does not hold.
    pub run: fn(&[u8]),
}

/// Everything that outside bytes are fed to.
pub const TARGETS: [Target; 15] = [
    Target { name: "bodies", run: request::bodies },
    Target { name: "forms", run: request::forms },
    Target { name: "answers", run: answer::answers },
    Target { name: "streams", run: answer::streams },
    Target { name: "audio", run: answer::audio },
    Target { name: "batches", run: batch::lines },
    Target { name: "batch-outputs", run: batch::outputs },
    Target { name: "frames", run: session::frames },
    Target { name: "refusals", run: refusal::refusals },
    Target { name: "questions", run: account::questions },
    Target { name: "passkeys", run: passkey::passkeys },
    Target { name: "catalogs", run: file::catalogs },
    Target { name: "programs", run: file::programs },
    Target { name: "prices", run: file::prices },
    Target { name: "reviews", run: review::files },
];

/// A target by its name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
