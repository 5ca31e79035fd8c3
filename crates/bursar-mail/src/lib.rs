//! Mail that goes out: takes what waits in the outbox to a relay, over SMTP, and writes down what
//! became of it. Never writes a letter, never guesses an address, and never sends what was sent.

mod connection;
mod courier;
mod encode;
mod mailbox;
mod message;
mod relay;
mod reply;
mod settings;

pub use courier::{Courier, Stop};
pub use mailbox::{BadMailbox, Mailbox};
pub use message::{Sender, compose, message_id, return_path};
pub use relay::{Login, NoRelay, Relay, Secured, Session};
pub use reply::Reply;
pub use settings::{SecretSource, Settings, read};

#[cfg(test)]
mod tests;
