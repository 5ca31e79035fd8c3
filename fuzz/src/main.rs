//! Feeds one target of `bursar-fuzz`, the one that `FUZZ_TARGET` names, to libFuzzer.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    bursar_fuzz::target(&name).expect("FUZZ_TARGET names a target").run
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
