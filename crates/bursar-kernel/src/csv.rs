//! Cells of a table that spreadsheets open: RFC 4180, and nothing that one would reckon.

/// A cell of text, which no spreadsheet takes for a formula, quoted where it has to be.
pub fn csv_cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
