//! The door, through its front: a real listener, a real store, and the client that ships.

mod bad_input;
mod document;
mod house;
mod story;
