//! Several servers on one PostgreSQL: none of them spends what another has, whatever becomes of
//! any of them.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod money;
#[cfg(test)]
mod prices;
#[cfg(test)]
mod rates;
#[cfg(test)]
mod silent;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod wire;
