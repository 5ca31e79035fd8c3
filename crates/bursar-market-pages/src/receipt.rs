//! A trade's receipt, for either side.

use bursar_kernel::{BasisPoints, GrantId, Timestamp, TradeId, Usd};
use maud::{Markup, html};

use super::{off, percent};
use crate::routes;
use crate::ui::{
    Frame, Page, back, button_link, confirmation, exact, instant, key_values, link, name,
};

/// A trade.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The trade.
    pub id: TradeId,
    /// Who looks.
    pub side: Side,
    /// When it was made.
    pub at: Timestamp,
    /// Where the credit came from.
    pub source: String,
    /// How much credit.
    pub face: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// What the buyer paid.
    pub cost: Usd,
    /// What the market kept of it.
    pub fee: Usd,
    /// What the seller earned.
    pub proceeds: Usd,
    /// Until when the buyer can use it.
    pub expires_at: Timestamp,
    /// Who issued it, as the seller recorded.
    pub issuer: String,
    /// The clause or contract that let the seller sell.
    pub reference: String,
}

/// Who looks at a receipt.
#[derive(Clone, Debug)]
pub enum Side {
    /// The buyer, with the grant that they bought.
    Buyer(GrantId),
    /// The seller, with the grant that they sold from.
    Seller(GrantId),
    /// Whoever oversees the market: seller and buyer by name.
    Overseer(String, String),
}

impl Page for Receipt {
    fn title(&self) -> String {
        match self.side {
            Side::Buyer(_) => "Bought".to_owned(),
            Side::Seller(_) => "Sold".to_owned(),
            Side::Overseer(..) => "Trade".to_owned(),
        }
    }

    fn body(&self, frame: &Frame) -> Markup {
        let reference = self.id.to_string();
        let heading = match &self.side {
            Side::Buyer(_) => format!("You bought {} of API credit", exact(self.face)),
            Side::Seller(_) => format!("You sold {} of API credit", exact(self.face)),
            Side::Overseer(..) => format!("{} of API credit changed hands", exact(self.face)),
        };
        html! {
            (back(self.way_back(), self.back_to()))
            (confirmation(&heading, Some(("Receipt", &reference))))
            (key_values(&self.facts(frame)))
            @match &self.side {
                Side::Buyer(grant) => {
                    h2 { "What happens next" }
                    p { "The credit is a grant of yours, ready to spend. Make a key for it and "
                        "point the official SDK at it; nothing else changes." }
                    div.actions {
                        (button_link(&routes::grant(*grant), "Go to the grant and make a key"))
                        (link(routes::MY_MARKET, "My listings and purchases"))
                    }
                },
                Side::Seller(grant) => {
                    p { "Your proceeds stand in your account on the market, to be paid out by the "
                        "operator." }
                    div.actions {
                        (button_link(routes::MY_MARKET, "My listings and purchases"))
                        (link(&routes::grant(*grant), "The grant it came from"))
                    }
                },
                Side::Overseer(..) => {},
            }
        }
    }
}

impl Receipt {
    fn way_back(&self) -> &'static str {
        match self.side {
            Side::Buyer(_) | Side::Seller(_) => routes::MY_MARKET,
            Side::Overseer(..) => routes::MARKET_DESK,
        }
    }

    fn back_to(&self) -> &'static str {
        match self.side {
            Side::Buyer(_) | Side::Seller(_) => "My listings and purchases",
            Side::Overseer(..) => "Trades",
        }
    }

    fn facts(&self, frame: &Frame) -> Vec<(String, Markup)> {
        let mut rows = vec![
            ("When".to_owned(), instant(self.at, &frame.zone)),
            ("Credit".to_owned(), html! { (exact(self.face)) ", " (self.source) }),
            (
                "Price".to_owned(),
                html! { (exact(self.cost)) ": " (percent(self.price)) " of face value, "
                (off(self.price)) " retail" },
            ),
            ("Usable until".to_owned(), instant(self.expires_at, &frame.zone)),
            (
                "Right to sell".to_owned(),
                html! { "Issued by " bdi { (self.issuer) } ". " bdi { (self.reference) } },
            ),
        ];
        if matches!(self.side, Side::Seller(_) | Side::Overseer(..)) {
            rows.insert(3, ("Proceeds".to_owned(), html! { (exact(self.proceeds)) }));
            if self.fee.is_positive() {
                rows.insert(3, ("Kept by the market".to_owned(), html! { (exact(self.fee)) }));
            }
        }
        if let Side::Overseer(seller, buyer) = &self.side {
            rows.push(("Seller".to_owned(), name(seller)));
            rows.push(("Buyer".to_owned(), name(buyer)));
        }
        rows
    }
}
