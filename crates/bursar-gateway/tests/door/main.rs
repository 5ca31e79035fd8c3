//! The gateway through its front door: real sockets, the real store, the sandbox as its provider.
//! Named after the ways in which rivals' budgets have failed in public.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail like tests")]

mod accounts;
mod azure;
mod background;
mod bad_input;
mod batches;
mod bypass;
mod charging;
mod client;
mod elsewhere;
mod flapping;
mod hostile;
mod keys;
mod leaving;
mod limits;
mod near_the_end;
mod offered;
mod older;
mod overspend;
mod pictures;
mod prices;
mod rates;
mod realtime;
mod realtime_hostile;
mod realtime_stops;
mod refusals;
mod rotated;
mod sessions;
mod silence;
mod stopping;
mod stops;
mod stored;
mod streams;
mod studies;
mod traces;
mod uploads;
mod world;
