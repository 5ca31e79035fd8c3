//! The list of domains as it lies in the binary, and how one is found in it.
//!
//! Domains are written from their last label to their first, sorted, in blocks: each block begins
//! with a whole domain, and each after it says how many letters it shares with the one before. A
//! name of an institution stands right behind its domain, in pieces of a dictionary.

use std::fmt;

use bursar_kernel::MailDomain;

/// What a part begins with.
pub(crate) const MAGIC: [u8; 4] = *b"bdt1";
/// Domains of a block: more make the list smaller, and a look-up longer.
pub(crate) const BLOCK: usize = 16;
/// What stands for the length of a name where there is none, by what the domain is.
pub(crate) const NAMELESS: u8 = 0xfd;
pub(crate) const FREE: u8 = 0xfe;
pub(crate) const STOPPED: u8 = 0xff;
/// The byte of a name after which a letter stands as it is: those that are seldom.
pub(crate) const LETTER: u8 = 0xff;
/// The first of the bytes that stand for a piece together with the next: 256 pieces for each.
/// Those before it stand for a piece alone.
pub(crate) const PAIRS: u8 = 0xf7;
/// Pieces of a dictionary at the most.
pub(crate) const PIECES_MAX: usize = 0xf7 + (0xff - 0xf7) * 256;

/// What a domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An academic institution's, with its name where it is known, or one below which there are
    /// academic institutions alone.
    Academic(Option<Name>),
    /// One that gives addresses to anybody.
    Free,
    /// One that is known not to be an institution's, or to be given to others as well.
    Stopped,
}

impl Kind {
    /// What decides over others: a domain and those above it can be of several kinds.
    const fn weight(self) -> u8 {
        match self {
            Self::Free => 2,
            Self::Stopped => 1,
            Self::Academic(_) => 0,
        }
    }
}

/// A list of domains in parts, each sorted, and before the next one.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    parts: &'static [&'static [u8]],
}

impl Table {
    /// A list of parts that [`encode`](crate::encode) made.
    pub const fn new(parts: &'static [&'static [u8]]) -> Self {
        Self { parts }
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    /// Domains in it.
    pub fn len(&self) -> usize {
        self.parts.iter().filter_map(|part| Part::of(part)).map(|part| part.entries).sum()
    }

    /// Whether there is none in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is known of a domain or of one above it, and which of them that is. What gives
    /// addresses to anybody decides over what is stopped, and that over what is academic; of
    /// several academic ones the longest counts. Nothing is allocated.
    pub fn look_up<'d>(&self, domain: &'d MailDomain) -> Option<(Kind, &'d str)> {
        let text = domain.as_str();
        let mut key = [0; 256];
        let mut written = 0;
        let mut found: Option<(Kind, &str)> = None;
        for label in text.rsplit('.') {
            if written != 0 {
                *key.get_mut(written)? = b'.';
                written += 1;
            }
            key.get_mut(written..written + label.len())?.copy_from_slice(label.as_bytes());
            written += label.len();
            let Some(kind) = key.get(..written).and_then(|key| self.find(key)) else { continue };
            if found.is_none_or(|(before, _)| before.weight() <= kind.weight()) {
                found = text.get(text.len() - written..).map(|domain| (kind, domain));
            }
        }
        found
    }

    fn find(&self, key: &[u8]) -> Option<Kind> {
        let parts = self.parts.iter().rev().filter_map(|part| Part::of(part));
        let mut parts = parts.filter(|part| part.head(0).is_some_and(|head| head <= key));
        parts.next().and_then(|part| part.find(key))
    }
}

/// One part, with its places read.
#[derive(Clone, Copy)]
struct Part {
    all: &'static [u8],
    entries: usize,
    blocks: usize,
    /// Where the blocks' places begin.
    index: usize,
    /// Where the blocks begin.
    data: usize,
}

