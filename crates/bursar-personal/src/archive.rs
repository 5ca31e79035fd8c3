//! A ZIP file that is written while it is read: nothing is compressed, and of what was written only
//! names, lengths and sums are remembered.

/// An archive that is being written.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    written: u64,
    entries: Vec<Entry>,
    open: Option<Entry>,
}

/// A file in it.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    at: u64,
    sum: u32,
    length: u64,
}

/// Names are UTF-8, and lengths follow the content.
const FLAGS: u16 = 0x0808;
/// Made by a Unix, by version 4.5: files are plain, and anybody's to read.
const MADE_BY: u16 = 0x032d;
const PLAIN_FILE: u32 = 0x81a4_0000;
/// The first of January 1980: an archive of the same content is the same.
const DAY: u16 = 0x0021;
const NEEDS: u16 = 20;
const NEEDS_64: u16 = 45;

impl Archive {
    /// Begins a file.
    pub(crate) fn begin(&mut self, name: &str) -> Vec<u8> {
        let name = name.to_owned();
        let entry = Entry { name, at: self.written, sum: !0, length: 0 };
        let mut head = Head::of(0x0403_4b50);
        head.short(NEEDS).short(FLAGS).short(0).short(0).short(DAY);
        head.long(0).long(0).long(0).name(&entry.name).short(0).bytes(entry.name.as_bytes());
        self.open = Some(entry);
        self.wrote(head.0)
    }

    /// Some of its content.
    pub(crate) fn content(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        if let Some(open) = &mut self.open {
            open.sum = bytes.iter().fold(open.sum, |sum, byte| step(sum, *byte));
            open.length = open.length.saturating_add(length(&bytes));
        }
        self.wrote(bytes)
    }

    /// Ends it.
    pub(crate) fn end(&mut self) -> Vec<u8> {
        let Some(mut entry) = self.open.take() else { return Vec::new() };
        entry.sum = !entry.sum;
        let mut head = Head::of(0x0807_4b50);
        head.long(entry.sum).long(short_length(entry.length)).long(short_length(entry.length));
        self.entries.push(entry);
        self.wrote(head.0)
    }

    /// Ends the archive: where each file is.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let began = self.written;
        let mut all = Vec::new();
        for entry in &self.entries {
            all.extend(entry.listed());
        }
        let listing = length(&all);
        let entries = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        let needs_64 = 0xffff_ffff <= began.saturating_add(listing) || 0xffff <= entries;
        if needs_64 {
            let mut head = Head::of(0x0606_4b50);
            head.wide(44).short(MADE_BY).short(NEEDS_64).long(0).long(0);
            head.wide(entries).wide(entries).wide(listing).wide(began);
            let mut place = Head::of(0x0706_4b50);
            place.long(0).wide(began.saturating_add(listing)).long(1);
            all.extend(head.0);
            all.extend(place.0);
        }
        let mut head = Head::of(0x0605_4b50);
        let few = u16::try_from(entries).unwrap_or(u16::MAX);
        head.short(0).short(0).short(few).short(few);
        head.long(short_length(listing)).long(short_length(began)).short(0);
        all.extend(head.0);
        self.wrote(all)
    }

    /// How much of the file that is being written there is.
    pub(crate) fn length(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.length)
    }

    fn wrote(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.written = self.written.saturating_add(length(&bytes));
        bytes
    }
}

impl Entry {
    fn listed(&self) -> Vec<u8> {
        let is_far = 0xffff_ffff <= self.at;
        let mut head = Head::of(0x0201_4b50);
        head.short(MADE_BY).short(if is_far { NEEDS_64 } else { NEEDS });
        head.short(FLAGS).short(0).short(0).short(DAY).long(self.sum);
        head.long(short_length(self.length)).long(short_length(self.length));
        head.name(&self.name).short(if is_far { 12 } else { 0 });
        head.short(0).short(0).short(0).long(PLAIN_FILE).long(short_length(self.at));
        head.bytes(self.name.as_bytes());
        if is_far {
            head.short(1).short(8).wide(self.at);
        }
        head.0
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A length in four bytes; all ones where it does not fit, and stands elsewhere.
fn short_length(length: u64) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

struct Head(Vec<u8>);

impl Head {
    fn of(mark: u32) -> Self {
        Self(mark.to_le_bytes().to_vec())
    }

    fn short(&mut self, number: u16) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    fn long(&mut self, number: u32) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    fn wide(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    fn name(&mut self, name: &str) -> &mut Self {
        self.short(u16::try_from(name.len()).unwrap_or(u16::MAX))
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// CRC-32 as ZIP counts it, by one table.
const TABLE: [u32; 256] = {
    let mut table = [0_u32; 256];
    let mut at = 0_u32;
    while at < 256 {
        let mut sum = at;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
            bit += 1;
        }
        table[at as usize] = sum;
        at += 1;
    }
    table
};

fn step(sum: u32, byte: u8) -> u32 {
    let [low, ..] = sum.to_le_bytes();
    TABLE[usize::from(low ^ byte)] ^ sum >> 8
}

#[cfg(test)]
mod tests {
    //! What other programs read of it.

    use super::*;

    #[test]
    fn a_sum_is_the_one_that_everybody_knows() {
        let sum = b"123456789".iter().fold(!0, |sum, byte| step(sum, *byte));
        assert_eq!(!sum, 0xcbf4_3926);
    }

    #[test]
    fn an_archive_is_listed_where_it_ends() {
        let mut archive = Archive::default();
        let mut all = archive.begin("a/é.txt");
        all.extend(archive.content(b"12345".to_vec()));
        assert_eq!(archive.length(), 5);
        all.extend(archive.content(b"6789".to_vec()));
        all.extend(archive.end());
        let began = all.len();
        all.extend(archive.finish());
        assert_eq!(&all[..4], b"PK\x03\x04");
        assert_eq!(&all[began..began + 4], b"PK\x01\x02");
        let end = &all[all.len() - 22..];
        assert_eq!((&end[..4], &end[8..12]), (&b"PK\x05\x06"[..], &[1, 0, 1, 0][..]));
        assert_eq!(end[16..20], u32::try_from(began).unwrap().to_le_bytes());
        assert_eq!(all[began + 16..began + 20], 0xcbf4_3926_u32.to_le_bytes());
    }

    #[test]
    fn what_lies_far_behind_is_found_all_the_same() {
        let mut archive = Archive { written: 5_000_000_000, ..Archive::default() };
        archive.begin("far");
        archive.end();
        let end = archive.finish();
        assert_eq!(&end[end.len() - 42..end.len() - 38], b"PK\x06\x07");
        let found = end.windows(8).any(|part| part == 5_000_000_000_u64.to_le_bytes());
        assert!(found, "its place is nowhere");
    }
}
