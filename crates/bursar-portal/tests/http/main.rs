//! The portal through its front door: the router, over a store in a file, as a browser sees it.

mod access;
mod browser;
mod forms;
mod secrecy;
mod story;
mod world;
