//! The market's pages: what is on offer, selling, buying, and what became of it.
//! Never asks for anything: not the time, not the store, not who may see what.

mod desk;
mod front;
mod give_back;
mod listing;
mod mine;
mod receipt;
mod sell;
mod taking_back;

pub use desk::{CashMove, Desk, DeskTrade, Owed};
pub use front::{Front, OfferRow, TapeRow};
pub use give_back::GiveBack;
pub use listing::{Buyer, Facts, Fill, ListingPage};
pub use mine::{Mine, MyListing, MyTrade};
pub use receipt::{Receipt, Side};
pub use sell::{NotForSale, Sell};
pub use taking_back::{TakeBackCheck, TakeBackForm};

use bursar_kernel::BasisPoints;
use bursar_ui as ui;
use bursar_ui::routes;

/// A share as a person reads it: `55 %`.
fn percent(share: BasisPoints) -> String {
    format!("{share}\u{a0}%")
}

/// A price's discount to retail: `45 % off`.
fn off(price: BasisPoints) -> String {
    format!("{}\u{a0}% off", price.rest())
}
