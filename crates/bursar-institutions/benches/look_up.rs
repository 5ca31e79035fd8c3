//! How long a look-up in the list of academic domains takes, and how large the list is, beside a
//! hash map of the same answers that is asked the same way.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use bursar_institutions::LISTED;
use bursar_kernel::MailDomain;

/// How often all samples are looked up; the best counts.
const ROUNDS: u32 = 200;
/// What a look-up may take.
const GOAL_NANOSECONDS: u128 = 1_000;
/// What the list may take in the binary.
const GOAL_BYTES: usize = 1_000_000;

fn main() {
    let samples = include_str!("../tests/samples.tsv");
    let rows = || samples.lines().filter_map(|line| line.split_once('\t'));
    let domains: Vec<MailDomain> =
        rows().filter_map(|(sample, _)| MailDomain::of(sample)).collect();
    let map: HashMap<&str, &str> = rows().collect();
    let listed = best(|| {
        for domain in &domains {
            black_box(LISTED.look_up(black_box(domain)));
        }
    });
    let mapped = best(|| {
        for domain in &domains {
            let mut rest = Some(black_box(domain).as_str());
            while let Some(text) = rest {
                black_box(map.get(text));
                rest = text.split_once('.').map(|(_, above)| above);
            }
        }
    });
    let each = |time: Duration| time.as_nanos() / (domains.len() as u128).max(1);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", figure("look-up of a domain", each(listed), "ns", each(mapped)))
        .and_then(|()| {
            let goal = format!(
                "{{\"name\":\"list of {} domains\",\"value\":{},\"unit\":\"bytes\",\
                 \"baseline\":\"what it may take\",\"baseline_value\":{GOAL_BYTES},\
                 \"ratio\":{},\"goal_ratio\":1}}",
                LISTED.len(),
                LISTED.bytes(),
                ratio(GOAL_BYTES as u128, LISTED.bytes() as u128),
            );
            writeln!(out, "{goal}")
        })
        .expect("somebody reads");
}

fn figure(name: &str, value: u128, unit: &str, baseline: u128) -> String {
    format!(
        "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"{unit}\",\
         \"baseline\":\"a hash map of the samples (a look-up may take {GOAL_NANOSECONDS})\",\
         \"baseline_value\":{baseline},\"ratio\":{},\"goal_ratio\":{}}}",
        ratio(baseline, value),
        ratio(baseline, GOAL_NANOSECONDS),
    )
}

fn ratio(a: u128, b: u128) -> String {
    let thousandths = a * 1_000 / b.max(1);
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

fn best(mut measure: impl FnMut()) -> Duration {
    let mut once = || {
        let begun = Instant::now();
        measure();
        begun.elapsed()
    };
    (0..ROUNDS).map(|_| once()).min().expect("there is a round")
}
