//! The use cases of a panel, over a database.

#[cfg(test)]
mod deciding;
mod house;
#[cfg(test)]
mod panels;
