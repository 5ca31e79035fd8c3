//! The pages of a study: what it costs before it starts, how long it takes, and who spends it.
//! Never asks for anything: not the time, not the store, not who may see what.

pub mod estimate;
pub mod people;
pub mod spending;
pub mod studies;
pub mod tiers;

use bursar_ui as ui;
use bursar_ui::routes;
