//! Tables: a caption always, headers always, figures to the right.

use std::borrow::Cow;

use maud::{Markup, html};

/// A table whose first column names its row.
#[derive(Clone, Debug)]
pub struct Table {
    /// What the table is, for everybody.
    pub caption: String,
    /// Whether the caption repeats a heading right above it, and so is for screen readers only.
    pub caption_hidden: bool,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<Markup>>,
    /// What a telephone does with it.
    pub narrow: Narrow,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its header.
    pub label: Cow<'static, str>,
    /// Whether it holds figures, which line up to the right.
    pub figures: bool,
}

/// What happens to a table that is wider than the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrow {
    /// Each row becomes a card.
    Stack,
    /// It scrolls inside its own frame.
    Scroll,
}

/// A column of text.
pub const fn text(label: &'static str) -> Column {
    Column { label: Cow::Borrowed(label), figures: false }
}

/// A column of figures.
pub const fn number(label: &'static str) -> Column {
    Column { label: Cow::Borrowed(label), figures: true }
}

/// A column of text whose header comes from outside.
pub const fn named(label: String) -> Column {
    Column { label: Cow::Owned(label), figures: false }
}

impl Table {
    /// A table that becomes cards on a telephone and shows its caption.
    pub fn new(caption: impl Into<String>, columns: Vec<Column>, rows: Vec<Vec<Markup>>) -> Self {
        let caption = caption.into();
        Self { caption, caption_hidden: false, columns, rows, narrow: Narrow::Stack }
    }

    /// The table under a heading that says the same as its caption.
    #[must_use]
    pub fn under_heading(mut self) -> Self {
        self.caption_hidden = true;
        self
    }

    /// The table that scrolls on a telephone.
    #[must_use]
    pub fn scrolling(mut self) -> Self {
        self.narrow = Narrow::Scroll;
        self
    }

    /// The table as HTML. Roles are spelled out, because cards would lose them otherwise.
    pub fn html(&self) -> Markup {
        let class = match self.narrow {
            Narrow::Stack => "table-frame stacks",
            Narrow::Scroll => "table-frame scrolls",
        };
        let scrolls = self.narrow == Narrow::Scroll;
        html! {
            div class=(class) role=[scrolls.then_some("region")] tabindex=[scrolls.then_some("0")]
                aria-label=[scrolls.then_some(&self.caption)] {
                table role="table" {
                    caption class=[self.caption_hidden.then_some("visually-hidden")] {
                        (self.caption)
                    }
                    thead role="rowgroup" { tr role="row" {
                        @for column in &self.columns {
                            th role="columnheader" scope="col" class=[figures(column)] {
                                (column.label)
                            }
                        }
                    } }
                    tbody role="rowgroup" {
                        @for row in &self.rows { (self.row(row)) }
                    }
                }
            }
        }
    }

    fn row(&self, cells: &[Markup]) -> Markup {
        assert_eq!(cells.len(), self.columns.len(), "a row of `{}`", self.caption);
        html! {
            tr role="row" {
                @for (index, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
                    @if index == 0 {
                        th role="rowheader" scope="row" class=[figures(column)] { (cell) }
                    } @else {
                        td role="cell" class=[figures(column)] data-label=(column.label) {
                            (cell)
                        }
                    }
                }
            }
        }
    }
}

fn figures(column: &Column) -> Option<&'static str> {
    column.figures.then_some("figures")
}
