//! What whoever runs the installation does, on a store of its own.

mod prices;
