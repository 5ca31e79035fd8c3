//! Several servers on one PostgreSQL: none of them spends what another has, whatever becomes of
//! any of them.

mod cluster;
mod failing;
mod money;
mod wire;
