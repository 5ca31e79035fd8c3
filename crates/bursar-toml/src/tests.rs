//! Broken files, and everything that is said about each at once.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// A file as a small shop would have it: one key of each kind.
fn read(text: &str) -> String {
    let document = match Document::parse("shop.toml", text) {
        Ok(document) => document,
        Err(mistakes) => return mistakes.to_string(),
    };
    let root = document.root();
    let name = root.need("name").text();
    let open = root.get("open").boolean();
    let since = root.get("since").date();
    let clerks = root.get("clerks").integer(1..=9_u32);
    let days = root.get("days").integers(1..=7_i8);
    let colour = root.get("colour").word(&[("green", 'g'), ("blue", 'b')]);
    let tags = root.get("tags").texts();
    let limit = root.get("limit").usd();
    let owner = root.get("owner").table().and_then(|owner| owner.need("mail").text());
    let goods: Vec<_> = root
        .get("goods")
        .tables()
        .into_iter()
        .map(|goods| (goods.need("id").text(), goods.need("price").rate()))
        .collect();
    let shelves = root.get("shelves").table().map(Table::strings_by_name);
    let tags: Vec<&str> = tags.iter().map(|tag| tag.text).collect();
    let read = name.map(|name| {
        format!(
            "{name} {open:?} {since:?} {clerks:?} {days:?} {colour:?}\n{tags:?} {limit:?} \
             {owner:?}\n{goods:?}\n{shelves:?}"
        )
    });
    match document.finish(read) {
        Ok(shop) => shop,
        Err(mistakes) => mistakes.to_string(),
    }
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&read(text));
}

