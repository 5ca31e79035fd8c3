//! The door, through its front: a real listener, a real store, and the client that ships.

#[cfg(test)]
mod access;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod document;
mod estimates;
mod evidence;
#[cfg(test)]
mod house;
#[cfg(test)]
mod judging;
mod mails;
#[cfg(test)]
mod once;
#[cfg(test)]
mod panels;
#[cfg(test)]
mod participants;
mod prices;
mod proposals;
mod rounds;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod story;
#[cfg(test)]
mod studies;
#[cfg(test)]
mod suspense;
mod upstream_keys;
