//! The portal through its front door: the router, over a store in a file, as a browser sees it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may stop it")]

mod access;
mod applying;
mod browser;
mod directory;
mod estimate;
mod evidence;
mod forms;
mod mails;
mod next;
mod panels;
mod passkeys;
#[cfg(test)]
mod people;
mod personal;
mod prices;
mod reviewing;
mod secrecy;
mod stops;
mod story;
#[cfg(test)]
mod studies;
mod suspense;
mod taking_back;
#[cfg(test)]
mod visibility;
mod world;
