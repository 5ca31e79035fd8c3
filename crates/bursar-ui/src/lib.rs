//! The design system: components as functions, and the addresses and shell that all pages share.
//! Never knows what a page is about, never speaks HTTP.

pub mod assets;
pub mod balance;
pub mod chart;
pub mod controls;
pub mod dates;
pub mod field;
pub mod figures;
pub mod frame;
pub mod lists;
pub mod money;
pub mod parts;
pub mod routes;
pub mod shell;
pub mod table;

pub use balance::{Ahead, BalanceChart};
pub use chart::SpendChart;
pub use controls::{error_summary, field_html, form};
pub use dates::{both_dates, date, day, days_between, instant};
pub use field::{Choice, Field, Input};
pub use figures::{Figure, Meter, figures};
pub use frame::{Flash, Frame, Page, SignedIn};
pub use lists::{Answer, Row, Task, check_answers, key_values, tasks};
pub use money::{available, exact, taken};
pub use parts::{
    Status, Tone, back, button, button_link, code_block, confirmation, empty, inset, link, name,
    notice, paging, prose, tag, tag_text,
};
pub use table::{Column, Narrow, Table};
