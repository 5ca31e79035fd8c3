//! One's own side of the market.

use bursar_kernel::{BasisPoints, ListingId, Timestamp, TradeId, Usd};
use maud::{Markup, html};

use super::{off, percent};
use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::table::{number, text};
use crate::ui::{
    Figure, Frame, Page, Status, Table, available, back, date, empty, figures, instant, link, tag,
    taken,
};

/// One's own listings, trades and cash.
#[derive(Clone, Debug)]
pub struct Mine {
    /// Listings, latest first.
    pub listings: Vec<MyListing>,
    /// What was bought and sold, newest first.
    pub trades: Vec<MyTrade>,
    /// Paid in and not spent.
    pub balance: Usd,
    /// Earned and not paid out.
    pub proceeds: Usd,
}

/// One of one's own listings.
#[derive(Clone, Debug)]
pub struct MyListing {
    /// The listing.
    pub id: ListingId,
    /// Where the credit comes from.
    pub source: String,
    /// How much was listed.
    pub face: Usd,
    /// How much of it is sold.
    pub sold: Usd,
    /// What is on offer now.
    pub offered: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// When the credit expires.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// Whether it can be taken back.
    pub is_open: bool,
}

/// A trade that one was in.
#[derive(Clone, Debug)]
pub struct MyTrade {
    /// The trade.
    pub id: TradeId,
    /// When.
    pub at: Timestamp,
    /// Whether one bought; otherwise one sold.
    pub bought: bool,
    /// Where the credit came from.
    pub source: String,
    /// How much credit.
    pub face: Usd,
    /// What one paid, or earned.
    pub cash: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
}

impl Page for Mine {
    fn title(&self) -> String {
        "My listings and purchases".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(routes::MARKET, "Market"))
            h1 { "My listings and purchases" }
            (figures(&[
                Figure::new("Balance to buy with", available(self.balance)).note(html! {
                    "Paid in and not spent; it can be paid back" }),
                Figure::new("Proceeds", available(self.proceeds)).note(html! {
                    "To be paid out by the operator" }),
            ]))
            h2 { "My listings" }
            @if self.listings.is_empty() {
                (empty("You have listed nothing", &html! { p { "Credit that may be sold is listed "
                    "from its grant: " (link(routes::GRANTS, "see your grants")) "." } }))
            } @else { (self.listings(frame)) }
            h2 { "Bought and sold" }
            @if self.trades.is_empty() {
                (empty("No trade yet", &html! { p { "See what is "
                    (link(routes::MARKET, "on offer")) "." } }))
            } @else { (self.trades(frame)) }
        }
    }
}

impl Mine {
    fn listings(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Credit"),
            text("State"),
            number("Listed"),
            number("Sold"),
            number("On offer"),
            text("Price"),
            text("Expires"),
            text("Withdraw"),
        ];
        let row = |listing: &MyListing| {
            let action = routes::listing_withdraw(listing.id);
            let button = html! { button.link-button type="submit" { "Withdraw"
            span.visually-hidden { " the listing of " (available(listing.face)) } } };
            vec![
                link(&routes::listing(listing.id), &listing.source),
                tag(&listing.status),
                html! { (available(listing.face)) },
                html! { (available(listing.sold)) },
                html! { (available(listing.offered)) },
                html! { (percent(listing.price)) },
                date(listing.expires_at, &frame.zone),
                html! { @if listing.is_open { (button_form(frame, &action, &[], &button)) }
                @else { span.muted { "–" } } },
            ]
        };
        let rows = self.listings.iter().map(row).collect();
        Table::new("My listings", columns, rows).under_heading().html()
    }

    fn trades(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("When"),
            text("What"),
            text("Credit"),
            number("Amount"),
            number("Cash"),
            text("Discount"),
        ];
        let row = |trade: &MyTrade| {
            let what = if trade.bought { "Bought" } else { "Sold" };
            vec![
                html! { a href=(routes::trade(trade.id)) { (instant(trade.at, &frame.zone)) } },
                html! { (what) },
                html! { (trade.source) },
                html! { (available(trade.face)) },
                html! { @if trade.bought { (taken(trade.cash)) }
                @else { (available(trade.cash)) } },
                html! { (off(trade.price)) },
            ]
        };
        let rows = self.trades.iter().map(row).collect();
        Table::new("Bought and sold", columns, rows).under_heading().html()
    }
}
