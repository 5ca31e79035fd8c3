//! Listings and trades.

use bursar_market::{Listing, Trade};
use bursar_store::Expect;

use super::versioned;
use crate::codec::{Id, millis, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, statement, values};

const INSERT_LISTING: &str = "INSERT INTO listing
     (id, seller, state, upstream_group, price, expires_at, body, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE_LISTING: &str = "UPDATE listing SET seller = $2, state = $3, upstream_group = $4,
     price = $5, expires_at = $6, body = $7, version = $8 WHERE id = $1 AND version = $9";

pub(super) fn put_listing(row: &Listing, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.seller.to_bytes()),
        row.state.name(),
        row.upstream_group.as_str().to_owned(),
        i64::from(row.price.get()),
        millis(row.expires_at),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_LISTING, UPDATE_LISTING, values, expect)
}

const INSERT_TRADE: &str =
    "INSERT INTO trade (id, listing, seller, buyer, body) VALUES ($1, $2, $3, $4, $5)";

pub(super) fn put_trade(row: &Trade) -> Result<Statement, DbError> {
    let [seller, buyer] = [row.seller, row.buyer].map(|person| Id(person.to_bytes()));
    let (id, listing) = (Id(row.id.to_bytes()), Id(row.listing.to_bytes()));
    Ok(statement!(INSERT_TRADE, id, listing, seller, buyer, to_json(row)?))
}
