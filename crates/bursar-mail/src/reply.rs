//! What a relay answers.

/// Lines of one reply: the longest are lists of what a server can do.
pub(crate) const REPLY_LINES_MAX: usize = 64;
/// Bytes of one line of a reply: RFC 5321 asks for 512.
pub(crate) const REPLY_LINE_BYTES_MAX: usize = 2_048;

/// A reply: its code, and its lines without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its three digits.
    pub code: u16,
    /// What stands behind them, line by line.
    pub lines: Vec<String>,
}

/// What is wrong with a line that should be part of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoReply;

impl Reply {
    /// A line of a reply: its code, whether it is the last one, and its text.
    pub(crate) fn line(bytes: &[u8]) -> Result<(u16, bool, String), NoReply> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches(['\r', '\n']);
        let (digits, rest) = text.split_at_checked(3).ok_or(NoReply)?;
        let is_code = digits.bytes().all(|byte| byte.is_ascii_digit());
        let code: u16 = digits.parse().map_err(|_| NoReply)?;
        if !is_code || !(200..600).contains(&code) {
            return Err(NoReply);
        }
        match rest.split_at_checked(1) {
            Some((" ", words)) => Ok((code, true, words.to_owned())),
            Some(("-", words)) => Ok((code, false, words.to_owned())),
            Some(_) => Err(NoReply),
            None => Ok((code, true, String::new())),
        }
    }

    /// Whether it says yes.
    pub const fn is_yes(&self) -> bool {
        matches!(self.code, 200..300)
    }

    /// Whether it says no, for good.
    pub const fn is_never(&self) -> bool {
        matches!(self.code, 500..600)
    }

    /// Whether it says that there is no such mailbox, in the enhanced codes of RFC 3463. A code
    /// alone says too little: many relays answer 550 to whatever they do not like.
    pub fn says_no_mailbox(&self) -> bool {
        let words = self.lines.first().and_then(|line| line.split_whitespace().next());
        let no_mailbox = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"];
        self.is_never() && words.is_some_and(|code| no_mailbox.contains(&code))
    }

    /// On one line.
    pub fn words(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }
}
