//! What the gateway adds to a call: its throughput and processor time beside Debian's nginx as a
//! bare proxy, its latency beside the upstream itself, and its memory.
//!
//! One fake upstream, one load and one machine for all of them, turn by turn in the same run. The
//! server is the release binary as an operator starts it: keys, rate limits, holds and durable
//! charges are on. An argument chooses: `throughput`, `latency` (which measures throughput first)
//! or `memory`.

mod figures;
mod latency;
mod load;
mod memory;
mod process;
mod servers;
mod throughput;
mod upstream;
mod wire;

use servers::{Bursar, Nginx};
use upstream::Upstream;

fn main() {
    let chosen = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let wanted = |name: &str| chosen.as_deref().is_none_or(|chosen| chosen == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let upstream = Upstream::start().await;
        if wanted("memory") {
            memory::at_rest(&upstream).await;
        }
        if wanted("throughput") || wanted("latency") {
            let nginx = Nginx::start(upstream.address());
            let bursar = Bursar::start(upstream.address());
            let saturated = throughput::measure(&nginx, &bursar).await;
            if wanted("latency") {
                latency::plain(&upstream, &nginx, &bursar, saturated).await;
                latency::first_byte(&upstream, &nginx, &bursar, saturated).await;
            }
        }
        if wanted("memory") {
            memory::under_load(&upstream).await;
        }
    });
}
