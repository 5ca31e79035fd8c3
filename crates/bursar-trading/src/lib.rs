//! The use cases of the market: listing, buying, and the cash that credit is paid with.
//! Never runs a market of its own: what is on offer is what the service says.

mod buying;
mod card;
mod cash;
mod front;
mod selling;

pub use buying::{buy, quote};
pub use card::{CardPayment, finish_card_payment, open_card_payment};
pub use cash::{Cash, cash, pay_in, pay_out, person_by_email, refund};
pub use front::{
    MarketDesk, MarketFront, MyMarket, TradePage, market_desk, market_front, my_market, trade,
};
pub use selling::{NewListing, Right, SellDesk, list_credit, sell_desk, withdraw_listing};
