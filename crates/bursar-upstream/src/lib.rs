//! The providers behind the gateway: who serves what, who gets the next call, and connections.
//! Never decides what is sent, and never tells a credential or an address.

mod choice;
mod config;
mod connections;
mod health;
mod upstream;
mod upstreams;
mod watch;

pub use choice::{Places, WEIGHT_MAX};
pub use config::{Azure, ConfigError, Kind, Upstream};
pub use connections::{Answer, SendError};
pub use health::{Standing, Trouble, Verdict};
pub use upstream::{Address, Asking, NotOpened, Opened, Provider, Sending, Switches};
pub use upstreams::{Chosen, Nobody, Upstreams, Want};
pub use watch::{Leave, Trial};
