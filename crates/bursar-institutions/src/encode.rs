//! How the list is written: once, by whoever renews it.

use std::collections::{BTreeMap, HashMap};

use crate::table::{BLOCK, FREE, LETTER, MAGIC, NAMELESS, PAIRS, PIECES_MAX, STOPPED};

/// One domain to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An academic institution's, with its name; or nameless.
    Academic(Option<String>),
    /// One that gives addresses to anybody.
    Free,
    /// One that shows nothing.
    Stopped,
}

/// Pieces that join the dictionary in one look through the names, so that it takes seconds.
const JOINED_AT_ONCE: usize = 24;
/// Pieces of several letters at the most: the rest of a dictionary is for letters.
const JOINED_MAX: usize = 1_900;
/// How often a piece has to be used to be worth its place.
const USES_MIN: usize = 6;
/// Bytes of a piece at the most.
const PIECE_BYTES_MAX: usize = 40;
/// Where pieces begin among numbers: the others are letters.
const FIRST_PIECE: u32 = 0x11_0000;

/// Writes one part of a list out of domains in the form of `MailDomain`.
///
/// # Panics
///
/// Where the list is beyond what its numbers can count: more than 4 GiB.
pub fn encode(domains: &BTreeMap<String, Entry>) -> Vec<u8> {
    let mut keyed: Vec<(String, &Entry)> = domains.iter().map(reversed).collect();
    keyed.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    let names: Vec<&str> = keyed.iter().filter_map(|(_, entry)| named(entry)).collect();
    let (pieces, written) = shortened(&names);
    let mut written = written.into_iter();
    let (mut places, mut data) = (Vec::new(), Vec::new());
    let mut before: &[u8] = &[];
    for (number, (key, entry)) in keyed.iter().enumerate() {
        let key = key.as_bytes();
        if number % BLOCK == 0 {
            places.push(data.len());
            before = &[];
        }
        let shared = before.iter().zip(key).take_while(|(a, b)| a == b).count();
        data.push(u8::try_from(shared).expect("a domain is short"));
        data.push(u8::try_from(key.len() - shared).expect("a domain is short"));
        data.extend(key.iter().skip(shared));
        let name = named(entry).and_then(|_| written.next());
        match (entry, name) {
            (Entry::Free, _) => data.push(FREE),
            (Entry::Stopped, _) => data.push(STOPPED),
            (Entry::Academic(_), Some(name)) if name.len() < usize::from(NAMELESS) => {
                data.push(u8::try_from(name.len()).expect("compared above"));
                data.extend(name);
            }
            (Entry::Academic(_), _) => data.push(NAMELESS),
        }
        before = key;
    }
    let mut dictionary = Vec::new();
    let short = |number: usize| u16::try_from(number).expect("a dictionary is small").to_le_bytes();
    let long = |number: usize| u32::try_from(number).expect("a list is small").to_le_bytes();
    dictionary.extend(short(pieces.len()));
    let mut place = 0;
    dictionary.extend(short(0));
    for piece in &pieces {
        place += piece.len();
        dictionary.extend(short(place));
    }
    dictionary.extend(pieces.iter().flat_map(|piece| piece.bytes()));
    let mut all = MAGIC.to_vec();
    all.extend(long(keyed.len()));
    all.extend(long(places.len()));
    all.extend(long(16 + dictionary.len()));
    all.extend(dictionary);
    all.extend(places.into_iter().flat_map(long));
    all.extend(data);
    all
}

fn named(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Academic(name) => name.as_deref().filter(|name| !name.is_empty()),
        Entry::Free | Entry::Stopped => None,
    }
}

fn reversed<'d>((domain, entry): (&String, &'d Entry)) -> (String, &'d Entry) {
    let labels: Vec<&str> = domain.rsplit('.').collect();
    (labels.join("."), entry)
}