impl Part {
    fn of(all: &'static [u8]) -> Option<Self> {
        if all.get(..4)? != MAGIC {
            return None;
        }
        let entries = number(all, 4)?;
        let blocks = number(all, 8)?;
        let index = number(all, 12)?;
        Some(Self { all, entries, blocks, index, data: index + blocks * 4 })
    }

    fn block(&self, number_of: usize) -> Option<&'static [u8]> {
        let from = number(self.all, self.index + number_of * 4)?;
        self.all.get(self.data + from..)
    }

    /// The domain that a block begins with.
    fn head(&self, block: usize) -> Option<&'static [u8]> {
        let block = self.block(block)?;
        block.get(2..2 + usize::from(*block.get(1)?))
    }

    fn find(&self, key: &[u8]) -> Option<Kind> {
        // The last block that begins at the domain or before it.
        let (mut from, mut to) = (0, self.blocks);
        while to - from > 1 {
            let middle = usize::midpoint(from, to);
            if self.head(middle)? <= key {
                from = middle;
            } else {
                to = middle;
            }
        }
        let count = BLOCK.min(self.entries - from * BLOCK);
        let mut rest = self.block(from)?;
        // Letters that the domain before has in common with the one that is looked for.
        let mut common = 0;
        for _ in 0..count {
            let shared = usize::from(*rest.first()?);
            let length = usize::from(*rest.get(1)?);
            let letters = rest.get(2..2 + length)?;
            let what = *rest.get(2 + length)?;
            let name = rest.get(3 + length..)?;
            if shared < common {
                return None;
            }
            if shared == common {
                let wanted = key.get(common..)?;
                let equal = letters.iter().zip(wanted).take_while(|(a, b)| a == b).count();
                common += equal;
                if equal == letters.len() && common == key.len() {
                    return Some(self.kind(what, name));
                }
                let is_past = match (letters.get(equal), wanted.get(equal)) {
                    (Some(letter), Some(wanted)) => wanted < letter,
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                if is_past {
                    return None;
                }
            }
            rest = if what < NAMELESS { name.get(usize::from(what)..)? } else { name };
        }
        None
    }

    fn kind(self, what: u8, name: &'static [u8]) -> Kind {
        match what {
            FREE => Kind::Free,
            STOPPED => Kind::Stopped,
            NAMELESS => Kind::Academic(None),
            length => {
                let text = name.get(..usize::from(length)).unwrap_or_default();
                Kind::Academic(Some(Name { text, part: self.all }))
            }
        }
    }
}

/// The name of an institution. It is put together when it is shown.
#[derive(Clone, Copy)]
pub struct Name {
    text: &'static [u8],
    part: &'static [u8],
}

impl Name {
    fn piece(&self, number_of: usize) -> Option<&'static str> {
        let count = usize::from(short(self.part, 16)?);
        let place = |number_of: usize| short(self.part, 18 + number_of * 2).map(usize::from);
        let texts = self.part.get(18 + (count + 1) * 2..)?;
        str::from_utf8(texts.get(place(number_of)?..place(number_of + 1)?)?).ok()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text;
        while let Some((first, after)) = rest.split_first() {
            let (text, after) = match *first {
                LETTER => {
                    let length = after.first().map_or(0, |lead| match lead {
                        0..=0x7f => 1,
                        0x80..=0xdf => 2,
                        0xe0..=0xef => 3,
                        0xf0.. => 4,
                    });
                    let (letter, after) = after.split_at(length.min(after.len()));
                    (str::from_utf8(letter).ok(), after)
                }
                code @ ..PAIRS => (self.piece(usize::from(code)), after),
                code => {
                    let (second, after) = after.split_first().unwrap_or((&0, after));
                    let pair = usize::from(code - PAIRS) * 256 + usize::from(*second);
                    (self.piece(usize::from(PAIRS) + pair), after)
                }
            };
            f.write_str(text.unwrap_or("\u{fffd}"))?;
            rest = after;
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.part, other.part) && self.text == other.text
    }
}

impl Eq for Name {}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let chunk = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*chunk)).ok()
}
