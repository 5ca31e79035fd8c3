//! The reference passes its own story, so that what an engine is held to is known to hold.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bursar_store::memory::MemoryStore;
use bursar_story as story;

/// The reference never waits for anything, so its futures are ready at once.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the reference never waits"),
    }
}

#[test]
fn the_reference_passes_the_story_of_the_write_verb() {
    at_once(story::write_verb(&MemoryStore::default()));
    at_once(story::card_writes(&MemoryStore::default()));
    at_once(story::nodes(&MemoryStore::default()));
    at_once(story::idempotency(&MemoryStore::default()));
    at_once(story::belongings(&MemoryStore::default()));
    at_once(story::usage(&MemoryStore::default()));
    at_once(story::stops(&MemoryStore::default()));
    at_once(story::prices(&MemoryStore::default()));
    at_once(story::editions(&MemoryStore::default()));
    at_once(story::sealed(&MemoryStore::default()));
    at_once(story::rates(&MemoryStore::default()));
}

#[test]
fn a_seed_tells_the_same_life_twice() {
    let life = || at_once(story::life(&MemoryStore::default(), 7, 60));
    assert_eq!(life(), life());
    let leases = || at_once(story::leases(&MemoryStore::default(), 7, 60));
    assert_eq!(leases(), leases());
}
