//! Use cases over a real store: a life of an application and its grant, who may do what, and
//! money that is set aside, settled, orphaned and swept.

#[cfg(test)]
mod access;
#[cfg(test)]
mod caps;
#[cfg(test)]
mod card_checks;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod forecast;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod life;
#[cfg(test)]
mod market;
#[cfg(test)]
mod money;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod people;
#[cfg(test)]
mod returning;
#[cfg(test)]
mod sheet;
#[cfg(test)]
mod studies;
#[cfg(test)]
mod suspense;
#[cfg(test)]
mod taking_back;
