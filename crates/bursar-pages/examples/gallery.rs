//! Writes every page in its states as HTML files, with the style sheet and script beside them:
//! `cargo run -p bursar-pages --example gallery -- FOLDER`.

use std::fs;
use std::path::PathBuf;

use bursar_pages::assets;

#[path = "../tests/gallery/mod.rs"]
mod gallery;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("gallery"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("bursar.css"), assets::STYLE)?;
    fs::write(folder.join("bursar.js"), assets::SCRIPT)?;
    fs::write(folder.join("passkeys.js"), assets::PASSKEYS)?;
    let mut index = String::from("<!DOCTYPE html><title>Gallery</title><h1>Gallery</h1><ul>");
    for sample in gallery::samples() {
        let html = sample
            .html
            .replace(&assets::style_path(), "bursar.css")
            .replace(&assets::script_path(), "bursar.js")
            .replace(&assets::passkeys_path(), "passkeys.js");
        let file = format!("{}.html", sample.name);
        index.extend(["<li><a href=\"", &file, "\">", sample.name, "</a>"]);
        fs::write(folder.join(file), html)?;
    }
    fs::write(folder.join("index.html"), index)
}
