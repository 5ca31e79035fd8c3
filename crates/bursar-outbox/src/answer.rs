//! What came of an attempt, and the words of a relay as they may be kept.

/// Characters of a relay's answer that are kept: a few lines of words and an address to read more.
pub const ANSWER_CHARACTERS_MAX: usize = 400;
/// Characters of what an operator says about a bounce: a line of a report.
pub const REASON_CHARACTERS_MAX: usize = 400;

/// What came of an attempt to hand a mail to a relay. Each has the relay's words, or what went
/// wrong before there were any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The relay has it now.
    Taken(String),
    /// Not now: the relay said so, or the session broke. The relay may still have it where the
    /// session broke after the last line of the mail.
    Deferred(String),
    /// Nobody was reached, or no session could begin: the mail was not at fault.
    Unreached(String),
    /// Never.
    Refused {
        /// Its words.
        answer: String,
        /// Whether it said that there is no such mailbox.
        no_mailbox: bool,
    },
}

impl Attempt {
    /// Its words.
    pub fn answer(&self) -> &str {
        match self {
            Self::Taken(answer)
            | Self::Deferred(answer)
            | Self::Unreached(answer)
            | Self::Refused { answer, .. } => answer,
        }
    }
}

/// Words of somebody else's server on one line, without control characters, at a length that a
/// page can show.
pub fn scrubbed(text: &str, characters_max: usize) -> String {
    let plain = |c: char| if c.is_control() || is_bidi(c) { ' ' } else { c };
    let one_line: String = text.chars().map(plain).collect();
    let words: Vec<&str> = one_line.split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().count() <= characters_max {
        return text;
    }
    let mut cut: String = text.chars().take(characters_max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Characters that turn the direction of what follows, beyond their own words.
const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}
