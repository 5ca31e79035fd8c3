//! The use cases of a panel, over a database.

#[cfg(test)]
mod house;
#[cfg(test)]
mod panels;
