//! The style sheet and the script, with addresses that change when they do.

/// The style sheet.
pub const STYLE: &str = include_str!("../assets/bursar.css");
/// The script. Every page works without it.
pub const SCRIPT: &str = include_str!("../assets/bursar.js");

/// The script of passkeys, for the pages that have them.
pub const PASSKEYS: &str = include_str!("../assets/passkeys.js");

/// Where the style sheet is served: may be cached for ever, since a new edition has a new path.
pub fn style_path() -> String {
    format!("/assets/bursar-{:016x}.css", fingerprint(STYLE))
}

/// Where the script is served: may be cached for ever, since a new edition has a new path.
pub fn script_path() -> String {
    format!("/assets/bursar-{:016x}.js", fingerprint(SCRIPT))
}

/// Where the script of passkeys is served: may be cached for ever as well.
pub fn passkeys_path() -> String {
    format!("/assets/passkeys-{:016x}.js", fingerprint(PASSKEYS))
}

/// FNV-1a: enough to tell two editions of our own file apart.
const fn fingerprint(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}