/// A dictionary of what names have in common, and each name in pieces of it: the two pieces that
/// stand together most often become one, again and again.
fn shortened(names: &[&str]) -> (Vec<String>, Vec<Vec<u8>>) {
    let letters = |name: &&str| -> Vec<u32> {
        name.chars().filter(|letter| !letter.is_control()).map(u32::from).collect()
    };
    let mut spelt: Vec<Vec<u32>> = names.iter().map(letters).collect();
    let mut pieces: Vec<String> = Vec::new();
    while pieces.len() < JOINED_MAX && join_some(&mut spelt, &mut pieces) {}
    let mut uses: BTreeMap<u32, usize> = BTreeMap::new();
    for letter in spelt.iter().flatten() {
        *uses.entry(*letter).or_default() += 1;
    }
    // A piece has to have a code, a letter can do without; what is used most takes one byte.
    let mut coded: Vec<(u32, usize)> = uses.into_iter().collect();
    coded.sort_by_key(|(letter, uses)| {
        (piece_of(*letter).is_none(), std::cmp::Reverse(*uses), *letter)
    });
    coded.truncate(PIECES_MAX);
    coded.retain(|(letter, uses)| piece_of(*letter).is_some() || USES_MIN <= *uses);
    coded.sort_by_key(|(letter, uses)| (std::cmp::Reverse(*uses), *letter));
    let codes: HashMap<u32, usize> =
        coded.iter().enumerate().map(|(code, (letter, _))| (*letter, code)).collect();
    let written = spelt.iter().map(|name| {
        let mut bytes = Vec::new();
        for letter in name {
            if let Some(code) = codes.get(letter) {
                bytes.extend(code_bytes(*code));
            } else {
                bytes.push(LETTER);
                bytes.extend(text(*letter, &[]).bytes());
            }
        }
        bytes
    });
    let written = written.collect();
    (coded.iter().map(|(letter, _)| text(*letter, &pieces)).collect(), written)
}

/// Joins the pairs that stand together most often, none of which has to do with another. Whether
/// there was any.
fn join_some(spelt: &mut [Vec<u32>], pieces: &mut Vec<String>) -> bool {
    let mut counts: HashMap<(u32, u32), usize> = HashMap::new();
    for name in spelt.iter() {
        for pair in name.windows(2) {
            if let [a, b] = pair {
                *counts.entry((*a, *b)).or_default() += 1;
            }
        }
    }
    let mut best: Vec<((u32, u32), usize)> = counts
        .into_iter()
        .filter(|(pair, count)| {
            let length = text(pair.0, pieces).len() + text(pair.1, pieces).len();
            USES_MIN <= *count && length <= PIECE_BYTES_MAX
        })
        .collect();
    best.sort_by_key(|(pair, count)| (std::cmp::Reverse(*count), *pair));
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for (pair, _) in best {
        let sides = [pair.0, pair.1];
        let meets = |one: &(u32, u32)| sides.contains(&one.0) || sides.contains(&one.1);
        if joined.len() == JOINED_AT_ONCE || pieces.len() == JOINED_MAX {
            break;
        }
        if !joined.iter().any(meets) {
            let piece = FIRST_PIECE + u32::try_from(pieces.len()).expect("a small number");
            join(spelt, pair, piece);
            joined.push(pair);
            pieces.push(format!("{}{}", text(pair.0, pieces), text(pair.1, pieces)));
        }
    }
    !joined.is_empty()
}

fn piece_of(letter: u32) -> Option<usize> {
    letter.checked_sub(FIRST_PIECE).and_then(|piece| usize::try_from(piece).ok())
}

fn code_bytes(code: usize) -> Vec<u8> {
    let byte = |number: usize| u8::try_from(number).expect("a dictionary has so many pieces");
    match code.checked_sub(usize::from(PAIRS)) {
        None => vec![byte(code)],
        Some(pair) => vec![PAIRS + byte(pair / 256), byte(pair % 256)],
    }
}

fn text(letter: u32, pieces: &[String]) -> String {
    match piece_of(letter) {
        Some(piece) => pieces.get(piece).cloned().unwrap_or_default(),
        None => char::from_u32(letter).map(String::from).unwrap_or_default(),
    }
}

fn join(names: &mut [Vec<u32>], pair: (u32, u32), piece: u32) {
    for name in names {
        let mut joined = Vec::with_capacity(name.len());
        let mut rest = name.as_slice();
        while let Some((first, after)) = rest.split_first() {
            if *first == pair.0 && after.first() == Some(&pair.1) {
                joined.push(piece);
                rest = after.get(1..).unwrap_or_default();
            } else {
                joined.push(*first);
                rest = after;
            }
        }
        *name = joined;
    }
}
