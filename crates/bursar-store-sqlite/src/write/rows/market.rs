//! Listings and trades.

use bursar_market::{Listing, Trade};
use bursar_store::Expect;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::{millis, to_json};

const INSERT_LISTING: &str = "INSERT INTO listing
     (id, seller, state, upstream_group, price, expires_at, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const UPDATE_LISTING: &str = "UPDATE listing SET seller = ?2, state = ?3, upstream_group = ?4,
     price = ?5, expires_at = ?6, body = ?7, version = ?8 WHERE id = ?1 AND version = ?9";

pub(super) fn put_listing(connection: &Connection, row: &Listing, expect: Expect) -> Changed {
    let (id, seller, body) = (row.id.to_bytes(), row.seller.to_bytes(), to_json(row)?);
    let (state, group) = (row.state.name(), row.upstream_group.as_str());
    let (price, expires_at) = (row.price.get(), millis(row.expires_at));
    let values = params![id, seller, state, group, price, expires_at, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_LISTING, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_LISTING, values.as_slice())
        }
    }
}

const INSERT_TRADE: &str =
    "INSERT INTO trade (id, listing, seller, buyer, body) VALUES (?1, ?2, ?3, ?4, ?5)";

pub(super) fn put_trade(connection: &Connection, row: &Trade) -> Changed {
    let [seller, buyer] = [row.seller, row.buyer].map(bursar_kernel::PersonId::to_bytes);
    let (id, listing) = (row.id.to_bytes(), row.listing.to_bytes());
    execute(connection, INSERT_TRADE, params![id, listing, seller, buyer, to_json(row)?])
}
