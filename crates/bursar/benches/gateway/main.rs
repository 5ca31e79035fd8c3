//! What the gateway adds to a call: its throughput and processor time beside Debian's nginx as a
//! bare proxy, its latency beside the upstream itself, and its memory.
//!
//! One fake upstream, one load and one machine for all of them, turn by turn in the same run. The
//! server is the release binary as an operator starts it: keys, rate limits, holds and durable
//! charges are on, and its log is written.

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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let upstream = Upstream::start().await;
        memory::at_rest(&upstream).await;
        let nginx = Nginx::start(upstream.address());
        let bursar = Bursar::start(upstream.address());
        let saturated = throughput::measure(&nginx, &bursar).await;
        latency::plain(&upstream, &nginx, &bursar, saturated).await;
        latency::first_byte(&upstream, &nginx, &bursar, saturated).await;
        drop(bursar);
        memory::under_load(&upstream).await;
    });
}