#[test]
fn a_sound_file_is_read_in_the_order_of_its_lines() {
    check(
        r#"
name = " Ada's "
open = true
since = 2026-12-11
clerks = 0x3
days = [1, 3]
colour = "blue"
tags = ["old", "new"]
limit = "1000"
owner.mail = "ada@example.org"
[[goods]]
id = "tea"
price = "0.01875"
[shelves]
zinc = "top"
air = "bottom"
"#,
        expect![[r#"
            Ada's Some(true) Some(2026-12-11) Some(3) Some([1, 3]) Some('b')
            ["old", "new"] Some(Usd(1000.00)) Some("ada@example.org")
            [(Some("tea"), Some(Rate(0.01875 per million)))]
            Some([("zinc", "top"), ("air", "bottom")])"#]],
    );
}

#[test]
fn every_value_of_the_wrong_kind_is_reported_at_once() {
    check(
        r#"
name = 3
open = "true"
since = "2026-12-11"
clerks = 10
days = [1, "3", 8]
colour = "bleu"
tags = ["", 3]
limit = 10.5
[owner]
[[goods]]
id = "tea"
price = -1
[[goods]]
id = "oil"
price = "-1"
[shelves]
zinc = true
"#,
        expect![[r#"
            shop.toml:2:8: `name` should be a string, and is an integer
            hint: quote it: name = "3"
            shop.toml:3:8: `open` should be true or false, and is a string
            hint: write it without quotes
            shop.toml:4:9: `since` should be a date, and is a string
            hint: drop the quotes: since = 2026-12-11
            shop.toml:5:10: `clerks` is 10
            hint: use a number from 1 to 9
            shop.toml:6:12: `days` should be a whole number, and is a string
            hint: write digits without quotes
            shop.toml:6:17: `days` is 8
            hint: use a number from 1 to 7
            shop.toml:7:10: `colour` cannot be "bleu"
            hint: did you mean "blue"?
            shop.toml:8:9: `tags` is empty
            hint: write something, or remove the key
            shop.toml:8:13: `tags` should be a string, and is an integer
            hint: quote it: tags = "3"
            shop.toml:9:9: `limit` should be an amount in a string, and is a number
            hint: quote it: limit = "10.5"
            shop.toml:10:1: missing key `mail`
            hint: add `mail = ...` to this table
            shop.toml:13:9: `price` should be an amount in a string, and is an integer
            hint: quote it: price = "-1"
            shop.toml:16:9: `price`: a price is not negative
            shop.toml:18:8: `zinc` should be a string, and is a boolean
            hint: quote it: zinc = "true""#]],
    );
}

#[test]
fn a_key_that_nobody_asked_for_is_reported_wherever_it_is() {
    check(
        "nmae = \"Ada\"\nzzzzzzzzz = 1\n[owner]\nmail = \"a@b\"\n[owner.phone]\nhome = 1\n\
         [[goods]]\nid = \"tea\"\nprize = \"1\"\n",
        expect![[r"
            shop.toml:1:1: missing key `name`
            hint: add `name = ...` to this table
            shop.toml:1:1: unknown key `nmae`
            hint: did you mean `name`?
            shop.toml:2:1: unknown key `zzzzzzzzz`
            hint: remove it
            shop.toml:5:8: unknown key `phone`
            hint: remove it, or use one of `mail`
            shop.toml:7:1: missing key `price`
            hint: add `price = ...` to this table
            shop.toml:9:1: unknown key `prize`
            hint: did you mean `price`?"]],
    );
}

#[test]
fn every_mistake_of_syntax_is_reported() {
    check(
        "name = \"Ada\nopen = yes\nopen = true\nopen = false\n[goods\nid = \"tea\"\n",
        expect![[r#"
            shop.toml:1:12: invalid basic string, expected `"`
            hint: put text between double quotes, or between three of them over several lines
            shop.toml:2:8: string values must be quoted, expected literal string
            hint: put text between double quotes, or between three of them over several lines
            shop.toml:3:1: duplicate key
            hint: a key stands once in its table; remove one of the two
            shop.toml:4:1: duplicate key
            hint: a key stands once in its table; remove one of the two
            shop.toml:5:7: unclosed table, expected `]`"#]],
    );
    check(
        "name = \"Ada\"\nname = \"Bob\"\n[a]\n[a]\n",
        expect![[r"
            shop.toml:2:1: duplicate key
            hint: a key stands once in its table; remove one of the two
            shop.toml:4:2: duplicate key
            hint: a key stands once in its table; remove one of the two"]],
    );
}

#[test]
fn columns_count_characters() {
    check(
        "name = \"Ada\"\ntags = [\"äöü€\", 3]\n",
        expect![[r#"
        shop.toml:2:17: `tags` should be a string, and is an integer
        hint: quote it: tags = "3""#]],
    );
}

#[test]
fn an_amount_too_fine_or_too_large_is_refused() {
    check(
        "name = \"A\"\nlimit = \"0.0000000001\"",
        expect!["shop.toml:2:9: `limit`: an amount has at most nine digits after the point"],
    );
    check(
        "name = \"A\"\nclerks = 99999999999999999999\nlimit = \"$5\"",
        expect![[r"
        shop.toml:2:10: `clerks` is 99999999999999999999
        hint: use a number from 1 to 9
        shop.toml:3:9: `limit`: an amount is digits with at most one point, such as `1000` or `0.25`"]],
    );
}

#[test]
fn a_file_that_is_far_too_large_is_not_parsed() {
    check(
        &"#".repeat(FILE_BYTES_MAX + 1),
        expect![[r"
        shop.toml:1:1: the file has 1048577 bytes, and 1048576 is the most
        hint: check that this is the file you meant"]],
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_places_inside_it(
        text in "[a-z\"=\\[\\]\n#.0-9 äñ]{0,80}",
    ) {
        let said = read(&text);
        for line in said.lines().filter_map(|line| line.strip_prefix("shop.toml:")) {
            let row: usize = line.split(':').next().unwrap_or_default().parse().unwrap();
            prop_assert!(1 <= row && row <= text.matches('\n').count() + 1, "{said}");
        }
    }
}
