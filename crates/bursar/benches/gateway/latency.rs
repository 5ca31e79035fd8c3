//! What a call waits longer for than at the upstream itself, at half the load that saturates.

use std::time::Duration;

use crate::figures::Figure;
use crate::load::{Target, Timing, percentile, steadily};
use crate::servers::{Bursar, Nginx};
use crate::upstream::{Kind, Upstream};

/// How long each measurement lasts.
const LASTS: Duration = Duration::from_secs(10);

/// Answers that come whole: their total time less the wait for the commit, which is shown beside.
pub(crate) async fn plain(upstream: &Upstream, nginx: &Nginx, bursar: &Bursar, saturated: u64) {
    let load = (saturated / 2, LASTS);
    let direct = steadily(&directly(upstream), Kind::Plain, load).await;
    let proxied = steadily(&nginx.target, Kind::Plain, load).await;
    let ours = steadily(&bursar.target, Kind::Plain, load).await;
    let whole = |timings: &[Timing], hundredth| {
        percentile(timings.iter().map(|timing| timing.whole).collect(), hundredth)
    };
    let own: Vec<Duration> =
        ours.iter().map(|timing| timing.whole.saturating_sub(timing.commit)).collect();
    for (hundredth, goal) in [(50, 150), (99, 1_500)] {
        let direct = whole(&direct, hundredth);
        let added = percentile(own.clone(), hundredth).saturating_sub(direct);
        added_time(&format!("a whole answer, less its commit, p{hundredth}"), added, goal);
        let proxied = whole(&proxied, hundredth).saturating_sub(direct);
        added_time(&format!("a whole answer by nginx, p{hundredth}"), proxied, goal);
        let commit = ours.iter().map(|timing| timing.commit).collect();
        added_time(
            &format!("the wait for a commit, p{hundredth}"),
            percentile(commit, hundredth),
            2_000,
        );
    }
}

/// The first byte of a stream.
pub(crate) async fn first_byte(
    upstream: &Upstream,
    nginx: &Nginx,
    bursar: &Bursar,
    saturated: u64,
) {
    let load = (saturated / 4, LASTS);
    let of = async |target: &Target| {
        let timings = steadily(target, Kind::Stream, load).await;
        timings.iter().map(|timing| timing.first).collect::<Vec<_>>()
    };
    let direct = of(&directly(upstream)).await;
    let proxied = of(&nginx.target).await;
    let ours = of(&bursar.target).await;
    for (hundredth, goal) in [(50, 200), (99, 1_500)] {
        let direct = percentile(direct.clone(), hundredth);
        let added =
            |times: &[Duration]| percentile(times.to_vec(), hundredth).saturating_sub(direct);
        added_time(&format!("the first byte of a stream, p{hundredth}"), added(&ours), goal);
        added_time(
            &format!("the first byte of a stream by nginx, p{hundredth}"),
            added(&proxied),
            goal,
        );
    }
}

/// A time on top of the upstream's own, beside what it may be.
fn added_time(name: &str, micros: u64, goal: u64) {
    Figure {
        name: &format!("added to {name}"),
        value: micros,
        unit: "us",
        baseline: "what it may be",
        baseline_value: goal,
        goal: 1_000,
    }
    .less_is_better();
}

fn directly(upstream: &Upstream) -> Target {
    Target { address: upstream.address().to_string(), key: "none".to_owned() }
}
