//! The one place that draws chance.

use bursar_kernel::Entropy;

/// The random part of a new identifier.
pub fn draw() -> Entropy {
    bytes()
}

/// Random bytes from the system. A system that cannot give any cannot run a server: panics.
#[expect(clippy::disallowed_methods, reason = "this is the one place that draws entropy")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
