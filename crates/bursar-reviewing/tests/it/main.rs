//! The use cases of a panel, over a database.

#[cfg(test)]
mod deciding;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod house;
#[cfg(test)]
mod panels;
