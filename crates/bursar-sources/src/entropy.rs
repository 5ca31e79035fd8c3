//! The one place that draws chance.

use std::cell::RefCell;

use bursar_kernel::Entropy;

/// Bytes that each thread asks the system for at a time: a call makes a few names, and each
/// question to the system would cost more than the rest of them.
const DRAWN_TOGETHER: usize = 64 * size_of::<Entropy>();

/// What a thread has drawn and not given out.
struct Drawn {
    bytes: [u8; DRAWN_TOGETHER],
    left: usize,
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const {
        RefCell::new(Drawn { bytes: [0; DRAWN_TOGETHER], left: 0 })
    };
}

/// The random part of a new identifier. Nothing secret is made of it.
pub fn draw() -> Entropy {
    DRAWN.with_borrow_mut(|drawn| {
        if let Some((_, next)) = drawn.bytes[..drawn.left].split_last_chunk() {
            let next: Entropy = *next;
            drawn.left -= next.len();
            return next;
        }
        drawn.bytes = bytes();
        drawn.left = DRAWN_TOGETHER;
        bytes()
    })
}

/// Random bytes from the system. A system that cannot give any cannot run a server: panics.
#[expect(clippy::disallowed_methods, reason = "this is the one place that draws entropy")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    //! What is drawn together is given out once.

    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_draws_are_the_same() {
        let drawn: HashSet<Entropy> = (0..1_000).map(|_| draw()).collect();
        assert_eq!(drawn.len(), 1_000);
        assert!(!drawn.contains(&[0; size_of::<Entropy>()]));
    }
}
